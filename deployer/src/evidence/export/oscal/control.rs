//! NIST's controls: their ids in OSCAL, and what our results say about each.

use std::collections::BTreeMap;

use rule::check::{ALL, Check};

use crate::evidence::rows::{Counts, Totals};

/// How Security Hub names requirements of NIST SP 800-53 revision 5.
const NIST: &str = "NIST.800-53.r5 ";

/// The id of a control in NIST's catalogue: `ac-3.7` of `NIST.800-53.r5 AC-3(7)`. None for other standards.
fn control_id(requirement: &str) -> Option<String> {
    let name = requirement.strip_prefix(NIST)?.to_ascii_lowercase();
    Some(name.replace('(', ".").replace(')', ""))
}

/// The controls that some check is evidence for, with these checks.
pub(super) fn controls() -> BTreeMap<String, Vec<&'static Check>> {
    let mut controls: BTreeMap<String, Vec<&'static Check>> = BTreeMap::new();
    for check in ALL {
        for id in check.requirements.iter().filter_map(|requirement| control_id(requirement)) {
            controls.entry(id).or_default().push(check);
        }
    }
    controls
}

/// Whether a control is satisfied, as far as these checks tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) state: &'static str,
    pub(super) reason: &'static str,
    pub(super) remarks: String,
}

/// What a check did not judge of what was listed.
fn lacking(check: &Check, totals: &Totals) -> Option<String> {
    let counts = totals.check_resources.get(check.id).copied().unwrap_or_default();
    match (counts.listed_not_evaluated, totals.checks.contains_key(check.id)) {
        (0, true) => None,
        (0, false) => Some(format!("{} has no result", check.id)),
        (count, _) => Some(format!("{count} resources have no result of {}", check.id)),
    }
}

/// The states of all controls with the reasons, by the id of what is judged.
pub(in crate::evidence) fn states(totals: &Totals) -> BTreeMap<String, (&'static str, &'static str)> {
    let state = |(id, checks): (String, Vec<&'static Check>)| {
        let judged = judge(&checks, totals);
        (target_id(&id), (judged.state, judged.reason))
    };
    controls().into_iter().map(state).collect()
}

/// The id of what is judged of a control: its statement.
pub(super) fn target_id(control: &str) -> String {
    format!("{control}_smt")
}

/// Judges a control: nothing is satisfied where something was not read, or has no result.
pub(super) fn judge(checks: &[&Check], totals: &Totals) -> Judgement {
    let sum =
        |of: fn(&Counts) -> u64| -> u64 { checks.iter().filter_map(|check| totals.checks.get(check.id)).map(of).sum() };
    let (violations, results) = (sum(Counts::violations), sum(|counts| counts.compliant));
    let (undecided, exempt) = (sum(|counts| counts.insufficient_data), sum(|counts| counts.exempt));
    let silent = totals.places.unread + totals.places.incomplete;
    let borne = if exempt > 0 { format!("; {exempt} violations are borne by exemptions") } else { String::new() };
    let lapsed = sum(|counts| counts.lapsed);
    let ended =
        if lapsed > 0 { format!(", {lapsed} of them by exemptions that have expired since") } else { String::new() };
    let counted = format!("{violations} results are violations{ended}, and {results} are COMPLIANT{borne}");
    let open =
        |why: String| Judgement { state: "not-satisfied", reason: "other", remarks: format!("{counted}; {why}") };
    if violations > 0 {
        return Judgement { state: "not-satisfied", reason: "fail", remarks: counted };
    }
    if silent > 0 {
        return open(format!("{silent} accounts x Regions were not read, or not to the end"));
    }
    if undecided > 0 {
        return open("some resources have no result".to_owned());
    }
    if results + exempt == 0 {
        return open("there is nothing to judge".to_owned());
    }
    let lacking: Vec<String> = checks.iter().filter_map(|check| lacking(check, totals)).collect();
    if !lacking.is_empty() {
        return open(lacking.join("; "));
    }
    Judgement { state: "satisfied", reason: "pass", remarks: counted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rule::check::{IMDS_V2, ROOT_ACCESS};

    #[test]
    fn ids_are_those_of_the_catalogue() {
        assert_eq!(control_id("NIST.800-53.r5 AC-4(21)").as_deref(), Some("ac-4.21"));
        assert_eq!(control_id("NIST.800-53.r5 SC-7").as_deref(), Some("sc-7"));
        assert_eq!(control_id("PCI DSS v4.0.1/1.4.4"), None);
    }

    #[test]
    fn what_was_not_read_is_never_satisfied() {
        let mut totals = Totals::default();
        assert_eq!(judge(&[&ROOT_ACCESS], &totals).reason, "other", "nothing to judge");
        totals.checks.entry("root-access".to_owned()).or_default().compliant = 1;
        totals.check_resources.entry("root-access".to_owned()).or_default().compliant = 1;
        assert_eq!(judge(&[&ROOT_ACCESS], &totals).state, "satisfied");
        totals.places.unread = 1;
        assert_eq!(judge(&[&ROOT_ACCESS], &totals).state, "not-satisfied");
        totals.checks.entry("root-access".to_owned()).or_default().non_compliant = 1;
        assert_eq!(judge(&[&ROOT_ACCESS], &totals).reason, "fail");
    }

    #[test]
    fn what_an_exemption_bore_that_has_expired_is_a_violation() {
        let mut totals = Totals::default();
        let counts = totals.checks.entry("root-access".to_owned()).or_default();
        (counts.compliant, counts.not_applicable, counts.lapsed) = (1, 1, 1);
        let judged = judge(&[&ROOT_ACCESS], &totals);
        assert_eq!((judged.state, judged.reason), ("not-satisfied", "fail"));
        assert!(judged.remarks.contains("1 of them by exemptions that have expired"), "{}", judged.remarks);
    }

    #[test]
    fn every_check_of_a_control_has_to_have_judged_all_that_was_listed() {
        let mut totals = Totals::default();
        totals.checks.entry("root-access".to_owned()).or_default().compliant = 2;
        totals.check_resources.entry("root-access".to_owned()).or_default().compliant = 2;
        let both = |totals: &Totals| judge(&[&ROOT_ACCESS, &IMDS_V2], totals);
        let judged = both(&totals);
        assert_eq!((judged.state, judged.reason), ("not-satisfied", "other"));
        assert!(judged.remarks.ends_with("; imds-v2 has no result"), "{}", judged.remarks);
        totals.checks.entry("imds-v2".to_owned()).or_default().compliant = 1;
        let counts = totals.check_resources.entry("imds-v2".to_owned()).or_default();
        (counts.compliant, counts.listed_not_evaluated) = (1, 1);
        let judged = both(&totals);
        assert_eq!(judged.state, "not-satisfied");
        assert!(judged.remarks.ends_with("; 1 resources have no result of imds-v2"), "{}", judged.remarks);
        totals.check_resources.entry("imds-v2".to_owned()).or_default().listed_not_evaluated = 0;
        assert_eq!(both(&totals).state, "satisfied");
    }
}
