//! Who may install into an organization, and what everybody else is told.

use guard_tests::sandbox::StackSetsAccess;

use super::stage::{ACTIVE, DELEGATE, HOME, MANAGEMENT, OTHER, PAYMENTS, REGIONS, SET, Stage};

/// What CloudFormation's StackSet operations are called.
fn is_of_stack_sets(operation: &str) -> bool {
    operation.contains("StackSet") || operation.contains("StackInstance") || operation.contains("OrganizationsAccess")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegated_administrator_says_so_in_every_call() {
    let stage = Stage::new().await;
    let ran = stage.install_as(DELEGATE, &["--canary", PAYMENTS]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(stage.covered(HOME), ACTIVE);
    let calls = stage.world().calls().all();
    let of_sets: Vec<_> = calls.iter().filter(|call| is_of_stack_sets(&call.operation)).collect();
    assert!(of_sets.len() > 10, "{} calls", of_sets.len());
    for call in of_sets {
        assert!(call.body.contains("CallAs=DELEGATED_ADMIN"), "{}: {}", call.operation, call.body);
    }
    // Its buckets, and no stack for the management account.
    for region in REGIONS {
        assert!(stage.world().has_bucket(&format!("notebook-guard-{DELEGATE}-{region}")), "{region}");
        for account in [MANAGEMENT, DELEGATE] {
            assert_eq!(stage.world().stack(account, region, SET).unwrap(), None, "{account} in {region}");
        }
    }
    assert!(ran.stdout.contains("not covered; only its own credentials can"), "{}", ran.stdout);
    stage.world().calls().clear();
    let again = stage.install_as(DELEGATE, &["--canary", PAYMENTS]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_member_is_told_the_management_account() {
    let stage = Stage::new().await;
    let ran = stage.install_as(PAYMENTS, &[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("plain member") && ran.stderr.contains(MANAGEMENT), "{}", ran.stderr);
    assert!(ran.stderr.contains("register-delegated-administrator --account-id 222222222222"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_without_an_organization_is_told_what_to_do() {
    let stage = Stage::new().await;
    let alone = "777777777777";
    stage.world().add_account(alone).unwrap();
    for region in REGIONS {
        stage.world().enable_region(alone, region).unwrap();
    }
    let ran = stage.install_as(alone, &[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("in no organization") && ran.stderr.contains("leave --org out"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consolidated_billing_alone_is_not_enough() {
    let stage = Stage::new().await;
    stage.world().set_all_features(false).unwrap();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(
        ran.stderr.contains("consolidated billing") && ran.stderr.contains("enable all features"),
        "{}",
        ran.stderr
    );
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trusted_access_is_switched_on_only_if_asked() {
    let stage = Stage::new().await;
    stage.world().set_stack_sets_access(StackSetsAccess::Disabled).unwrap();
    let refused = stage.install(&[]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    assert!(refused.stderr.contains("--enable-trusted-access"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    let ran = stage.install(&["--enable-trusted-access"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("switch on trusted access of StackSets"), "{}", ran.stdout);
    assert_eq!(stage.covered(OTHER), ACTIVE);
    let again = stage.install(&["--enable-trusted-access"]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trusted_access_that_is_off_for_good_is_a_clear_stop() {
    let stage = Stage::new().await;
    stage.world().set_stack_sets_access(StackSetsAccess::DisabledPermanently).unwrap();
    let ran = stage.install(&["--enable-trusted-access"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("DISABLED_PERMANENTLY"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// Only the management account can switch it on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delegated_administrator_cannot_switch_trusted_access_on() {
    let stage = Stage::new().await;
    stage.world().set_stack_sets_access(StackSetsAccess::Disabled).unwrap();
    let ran = stage.install_as(DELEGATE, &["--enable-trusted-access"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("in the management account"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_flags_are_told_at_once_before_aws_is_asked() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--account", "1", "--max-concurrent", "0", "--studio", "--prefix", "X"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    for fault in ["--account 1", "--max-concurrent", "--studio needs --deny-scp", "--prefix X"] {
        assert!(ran.stderr.contains(fault), "{fault}: {}", ran.stderr);
    }
    assert_eq!(stage.world().calls().total(), 0);
    stage.sandbox.stop().await;
}
