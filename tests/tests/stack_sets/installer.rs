//! `deployer install --org` and `deployer retry` as processes: real stacks in real accounts of the sandbox.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::process::ran;
use guard_tests::sandbox::{Denier, LightStackSets, Options, RecorderState, Sandbox, StackSetView, StackSetsAccess};
use serde_json::json;

use crate::elf::Elf;
use crate::runner::{Ran, command};

const MANAGEMENT: &str = "111111111111";
const MEMBERS: [&str; 5] = ["222222222222", "333333333333", "444444444444", "555555555555", "666666666666"];
const HOME: &str = "eu-west-1";
const FAR: &str = "us-east-1";
const SET: &str = "notebook-guard";

struct Organization {
    sandbox: Sandbox,
    code: tempfile::NamedTempFile,
}

impl Organization {
    async fn new() -> Self {
        let sandbox = Sandbox::start(Options { record: Some("/dev/null".into()), ..Options::default() }).await.unwrap();
        let world = sandbox.world();
        for account in std::iter::once(MANAGEMENT).chain(MEMBERS) {
            world.add_account(account).unwrap();
            for region in [HOME, FAR] {
                // One account has not enabled the second Region.
                if (account, region) != (MEMBERS[3], FAR) {
                    world.enable_region(account, region).unwrap();
                    world.set_recorder(account, region, &RecorderState::ALL).unwrap();
                }
            }
        }
        let root = world.create_organization(MANAGEMENT).unwrap();
        let unit = world.add_unit(&root, "Prod").unwrap();
        for account in MEMBERS {
            world.join(account, &unit).unwrap();
        }
        world.set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
        world.set_stack_delay(Duration::from_millis(2));
        let mut code = tempfile::NamedTempFile::new().unwrap();
        code.write_all(&Elf::good().bytes()).unwrap();
        Self { sandbox, code }
    }

    fn deployer(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.envs(self.sandbox.environment(MANAGEMENT, HOME).unwrap());
        command
    }

    fn installer(&self) -> Command {
        let code = self.code.path().to_str().unwrap();
        let regions = ["--region", HOME, "--region", FAR];
        self.deployer(
            &[&["install", "--org", "--yes", "--no-management-account", "--code", code], &regions[..]].concat(),
        )
    }

    fn set(&self) -> StackSetView {
        self.sandbox.world().stack_set(HOME, SET).unwrap()
    }

    fn current(&self) -> usize {
        self.set().instances.values().filter(|instance| instance.status == "CURRENT").count()
    }

    /// Operations of a kind.
    fn operations(&self, action: &str) -> usize {
        self.set().operations.iter().filter(|operation| operation.action == action).count()
    }

    /// Waits until the stacks of the accounts are being made.
    async fn until_running(&self) {
        let is_running = || {
            let set = self.sandbox.world().stack_set(HOME, SET);
            set.is_some_and(|set| set.operations.iter().any(|operation| operation.status == "RUNNING"))
        };
        while !is_running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Operations take so long that a run can be left in the middle; stacks are records only.
    fn slow(&self) {
        self.sandbox.world().set_light_stack_sets(Some(LightStackSets::default()));
    }
}

/// The words of a text without its line breaks.
fn words(ran: &Ran) -> String {
    guard_tests::process::words(&ran.stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_in_an_account_is_told_by_its_cause_and_retried_when_it_is_solved() {
    let stage = Organization::new().await;
    let world = stage.sandbox.world();
    world.set_rules_need_recorder(true);
    for region in [HOME, FAR] {
        world.set_recorder(MEMBERS[0], region, &RecorderState::Missing).unwrap();
    }
    world.deny_action(MEMBERS[1], "lambda:CreateFunction", Denier::Organization).unwrap();
    let group = json!({"LogGroupName": "/notebook-guard/evaluator"});
    world.put_resource(MEMBERS[2], HOME, "AWS::Logs::LogGroup", &group).unwrap();

    let first = ran(stage.installer()).await;
    assert_eq!(first.code, 3, "{}", first.shown());
    // Two Regions without a recorder, two that a policy denies, a name that is taken, a Region that is not enabled.
    assert_eq!((stage.set().instances.len(), stage.current()), (10, 4), "{}", first.shown());
    let told = words(&first);
    for cause in [
        "no configuration recorder",
        "service control policy",
        "name taken",
        "1 stack instance skipped: Region not enabled",
    ] {
        assert!(told.contains(cause), "{cause}: {}", first.shown());
    }
    assert!(first.stdout.lines().count() < 100);

    world.allow_actions(MEMBERS[1]).unwrap();
    for region in [HOME, FAR] {
        world.set_recorder(MEMBERS[0], region, &RecorderState::ALL).unwrap();
    }
    let before = stage.set().operations.len();
    let again = ran(stage.deployer(&["retry", "--yes"])).await;
    assert_eq!(again.code, 3, "{}", again.shown());
    let touched: usize = stage.set().operations[before..].iter().map(|operation| operation.instances).sum();
    assert_eq!((touched, stage.current()), (6, 8), "{}", again.shown());
}

/// A power cut in the middle of an operation: the same command follows the operation to its end and begins no second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_run_attaches_to_its_operation() {
    let stage = Organization::new().await;
    stage.slow();
    let mut command = tokio::process::Command::from(stage.installer());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The first stacks of the administrator account go fast, those of the StackSet slowly.
    let is_made = || stage.sandbox.world().stack_set(HOME, SET).is_some();
    while !is_made() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stage.sandbox.world().set_stack_delay(Duration::from_millis(500));
    stage.until_running().await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    assert_eq!((stage.operations("CREATE"), stage.current()), (1, 0));
    let again = ran(stage.installer()).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!((stage.operations("CREATE"), stage.current()), (1, 10), "{}", again.shown());
    assert!(stage.set().auto_deployment);
}

/// Whoever presses Ctrl-C leaves; the operation goes on, and nobody is asked with `--yes`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_leaves_the_operation_alone() {
    let stage = Organization::new().await;
    stage.slow();
    let mut command = tokio::process::Command::from(stage.installer());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id().unwrap().to_string();
    while stage.sandbox.world().stack_set(HOME, SET).is_none() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stage.sandbox.world().set_stack_delay(Duration::from_millis(500));
    stage.until_running().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended: Ran = child.wait_with_output().await.unwrap().into();
    assert_eq!(ended.code, 130, "{}", ended.shown());
    let operation = stage.set().operations[0].clone();
    assert_eq!(operation.status, "RUNNING");
    assert!(ended.stderr.contains(&operation.id), "{}", ended.shown());
    assert!(!stage.set().auto_deployment);
    let again = ran(stage.installer()).await;
    assert_eq!((again.code, stage.operations("CREATE"), stage.current()), (0, 1, 10), "{}", again.shown());
}
