//! The handler over a world in memory: what is delivered, what is not, and when that is an error.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

#[path = "handler/world.rs"]
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use rule::evaluation::ComplianceType;
use rule::exemption::Exemptions;
use serde_json::json;
use world::{Fate, World, arn, change, run, run_event};

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![4 => Just(Fate::Compliant), 3 => Just(Fate::Exposed), 1 => Just(Fate::Gone), 1 => Just(Fate::Unreadable)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_listed_notebook_is_delivered_once_or_named(
        fates in prop::collection::vec(fate(), 0..330),
        page_size in 1_usize..120,
        overlap in 0_usize..3,
        stale in prop::collection::vec(1000_usize..2000, 0..250),
        flaky in 0_usize..3,
    ) {
        let mut world = World::of(&fates);
        world.page_size = page_size;
        world.overlap = overlap;
        world.fail_each_evaluation_times = flaky;
        // Everything had a result before, and so had some notebooks that are long gone.
        world.old = (0..fates.len()).chain(stale.iter().copied()).map(arn).collect();
        let outcome = run(&world);
        let delivered = world.delivered.borrow();

        prop_assert!(world.batches.borrow().iter().all(|size| (1..=100).contains(size)));
        let unique: BTreeSet<&str> = delivered.iter().map(|(id, _)| id.as_str()).collect();
        prop_assert_eq!(unique.len(), delivered.len(), "no resource twice");

        let said = |id: &str| delivered.iter().find(|(other, _)| other == id).map(|(_, kind)| *kind);
        for (index, fate) in fates.iter().enumerate() {
            let expected = match fate {
                Fate::Compliant => Some("COMPLIANT"),
                Fate::Exposed => Some("NON_COMPLIANT"),
                Fate::Gone => Some("NOT_APPLICABLE"),
                Fate::Unreadable => None,
            };
            prop_assert_eq!(said(&arn(index)), expected);
        }
        for index in &stale {
            prop_assert_eq!(said(&arn(*index)), Some("NOT_APPLICABLE"));
        }
        let unreadable = fates.iter().filter(|fate| **fate == Fate::Unreadable).count();
        prop_assert_eq!(outcome.undetermined.count, unreadable);
        prop_assert_eq!(outcome.error().is_some(), unreadable > 0);
        prop_assert_eq!(outcome.delivered_count(), delivered.len());
    }

    #[test]
    fn an_incomplete_list_never_makes_anything_stale(
        fates in prop::collection::vec(fate(), 1..200),
        page_size in 1_usize..50,
        broken in 0_usize..10_000,
    ) {
        let mut world = World::of(&fates);
        world.page_size = page_size;
        // Some page that there is.
        let pages = fates.len().div_ceil(page_size);
        world.broken_page = Some(broken % pages);
        world.old = (0..fates.len() + 50).map(arn).collect();
        let outcome = run(&world);
        prop_assert!(world.delivered.borrow().iter().all(|(_, kind)| *kind != "NOT_APPLICABLE"));
        prop_assert_eq!(outcome.error().expect("an error").error_type, "ListingFailed");
    }

    #[test]
    fn when_the_time_is_up_what_is_judged_is_delivered_and_nothing_is_stale(
        after in 0_usize..250,
        more in 9_usize..60,
    ) {
        let count = after + more;
        let mut world = World::of(&vec![Fate::Exposed; count]);
        world.time_is_up_after = Some(after);
        world.old = (0..count + 50).map(arn).collect();
        let outcome = run(&world);
        prop_assert_eq!(outcome.error().expect("an error").error_type, "DeadlineReached");
        prop_assert!(world.delivered.borrow().iter().all(|(_, kind)| *kind == "NON_COMPLIANT"));
        prop_assert!(outcome.delivered_count() <= after + 8, "{}", outcome.delivered_count());
        prop_assert!(outcome.delivered_count() + 8 >= after, "{} of {after}", outcome.delivered_count());
    }
}

