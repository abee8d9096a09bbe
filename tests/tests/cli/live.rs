//! `deployer evaluate` on the sandbox.

use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::process::words;
use guard_tests::sandbox::{Describe, Domain, Effect, Fault, Notebook, Options, Refusal, Sandbox, SecurityGroup, When};
use serde_json::Value;

use crate::runner::{Ran, command, run, too_wide};

const ACCOUNT: &str = "111122223333";
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let world = sandbox.world();
    world.add_account(ACCOUNT).unwrap();
    for region in REGIONS {
        world.enable_region(ACCOUNT, region).unwrap();
    }
    let [first, second] = REGIONS;
    world.put_security_group(ACCOUNT, first, SecurityGroup::new("sg-0a", "closed").admits("10.0.0.0/8", 443)).unwrap();
    world.put_security_group(ACCOUNT, first, SecurityGroup::new("sg-0b", "open").admits("0.0.0.0/0", 22)).unwrap();
    for (name, group) in [("good", "sg-0a"), ("open-door", "sg-0b")] {
        let mut notebook = Notebook::new(name).hardened();
        notebook.security_groups = vec![group.to_owned()];
        notebook.kms_key_id = Some("alias/notebooks".to_owned());
        world.put_notebook(ACCOUNT, first, notebook).unwrap();
    }
    world.put_notebook(ACCOUNT, first, Notebook::new("defaults")).unwrap();
    world.put_domain(ACCOUNT, second, Domain::new("d-studio", "research", "PublicInternetOnly")).unwrap();
    sandbox
}

fn live(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = command(&[&["evaluate"], arguments].concat());
    command.envs(sandbox.environment(ACCOUNT, REGIONS[0]).unwrap());
    command
}

async fn evaluate(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    let mut command = live(sandbox, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_regions_as_text() {
    let sandbox = sandbox().await;
    let ran = evaluate(&sandbox, &["--region", "all"]).await;
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(ran.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wide_terminals_are_used_and_colour_is_not_forced() {
    let sandbox = sandbox().await;
    let mut command = live(&sandbox, &["--region", "eu-west-1"]);
    command.env("COLUMNS", "200");
    let ran: Ran = tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap();
    let widest = ran.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((81..=120).contains(&widest), "{widest}: {}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "colour without a terminal");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_complete_and_alone_on_standard_output() {
    let sandbox = sandbox().await;
    let ran = evaluate(&sandbox, &["--region", "all", "--format", "json"]).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(report["complete"], true);
    assert_eq!(report["source"]["account"], ACCOUNT);
    // Three notebooks by seven checks, one domain by one.
    assert_eq!(report["results"].as_array().unwrap().len(), 22);
    let totals: u64 = report["summary"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|line| {
            ["compliant", "nonCompliant", "notApplicable", "undetermined"].map(|kind| line[kind].as_u64().unwrap())
        })
        .sum();
    assert_eq!(totals, 22);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notebook_that_cannot_be_read_is_undetermined_and_partial() {
    let sandbox = sandbox().await;
    sandbox
        .world()
        .put_notebook(ACCOUNT, "eu-west-1", Notebook::new("secret").described(Describe::AccessDenied))
        .unwrap();
    let ran = evaluate(&sandbox, &["--check", "root-access"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let said = words(&ran.stdout);
    assert!(said.contains("? secret") && said.contains("AccessDenied"), "{said}");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_cannot_be_read_is_named_and_never_fine() {
    let sandbox = sandbox().await;
    let denied = Effect::Refuse(Refusal::new("AccessDeniedException", "not here"));
    sandbox
        .world()
        .faults()
        .add(Fault::on("sagemaker", "ListNotebookInstances", denied.clone()).at(ACCOUNT, "us-east-1"));
    let ran = evaluate(&sandbox, &["--region", "all", "--check", "root-access"]).await;
    assert_eq!(ran.code, 3);
    let said = words(&ran.stdout);
    assert!(said.contains("us-east-1 was not read to its end") && said.contains("not here"), "{said}");

    sandbox.world().faults().add(Fault::on("sagemaker", "ListNotebookInstances", denied));
    let ran = evaluate(&sandbox, &["--region", "all", "--check", "root-access"]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_that_throttles_is_read_to_the_end() {
    let sandbox = sandbox().await;
    let throttle = Fault::on("sagemaker", "DescribeNotebookInstance", Effect::Throttle).when(When::Times(4));
    sandbox.world().faults().add(throttle);
    let ran = evaluate(&sandbox, &["--check", "root-access", "--fail-on", "non-compliant"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("1 of 3 do not comply."), "{}", ran.stdout);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_keeps_what_was_judged() {
    let sandbox = sandbox().await;
    for index in 0..300 {
        sandbox.world().put_notebook(ACCOUNT, "eu-west-1", Notebook::new(&format!("nb-{index}"))).unwrap();
    }
    sandbox.world().set_latency(Duration::from_millis(60));
    let child =
        live(&sandbox, &["--check", "root-access"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // However slow the machine is: some are judged, most are not.
    while sandbox.world().calls().count("sagemaker", "DescribeNotebookInstance") < 40 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ran: Ran = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap();
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert!(ran.stdout.contains("eu-west-1 was not read to its end: interrupted"), "{}", ran.stdout);
    assert!(ran.stdout.contains("nb-") && ran.stdout.contains("and not everything could be read"), "{}", ran.stdout);
    sandbox.stop().await;
}

#[test]
fn no_credentials_is_one_sentence_and_three_ways() {
    insta::assert_snapshot!(run(&["evaluate", "--region", "eu-west-1"]).shown());
}

#[test]
fn an_unknown_profile_and_an_impossible_region_are_named() {
    let ran = run(&["evaluate", "--region", "eu-west-1", "--profile", "nobody"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("nobody"), "{}", ran.stderr);
    let ran = run(&["evaluate", "--region", "eu-west1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("eu-west1") && ran.stderr.contains("eu-west-1"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_region_is_told_before_any_call() {
    let sandbox = sandbox().await;
    let mut command = live(&sandbox, &[]);
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
    let ran: Ran = tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap();
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("no Region is given"), "{}", ran.stderr);
    assert!(sandbox.world().calls().all().is_empty());
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_keys_are_told_apart_from_a_broken_network() {
    let sandbox = sandbox().await;
    let mut wrong = live(&sandbox, &[]);
    wrong.env("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHISK");
    let ran: Ran = tokio::task::spawn_blocking(move || wrong.output().unwrap().into()).await.unwrap();
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("does not accept the credentials"), "{}", ran.stderr);
    let mut nowhere = live(&sandbox, &[]);
    nowhere.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env("AWS_MAX_ATTEMPTS", "1");
    let ran: Ran = tokio::task::spawn_blocking(move || nowhere.output().unwrap().into()).await.unwrap();
    assert_eq!(ran.code, 5, "{}", ran.shown());
    sandbox.stop().await;
}
