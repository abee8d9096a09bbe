//! Lambda's own operations: reading functions and their policies.

use serde_json::{Map, Value, json};

use super::store::Record;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::{Call, Service};
use crate::sandbox::state::{Place, State};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "lambda",
    model_text: include_str!("../model/lambda.json"),
    operations: &[
        ("GetAccountSettings", account_settings),
        ("GetFunction", get),
        ("GetFunctionConfiguration", configuration),
        ("GetFunctionEventInvokeConfig", invoke_config),
        ("GetPolicy", policy),
        ("ListFunctions", list),
        ("ListTags", tags),
    ],
};

/// The name in a function's name, partial ARN or ARN, with or without a qualifier.
pub(crate) fn name_of(given: &str) -> &str {
    let parts: Vec<&str> = given.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", name, ..] | [_, "function", name, ..] | [name, ..] => name,
        [] => given,
    }
}

/// The function that a call is for.
fn record<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Record, Refusal> {
    let place = Place::new(call.account, call.region);
    let name = name_of(call.required("FunctionName"));
    let qualifier = call.text("Qualifier").filter(|qualifier| *qualifier != "$LATEST");
    let found = state.regions.get(&place).and_then(|region| region.lambda.get(name));
    found.filter(|_| qualifier.is_none()).ok_or_else(|| {
        let suffix = qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
        let arn = place.arn("lambda", &format!("function:{name}{suffix}"));
        not_found(&format!("Function not found: {arn}"))
    })
}

fn not_found(message: &str) -> Refusal {
    Refusal::new("ResourceNotFoundException", message).with_status(404)
}

/// A function's configuration, as far as it has come.
fn shown(state: &mut State, call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    let mut shown = record(state, call)?.configuration.clone();
    let (region, ambient) = state.here(call)?;
    let name = name_of(call.required("FunctionName"));
    let young = lag::read(region, ambient, Lagging::Functions, name);
    let more = match young {
        None => return Ok(shown),
        Some(young) if young.changed => [
            ("LastUpdateStatus", "InProgress"),
            ("LastUpdateStatusReason", "The function is being updated."),
            ("LastUpdateStatusReasonCode", "Creating"),
        ],
        Some(_) => {
            shown.remove("LastUpdateStatus");
            [("State", "Pending"), ("StateReason", "The function is being created."), ("StateReasonCode", "Creating")]
        }
    };
    shown.extend(more.map(|(name, value)| (name.to_owned(), value.into())));
    Ok(shown)
}

fn configuration(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    Ok(Value::Object(shown(state, call)?))
}

fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let configuration = shown(state, call)?;
    let found = record(state, call)?;
    let mut answer = json!({"Configuration": configuration, "Code": {"RepositoryType": "S3"}});
    if let Value::Object(members) = &mut answer
        && !found.tags.is_empty()
    {
        members.insert("Tags".to_owned(), Value::Object(found.tags.clone()));
    }
    Ok(answer)
}

fn tags(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    let arn = call.required("Resource");
    let found = state.regions.get(&place).and_then(|region| region.lambda.get(name_of(arn)));
    let missing = || not_found(&format!("Function not found: {arn}"));
    Ok(json!({"Tags": found.ok_or_else(missing)?.tags.clone()}))
}

fn policy(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let found = record(state, call)?;
    if found.statements.is_empty() {
        return Err(not_found("The resource you requested does not exist."));
    }
    let policy = json!({"Version": "2012-10-17", "Id": "default", "Statement": found.statements});
    Ok(json!({"Policy": policy.to_string(), "RevisionId": found.configuration.get("RevisionId")}))
}

fn invoke_config(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let found = record(state, call)?;
    let arn = found.configuration.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
    let missing = || not_found(&format!("The function {arn}:$LATEST doesn't have an EventInvokeConfig"));
    let mut shown = found.invoke.as_ref().and_then(Value::as_object).cloned().ok_or_else(missing)?;
    shown.insert("FunctionArn".to_owned(), format!("{arn}:$LATEST").into());
    Ok(Value::Object(shown))
}

fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["Marker", "MaxItems"]);
    let invalid = || Refusal::new("InvalidParameterValueException", "Invalid marker");
    let cursor = call.text("Marker").map(|marker| Cursor::parse(marker, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let after = cursor.after.and_then(|after| after.first().cloned());
    let (region, _) = state.here(call)?;
    let rest = region.lambda.iter().filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after));
    let entries = rest.map(|(name, record)| (vec![name.clone()], Value::Object(record.configuration.clone())));
    let page = cut(entries, call.count("MaxItems").unwrap_or(50).min(50), cursor.page, fingerprint);
    let mut answer = Map::from_iter([("Functions".to_owned(), Value::Array(page.items))]);
    answer.extend(page.next.map(|next| ("NextMarker".to_owned(), next.into())));
    Ok(Value::Object(answer))
}

fn account_settings(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let concurrency = state.ambient.settings.lambda_concurrency;
    let (region, _) = state.here(call)?;
    let (limit, size) = (region.code.limit, region.code.used(&region.lambda));
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": limit, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": concurrency, "UnreservedConcurrentExecutions": concurrency,
        },
        "AccountUsage": {"TotalCodeSize": size, "FunctionCount": region.lambda.len()},
    }))
}
