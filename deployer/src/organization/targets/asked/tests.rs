use super::*;
use crate::organization::model::Unit;
use crate::organization::model::tests::sample;

fn asked(units: &[&str], accounts: &[&str], excluded: &[&str], canary: &[&str]) -> Asked {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    Asked { units: list(units), accounts: list(accounts), excluded: list(excluded), canary: list(canary) }
}

fn units(asked: &Asked) -> Vec<String> {
    asked.find(&sample()).unwrap().targets.units
}

/// With a second `Payments`, in `Test`.
fn ambiguous() -> Organization {
    let mut organization = sample();
    let id = "ou-abcd-pay11111".to_owned();
    let unit = Unit { id: id.clone(), name: "Payments".to_owned(), parent: "ou-abcd-test0000".to_owned() };
    organization.units.insert(id, unit);
    organization
}

#[test]
fn units_by_name_path_and_id() {
    for name in ["Payments", "Prod/Payments", "/Prod/Payments/", "ou-abcd-pay00000"] {
        assert_eq!(units(&asked(&[name], &[], &[], &[])), ["ou-abcd-pay00000"], "{name}");
    }
    for name in ["r-abcd", "root", "Root"] {
        assert_eq!(units(&asked(&[name], &[], &[], &[])), ["r-abcd"], "{name}");
    }
    assert_eq!(units(&asked(&[], &[], &[], &[])), ["r-abcd"], "nothing is everything");
}

#[test]
fn a_name_of_two_units_lists_their_paths() {
    let organization = ambiguous();
    let told = asked(&["Payments"], &[], &[], &[]).find(&organization).unwrap_err();
    assert_eq!(
        told,
        ["`Payments` is the name of 2 organizational units: Prod/Payments (ou-abcd-pay00000), Test/Payments \
          (ou-abcd-pay11111)"]
    );
    let by_path = asked(&["Test/Payments"], &[], &[], &[]).find(&organization).unwrap();
    assert_eq!(by_path.targets.units, ["ou-abcd-pay11111"]);
}

#[test]
fn a_unit_at_the_top_is_ambiguous_with_a_namesake_below() {
    let mut organization = sample();
    let id = "ou-abcd-test1111".to_owned();
    let unit = Unit { id: id.clone(), name: "Test".to_owned(), parent: "ou-abcd-prod0000".to_owned() };
    organization.units.insert(id, unit);
    let told = asked(&["Test"], &[], &[], &[]).find(&organization).unwrap_err();
    assert!(told[0].contains("Prod/Test (ou-abcd-test1111)"), "{told:?}");
    let from_the_root = asked(&["/Test"], &[], &[], &[]).find(&organization).unwrap();
    assert_eq!(from_the_root.targets.units, ["ou-abcd-test0000"]);
}

#[test]
fn a_slip_of_the_pen_and_an_account_are_told_as_such() {
    let told = |name: &str| asked(&[name], &[], &[], &[]).find(&sample()).unwrap_err().join("\n");
    assert!(told("Paymnets").contains("; did you mean `Payments`?"), "{}", told("Paymnets"));
    assert!(told("Prod/Paymens").contains("; did you mean `Prod/Payments`?"), "{}", told("Prod/Paymens"));
    assert!(!told("Nowhere").contains("did you mean"), "{}", told("Nowhere"));
    assert!(told("555555555555").contains("use --account 555555555555"), "{}", told("555555555555"));
}

#[test]
fn everything_unknown_is_told_at_once() {
    let told = asked(&["Nowhere"], &["999999999999", "111111111111"], &["888888888888", "111111111111"], &[])
        .find(&sample())
        .unwrap_err();
    assert_eq!(told.len(), 5, "{told:#?}");
    assert_eq!(told[0], "there is no organizational unit `Nowhere`; there are: Prod, Prod/Payments, Prod/Search, Test");
    assert!(told[1].contains("management account") && told[1].contains("stack of its own"), "{}", told[1]);
    assert!(told[4].contains("999999999999") || told[2].contains("999999999999"), "{told:#?}");
}

#[test]
fn what_is_covered_already_is_dropped_and_told() {
    let named = asked(&["Prod", "Payments", "Prod"], &["222222222222", "555555555555"], &["333333333333"], &[])
        .find(&sample())
        .unwrap();
    assert_eq!(named.targets.units, ["ou-abcd-prod0000"]);
    assert_eq!(named.targets.accounts, ["555555555555"]);
    assert_eq!(named.targets.excluded, ["333333333333"]);
    assert_eq!(
        named.notes,
        ["Prod/Payments is in Prod and covered through it", "account 222222222222 is in Prod and covered through it"]
    );
}

#[test]
fn leaving_out_whoever_is_no_target_makes_no_difference() {
    let named = asked(&["Test"], &[], &["222222222222"], &[]).find(&sample()).unwrap();
    assert_eq!(named.targets.excluded, Vec::<String>::new());
    assert_eq!(named.notes, ["account 222222222222 is left out anyway: it is in none of the targets"]);
}

#[test]
fn who_goes_first_has_to_be_covered() {
    let first = |canary: &[&str]| asked(&["Prod"], &[], &["333333333333"], canary).find(&sample());
    assert_eq!(first(&["222222222222"]).unwrap().canary, ["222222222222"]);
    assert_eq!(first(&["Prod"]).unwrap().canary, ["222222222222"], "without the excluded and the suspended");
    for (name, why) in [
        ("555555555555", "none of the targets"),
        ("333333333333", "left out"),
        ("444444444444", "SUSPENDED"),
        ("111111111111", "management account"),
        ("999999999999", "not in the organization"),
        ("Search", "no active account"),
    ] {
        let told = first(&[name]).unwrap_err();
        assert!(told[0].contains(why), "{name}: {told:?}");
    }
}

#[test]
fn asked_for_and_left_out_is_a_contradiction() {
    let told = asked(&[], &["222222222222"], &["222222222222"], &[]).find(&sample()).unwrap_err();
    assert!(told[0].contains("both"), "{told:?}");
}
