//! Conformance packs: rules that come and go together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rule::{self, Rule, cursor};
use super::{organization_pack, put_rule, tags};
use crate::sandbox::clock::Instant;
use crate::sandbox::cloudformation::{Scope, Template, parameters};
use crate::sandbox::page::{cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// Who made a rule that a pack has.
pub(super) const OWNER: &str = "config-conforms.amazonaws.com";
const MOST_PACKS: usize = 50;
const MOST_RULES: usize = 130;

/// A pack that exists.
#[derive(Debug, Clone)]
pub(crate) struct Pack {
    pub(crate) id: String,
    pub(crate) arn: String,
    /// Names of its rules, by their names in its template.
    rules: BTreeMap<String, String>,
    pub(crate) inputs: Vec<Value>,
    requested: Instant,
    status: &'static str,
    reason: Option<String>,
}

pub(super) fn put_operation(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    keep_off(call.required("ConformancePackName"))?;
    let Some(body) = call.text("TemplateBody") else {
        let message = "the sandbox takes conformance packs from TemplateBody only";
        return Err(Refusal::invalid_parameter(message));
    };
    let pack =
        put(state, &place, call.required("ConformancePackName"), body, call.list("ConformancePackInputParameters"))?;
    let (region, _) = state.here(call)?;
    tags::keep(&mut region.config, &pack.arn, call);
    Ok(json!({"ConformancePackArn": pack.arn}))
}

/// Packs of the organization are not for the account to change. The words are not published.
fn keep_off(name: &str) -> Result<(), Refusal> {
    if name.starts_with(organization_pack::PREFIX) {
        let message = "An AWS service owns this conformance pack. You do not have permissions to take action on it.";
        return Err(Refusal::new("AccessDeniedException", message));
    }
    Ok(())
}

/// Puts a pack, new or changed. Rules that cannot be put make it fail, not the call.
///
/// # Errors
/// `ConformancePackTemplateValidationException`, `MaxNumberOfConformancePacksExceededException`.
pub(crate) fn put(state: &mut State, place: &Place, name: &str, body: &str, inputs: &[Value]) -> Result<Pack, Refusal> {
    let definitions = definitions(place, name, body, inputs)?;
    let requested = state.ambient.clock.now();
    let packs = state.regions.get(place).map(|region| &region.config.packs);
    let known = packs.and_then(|packs| packs.get(name)).cloned();
    if known.is_none() && packs.is_some_and(|packs| packs.len() >= MOST_PACKS) {
        let message = format!("The maximum number of conformance packs ({MOST_PACKS}) is reached.");
        return Err(Refusal::new("MaxNumberOfConformancePacksExceededException", message));
    }
    let (id, before) = match known {
        Some(known) => (known.id, known.rules),
        None => (format!("conformance-pack-{}", state.ambient.random.lower(9)), BTreeMap::new()),
    };
    let arn = place.arn("config", &format!("conformance-pack/{name}/{id}"));
    let mut pack = Pack {
        rules: BTreeMap::new(),
        inputs: inputs.to_vec(),
        requested,
        status: "CREATE_COMPLETE",
        reason: None,
        id,
        arn,
    };
    for (own, mut definition) in definitions {
        let full = format!("{own}-{}", pack.id);
        if let Value::Object(members) = &mut definition {
            members.insert("ConfigRuleName".to_owned(), full.clone().into());
            members.insert("CreatedBy".to_owned(), OWNER.into());
        }
        match put_rule::put(state, place, definition) {
            Ok(()) => {
                pack.rules.insert(own, full);
            }
            Err(refusal) => {
                pack.status = "CREATE_FAILED";
                pack.reason = Some(refusal.message);
            }
        }
    }
    let State { regions, ambient, .. } = state;
    if let Some(region) = regions.get_mut(place) {
        for (_, gone) in before.iter().filter(|(own, _)| !pack.rules.contains_key(*own)) {
            rule::remove(region, ambient, gone);
        }
        region.config.packs.insert(name.to_owned(), pack.clone());
    }
    Ok(pack)
}

impl Pack {
    /// Why it failed, if it did.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// The rules of a pack's template, by their names in it.
pub(super) fn definitions(
    place: &Place,
    name: &str,
    body: &str,
    inputs: &[Value],
) -> Result<Vec<(String, Value)>, Refusal> {
    let invalid = |message: String| Refusal::new("ConformancePackTemplateValidationException", message);
    if body.len() > 51_200 {
        return Err(invalid("The template body is longer than 51200 characters".to_owned()));
    }
    let template = Template::parse(body).map_err(|refusal| invalid(refusal.message))?;
    let given: Vec<Value> = inputs
        .iter()
        .map(|input| json!({"ParameterKey": input.get("ParameterName"), "ParameterValue": input.get("ParameterValue")}))
        .collect();
    let values = parameters::effective(&template, &given, None).map_err(|refusal| invalid(refusal.message))?;
    let (exports, resources) = (BTreeMap::new(), BTreeMap::new());
    let scope = Scope {
        place,
        stack_name: name,
        stack_id: "",
        template: &template,
        parameters: &values,
        resources: Some(&resources),
        exports: &exports,
    };
    let mut rules = Vec::new();
    for (logical, resource) in template.resources() {
        if resource.get("Type").and_then(Value::as_str) != Some("AWS::Config::ConfigRule") {
            return Err(invalid(format!("the sandbox takes AWS::Config::ConfigRule only in packs: {logical}")));
        }
        let condition = resource.get("Condition").and_then(Value::as_str);
        if !condition.map_or(Ok(true), |condition| scope.condition(condition)).map_err(invalid)? {
            continue;
        }
        let properties = resource.get("Properties").map(|properties| scope.resolve(properties)).transpose();
        let mut properties = properties.map_err(invalid)?.flatten().unwrap_or_else(|| json!({}));
        textual(&mut properties);
        let own = properties.get("ConfigRuleName").and_then(Value::as_str).unwrap_or(logical).to_owned();
        rules.push((own, properties));
    }
    if rules.len() > MOST_RULES {
        return Err(invalid(format!("The template has more than {MOST_RULES} rules")));
    }
    Ok(rules)
}

/// Input parameters may be an object in a template; the API wants text.
pub(crate) fn textual(properties: &mut Value) {
    if let Some(parameters) = properties.get_mut("InputParameters")
        && parameters.is_object()
    {
        *parameters = parameters.to_string().into();
    }
}

fn missing(name: &str) -> Refusal {
    let message = format!("Cannot find the specified conformance pack {name}");
    Refusal::new("NoSuchConformancePackException", message)
}

pub(super) fn delete_operation(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    keep_off(call.required("ConformancePackName"))?;
    delete(state, &Place::new(call.account, call.region), call.required("ConformancePackName"))?;
    Ok(Value::Null)
}

/// Deletes a pack with its rules.
///
/// # Errors
/// `NoSuchConformancePackException`.
pub(crate) fn delete(state: &mut State, place: &Place, name: &str) -> Result<(), Refusal> {
    let State { regions, ambient, .. } = state;
    let region = regions.get_mut(place).ok_or_else(|| missing(name))?;
    let pack = region.config.packs.remove(name).ok_or_else(|| missing(name))?;
    for rule in pack.rules.values() {
        rule::remove(region, ambient, rule);
    }
    Ok(())
}

/// A page of one value for each pack that a request names, or for all.
fn listed(
    state: &mut State,
    call: &Call<'_>,
    member: &str,
    shown: impl Fn(&str, &Pack) -> Value,
) -> Result<Value, Refusal> {
    let names = call.texts("ConformancePackNames");
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let after = cursor.after.and_then(|after| after.first().cloned());
    let (region, _) = state.here(call)?;
    // The model of the status knows no such error: a pack that is not there is left out.
    let strict = member == "ConformancePackDetails";
    if let Some(unknown) = names.iter().find(|name| strict && !region.config.packs.contains_key(**name)) {
        return Err(missing(unknown));
    }
    let wanted = region.config.packs.iter().filter(|(name, _)| {
        (names.is_empty() || names.contains(&name.as_str())) && after.as_ref().is_none_or(|after| *name > after)
    });
    let entries = wanted.map(|(name, pack)| (vec![name.clone()], shown(name, pack)));
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(20);
    let page = cut(entries, size, cursor.page, fingerprint);
    let mut answer = json!({member: page.items});
    if let (Value::Object(members), Some(next)) = (&mut answer, page.next) {
        members.insert("NextToken".to_owned(), next.into());
    }
    Ok(answer)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    listed(state, call, "ConformancePackDetails", |name, pack| {
        let mut shown = json!({
            "ConformancePackName": name, "ConformancePackArn": pack.arn, "ConformancePackId": pack.id,
            "ConformancePackInputParameters": pack.inputs, "LastUpdateRequestedTime": pack.requested.epoch(),
        });
        if let (Value::Object(members), true) = (&mut shown, name.starts_with(organization_pack::PREFIX)) {
            members.insert("CreatedBy".to_owned(), organization_pack::PRINCIPAL.into());
        }
        shown
    })
}

pub(super) fn status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    listed(state, call, "ConformancePackStatusDetails", |name, pack| {
        let mut shown = json!({
            "ConformancePackName": name, "ConformancePackArn": pack.arn, "ConformancePackId": pack.id,
            "ConformancePackState": pack.status,
            "StackArn": place.arn("cloudformation", &format!("stack/awsconfigconforms-{name}-{}", pack.id)),
            "LastUpdateRequestedTime": pack.requested.epoch(), "LastUpdateCompletedTime": pack.requested.epoch(),
        });
        if let (Value::Object(members), Some(reason)) = (&mut shown, &pack.reason) {
            members.insert("ConformancePackStatusReason".to_owned(), reason.as_str().into());
        }
        shown
    })
}

pub(super) fn compliance(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = call.required("ConformancePackName");
    let wanted = call.input.pointer("/Filters/ComplianceType").and_then(Value::as_str);
    let names: Vec<&str> = call
        .input
        .pointer("/Filters/ConfigRuleNames")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let after = cursor.after.and_then(|after| after.first().cloned());
    let (region, _) = state.here(call)?;
    let pack = region.config.packs.get(name).ok_or_else(|| missing(name))?;
    if let Some(unknown) = names.iter().find(|name| !pack.rules.values().any(|rule| rule == *name)) {
        let message = format!("The rule {unknown} is not in the conformance pack");
        return Err(Refusal::new("NoSuchConfigRuleInConformancePackException", message));
    }
    let judged = pack.rules.values().filter_map(|rule| Some((rule, judged(region.config.rules.get(rule)?))));
    let entries = judged
        .filter(|(rule, _)| after.as_ref().is_none_or(|after| *rule > after))
        .filter(|(rule, _)| names.is_empty() || names.contains(&rule.as_str()))
        .filter(|(_, compliance)| wanted.is_none_or(|wanted| wanted == *compliance))
        .map(|(rule, compliance)| {
            (vec![rule.clone()], json!({"ConfigRuleName": rule, "ComplianceType": compliance, "Controls": []}))
        });
    let page = cut(entries, call.count("Limit").filter(|limit| *limit > 0).unwrap_or(1000), cursor.page, fingerprint);
    let mut answer = json!({"ConformancePackName": name, "ConformancePackRuleComplianceList": page.items});
    if let (Value::Object(members), Some(next)) = (&mut answer, page.next) {
        members.insert("NextToken".to_owned(), next.into());
    }
    Ok(answer)
}

fn judged(rule: &Rule) -> &'static str {
    let has = |wanted: &str| rule.results.values().any(|result| result.compliance_type == wanted);
    if has("NON_COMPLIANT") {
        "NON_COMPLIANT"
    } else if has("COMPLIANT") {
        "COMPLIANT"
    } else {
        "INSUFFICIENT_DATA"
    }
}
