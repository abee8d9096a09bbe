//! `uninstall --org`: everything away in the reverse order, and what is left named.

use futures_util::stream::{self, StreamExt as _};
use guard_tests::kill::run_until;
use guard_tests::sandbox::{AccountState, Hold, ResourceAction, StackSetsAccess};
use serde_json::Value;

use crate::runner::too_wide;
use crate::stage::{DELEGATE, HOME, MANAGEMENT, OTHER, PAYMENTS, SET, Stage, TEST, scrubbed, words};

/// Nothing of ours in any account.
fn is_clean(stage: &Stage) -> bool {
    let world = stage.world();
    let places = world.places();
    let has_stack = |place: &guard_tests::sandbox::Place| {
        world.stacks(&place.account, &place.region).unwrap().iter().any(|stack| stack.status != "DELETE_COMPLETE")
    };
    world.stack_sets(HOME).is_empty() && !places.iter().any(has_stack)
}

fn result(stdout: &str) -> Value {
    serde_json::from_str(stdout.lines().last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_and_the_second_time_there_is_nothing() {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    let ran = stage.run(&["uninstall", "--org", "--dry-run"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(scrubbed(&ran.shown()));
    let ran = stage.run(&["uninstall", "--org"]).await;
    assert_eq!((ran.code, stage.writes()), (4, Vec::new()), "{}", ran.shown());
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("Removed: 10 instances, 1 of 1 StackSet"), "{}", ran.stdout);
    assert!(is_clean(&stage));
    // Nothing that belongs to the organization and not to us.
    let writes: Vec<String> = stage.writes().into_iter().map(|call| call.operation).collect();
    for never in
        ["DeactivateOrganizationsAccess", "DisableAWSServiceAccess", "DisablePolicyType", "StopConfigurationRecorder"]
    {
        assert!(!writes.iter().any(|operation| operation == never), "{never}");
    }
    let again = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(words(&again.stdout).contains("Nothing to uninstall"), "{}", again.stdout);
    stage.sandbox.stop().await;
}

/// Scenario 32.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_stack_set_was_deleted_by_hand() {
    let stage = Stage::installed().await;
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(MANAGEMENT, HOME).await);
    let targets =
        aws_sdk_cloudformation::types::DeploymentTargets::builder().organizational_unit_ids(stage.root.clone()).build();
    // The suspended account's instances go only with the second call.
    for (retains, left) in [(false, 2), (true, 0)] {
        let call = client.delete_stack_instances().stack_set_name(SET).deployment_targets(targets.clone());
        call.retain_stacks(retains).regions(HOME).regions(OTHER).send().await.unwrap();
        while stage.set().unwrap().instances.len() > left {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    client.delete_stack_set().stack_set_name(SET).send().await.unwrap();
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(is_clean(&stage), "{}", ran.shown());
    stage.sandbox.stop().await;
}

/// Scenario 31: removed at the second attempt, let go of, and still there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_removed_stays_or_is_let_go_of_and_is_listed() {
    let stage = Stage::installed().await;
    let world = stage.world();
    // A deletion that stops half-way leaves an instance INOPERABLE.
    world.fail_resource("LogGroup", ResourceAction::Delete, "no luck", 1);
    world.set_account_state(TEST, AccountState::Suspended).unwrap();
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk(PAYMENTS, OTHER).await);
    let protected = world.stacks(PAYMENTS, OTHER).unwrap().into_iter().next().unwrap();
    let call = client.update_termination_protection().stack_name(&protected.name).enable_termination_protection(true);
    call.send().await.unwrap();
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("Removed: 7 instances, 0 of 1 StackSet"), "{}", ran.shown());
    assert!(text.contains("Let go of: their stacks stay, and no StackSet has them: 2 instances"), "{}", ran.shown());
    assert!(text.contains("Left: their StackSet still has them: 1 instance"), "{}", ran.shown());
    for named in [format!("{TEST} in {HOME}"), format!("{PAYMENTS} in {OTHER}")] {
        assert!(text.contains(&named), "{named}: {}", ran.stdout);
    }
    assert!(stage.set().is_some());
    assert!(text.contains("the artifacts stay in eu-west-1, us-east-1, until the rest is gone"), "{}", ran.shown());
    assert!(!text.contains("itself: Removed in"), "{}", ran.shown());
    let ran = stage.run(&["uninstall", "--org", "--yes", "--format", "json"]).await;
    let result = result(&ran.stdout);
    assert_eq!(result["record"]["end"], "kept", "{result}");
    let stacks = world.stacks(PAYMENTS, OTHER).unwrap();
    assert!(stacks.iter().any(|stack| stack.status == "CREATE_COMPLETE"), "{stacks:?}");
    stage.sandbox.stop().await;
}

