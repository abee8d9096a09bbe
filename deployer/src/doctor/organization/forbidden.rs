//! What policies forbid of what StackSets do in an account. Pure.

use std::collections::BTreeMap;

use super::Obstacle;
use crate::names::Names;
use crate::permissions::{ALL, Need, Permission, Resource, Scope, Use};
use crate::scp::language::{Context, Decision, Policy, Request, decide_chain};
use crate::settings::Settings;

/// What is made in an account, and read there: the member stack and the artifact. Buckets and stacks are the
/// administrator's, and StackSets' own calls are made by a service-linked role, which no policy binds.
const MADE: [Resource; 7] = [
    Resource::Roles,
    Resource::Function,
    Resource::LogGroup,
    Resource::ConfigRules,
    Resource::Pack,
    Resource::Alarms,
    Resource::Artifacts,
];

/// The actions of a member stack that are forbidden, and those that cannot be decided.
pub(super) struct Judged {
    pub(super) asked: usize,
    pub(super) forbidden: Vec<Obstacle>,
    pub(super) undecided: Vec<Obstacle>,
}

/// Asks the policies about every action of a member stack, in every Region. `names` are those in the administrator
/// account, `account` is one under the target.
pub(super) fn judge(
    levels: &[Vec<(String, Policy)>],
    settings: &Settings,
    names: Names<'_>,
    account: &str,
    organization: &str,
) -> Judged {
    let wanted = permissions(settings);
    let (mut forbidden, mut undecided) = (BTreeMap::new(), BTreeMap::new());
    for region in &settings.regions {
        for permission in &wanted {
            for request in requests(permission, settings, names, account, organization, region) {
                let (into, why) = match decide_chain(levels, &request) {
                    Decision::Allowed { .. } => continue,
                    Decision::Denied { by } => {
                        let statement = by.sid.unwrap_or_else(|| format!("statement {}", by.statement + 1));
                        (&mut forbidden, format!("{}, {statement}", by.policy))
                    }
                    Decision::NotAllowed { level } => (&mut forbidden, not_allowed(levels, level)),
                    Decision::Undecided { why } => (&mut undecided, why.join("; ")),
                };
                note(into, why, region, permission.action);
            }
        }
    }
    Judged { asked: wanted.len(), forbidden: finish(forbidden), undecided: finish(undecided) }
}

/// A stack works without the actions that are only helpful.
fn permissions(settings: &Settings) -> Vec<&'static Permission> {
    let all = ALL.iter().flat_map(|group| group.iter());
    all.filter(|one| one.need == Need::Required && MADE.contains(&one.on))
        // Uploads are the administrator's.
        .filter(|one| one.on != Resource::Artifacts || one.action == "s3:GetObject")
        .filter(|one| one.is_needed(&[Use::Install], Some(settings)))
        .collect()
}

fn requests(
    permission: &Permission,
    settings: &Settings,
    names: Names<'_>,
    account: &str,
    organization: &str,
    region: &str,
) -> Vec<Request> {
    // The artifact is in the administrator account, everything else is the member's own.
    let of = if permission.on == Resource::Artifacts { names } else { Names { account, ..names } };
    let arns = permission.on.arns(of, settings, Scope::Example(region));
    let role = format!("arn:{}:iam::{account}:role/stacksets-exec-0123456789abcdef0123456789abcdef", names.partition);
    let context = Context::default()
        .with_unknown("")
        .with("aws:PrincipalArn", role)
        .with("aws:PrincipalAccount", account)
        .with("aws:PrincipalOrgID", organization)
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:RequestedRegion", requested(permission.action, region))
        .with("aws:SecureTransport", "true");
    let context = permission
        .conditions(names, settings)
        .into_iter()
        .fold(context, |context, (key, value)| context.with(key, value));
    let one = |resource| Request { action: permission.action.to_owned(), resource, context: context.clone() };
    arns.into_iter().map(one).collect()
}

