//! The results of rules, one by one: by rule, by resource, and deleting them.

use std::ops::Bound;

use serde_json::{Map, Value, json};

use super::rule::{Rule, cursor, no_such_rule};
use super::{StoredEvaluation, compliance_item};
use crate::sandbox::page::{Page, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Settings, State};

const DEFAULT_PAGE: usize = 10;
const LONGEST_NAME: usize = 64;
/// What the result tokens in answers begin with; nothing can be put with them.
const TOKEN: &str = "result-token-of-";

pub(super) fn by_rule(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let name = call.required("ConfigRuleName");
    refuse_long(name, &ambient.settings)?;
    let rule = region.config.rules.get(name).ok_or_else(|| no_such_rule(name))?;
    let types = wanted_types(call)?;
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let after = cursor.after.and_then(|after| Some((after.first()?.clone(), after.get(1)?.clone())));
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = rule.results.range((start, Bound::Unbounded)).filter(|(_, stored)| selected(stored, &types));
    let entries = rest.map(|((kind, id), stored)| (vec![kind.clone(), id.clone()], shown(rule, stored)));
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_PAGE);
    let page = cut(entries, size, cursor.page, fingerprint);
    Ok(answer(page))
}

pub(super) fn by_resource(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let (Some(kind), Some(id)) = (call.text("ResourceType"), call.text("ResourceId")) else {
        return Err(Refusal::invalid_parameter("ResourceType and ResourceId must be specified"));
    };
    let types = wanted_types(call)?;
    let fingerprint = fingerprint(call, &["NextToken"]);
    // The operation's model has one error only.
    let cursor =
        cursor(call, "NextToken", fingerprint).map_err(|refusal| Refusal::invalid_parameter(refusal.message))?;
    let after = cursor.after.and_then(|after| after.into_iter().next());
    let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let key = (kind.to_owned(), id.to_owned());
    let rest = region.config.rules.range::<str, _>((start, Bound::Unbounded));
    let results = rest.filter_map(|(name, rule)| Some((name, rule, rule.results.get(&key)?)));
    let entries = results
        .filter(|(_, _, stored)| selected(stored, &types))
        .map(|(name, rule, stored)| (vec![name.clone()], shown(rule, stored)));
    let page = cut(entries, DEFAULT_PAGE, cursor.page, fingerprint);
    Ok(answer(page))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let name = call.required("ConfigRuleName");
    refuse_long(name, &ambient.settings)?;
    let rule = region.config.rules.get_mut(name).ok_or_else(|| no_such_rule(name))?;
    let gone = std::mem::take(&mut rule.results);
    compliance_item::note(region, ambient, gone.into_keys());
    Ok(json!({}))
}

/// The model limits this member to 64 characters although rule names may have 128.
fn refuse_long(name: &str, settings: &Settings) -> Result<(), Refusal> {
    if !settings.short_rule_names || name.encode_utf16().count() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "1 validation error detected: Value '{name}' at 'configRuleName' failed to satisfy constraint: Member must \
         have length less than or equal to {LONGEST_NAME}"
    )))
}

fn wanted_types<'a>(call: &Call<'a>) -> Result<Vec<&'a str>, Refusal> {
    let types = call.texts("ComplianceTypes");
    if types.contains(&"INSUFFICIENT_DATA") {
        return Err(Refusal::invalid_parameter(
            "INSUFFICIENT_DATA is not supported for the ComplianceTypes of evaluation results",
        ));
    }
    Ok(types)
}

fn selected(stored: &StoredEvaluation, types: &[&str]) -> bool {
    types.is_empty() || types.contains(&stored.compliance_type.as_str())
}

fn shown(rule: &Rule, stored: &StoredEvaluation) -> Value {
    let mut shown = shown_without_mode(&rule.name, stored);
    if let Some(Value::Object(members)) = shown.pointer_mut("/EvaluationResultIdentifier/EvaluationResultQualifier") {
        members.insert("EvaluationMode".to_owned(), "DETECTIVE".into());
    }
    if let Value::Object(members) = &mut shown {
        members.insert("ResultToken".to_owned(), format!("{TOKEN}{}", rule.id).into());
    }
    shown
}

/// A result as aggregators show it, but for where it is from.
pub(super) fn shown_without_mode(rule: &str, stored: &StoredEvaluation) -> Value {
    let mut shown = json!({
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule,
                "ResourceType": stored.resource_type,
                "ResourceId": stored.resource_id,
            },
            "OrderingTimestamp": stored.ordering_timestamp.epoch(),
        },
        "ComplianceType": stored.compliance_type,
        "ResultRecordedTime": stored.recorded.epoch(),
        "ConfigRuleInvokedTime": stored.invoked.epoch(),
    });
    if let (Value::Object(members), Some(annotation)) = (&mut shown, &stored.annotation) {
        members.insert("Annotation".to_owned(), Value::from(annotation.as_str()));
    }
    shown
}

fn answer(page: Page<Value>) -> Value {
    let (results, next) = (page.items, page.next);
    let mut answer = Map::from_iter([("EvaluationResults".to_owned(), Value::Array(results))]);
    answer.extend(next.map(|token| ("NextToken".to_owned(), Value::from(token))));
    Value::Object(answer)
}
