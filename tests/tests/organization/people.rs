//! Accounts and units of every kind: in other states, on the move, none at all, very many.

use std::collections::BTreeSet;
use std::time::Duration;

use guard_tests::sandbox::AccountState;

use super::stage::{ACTIVE, DELEGATE, HOME, MANAGEMENT, OLD, PAYMENTS, REGIONS, SEARCH, Stage, TEST, ran};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_that_are_not_active_are_left_out_with_their_reason() {
    for (state, word) in [
        (AccountState::Closed, "CLOSED"),
        (AccountState::PendingClosure, "PENDING_CLOSURE"),
        (AccountState::PendingActivation, "PENDING_ACTIVATION"),
    ] {
        let stage = Stage::new().await;
        stage.world().set_account_state(SEARCH, state).unwrap();
        let ran = stage.install(&[]).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        assert!(ran.stdout.contains(&format!("because it is {word}: {SEARCH}")), "{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("because it is SUSPENDED: {OLD}")), "{}", ran.stdout);
        assert_eq!(stage.covered(HOME), [PAYMENTS, TEST, DELEGATE]);
        stage.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_unit_is_no_failure_and_is_a_target_from_then_on() {
    let stage = Stage::new().await;
    let empty = stage.world().add_unit(&stage.root, "Empty").unwrap();
    let ran = stage.install(&["--ou", "Empty", "--ou", "Prod/Payments"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("no active account in Empty"), "{}", ran.stdout);
    assert!(stage.set().targets.contains_key(&empty), "{:?}", stage.set().targets);
    let again = stage.install(&["--ou", "Empty", "--ou", "Payments"]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_mean_nothing_or_two_things_are_told_before_anything_is_written() {
    let stage = Stage::new().await;
    stage.world().add_unit(&stage.test, "Payments").unwrap();
    let ran = stage.install(&["--ou", "Payments", "--ou", "Nowhere", "--account", MANAGEMENT]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    for told in ["Prod/Payments", "Test/Payments", "`Nowhere`", "is the management account"] {
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
    }
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// Single accounts go through their parents, and automatic deployment, which knows no accounts, stays off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_accounts() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--account", SEARCH]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(stage.covered(HOME), [SEARCH]);
    assert!(!stage.set().auto_deployment);
    assert!(ran.stdout.contains("accounts that join later are not covered"), "{}", ran.stdout);
    // Its unit is one of the set's from then on.
    let wider = stage.install(&["--ou", "Test"]).await;
    assert_eq!(wider.code, 0, "{}", wider.shown());
    assert!(!stage.set().auto_deployment, "it would cover whoever joins Prod");
    assert!(wider.stdout.contains("it would also cover all of Prod\n"), "{}", wider.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_and_twenty_units_are_calls_of_fifty_and_each_is_named_once() {
    let stage = Stage::new().await;
    let units: Vec<String> =
        (0..120).map(|number| stage.world().add_unit(&stage.root, &format!("unit-{number:03}")).unwrap()).collect();
    stage.world().move_account(TEST, &units[119]).unwrap();
    let flags: Vec<&str> = units.iter().flat_map(|unit| ["--ou", unit.as_str()]).collect();
    let ran = stage.install(&flags).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let mut named: Vec<String> = Vec::new();
    for call in stage.world().calls().of("cloudformation", "CreateStackInstances") {
        let of_call: Vec<&str> = call
            .body
            .split('&')
            .filter_map(|pair| pair.split_once("OrganizationalUnitIds.member."))
            .map(|(_, id)| id)
            .collect();
        assert!(of_call.len() <= 50, "{} units in a call", of_call.len());
        named.extend(of_call.iter().filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())));
    }
    assert_eq!(named.len(), 120, "each in one call");
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), units.into_iter().collect());
    assert_eq!(stage.covered(HOME), [TEST]);
    assert!(ran.stdout.lines().count() < 100, "{}", ran.stdout);
    stage.sandbox.stop().await;
}

/// An account that comes into a unit while its stacks are being made is covered in the end, by whatever is faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_moves_during_the_run() {
    let stage = Stage::new().await;
    stage.world().set_stack_delay(Duration::from_millis(40));
    let installer = stage.installer(MANAGEMENT, &["--yes", "--ou", "Prod"]);
    let running = tokio::spawn(ran(installer));
    while stage.world().stack_set(HOME, "notebook-guard").is_none_or(|set| set.operations.is_empty()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.world().move_account(TEST, &stage.prod).unwrap();
    let first = running.await.unwrap();
    assert_eq!(first.code, 0, "{}", first.shown());
    let second = stage.install(&["--ou", "Prod"]).await;
    assert_eq!(second.code, 0, "{}", second.shown());
    for region in REGIONS {
        assert_eq!(stage.covered(region), [PAYMENTS, SEARCH, TEST], "{region}");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_management_account_is_left_out_only_if_asked() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--no-management-account"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("not covered (--no-management-account)"), "{}", ran.stdout);
    assert_eq!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard").unwrap(), None);
    let with = stage.install(&[]).await;
    assert_eq!(with.code, 0, "{}", with.shown());
    let without = stage.install(&["--no-management-account"]).await;
    assert_eq!(without.code, 0, "{}", without.shown());
    for told in ["its stack notebook-guard stays in eu-west-1, us-east-1", "for region in eu-west-1 us-east-1; do aws"]
    {
        assert!(without.stdout.contains(told), "{told}: {}", without.stdout);
    }
    assert!(stage.world().stack(MANAGEMENT, HOME, "notebook-guard").unwrap().is_some());
    assert_eq!(stage.covered(HOME), ACTIVE);
    stage.sandbox.stop().await;
}
