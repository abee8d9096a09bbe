//! The operator's policy: whoever has it and nothing else can do everything, and nothing in it is without use.

use std::collections::BTreeSet;
use std::io::Write as _;

use guard_tests::sandbox::{Effect, Fault, Refusal, ResourceAction, RoleSpec, StackSpec};
use serde_json::{Value, json};

use crate::calls::needed;
use crate::handlers;
use crate::iam::Policy;
use crate::runner::run;
use crate::stage::{ACCOUNT, REGIONS, Stage, ran};

/// The commands that these tests run.
const PURPOSE: &str = "install,doctor";
const REGION: &str = REGIONS[0];
/// What CloudFormation checks beside the call that it is asked: a change set with tags tags its stack, and takes tags
/// away that are wanted no more
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html>).
const IMPLIED: [&str; 3] = [
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    // The tagging permission of the function's schema; the sandbox keeps the handlers' lists only.
    "lambda:ListTags",
];

/// Kinds of installation that need different permissions.
const KINDS: [&[&str]; 3] = [
    &[],
    &["--conformance-pack", "--prefix", "guard", "--role-path", "/security/team/"],
    &["--permissions-boundary", "ops/bound", "--alarms", "off"],
];

fn policy(flags: &[&str]) -> Value {
    policy_for(PURPOSE, flags)
}

fn policy_for(purpose: &str, flags: &[&str]) -> Value {
    let command = ["render", "operator-policy", "--account", ACCOUNT, "--purpose", purpose];
    let ran = run(&[&command, flags].concat());
    assert_eq!(ran.code, 0, "{}", ran.shown());
    serde_json::from_str(&ran.stdout).unwrap()
}

/// An account whose people have the policy and nothing else.
async fn stage(flags: &[&str]) -> Stage {
    let stage = Stage::new().await;
    stage.world().put_managed_policy(ACCOUNT, "ops/bound", &json!({"Statement": []})).unwrap();
    stage.world().set_caller_policies(ACCOUNT, &[policy(flags)]).unwrap();
    stage
}

/// What was called, by action and resource. None of it was refused for want of a permission.
fn called(stage: &Stage) -> BTreeSet<(String, String)> {
    let mut calls = stage.world().calls().all();
    for call in &calls {
        assert!(!call.error.as_deref().is_some_and(|code| code.starts_with("AccessDenied")), "{call:?}");
    }
    // Becoming the operator is not what the operator is allowed: the role's trust and the person's own policy say it.
    calls.retain(|call| call.operation != "AssumeRole");
    needed(&calls)
}

async fn expect(stage: &Stage, code: i32, arguments: &[&str], flags: &[&str]) {
    let command = match arguments {
        ["install", rest @ ..] => stage.installer(&[&["--yes"], rest, flags].concat()),
        other => stage.deployer(&[other, flags].concat()),
    };
    let ran = ran(command).await;
    assert_eq!(ran.code, code, "{arguments:?} {flags:?}: {}", ran.shown());
}

