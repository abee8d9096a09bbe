//! Results, by rule and in detail. Both know compliant and non-compliant ones only.

use serde_json::{Value, json};

use super::super::StoredEvaluation;
use super::super::results::shown_without_mode;
use super::{Listing, Results, failure, is_source, named, rules, size, sources};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

const LARGEST_RULES_PAGE: usize = 1000;
const DETAILS_PAGE: usize = 50;
/// The resources that a rule's count goes up to.
const CAP: usize = 100;

/// What an aggregator can be asked for, of all types of compliance.
fn wanted(kind: Option<&Value>) -> Result<Option<&str>, Refusal> {
    let kind = kind.and_then(Value::as_str);
    match kind {
        None | Some("COMPLIANT" | "NON_COMPLIANT") => Ok(kind),
        Some(other) => Err(Refusal::validation(format!(
            "The compliance type {other} is not supported. Only COMPLIANT and NON_COMPLIANT are."
        ))),
    }
}

/// What a rule's results come to, and how many resources it comes from.
fn tally(results: &Results) -> Option<(&'static str, usize)> {
    let count = |word: &str| results.values().filter(|stored| stored.compliance_type == word).count();
    match (count("NON_COMPLIANT"), count("COMPLIANT")) {
        (0, 0) => None,
        (0, compliant) => Some(("COMPLIANT", compliant)),
        (non_compliant, _) => Some(("NON_COMPLIANT", non_compliant)),
    }
}

pub(in crate::sandbox::config) fn by_rule(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let aggregator = named(state, call)?.clone();
    let listing = Listing::of(call)?;
    let filter = |member: &str| call.input.pointer(&format!("/Filters/{member}")).and_then(Value::as_str);
    let word = wanted(call.input.pointer("/Filters/ComplianceType"))?;
    let (account, region, rule) = (filter("AccountId"), filter("AwsRegion"), filter("ConfigRuleName"));
    let sources = sources(state, &aggregator);
    let chosen = sources.iter().filter(|source| {
        account.is_none_or(|wanted| wanted == source.account)
            && region.is_none_or(|wanted| wanted == source.region)
            && !listing.is_past(source)
            && failure(state, call.account, &aggregator, source).is_none()
    });
    let every = chosen.flat_map(|source| rules(state, source).into_iter().map(move |(name, of)| (source, name, of)));
    let entries = every.filter(|(source, name, _)| {
        rule.is_none_or(|wanted| wanted == *name) && listing.is_after(&[&source.account, &source.region, name])
    });
    let entries = entries.filter_map(|(source, name, results)| {
        let (found, count) = tally(results)?;
        let shown = json!({
            "ConfigRuleName": name, "AccountId": source.account, "AwsRegion": source.region,
            "Compliance": {"ComplianceType": found, "ComplianceContributorCount":
                {"CappedCount": count.min(CAP), "CapExceeded": count > CAP}},
        });
        let key = vec![source.account.clone(), source.region.clone(), name.to_owned()];
        word.is_none_or(|word| word == found).then_some((key, shown))
    });
    let sized = (size(call, LARGEST_RULES_PAGE), state.ambient.settings.hollow_aggregate_pages);
    Ok(Value::Object(listing.page("AggregateComplianceByConfigRules", entries, sized)))
}

pub(in crate::sandbox::config) fn details(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let aggregator = named(state, call)?.clone();
    let listing = Listing::of(call)?;
    let word = wanted(call.input.get("ComplianceType"))?;
    let source = Place::new(call.required("AccountId"), call.required("AwsRegion"));
    let name = call.required("ConfigRuleName");
    // One place of thousands: the others are not gone through.
    let gives = is_source(state, &aggregator, &source) && failure(state, call.account, &aggregator, &source).is_none();
    let rules = if gives { rules(state, &source) } else { Vec::new() };
    let results = rules.into_iter().filter(|(found, _)| *found == name).flat_map(|(_, results)| results.values());
    let seen = |stored: &&StoredEvaluation| match word {
        Some(word) => stored.compliance_type == word,
        None => ["COMPLIANT", "NON_COMPLIANT"].contains(&stored.compliance_type.as_str()),
    };
    let seen = results.filter(seen).filter(|stored| listing.is_after(&[&stored.resource_type, &stored.resource_id]));
    let entries = seen.map(|stored| {
        let mut shown = shown_without_mode(name, stored);
        if let Value::Object(members) = &mut shown {
            members.insert("AccountId".to_owned(), source.account.as_str().into());
            members.insert("AwsRegion".to_owned(), source.region.as_str().into());
        }
        (vec![stored.resource_type.clone(), stored.resource_id.clone()], shown)
    });
    let sized = (size(call, DETAILS_PAGE), state.ambient.settings.hollow_aggregate_pages);
    Ok(Value::Object(listing.page("AggregateEvaluationResults", entries, sized)))
}