/// IAM has one endpoint in a partition, and its calls are requests of that Region
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>).
fn requested<'a>(action: &str, region: &'a str) -> &'a str {
    let is_global = action.starts_with("iam:");
    match region.split('-').next() {
        _ if !is_global => region,
        Some("cn") => "cn-north-1",
        Some("us") if region.starts_with("us-gov-") => "us-gov-west-1",
        Some("eusc") => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

fn not_allowed(levels: &[Vec<(String, Policy)>], level: usize) -> String {
    let names: Vec<&str> = levels.get(level).into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!("allowed by none of {}", names.join(", "))
}

type Found = BTreeMap<String, (Vec<String>, Vec<String>)>;

fn note(into: &mut Found, why: String, region: &str, action: &str) {
    let (regions, actions) = into.entry(why).or_default();
    for (list, item) in [(regions, region), (actions, action)] {
        if !list.iter().any(|known| known == item) {
            list.push(item.to_owned());
        }
    }
}

fn finish(found: Found) -> Vec<Obstacle> {
    found.into_iter().map(|(why, (regions, actions))| Obstacle { why, regions, actions }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn judged(policies: &[(&str, &str)]) -> Judged {
        let settings = Settings::new(vec!["eu-west-1".to_owned(), "us-east-1".to_owned()]);
        let names = Names { prefix: "notebook-guard", account: "111122223333", partition: "aws" };
        let parsed = |(name, text): &(&str, &str)| ((*name).to_owned(), Policy::parse(text).unwrap());
        let levels = vec![policies.iter().map(parsed).collect()];
        judge(&levels, &settings, names, "444455556666", "o-abcdefghij")
    }

    #[test]
    fn full_access_forbids_nothing() {
        let judged = judged(&[("FullAWSAccess", FULL)]);
        assert!(judged.asked > 15, "{}", judged.asked);
        assert_eq!((judged.forbidden, judged.undecided), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_deny_is_named_with_its_statement_and_actions() {
        let deny = r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"NoFunctions","Effect":"Deny","Action":"lambda:CreateFunction","Resource":"*"}]}"#;
        let judged = judged(&[("FullAWSAccess", FULL), ("landing", deny)]);
        let [only] = judged.forbidden.as_slice() else { panic!("{:?}", judged.forbidden) };
        assert_eq!(
            (only.why.as_str(), only.actions.as_slice()),
            ("landing, NoFunctions", &["lambda:CreateFunction".to_owned()][..])
        );
        assert_eq!(only.regions, ["eu-west-1", "us-east-1"]);
    }

    #[test]
    fn an_exception_for_stack_sets_counts_and_a_closed_region_is_named() {
        let deny = r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"OnlyStackSets","Effect":"Deny","Action":["lambda:*","iam:*"],"Resource":"*",
             "Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/stacksets-exec-*"}}},
            {"Sid":"Europe","Effect":"Deny","NotAction":["iam:*"],"Resource":"*",
             "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]}}}]}"#;
        let judged = judged(&[("FullAWSAccess", FULL), ("regions", deny)]);
        let [only] = judged.forbidden.as_slice() else { panic!("{:?}", judged.forbidden) };
        assert_eq!((only.why.as_str(), only.regions.as_slice()), ("regions, Europe", &["us-east-1".to_owned()][..]));
    }

    #[test]
    fn what_nobody_can_know_is_undecided() {
        let deny = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Deny","Action":"iam:CreateRole","Resource":"*",
             "Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}]}"#;
        let judged = judged(&[("FullAWSAccess", FULL), ("vpc", deny)]);
        assert_eq!(judged.forbidden, []);
        assert_eq!(judged.undecided.len(), 1);
    }

    #[test]
    fn without_full_access_nothing_is_allowed() {
        let some = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let judged = judged(&[("OnlyS3", some)]);
        assert!(judged.forbidden.iter().any(|one| one.why == "allowed by none of OnlyS3"), "{:?}", judged.forbidden);
    }
}
