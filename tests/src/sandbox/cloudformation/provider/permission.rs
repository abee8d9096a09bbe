//! `AWS::Lambda::Permission` and `AWS::Lambda::EventInvokeConfig`.

use serde_json::{Map, Value, json};

use super::{Failure, Made, Outcome, Site, number, string};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::lambda::{Record, name_of};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

/// The function that a property names.
fn function<'a>(state: &'a mut State, site: &Site<'_>, given: &str) -> Result<&'a mut Record, Failure> {
    let name = name_of(given).to_owned();
    let found = state.regions.get(site.place).is_some_and(|region| region.lambda.contains_key(&name));
    if !found {
        let arn = site.place.arn("lambda", &format!("function:{name}"));
        let refusal = Refusal::new("ResourceNotFoundException", format!("Function not found: {arn}")).with_status(404);
        return Err(Failure::service("Lambda", "NotFound", &refusal, state));
    }
    let region = state.regions.get_mut(site.place);
    region.and_then(|region| region.lambda.get_mut(&name)).ok_or_else(|| Failure::new("NotFound", "Function not found"))
}

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let sid = format!("{}-{}-{}", site.stack, site.logical, state.ambient.random.secret(12));
    let given = string(properties, "FunctionName").unwrap_or_default();
    let record = function(state, site, &given)?;
    let principal = string(properties, "Principal").unwrap_or_default();
    let account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let principal = match principal {
        account_id if account => json!({"AWS": format!("arn:{}:iam::{account_id}:root", site.place.partition())}),
        arn if arn.starts_with("arn:") => json!({"AWS": arn}),
        star if star == "*" => json!("*"),
        service => json!({"Service": service}),
    };
    let mut statement = json!({
        "Sid": sid, "Effect": "Allow", "Principal": principal, "Action": string(properties, "Action"),
        "Resource": record.configuration.get("FunctionArn"),
    });
    let mut condition = Map::new();
    if let Some(account) = string(properties, "SourceAccount") {
        condition.insert("StringEquals".to_owned(), json!({"AWS:SourceAccount": account}));
    }
    if let Some(arn) = string(properties, "SourceArn") {
        condition.insert("ArnLike".to_owned(), json!({"AWS:SourceArn": arn}));
    }
    if let Value::Object(members) = &mut statement
        && !condition.is_empty()
    {
        members.insert("Condition".to_owned(), Value::Object(condition));
    }
    record.statements.push(statement);
    Ok(Made::new(&sid, [("Id", sid.clone())]))
}

/// A permission is either there as it was made, or not there.
pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let given = string(&resource.properties, "FunctionName").unwrap_or_default();
    let statements = &state.regions.get(place)?.lambda.get(name_of(&given))?.statements;
    let is = |statement: &Value| statement.get("Sid").and_then(Value::as_str) == Some(&resource.physical);
    statements.iter().any(is).then(|| resource.properties.clone())
}

pub(super) fn read_invoke(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let given = string(&resource.properties, "FunctionName").unwrap_or_default();
    let invoke = state.regions.get(place)?.lambda.get(name_of(&given))?.invoke.as_ref()?;
    let mut shown = invoke.as_object().cloned().unwrap_or_default();
    shown.remove("LastModified");
    for name in ["FunctionName", "Qualifier"] {
        shown.insert(name.to_owned(), resource.properties.get(name).cloned().unwrap_or_default());
    }
    Some(Value::Object(shown))
}

/// Every property makes a new permission.
pub(super) fn update(_: &mut State, _: &Site<'_>, old: &Resource, _: &Value) -> Outcome {
    Err(Failure::new("NotUpdatable", format!("{} cannot be updated", old.kind)))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    let given = string(&resource.properties, "FunctionName").unwrap_or_default();
    // The policy of a function goes with it.
    if let Ok(record) = function(state, site, &given) {
        let is = |statement: &Value| statement.get("Sid").and_then(Value::as_str) == Some(&resource.physical);
        record.statements.retain(|statement| !is(statement));
    }
    Ok(())
}

pub(super) fn create_invoke(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let given = string(properties, "FunctionName").unwrap_or_default();
    let qualifier = string(properties, "Qualifier").unwrap_or_default();
    if qualifier != "$LATEST" {
        return Err(Failure::new("InvalidRequest", "the sandbox has no versions and aliases of functions"));
    }
    if function(state, site, &given)?.invoke.is_some() {
        return Err(Failure::exists("AWS::Lambda::EventInvokeConfig", "FunctionName", &given));
    }
    put_invoke(state, site, &given, properties)
}

pub(super) fn update_invoke(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    let given = string(&old.properties, "FunctionName").unwrap_or_default();
    put_invoke(state, site, &given, properties)
}

fn put_invoke(state: &mut State, site: &Site<'_>, given: &str, properties: &Value) -> Outcome {
    let modified = state.ambient.clock.now().epoch();
    let record = function(state, site, given)?;
    let mut config = Map::from_iter([("LastModified".to_owned(), modified)]);
    for name in ["MaximumRetryAttempts", "MaximumEventAgeInSeconds"] {
        config.extend(number(properties, name).map(|value| (name.to_owned(), value.into())));
    }
    record.invoke = Some(Value::Object(config));
    Ok(Made::new(&format!("{}|$LATEST", name_of(given)), []))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete_invoke(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    let given = string(&resource.properties, "FunctionName").unwrap_or_default();
    if let Ok(record) = function(state, site, &given) {
        record.invoke = None;
    }
    Ok(())
}