/// The StackSet has an instance there all the same, and neither creating nor deleting it works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_an_account_never_enabled_is_let_go_of() {
    let stage = Stage::closed(&[(PAYMENTS, OTHER)]).await;
    stage.install().await;
    assert_eq!(stage.set().unwrap().instances[&(PAYMENTS.to_owned(), OTHER.to_owned())].status, "OUTDATED");
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!((ran.code, is_clean(&stage)), (0, true), "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("Removed: 10 instances, 1 of 1 StackSet"), "{}", ran.shown());
    assert!(text.contains("because they never had a stack: 3 instances"), "{}", ran.shown());
    assert!(text.contains(&format!("{PAYMENTS} in {OTHER}: STS is not activated in this region")), "{}", ran.shown());
    stage.sandbox.stop().await;
}

/// A stack that no attempt deletes keeps its StackSet, until it is said that it may stay in its account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stuck_stacks_are_let_go_of_on_demand() {
    let stage = Stage::installed().await;
    let world = stage.world();
    world.fail_resource_in(PAYMENTS, "LogGroup", ResourceAction::Delete, "no luck", 4);
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    world.fail_resource_in(PAYMENTS, "LogGroup", ResourceAction::Delete, "no luck", 4);
    let ran = stage.run(&["uninstall", "--org", "--yes", "--release-stuck"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(stage.set().is_none(), "{}", ran.shown());
    assert!(words(&ran.stdout).contains("no StackSet has them: 2 instances"), "{}", ran.shown());
    assert!(words(&ran.stdout).contains("no luck"), "{}", ran.shown());
    stage.sandbox.stop().await;
}

/// The other account's artifacts and record would stay, and its stacks have nothing to be updated from.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_account_installed_is_refused() {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    for command in
        [&["uninstall", "--org", "--yes", "--home-region", HOME][..], &["retry", "--yes", "--home-region", HOME]]
    {
        let ran = stage.run_as(DELEGATE, command).await;
        assert_eq!((ran.code, stage.writes()), (2, Vec::new()), "{}", ran.shown());
        assert!(ran.stderr.contains(&format!("account {MANAGEMENT} installed StackSet {SET}")), "{}", ran.shown());
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_region_alone() {
    let stage = Stage::installed().await;
    let ran = stage.run(&["uninstall", "--org", "--yes", "--region", OTHER, "--format", "json"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(result(&ran.stdout)["record"]["end"], "changed", "{}", ran.shown());
    let set = stage.set().unwrap();
    assert!(set.auto_deployment);
    assert!(set.instances.keys().all(|(_, region)| region == HOME) && set.instances.len() == 5, "{:?}", set.instances);
    let artifacts = |region| stage.world().stack(MANAGEMENT, region, "notebook-guard-artifacts").unwrap();
    assert!(artifacts(OTHER).is_none_or(|stack| stack.status == "DELETE_COMPLETE"));
    assert!(artifacts(HOME).unwrap().outputs["Targets"].contains("regions=eu-west-1;"));
    let status = stage.run(&["status", "--org"]).await;
    assert_eq!(status.code, 0, "{}", status.shown());
    let again = stage.run(&["uninstall", "--org", "--yes", "--region", OTHER]).await;
    assert!(words(&again.stdout).contains("Nothing to uninstall"), "{}", again.shown());
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!((ran.code, is_clean(&stage)), (0, true), "{}", ran.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn artifacts_can_be_kept() {
    let stage = Stage::installed().await;
    let ran = stage.run(&["uninstall", "--org", "--yes", "--keep-artifacts"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(words(&ran.stdout).contains("the artifacts stay in eu-west-1, us-east-1, as --keep-artifacts says"));
    assert!(stage.set().is_none());
    let kept = stage.world().stack(MANAGEMENT, HOME, "notebook-guard-artifacts").unwrap().unwrap();
    assert_eq!(kept.status, "UPDATE_COMPLETE");
    stage.sandbox.stop().await;
}

/// With policies and the pack, as `install` makes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_and_packs_go_too() {
    let stage = Stage::new().await;
    let code = Stage::code();
    let flags = ["install", "--org", "--yes", "--region", "all", "--code", code.path().to_str().unwrap()];
    let more = ["--conformance-pack", "--managed-rules-pack", "--deny-scp", "--scp-target", "Test", "--tamper-scp"];
    let ran = stage.run(&[&flags[..], &more[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let status = stage.run(&["status", "--org"]).await;
    let text = words(&status.stdout);
    assert!(text.contains("notebook-guard-network is attached to Test"), "{}", status.shown());
    assert!(text.contains("CREATE_SUCCESSFUL in eu-west-1, us-east-1"), "{}", status.shown());
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!((ran.code, is_clean(&stage)), (0, true), "{}", ran.shown());
    let text = words(&ran.stdout);
    assert!(text.contains("the service control policies, the pack of managed rules in 2 Regions"), "{}", ran.stdout);
    let again = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert!(words(&again.stdout).contains("Nothing to uninstall"), "{}", again.shown());
    stage.sandbox.stop().await;
}

/// Whatever cannot be begun is said, and the artifacts stay for what is still there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_trusted_access_the_stack_set_and_its_artifacts_stay() {
    let stage = Stage::installed().await;
    stage.world().set_stack_sets_access(StackSetsAccess::Disabled).unwrap();
    let ran = stage.run(&["uninstall", "--org", "--yes", "--format", "json"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let result = result(&ran.stdout);
    assert_eq!(result["stackSets"][0]["end"], "failed", "{result}");
    assert!(
        stage.world().stack(MANAGEMENT, HOME, "notebook-guard-artifacts").unwrap().unwrap().status != "DELETE_COMPLETE"
    );
    stage.world().set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
    let ran = stage.run(&["uninstall", "--org", "--yes"]).await;
    assert_eq!((ran.code, is_clean(&stage)), (0, true), "{}", ran.shown());
    stage.sandbox.stop().await;
}

/// Sandboxes side by side: a run mostly waits.
const AT_ONCE: usize = 4;

/// Killed at its calls, before and after they took effect, the same command finishes the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_run_again() {
    each_call(&["uninstall", "--org", "--yes"], 6, is_clean).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_one_region_and_run_again() {
    each_call(&["uninstall", "--org", "--yes", "--region", OTHER], 9, is_other_clean).await;
}

/// Nothing of ours in one Region, and the record knows.
fn is_other_clean(stage: &Stage) -> bool {
    let world = stage.world();
    let places = world.places().into_iter().filter(|place| place.region == OTHER);
    let has_stack = |place: &guard_tests::sandbox::Place| {
        world.stacks(&place.account, &place.region).unwrap().iter().any(|stack| stack.status != "DELETE_COMPLETE")
    };
    let home = world.stack(MANAGEMENT, HOME, "notebook-guard-artifacts").unwrap().unwrap();
    let instances = stage.set().unwrap().instances;
    !places.into_iter().any(|place| has_stack(&place))
        && instances.keys().all(|(_, region)| region == HOME)
        && home.outputs["Targets"].contains("regions=eu-west-1;")
}

/// Kills a run at every so many of its calls.
async fn each_call(arguments: &[&str], every: usize, is_done: fn(&Stage) -> bool) {
    let undisturbed = Stage::installed().await;
    undisturbed.world().calls().clear();
    assert_eq!(undisturbed.run(arguments).await.code, 0);
    let calls = undisturbed.world().calls().total();
    undisturbed.sandbox.stop().await;
    let numbers = (1..=calls).step_by(every).enumerate();
    let holds = numbers.map(|(index, number)| (number, if index % 2 == 0 { Hold::Before } else { Hold::After }));
    let runs = holds.map(|(number, hold)| killed_at(arguments, number, hold, is_done));
    let killed: Vec<bool> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
    assert!(killed.iter().filter(|was| **was).count() + 3 >= killed.len(), "{killed:?}");
}

async fn killed_at(arguments: &[&str], number: usize, hold: Hold, is_done: fn(&Stage) -> bool) -> bool {
    let stage = Stage::installed().await;
    stage.world().calls().clear();
    let command = stage.deployer(MANAGEMENT, arguments);
    let run = run_until(stage.world(), command.into(), number, hold).await.unwrap();
    let ran = stage.run(arguments).await;
    assert_eq!((ran.code, is_done(&stage)), (0, true), "killed at {number}, {:?}: {}", run.killed_at, ran.shown());
    stage.sandbox.stop().await;
    run.killed_at.is_some()
}
