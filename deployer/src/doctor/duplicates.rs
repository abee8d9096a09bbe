//! Rules of AWS's own that judge the same as a check that is on. Those of our own pack are there because both were
//! wanted.

use super::notes::Notes;
use super::{Case, Finding, topic};
use crate::observe::{RegionState, RuleState};

pub(super) fn findings(case: &Case<'_>, region: &RegionState) -> Vec<Finding> {
    let mut notes = Notes::of(&region.region);
    let Ok(rules) = &region.rules else { return Vec::new() };
    let mut is_alone = true;
    for check in case.settings.checks() {
        let Some(identifier) = check.managed_rule.map(identifier) else { continue };
        for rule in rules.iter().filter(|rule| is_other(rule) && rule.source == identifier) {
            is_alone = false;
            let (owner, fix) = advice(rule, check.id);
            notes.warning(
                topic::DUPLICATES,
                format!(
                    "{owner} {} judges the same as our {}: AWS Config bills each evaluation of both (list price \
                     0.001 USD)",
                    // Security Hub appends letters of its own, which differ from Region to Region.
                    if rule.created_by.is_some() { check.managed_rule.unwrap_or_default() } else { &rule.name },
                    check.id
                ),
                fix,
            );
        }
    }
    if is_alone {
        notes.good(topic::DUPLICATES, "no managed rule judges the same");
    }
    notes.done()
}

fn is_other(rule: &RuleState) -> bool {
    rule.owner == "AWS" && !rule.is_of_our_pack
}

/// A managed rule's identifier is its name in capitals.
fn identifier(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

fn advice(rule: &RuleState, check: &str) -> (&'static str, String) {
    match rule.created_by.as_deref() {
        None => ("the managed rule", format!("delete one of the two, or leave {check} out of --check")),
        Some(service) if service.starts_with("securityhub") => (
            "Security Hub's rule",
            format!("leave {check} out of --check, or disable the control, if one of the two is enough"),
        ),
        Some(_) => ("another service's rule", format!("leave {check} out of --check if one of the two is enough")),
    }
}
