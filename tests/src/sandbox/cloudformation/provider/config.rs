//! `AWS::Config::ConfigRule` and `AWS::Config::ConformancePack`.

use serde_json::{Map, Value};

use super::{Failure, Made, Outcome, Site, generated, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::config::{self, RULE_MEMBERS};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

pub(super) fn passed_on(state: &mut State, refusal: &Refusal) -> Failure {
    let code = match refusal.code.as_str() {
        "InsufficientPermissionsException" => "AccessDenied",
        "MaxNumberOfConfigRulesExceededException" | "MaxNumberOfConformancePacksExceededException" => {
            "ServiceLimitExceeded"
        }
        "NoSuchConfigRuleException" | "NoSuchConformancePackException" => "NotFound",
        _ => "InvalidRequest",
    };
    Failure::service("Config", code, refusal, state)
}

pub(super) fn create_rule(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "ConfigRuleName").unwrap_or_else(|| generated(state, site, 128));
    if state.regions.get(site.place).is_some_and(|region| region.config.rules.contains_key(&name)) {
        return Err(Failure::exists("AWS::Config::ConfigRule", "ConfigRuleName", &name));
    }
    put_rule(state, site, &name, properties)
}

pub(super) fn update_rule(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    put_rule(state, site, &old.physical, properties)
}

fn put_rule(state: &mut State, site: &Site<'_>, name: &str, properties: &Value) -> Outcome {
    let mut definition = properties.clone();
    config::textual(&mut definition);
    if let Value::Object(members) = &mut definition {
        members.retain(|member, _| RULE_MEMBERS.contains(&member.as_str()));
        members.insert("ConfigRuleName".to_owned(), name.into());
    }
    config::put_rule(state, site.place, definition).map_err(|refusal| passed_on(state, &refusal))?;
    Ok(find_rule(state, site.place, name).unwrap_or_else(|| Made::new(name, [])))
}

pub(super) fn find_rule(state: &State, place: &Place, name: &str) -> Option<Made> {
    let rule = state.regions.get(place)?.config.rules.get(name)?;
    let mut made = Made::new(name, [("Arn", rule.arn.clone()), ("ConfigRuleId", rule.id.clone())]);
    made.attributes.insert("Compliance.Type".to_owned(), "INSUFFICIENT_DATA".into());
    Some(made)
}

pub(super) fn read_rule(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let mut shown = state.regions.get(place)?.config.rules.get(&resource.physical)?.definition.clone();
    // The API has text where templates may have an object.
    let parsed = shown.get("InputParameters").and_then(|text| serde_json::from_str::<Value>(text.as_str()?).ok());
    if let (Value::Object(members), Some(parsed)) = (&mut shown, parsed)
        && resource.properties.get("InputParameters").is_some_and(Value::is_object)
    {
        members.insert("InputParameters".to_owned(), parsed);
    }
    Some(shown)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete_rule(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    let State { regions, ambient, .. } = state;
    if let Some(region) = regions.get_mut(site.place) {
        config::remove_rule(region, ambient, &resource.physical);
    }
    Ok(())
}

pub(super) fn create_pack(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "ConformancePackName").unwrap_or_default();
    if state.regions.get(site.place).is_some_and(|region| region.config.packs.contains_key(&name)) {
        return Err(Failure::exists("AWS::Config::ConformancePack", "ConformancePackName", &name));
    }
    put_pack(state, site, &name, properties)
}

pub(super) fn update_pack(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    put_pack(state, site, &old.physical, properties)
}

fn put_pack(state: &mut State, site: &Site<'_>, name: &str, properties: &Value) -> Outcome {
    let body = string(properties, "TemplateBody").unwrap_or_default();
    let inputs = properties.get("ConformancePackInputParameters").and_then(Value::as_array);
    let text = |input: &Value| -> Value {
        let members = input.as_object().into_iter().flatten();
        Value::Object(members.map(|(name, _)| (name.clone(), string(input, name).into())).collect::<Map<_, _>>())
    };
    let inputs: Vec<Value> = inputs.into_iter().flatten().map(text).collect();
    let put = config::put_pack(state, site.place, name, &body, &inputs);
    let pack = put.map_err(|refusal| passed_on(state, &refusal))?;
    if let Some(reason) = pack.failure() {
        let message = format!(
            "Resource of type 'AWS::Config::ConformancePack' with identifier '{name}' did not stabilize: {reason}"
        );
        let failure = Failure::new("NotStabilized", message);
        // A pack that failed leaves nothing: it is not a resource of the stack.
        let _ = config::delete_pack(state, site.place, name);
        return Err(failure);
    }
    Ok(Made::new(name, [("ConformancePackArn", pack.arn)]))
}

pub(super) fn find_pack(state: &State, place: &Place, name: &str) -> Option<Made> {
    let pack = state.regions.get(place)?.config.packs.get(name)?;
    Some(Made::new(name, [("ConformancePackArn", pack.arn.clone())]))
}

/// The template is not told by the API.
pub(super) fn read_pack(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let pack = state.regions.get(place)?.config.packs.get(&resource.physical)?;
    let mut shown = resource.properties.clone();
    if let (Value::Object(members), false) = (&mut shown, pack.inputs.is_empty()) {
        members.insert("ConformancePackInputParameters".to_owned(), pack.inputs.clone().into());
    }
    Some(shown)
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete_pack(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    // One that is gone already is deleted.
    let _ = config::delete_pack(state, site.place, &resource.physical);
    Ok(())
}