#[test]
fn an_evaluation_that_aws_config_never_takes_is_named() {
    let mut world = World::of(&[Fate::Compliant, Fate::Exposed]);
    world.fail_each_evaluation_times = usize::MAX;
    let outcome = run(&world);
    let error = outcome.error().expect("an error");
    assert_eq!(error.error_type, "NotDelivered");
    assert!(error.message.contains(&arn(0)) && error.message.contains(&arn(1)), "{error}");
    assert!(world.batches.borrow().len() <= 5, "bounded: {:?}", world.batches.borrow());
}

#[test]
fn a_refused_token_ends_the_sweep_at_once() {
    let mut world = World::of(&vec![Fate::Compliant; 1000]);
    world.refuse_token = true;
    let outcome = run(&world);
    assert_eq!(outcome.error().expect("an error").error_type, "InvalidResultToken");
    assert!(world.batches.borrow().len() <= 2, "{:?}", world.batches.borrow());
    assert!(world.described.get() < 400, "{} were still described", world.described.get());
}

#[test]
fn a_deleted_rule_ends_well() {
    let mut world = World::of(&[Fate::Unreadable; 10]);
    world.fates.push(Fate::Compliant);
    world.rule_is_deleted = true;
    let outcome = run(&world);
    assert!(outcome.rule_deleted);
    assert_eq!(outcome.error(), None);
}

#[test]
fn no_notebook_at_all_is_one_result_for_the_account() {
    let world = World::of(&[]);
    let outcome = run(&world);
    assert_eq!(outcome.error(), None);
    assert_eq!(*world.delivered.borrow(), [("123456789012".to_owned(), "NOT_APPLICABLE")]);
}

#[test]
fn a_result_that_is_newer_than_the_sweep_is_never_stale() {
    for (time, stale) in [
        ("2023-04-27T13:26:17.740Z", true),
        ("2023-04-27T13:26:17.741Z", false),
        ("2023-04-27T13:26:18.000Z", false),
        ("", true),
    ] {
        let mut world = World::of(&[Fate::Compliant]);
        // A notebook that came into being after its page of the list was read, and was judged by its change.
        world.old = vec![arn(7)];
        world.old_results_are_of = time;
        let outcome = run(&world);
        assert_eq!(outcome.error(), None);
        assert_eq!(outcome.stale, usize::from(stale), "{time}");
        assert_eq!(world.delivered.borrow().len(), 1 + usize::from(stale), "{time}");
    }
}

#[test]
fn one_bad_element_does_not_lose_its_batch() {
    let mut world = World::of(&[Fate::Compliant; 150]);
    world.refused = vec![arn(3), arn(120)];
    let outcome = run(&world);
    assert_eq!(outcome.delivered_count(), 148);
    let error = outcome.error().expect("an error");
    assert_eq!(error.error_type, "NotDelivered");
    assert!(error.message.contains(&arn(3)) && error.message.contains(&arn(120)), "{error}");
}

#[test]
fn where_everything_is_refused_splitting_ends() {
    let mut world = World::of(&vec![Fate::Compliant; 1000]);
    world.refused = (0..1000).map(arn).collect();
    let outcome = run(&world);
    assert_eq!(outcome.undelivered.count, 1000);
    assert!(world.batches.borrow().len() <= 80, "{} calls", world.batches.borrow().len());
}

const CHANGE: &str = "ConfigurationItemChangeNotification";
const OVERSIZED: &str = "OversizedConfigurationItemChangeNotification";

#[test]
fn a_change_is_judged_from_its_item_alone_and_cleans_nothing_up() {
    let mut world = World::of(&[Fate::Unreadable]);
    world.old = vec![arn(9)];
    let event = change(CHANGE, 0, &json!({"configuration": {"DirectInternetAccess": "Disabled"}}));
    let outcome = run_event(&world, &event);
    assert_eq!((outcome.error(), world.described.get()), (None, 0));
    assert_eq!(*world.delivered.borrow(), [(arn(0), "COMPLIANT")]);
}

