//! Where an installation has its home, and whose it is: found out, and never guessed.

use guard_tests::sandbox::{Effect, Fault, Refusal};

use super::stage::{DELEGATE, HOME, MANAGEMENT, OTHER, SET, Stage, ran, small};

/// Installs in one Region alone.
async fn in_region(stage: &Stage, region: &str, more: &[&str]) -> crate::runner::Ran {
    let flags = ["install", "--org", "--yes", "--region", region, "--code", small()];
    ran(stage.deployer(MANAGEMENT, &[&flags, more].concat())).await
}

/// A Region that cannot be read may be the home of the installation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_region_is_not_guessed_where_it_cannot_be_read() {
    let stage = Stage::new().await;
    let first = in_region(&stage, OTHER, &[]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let denied = Refusal::new("AccessDenied", "is not authorized to perform: cloudformation:DescribeStacks");
    stage.world().faults().add(
        Fault::on("cloudformation", "DescribeStacks", Effect::Refuse(denied.with_status(403))).at(MANAGEMENT, OTHER),
    );
    let refused = in_region(&stage, HOME, &[]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    for told in ["cloudformation:DescribeStacks in us-east-1: AccessDenied", "--home-region"] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    assert_eq!(stage.writes(), vec![]);
    assert!(stage.world().stack_set(HOME, SET).is_none());
    stage.world().faults().clear();
    let second = in_region(&stage, HOME, &[]).await;
    assert_eq!(second.code, 0, "{}", second.shown());
    assert!(stage.world().stack_set(HOME, SET).is_none(), "there is one home");
    let set = stage.world().stack_set(OTHER, SET).unwrap();
    assert!(set.instances.keys().any(|(_, region)| region == HOME), "{:?}", set.instances);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_is_not_enabled_or_does_not_exist_is_a_slip_and_no_fault_of_aws() {
    let stage = Stage::new().await;
    for region in ["ap-south-1", "eu-west-9"] {
        let refused = in_region(&stage, region, &[]).await;
        assert_eq!(refused.code, 2, "{}", refused.shown());
        assert!(refused.stderr.contains(region) && refused.stderr.contains("not enabled"), "{}", refused.stderr);
    }
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// Two accounts may administer StackSets of one organization; artifacts and record are in one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_administrator_does_not_take_over() {
    let stage = Stage::new().await;
    let first = stage.install(&["--no-management-account"]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let refused = stage.install_as(DELEGATE, &[]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    let told = format!("account {MANAGEMENT} installed StackSet notebook-guard, and not account");
    assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("run it with credentials of account {MANAGEMENT}")), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}
