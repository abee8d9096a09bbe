//! `deployer doctor` and what the caller may do.

use deployer::names::Names;
use deployer::permissions::{ALL, Scope, Use};
use deployer::settings::{Delivery, Settings};
use guard_tests::process::ran;
use guard_tests::sandbox::{Denier, Effect, Fault, Refusal};
use serde_json::{Value, json};

use crate::doctor::{ACCOUNT, REGIONS, ask, doctor, sandbox, troubles};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_denied_is_named() {
    let sandbox = sandbox().await;
    let denied = |call: &str| Effect::Refuse(Refusal::new("AccessDenied", format!("not allowed to {call}")));
    let faults = sandbox.world().faults();
    faults.add(Fault::on("config", "DescribeConfigRules", denied("describe rules")).at(ACCOUNT, REGIONS[0]));
    faults.add(Fault::on("iam", "SimulatePrincipalPolicy", denied("simulate")));
    let expected = ["warning permissions account", "warning rule-names eu-west-1"].map(str::to_owned).to_vec();
    assert_eq!(troubles(&sandbox, &[]).await, (0, expected));
    faults.clear();
    faults.add(Fault::on("cloudformation", "DescribeStacks", denied("describe stacks")).at(ACCOUNT, REGIONS[0]));
    let text = ask(&sandbox, &[]).await;
    assert_eq!(text.code, 2, "{}", text.shown());
    let said = guard_tests::process::words(&text.stdout);
    assert!(said.contains("allow cloudformation:DescribeStacks; `deployer render operator-policy`"), "{said}");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permissions_by_who_denies_them() {
    let sandbox = sandbox().await;
    for (by, level, words) in [
        (Denier::Nobody, "✗", "no policy allows the caller: config:PutConfigRule"),
        (Denier::Statement, "✗", "a statement denies the caller: config:PutConfigRule"),
        (Denier::Organization, "✗", "a service control policy forbids the caller: config:PutConfigRule"),
        (Denier::Boundary, "✗", "the caller's permissions boundary does not allow: config:PutConfigRule"),
    ] {
        sandbox.world().allow_actions(ACCOUNT).unwrap();
        sandbox.world().deny_action(ACCOUNT, "config:PutConfigRule", by).unwrap();
        let ran = ask(&sandbox, &[]).await;
        let said = guard_tests::process::words(&ran.stdout);
        assert!(ran.code == 2 && said.contains(level) && said.contains(words), "{said}");
        // The pack needs no such action.
        assert_eq!(ask(&sandbox, &["--conformance-pack"]).await.code, 0);
    }
    sandbox.stop().await;
}

/// The statements that allow what the table of permissions says for these uses.
fn statements(settings: &Settings, uses: &[Use]) -> Vec<Value> {
    let names = Names { prefix: &settings.prefix, account: ACCOUNT, partition: "aws" };
    let needed = ALL.iter().flat_map(|group| group.iter()).filter(|one| one.is_needed(uses, Some(settings)));
    needed
        .map(|one| {
            let condition = json!({"StringEquals": one.conditions(names, settings)});
            json!({"Effect": "Allow", "Action": one.action, "Condition": condition,
                "Resource": one.on.arns(names, settings, Scope::Policy)})
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permissions_that_hold_with_the_boundary_only_are_enough() {
    let sandbox = sandbox().await;
    sandbox.world().put_managed_policy(ACCOUNT, "ops/bound", &json!({"Statement": []})).unwrap();
    let mut settings = Settings::new(vec![REGIONS[0].to_owned()]);
    settings.permissions_boundary = Some("ops/bound".to_owned());
    let all = statements(&settings, &[Use::Look, Use::Install]);
    let policy = json!({"Version": "2012-10-17", "Statement": all});
    sandbox.world().set_caller_policies(ACCOUNT, &[policy]).unwrap();
    assert_eq!(troubles(&sandbox, &["--permissions-boundary", "ops/bound"]).await, (0, vec![]));
    let without = (0, vec!["warning permissions account".to_owned()]);
    assert_eq!(troubles(&sandbox, &[]).await, without, "the condition asks for a boundary");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_simulated_as_its_role() {
    let sandbox = sandbox().await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]});
    let all = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let role = json!({"RoleName": "ops", "Path": "/team/", "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "all", "PolicyDocument": all}]});
    sandbox.world().put_resource(ACCOUNT, REGIONS[0], "AWS::IAM::Role", &role).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let profile =
        "[profile ops]\nrole_arn = arn:aws:iam::111122223333:role/team/ops\ncredential_source = Environment\n";
    std::fs::write(&file, profile).unwrap();
    let mut command = doctor(&sandbox, &["--profile", "ops", "--format", "json"]);
    command.env("AWS_CONFIG_FILE", &file);
    let ran = ran(command).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["caller"].as_str().unwrap().contains(":assumed-role/ops/"), "{}", report["caller"]);
    let asked = sandbox.world().calls().of("iam", "SimulatePrincipalPolicy");
    assert!(!asked.is_empty());
    for call in asked {
        assert_eq!(call.request["PolicySourceArn"], "arn:aws:iam::111122223333:role/team/ops");
    }
    assert_eq!(ran.code, 0, "{}", ran.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_permissions_of_the_table_are_enough_and_none_is_too_many() {
    let sandbox = sandbox().await;
    let policy = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    for (flag, delivery) in [("--alarms=on", Delivery::Rules), ("--conformance-pack", Delivery::ConformancePack)] {
        let settings = Settings { delivery, ..Settings::new(vec![REGIONS[0].to_owned()]) };
        let all = statements(&settings, &[Use::Look, Use::Install]);
        sandbox.world().set_caller_policies(ACCOUNT, &[policy(&all)]).unwrap();
        assert_eq!(troubles(&sandbox, &[flag]).await, (0, vec![]));
        let looking = statements(&settings, &[Use::Look]);
        sandbox.world().set_caller_policies(ACCOUNT, &[policy(&looking)]).unwrap();
        let (code, found) = troubles(&sandbox, &[flag]).await;
        assert_eq!((code, found.iter().all(|one| one.ends_with("permissions account"))), (2, true), "{found:?}");
        // DescribeAccountLimits is for accounts with many stacks only, and change sets are looked at in stacks that are
        // half made, tags in accounts that have a function; everybody may GetCallerIdentity.
        let seldom = ["DescribeAccountLimits", "DescribeChangeSet", "ListChangeSets", "GetCallerIdentity", "ListTags"];
        let seldom = |action: &str| seldom.iter().any(|end| action.ends_with(end)) || action == "s3:GetObject";
        let (mut needless, mut twins) = (Vec::new(), Vec::new());
        for (at, without) in looking.iter().enumerate() {
            let mut rest = looking.clone();
            rest.remove(at);
            let action = without["Action"].as_str().unwrap();
            // The sandbox judges a call by its action, which another statement may allow on another resource.
            if rest.iter().any(|one| one["Action"] == action) {
                twins.push(action);
                rest.retain(|one| one["Action"] != action);
            }
            sandbox.world().set_caller_policies(ACCOUNT, &[policy(&rest)]).unwrap();
            if !seldom(action) && troubles(&sandbox, &[flag]).await.1.len() == found.len() {
                needless.push(action.to_owned());
            }
        }
        assert_eq!(twins, ["cloudformation:DescribeStacks"; 2], "all others are left out one by one");
        assert_eq!(needless, ["cloudformation:GetTemplate"], "a stack of ours is not there");
    }
    sandbox.stop().await;
}