#[test]
fn a_change_without_configuration_is_judged_live_or_undetermined() {
    let world = World::of(&[Fate::Exposed, Fate::Unreadable, Fate::Gone]);
    let live = |number| run_event(&world, &change(CHANGE, number, &json!({})));
    assert_eq!(live(0).delivered.get(&ComplianceType::NonCompliant), Some(&1));
    assert_eq!(live(1).error().expect("an error").error_type, "Undetermined");
    assert_eq!(live(2).delivered.get(&ComplianceType::NotApplicable), Some(&1));
    assert_eq!(world.delivered.borrow().len(), 2);
}

#[test]
fn an_oversized_change_takes_the_history_before_the_live_notebook() {
    let mut world = World::of(&[Fate::Exposed]);
    world.history = Some(json!({"DirectInternetAccess": "Disabled"}));
    let outcome = run_event(&world, &change(OVERSIZED, 0, &json!({})));
    assert_eq!((outcome.delivered.get(&ComplianceType::Compliant), world.described.get()), (Some(&1), 0));
    world.history = None;
    let outcome = run_event(&world, &change(OVERSIZED, 0, &json!({})));
    assert_eq!(outcome.delivered.get(&ComplianceType::NonCompliant), Some(&1));
}

#[test]
fn what_left_the_scope_or_the_account_is_not_applicable() {
    let world = World::of(&[Fate::Exposed]);
    let configuration = json!({"DirectInternetAccess": "Enabled"});
    let deleted = json!({"configurationItemStatus": "ResourceDeleted", "configuration": null});
    let foreign = json!({"resourceType": "AWS::EC2::Instance", "configuration": configuration.clone()});
    let mut left = change(CHANGE, 0, &json!({"configuration": configuration}));
    left["eventLeftScope"] = json!(true);
    for event in [change(CHANGE, 0, &deleted), change(CHANGE, 0, &foreign), left] {
        assert_eq!(run_event(&world, &event).delivered.get(&ComplianceType::NotApplicable), Some(&1), "{event}");
    }
    assert_eq!(world.described.get(), 0);
}

#[test]
fn proactive_mode_calls_nothing_stale_and_says_nothing_of_the_account() {
    let mut world = World::of(&[]);
    world.old = vec![arn(9)];
    let mut event = world::schedule();
    event["evaluationMode"] = json!("PROACTIVE");
    let outcome = run_event(&world, &event);
    assert_eq!((outcome.error(), outcome.delivered_count()), (None, 0));
}

#[test]
fn evaluations_that_aws_config_never_acknowledges_are_named() {
    let mut world = World::of(&[Fate::Compliant, Fate::Exposed]);
    world.config_hangs = true;
    let outcome = run(&world);
    assert_eq!((outcome.undelivered.count, outcome.delivered_count()), (2, 0));
    let error = outcome.error().expect("an error");
    assert_eq!(error.error_type, "DeadlineReached");
    assert!(error.message.contains(&arn(0)) && error.message.contains(&arn(1)), "{error}");
}

#[test]
fn a_list_that_goes_in_circles_is_incomplete() {
    let mut world = World::of(&[Fate::Compliant; 150]);
    world.list_goes_in_circles = true;
    world.old = vec![arn(900)];
    let outcome = run(&world);
    assert_eq!(outcome.error().expect("an error").error_type, "ListingFailed");
    assert_eq!((outcome.delivered_count(), outcome.stale), (150, 0));
}

#[test]
fn a_list_that_goes_in_circles_never_says_that_a_notebook_is_gone() {
    let mut world = World::of(&[Fate::Gone]);
    world.list_goes_in_circles = true;
    let renamed = json!({"resourceId": "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/nb-elsewhere"});
    let outcome = run_event(&world, &change(CHANGE, 0, &renamed));
    assert_eq!(outcome.error().expect("an error").error_type, "Undetermined");
    assert_eq!(outcome.delivered_count(), 0);
}

