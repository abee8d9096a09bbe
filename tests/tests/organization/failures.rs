//! What fails in accounts, and what is then not begun.

use guard_tests::process::words;
use guard_tests::sandbox::{RecorderState, ResourceAction};

use super::stage::{ACTIVE, DELEGATE, HOME, MANAGEMENT, OTHER, PAYMENTS, REGIONS, SEARCH, SET, Stage, TEST, events};

/// AWS Config in the account has no recorder, and takes no rules.
fn without_recorder(stage: &Stage, accounts: &[&str]) {
    stage.world().set_rules_need_recorder(true);
    for account in accounts {
        for region in REGIONS {
            stage.world().set_recorder(account, region, &RecorderState::Missing).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_read_although_the_operation_succeeded_and_told_in_groups() {
    let stage = Stage::new().await;
    without_recorder(&stage, &[PAYMENTS, SEARCH]);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let operation = stage.set().operations.iter().find(|one| one.action == "CREATE").unwrap().clone();
    assert_eq!((operation.status, operation.failed), ("SUCCEEDED", 4), "AWS says that all is well");
    assert!(
        ran.stdout.contains("4 stack instances in 2 accounts and 2 Regions: no configuration recorder"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("4 of 8 stack instances are as they should be, 4 failed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("deployer retry"), "{}", ran.stdout);
    assert!(stage.set().auto_deployment, "what fails in some accounts keeps no other from being covered");
    // Again: nothing is to be done here, and it is not well either.
    let again = stage.install(&[]).await;
    assert_eq!(again.code, 3, "{}", again.shown());
    assert!(
        again.stdout.contains("Nothing to do.") && again.stderr.contains("no configuration recorder"),
        "{}",
        again.shown()
    );
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_a_canary_that_fails_and_everything_once_it_is_mended() {
    let stage = Stage::new().await;
    without_recorder(&stage, &[PAYMENTS]);
    let flags = ["--canary", PAYMENTS, "--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass"];
    let ran = stage.install(&flags).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("the canary is not well"), "{}", ran.stdout);
    assert!(words(&ran.stdout).contains("then run the same command again"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("deployer retry"), "it would leave the others out: {}", ran.stdout);
    let retried = super::stage::ran(stage.deployer(MANAGEMENT, &["retry", "--yes"])).await;
    assert_eq!(retried.code, 3, "{}", retried.shown());
    let told = "not 6 stack instances: they were never made: deployer install --org finishes the installation";
    assert!(words(&retried.stdout).contains(told), "{}", retried.shown());
    assert!(!retried.stderr.contains('✓') && retried.stderr.contains('✗'), "{}", retried.stderr);
    assert!(ran.stdout.contains("service control policies: not attached"), "{}", ran.stdout);
    let set = stage.set();
    assert!(!set.auto_deployment, "automatic deployment stays off");
    assert!(set.instances.keys().all(|(account, _)| account == PAYMENTS), "{:?}", set.instances);
    assert_eq!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard-guardrail").unwrap(), None);
    stage.world().set_rules_need_recorder(false);
    let mended = stage.install(&flags).await;
    assert_eq!(mended.code, 0, "{}", mended.shown());
    assert_eq!(stage.covered(OTHER), ACTIVE);
    assert!(stage.set().auto_deployment);
    assert!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard-guardrail").unwrap().is_some());
    let again = stage.install(&flags).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

/// Whoever joins would only fail, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn automatic_deployment_stays_off_where_everything_fails() {
    let stage = Stage::new().await;
    without_recorder(&stage, &ACTIVE);
    for _ in 0..2 {
        let ran = stage.install(&["--no-management-account"]).await;
        assert_eq!(ran.code, 3, "{}", ran.shown());
        assert!(!stage.set().auto_deployment);
        assert!(!ran.shown().contains("✓ StackSet"), "{}", ran.shown());
        assert!(ran.shown().contains("deployer retry"), "{}", ran.shown());
    }
    stage.world().set_rules_need_recorder(false);
    let retried = super::stage::ran(stage.deployer(MANAGEMENT, &["retry", "--yes"])).await;
    assert_eq!(retried.code, 0, "{}", retried.shown());
    let again = stage.install(&["--no-management-account"]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(stage.set().auto_deployment);
    stage.sandbox.stop().await;
}

/// Nothing can be put there, so that nothing there has to be watched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_region_that_an_account_has_not_enabled_is_skipped() {
    let stage = Stage::new().await;
    for account in ["777777777777", "888888888888"] {
        stage.world().add_account(account).unwrap();
        stage.world().enable_region(account, HOME).unwrap();
        stage.world().set_recorder(account, HOME, &RecorderState::ALL).unwrap();
        stage.world().join(account, &stage.test).unwrap();
    }
    let flags = ["--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass", "--no-management-account"];
    let ran = stage.install(&[&flags[..], &["--enable-policy-type"]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("2 stack instances skipped: Region not enabled"), "{}", ran.stdout);
    assert!(ran.stdout.contains("10 of 10 stack instances are as they should be"), "{}", ran.stdout);
    assert!(ran.stdout.contains("service control policies: attached"), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

/// Policies that deny what is not watched would be worse than none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_are_not_attached_where_too_many_stacks_are_missing() {
    let stage = Stage::new().await;
    without_recorder(&stage, &[TEST]);
    let ran = stage.install(&["--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("not attached; only 6 of 8 stack instances are well"), "{}", ran.stdout);
    assert_eq!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard-guardrail").unwrap(), None);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_are_taken_in_a_member_fail_there_alone() {
    let stage = Stage::new().await;
    // Somebody has installed into the account itself before.
    let own = super::stage::ran(
        stage.deployer(DELEGATE, &["install", "--yes", "--region", HOME, "--code", super::stage::small()]),
    );
    assert_eq!(own.await.code, 0);
    let ran = stage.install(&["--format", "json"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let result = events(&ran).pop().unwrap();
    let group = &result["groups"][0];
    assert_eq!(
        (&group["cause"], &group["account"], &group["region"]),
        (&"name-clash".into(), &DELEGATE.into(), &HOME.into())
    );
    assert_eq!(result["stacks"]["good"], 7);
    assert_eq!(stage.covered(OTHER), ACTIVE);
    stage.sandbox.stop().await;
}

/// Without its bucket, a Region would fail in every account: nothing is begun there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_of_somebody_else_stops_everything_before_it_begins() {
    let stage = Stage::new().await;
    stage.world().put_bucket(PAYMENTS, OTHER, &format!("notebook-guard-{MANAGEMENT}-{OTHER}")).unwrap();
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("belongs to another account"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    assert!(stage.world().stack_set(HOME, SET).is_none());
    stage.sandbox.stop().await;
}

/// An operation of somebody else is waited for, and then it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_of_somebody_else_is_waited_for() {
    let stage = Stage::new().await;
    let first = stage.install(&[]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    let id = stage.world().begin_foreign_operation(HOME, SET).unwrap();
    let running = tokio::spawn(super::stage::ran(stage.installer(MANAGEMENT, &["--yes", "--checks", "all"])));
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert!(!running.is_finished(), "it waits");
    stage.world().end_foreign_operation(HOME, SET, &id).unwrap();
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(stage.set().parameters["ImdsV2"], "on");
    stage.sandbox.stop().await;
}

/// Without its bucket, a Region would fail in every account: no StackSet is begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_fails_keeps_the_stack_sets_from_being_begun() {
    let stage = Stage::new().await;
    stage.world().fail_resource_in(MANAGEMENT, "BucketPolicy", ResourceAction::Create, "Internal failure", 1);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("the StackSets were not begun"), "{}", ran.stdout);
    assert!(stage.world().stack_set(HOME, SET).is_none());
    let again = stage.install(&[]).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    assert_eq!(stage.covered(OTHER), ACTIVE);
    stage.sandbox.stop().await;
}

/// The management account's own stack is nobody's business but its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_management_accounts_own_stack_keeps_nobody_from_being_covered() {
    let stage = Stage::new().await;
    without_recorder(&stage, &[MANAGEMENT]);
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert_eq!(stage.covered(OTHER), ACTIVE);
    assert!(ran.stdout.contains("8 of 8 stack instances are as they should be"), "{}", ran.stdout);
    assert!(ran.stderr.contains("stack notebook-guard in"), "{}", ran.stderr);
    stage.sandbox.stop().await;
}

/// No stack at all is not a hundred of a hundred.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_are_not_attached_where_there_is_no_stack() {
    let stage = Stage::new().await;
    stage.world().add_unit(&stage.root, "Empty").unwrap();
    let flags = ["--ou", "Empty", "--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass"];
    let ran = stage.install(&[&flags[..], &["--enable-policy-type"]].concat()).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("not attached; the targets have no active account"), "{}", ran.stdout);
    assert_eq!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard-guardrail").unwrap(), None);
    stage.sandbox.stop().await;
}

/// What failed before is not well because something else was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_before_is_told_also_by_a_run_that_does_something_else() {
    let stage = Stage::new().await;
    without_recorder(&stage, &[PAYMENTS]);
    let first = stage.install(&["--ou", "Prod", "--no-management-account"]).await;
    assert_eq!(first.code, 3, "{}", first.shown());
    let more = stage.install(&["--ou", "Prod", "--ou", "Test", "--no-management-account"]).await;
    assert_eq!(more.code, 3, "{}", more.shown());
    assert!(more.stdout.contains("2 stack instances that this run did not touch"), "{}", more.stdout);
    assert!(more.stdout.contains("no configuration recorder"), "{}", more.stdout);
    assert!(more.stdout.contains("deployer retry"), "{}", more.stdout);
    stage.sandbox.stop().await;
}
