//! The caller, the boundary and the topic.

use super::*;

#[test]
fn who_denies_is_said_with_what_to_do() {
    let deny = |action: &str, by: Denier, is_required: bool| Denied {
        action: action.to_owned(),
        resource: "*".to_owned(),
        by,
        is_required,
    };
    let said = of_account(|_, account| {
        account.permissions = Ok(Simulation::Done {
            asked: 9,
            denied: vec![
                deny("lambda:CreateFunction", Denier::Nobody, true),
                deny("iam:PassRole", Denier::Nobody, true),
                deny("iam:PassRole", Denier::Nobody, true),
                deny("lambda:UntagResource", Denier::Nobody, false),
                deny("iam:CreateRole", Denier::Organization, true),
                deny("s3:CreateBucket", Denier::Boundary, true),
                deny("s3:PutObject", Denier::Statement, true),
                deny("config:PutConfigRule", Denier::Condition, true),
            ],
        });
    });
    assert_eq!(
        said,
        [
            "Bad permissions: a service control policy forbids the caller: iam:CreateRole",
            "Bad permissions: the caller's permissions boundary does not allow: s3:CreateBucket",
            "Bad permissions: a statement denies the caller: s3:PutObject",
            "Bad permissions: no policy allows the caller: iam:PassRole, lambda:CreateFunction",
            "Warning permissions: no policy allows the caller: lambda:UntagResource (CloudFormation may do without)",
            "Warning permissions: whether the caller may is decided by a condition that cannot be tested beforehand: \
             config:PutConfigRule",
        ]
    );
    let root = of_account(|_, account| account.permissions = Ok(Simulation::Impossible("the root user")));
    assert_eq!(root, ["Warning permissions: the caller is the root user: IAM cannot say beforehand what it may do"]);
}

#[test]
fn boundary_and_topic_of_the_alarms() {
    let said = of_account(|settings, account| {
        settings.permissions_boundary = Some("ops/bound".to_owned());
        account.boundary = Ok(BoundaryState::Missing);
        settings.alarm_topic = Some("999988887777:security".to_owned());
    });
    assert_eq!(
        said,
        [
            "Bad boundary: the account has no policy ops/bound for --permissions-boundary",
            "Warning alarm-topic: alarms notify the topic security of account 999988887777; whether it takes them \
             cannot be seen here",
        ]
    );
    let own = of_account(|settings, account| {
        settings.permissions_boundary = Some("ops/bound".to_owned());
        account.boundary = Ok(BoundaryState::Present);
        settings.alarm_topic = Some("111122223333:security".to_owned());
    });
    assert_eq!(
        own,
        ["Warning alarm-topic: alarms are to notify the topic security in each Region; whether it is there was not \
          looked at"]
    );
}