/// The life of an installation, with its accidents.
async fn life(flags: &[&str]) -> BTreeSet<(String, String)> {
    let stage = stage(flags).await;
    let world = stage.world();
    let prefix = flags.iter().skip_while(|flag| **flag != "--prefix").nth(1).copied().unwrap_or("notebook-guard");
    let artifacts = format!("{prefix}-artifacts");
    expect(&stage, 0, &["doctor"], flags).await;
    // What was made of a stack is removed again when the rest of it fails.
    for resource in ["BucketPolicy", "Permission"] {
        world.fail_resource(resource, ResourceAction::Create, "no luck", 1);
        expect(&stage, 5, &["install"], flags).await;
    }
    assert!(world.stacks(ACCOUNT, REGION).unwrap().iter().all(|stack| stack.status != "ROLLBACK_FAILED"));
    expect(&stage, 0, &["install"], flags).await;
    expect(&stage, 0, &["install"], flags).await;
    expect(&stage, 0, &["install", "--checks", "all", "--tag", "team=ml"], flags).await;
    expect(&stage, 0, &["doctor"], flags).await;
    // An update fails, and so does its rollback.
    world.fail_resource("LogGroup", ResourceAction::Update, "out of order", 2);
    expect(&stage, 5, &["install", "--log-retention", "30"], flags).await;
    expect(&stage, 0, &["install", "--repair"], flags).await;
    let function = format!("{prefix}-evaluator");
    world.remove_resource(ACCOUNT, REGION, "AWS::Lambda::Function", &function).unwrap();
    expect(&stage, 0, &["install", "--repair"], flags).await;
    let half = StackSpec::new(&artifacts, "ROLLBACK_COMPLETE").tag("notebook-guard:managed", "true");
    world.put_stack_in_state(ACCOUNT, REGIONS[1], &half).unwrap();
    expect(&stage, 0, &["install", "--region", "all"], flags).await;
    let calls = called(&stage);
    stage.sandbox.stop().await;
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_enough_and_nothing_in_it_is_without_use() {
    let (mut called, mut allowed) = (BTreeSet::new(), BTreeSet::new());
    for flags in KINDS {
        let policy = Policy::of(&policy(flags));
        for (action, resource) in life(flags).await {
            assert!(policy.allows(&action, &resource), "{flags:?}: {action} on {resource}");
            called.insert(action);
        }
        allowed.extend(policy.actions());
    }
    called.extend(as_a_session().await);
    called.extend(seldom().await);
    let listed = handlers::listed();
    let used =
        |action: &&String| called.contains(*action) || listed.contains(*action) || IMPLIED.contains(&action.as_str());
    let idle: Vec<&String> = allowed.iter().filter(|action| !used(action)).collect();
    assert_eq!(idle, Vec::<&String>::new(), "allowed, but neither called nor listed by a handler");
}

/// A handler's action is allowed or has a reason not to be.
#[test]
fn what_handlers_list_is_allowed_or_has_no_use() {
    let actions = |flags: &&[&str]| Policy::of(&policy_for("all", flags)).actions();
    let of_organizations: &[&str] = &["--aggregator"];
    let allowed: BTreeSet<String> = KINDS.iter().chain([&of_organizations]).flat_map(actions).collect();
    let missing: BTreeSet<String> = handlers::listed().difference(&allowed).cloned().collect();
    assert_eq!(missing, handlers::unused());
}

/// People of a role: the doctor asks IAM for the role itself.
async fn as_a_session() -> BTreeSet<String> {
    let stage = stage(&[]).await;
    let assume = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]});
    stage.world().set_caller_policies(ACCOUNT, &[policy(&[]), assume]).unwrap();
    stage.world().put_role(ACCOUNT, &RoleSpec::new("aws-reserved/sso/Operator", &[ACCOUNT])).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let role = format!("arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso/Operator");
    writeln!(file, "[profile op]\nregion = {REGION}\nrole_arn = {role}\ncredential_source = Environment").unwrap();
    let mut command = stage.deployer(&["doctor", "--profile", "op"]);
    command.env("AWS_CONFIG_FILE", file.path());
    let ran = ran(command).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let policy = Policy::of(&policy(&[]));
    let calls = called(&stage).into_iter().filter(|(action, _)| action != "sts:AssumeRole");
    let calls: BTreeSet<String> = calls
        .map(|(action, resource)| {
            assert!(policy.allows(&action, &resource), "{action} on {resource}");
            action
        })
        .collect();
    stage.sandbox.stop().await;
    calls
}

/// A change set that cannot be executed, one that fails, an account that is full of stacks, and a stack of which nothing was made.
async fn seldom() -> BTreeSet<String> {
    let stage = stage(&[]).await;
    expect(&stage, 0, &["install"], &[]).await;
    let refusal = Effect::Refuse(Refusal::new("InvalidChangeSetStatus", "not now"));
    stage.world().faults().add(Fault::on("cloudformation", "ExecuteChangeSet", refusal));
    expect(&stage, 5, &["install", "--log-retention", "30"], &[]).await;
    stage.world().faults().clear();
    // The change set of the run before is in the way.
    expect(&stage, 0, &["install", "--log-retention", "30"], &[]).await;
    stage.world().fail_validation("AWS::Config::ConfigRule", "something of that name is there");
    expect(&stage, 5, &["install", "--log-retention", "30", "--checks", "all"], &[]).await;
    let place = |spec: StackSpec| drop(stage.world().put_stack_in_state(ACCOUNT, REGIONS[1], &spec).unwrap());
    (0..200).for_each(|number| place(StackSpec::new(&format!("other-{number}"), "CREATE_COMPLETE")));
    ran(stage.deployer(&["doctor", "--region", REGIONS[1]])).await;
    place(StackSpec::new("notebook-guard", "REVIEW_IN_PROGRESS"));
    ran(stage.deployer(&["doctor", "--region", REGIONS[1]])).await;
    let policy = Policy::of(&policy(&[]));
    let calls = called(&stage).into_iter().map(|(action, resource)| {
        assert!(policy.allows(&action, &resource), "{action} on {resource}");
        action
    });
    let calls = calls.collect();
    stage.sandbox.stop().await;
    calls
}

/// Without one action of the policy, the sandbox refuses: it was the policy that let the tests above pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_look_cannot_install() {
    let stage = stage(&[]).await;
    stage.world().set_caller_policies(ACCOUNT, &[policy_for("doctor", &[])]).unwrap();
    let refused = stage.install(&[]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    assert!(refused.stderr.contains("no policy allows the caller"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}