/// Exemptions from the default check in the world's account and Region: notebook, ticket, last day.
fn exemptions(all: &[[&str; 3]]) -> Exemptions {
    let entry = |[notebook, ticket, expires]: &[&str; 3]| {
        json!({"account": "123456789012", "region": "eu-west-1", "check": "direct-internet-access",
            "notebook": notebook, "ticket": ticket, "expires": expires, "reason": "r", "owner": "o",
            "approved_by": "a"})
    };
    let whole = json!({"version": 1, "exemptions": all.iter().map(entry).collect::<Vec<_>>()});
    Exemptions::read(whole.to_string().as_bytes()).unwrap()
}

fn tickets(outcome: &rule::outcome::Outcome) -> Vec<&str> {
    outcome.unmatched.iter().map(|one| one.ticket.as_str()).collect()
}

#[test]
fn a_sweep_exempts_violations_and_names_what_matched_none() {
    let mut world = World::of(&[Fate::Exposed, Fate::Exposed, Fate::Exposed, Fate::Compliant, Fate::Unreadable]);
    world.exemptions = exemptions(&[
        ["nb-0", "HELD", "2026-12-01"],
        ["nb-1", "EXPIRED", "2026-11-30"],
        ["nb-3", "NEEDLESS", "2027-01-31"],
        ["nb-4", "UNKNOWN", "2027-01-31"],
        ["nb-40", "NOBODY", "2027-01-31"],
    ]);
    let outcome = run(&world);
    let said: BTreeSet<_> = world.delivered.borrow().iter().cloned().collect();
    let expected = [(0, "NOT_APPLICABLE"), (1, "NON_COMPLIANT"), (2, "NON_COMPLIANT"), (3, "COMPLIANT")];
    assert_eq!(said, expected.map(|(index, kind)| (arn(index), kind)).into());
    assert_eq!(outcome.exempted, 1);
    // Ordered by notebook. What could not be judged may be a violation.
    assert_eq!(tickets(&outcome), ["NEEDLESS", "NOBODY"]);
}

#[test]
fn an_exemption_of_another_account_region_or_check_is_not_this_sweeps_business() {
    let elsewhere = |member: &str, value: &str| {
        let mut entry = json!({"account": "123456789012", "region": "eu-west-1", "check": "direct-internet-access",
            "notebook": "*", "ticket": "T", "expires": "2027-01-31", "reason": "r", "owner": "o", "approved_by": "a"});
        entry[member] = json!(value);
        entry
    };
    let all =
        [elsewhere("account", "123456789013"), elsewhere("region", "eu-west-2"), elsewhere("check", "inside-vpc")];
    let mut world = World::of(&[Fate::Exposed]);
    world.exemptions = Exemptions::read(json!({"version": 1, "exemptions": all}).to_string().as_bytes()).unwrap();
    let outcome = run(&world);
    assert_eq!((outcome.exempted, outcome.unmatched.len()), (0, 0));
    assert_eq!(outcome.delivered.get(&ComplianceType::NonCompliant), Some(&1));
}

#[test]
fn a_change_is_exempt_in_any_letter_case_and_names_no_exemption_without_a_match() {
    let mut world = World::of(&[Fate::Unreadable]);
    world.exemptions = exemptions(&[["NB-0", "HELD", "2027-01-31"], ["nb-9", "NOBODY", "2027-01-31"]]);
    let event = change(CHANGE, 0, &json!({"configuration": {"DirectInternetAccess": "Enabled"}}));
    let outcome = run_event(&world, &event);
    assert_eq!(*world.delivered.borrow(), [(arn(0), "NOT_APPLICABLE")]);
    assert_eq!((outcome.exempted, outcome.unmatched.len(), world.described.get()), (1, 0, 0));
}

#[test]
fn an_incomplete_sweep_does_not_say_which_exemptions_matched_nothing() {
    let exempt = exemptions(&[["nb-9", "NOBODY", "2027-01-31"]]);
    let mut broken = World::of(&[Fate::Exposed; 3]);
    broken.page_size = 1;
    broken.broken_page = Some(1);
    let mut late = World::of(&[Fate::Exposed; 30]);
    late.time_is_up_after = Some(3);
    for mut world in [broken, late] {
        world.exemptions = exempt.clone();
        let outcome = run(&world);
        assert!(outcome.error().is_some() && outcome.unmatched.is_empty());
    }
}
