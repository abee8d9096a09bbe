//! Compliance rolled up: by rule, and by resource.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rule::{cursor, paged};
use crate::sandbox::page::{cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

/// What a set of results comes to, and what it comes from.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    compliant: usize,
    non_compliant: usize,
}

impl Tally {
    fn add(&mut self, compliance_type: &str) {
        match compliance_type {
            "COMPLIANT" => self.compliant += 1,
            "NON_COMPLIANT" => self.non_compliant += 1,
            _ => {}
        }
    }

    /// One that does not comply is enough; nothing but `NOT_APPLICABLE` is no data.
    fn compliance_type(self) -> &'static str {
        match (self.non_compliant, self.compliant) {
            (1.., _) => "NON_COMPLIANT",
            (0, 1..) => "COMPLIANT",
            (0, 0) => "INSUFFICIENT_DATA",
        }
    }

    /// The roll-up, with the number of contributors up to a cap.
    fn shown(self, cap: usize) -> Value {
        let compliance_type = self.compliance_type();
        if compliance_type != "NON_COMPLIANT" {
            return json!({"ComplianceType": compliance_type});
        }
        let count = json!({"CappedCount": self.non_compliant.min(cap), "CapExceeded": self.non_compliant > cap});
        json!({"ComplianceType": compliance_type, "ComplianceContributorCount": count})
    }
}

/// The resources that a rule's count goes up to.
const RESOURCE_CAP: usize = 100;
/// The rules that a resource's count goes up to.
const RULE_CAP: usize = 25;

pub(super) fn by_rule(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let types = call.texts("ComplianceTypes");
    refuse_not_applicable(&types)?;
    paged(state, call, "ComplianceByConfigRules", |rule| {
        let mut tally = Tally::default();
        rule.results.values().for_each(|stored| tally.add(&stored.compliance_type));
        let wanted = types.is_empty() || types.contains(&tally.compliance_type());
        wanted.then(|| json!({"ConfigRuleName": rule.name, "Compliance": tally.shown(RESOURCE_CAP)}))
    })
}

/// How many rules comply and how many do not, each counted up to the cap.
pub(super) fn summary(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let mut rules = Tally::default();
    for rule in region.config.rules.values() {
        let mut tally = Tally::default();
        rule.results.values().for_each(|stored| tally.add(&stored.compliance_type));
        rules.add(tally.compliance_type());
    }
    let count = |count: usize| json!({"CappedCount": count.min(RULE_CAP), "CapExceeded": count > RULE_CAP});
    Ok(json!({"ComplianceSummary": {
        "CompliantResourceCount": count(rules.compliant), "NonCompliantResourceCount": count(rules.non_compliant),
        "ComplianceSummaryTimestamp": ambient.clock.now().epoch(),
    }}))
}

pub(super) fn by_resource(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let types = call.texts("ComplianceTypes");
    refuse_not_applicable(&types)?;
    let (kind, id) = (call.text("ResourceType"), call.text("ResourceId"));
    if id.is_some() && kind.is_none() {
        return Err(Refusal::invalid_parameter("ResourceType must be specified if ResourceId is"));
    }
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let after = cursor.after.and_then(|after| Some((after.first()?.clone(), after.get(1)?.clone())));
    let mut tallies: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for stored in region.config.rules.values().flat_map(|rule| rule.results.values()) {
        let (stored_type, stored_id) = (stored.resource_type.as_str(), stored.resource_id.as_str());
        if kind.is_none_or(|kind| kind == stored_type) && id.is_none_or(|id| id == stored_id) {
            tallies.entry((stored_type, stored_id)).or_default().add(&stored.compliance_type);
        }
    }
    let beyond = |key: &(&str, &str)| after.as_ref().is_none_or(|(kind, id)| *key > (kind.as_str(), id.as_str()));
    let wanted = tallies
        .into_iter()
        .filter(|(key, tally)| beyond(key) && (types.is_empty() || types.contains(&tally.compliance_type())));
    let entries = wanted.map(|((kind, id), tally)| {
        (
            vec![kind.to_owned(), id.to_owned()],
            json!({"ResourceType": kind, "ResourceId": id, "Compliance": tally.shown(RULE_CAP)}),
        )
    });
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(10);
    let page = cut(entries, size, cursor.page, fingerprint);
    Ok(match page.next {
        Some(token) => json!({"ComplianceByResources": page.items, "NextToken": token}),
        None => json!({"ComplianceByResources": page.items}),
    })
}

/// A roll-up never is `NOT_APPLICABLE`, and AWS says so to who asks for it.
fn refuse_not_applicable(types: &[&str]) -> Result<(), Refusal> {
    if types.contains(&"NOT_APPLICABLE") {
        return Err(Refusal::invalid_parameter(
            "NOT_APPLICABLE is not supported for the ComplianceTypes of a compliance summary",
        ));
    }
    Ok(())
}
