//! Service Quotas: the quotas that an installation meets, as data.

use serde_json::{Value, json};

use super::page::{Cursor, cut, fingerprint};
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::{Place, State};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "servicequotas",
    model_text: include_str!("model/servicequotas.json"),
    operations: &[("GetServiceQuota", get), ("ListServiceQuotas", list)],
};

/// Service, quota code, name, default value. The codes were not compared with a live account.
/// <https://docs.aws.amazon.com/general/latest/gr/awsconfig.html>,
/// <https://docs.aws.amazon.com/general/latest/gr/cfn.html>,
/// <https://docs.aws.amazon.com/general/latest/gr/lambda-service.html>
const QUOTAS: [(&str, &str, &str, f64); 5] = [
    ("cloudformation", "L-0485CB21", "Stack count", 2000.0),
    ("cloudformation", "L-31709F13", "Stack sets per administrator account", 1000.0),
    ("config", "L-CEAC6D71", "AWS Config rules per Region per account", 1000.0),
    ("lambda", "L-2ACBD22F", "Function and layer storage", 80.0),
    ("lambda", "L-B99A9384", "Concurrent executions", 1000.0),
];

fn shown(quota: &(&str, &str, &str, f64), call: &Call<'_>, concurrency: u64) -> Value {
    let (service, code, name, default) = quota;
    #[expect(clippy::cast_precision_loss, reason = "a quota is far below 2^53")]
    let value = if *code == "L-B99A9384" { concurrency as f64 } else { *default };
    let arn = Place::new(call.account, call.region).arn("servicequotas", &format!("{service}/{code}"));
    json!({
        "ServiceCode": service, "ServiceName": service, "QuotaArn": arn, "QuotaCode": code, "QuotaName": name,
        "Value": value, "Unit": "None", "Adjustable": true, "GlobalQuota": false,
    })
}

fn known(service: &str) -> Result<(), Refusal> {
    let known = QUOTAS.iter().any(|(name, ..)| *name == service);
    known.then_some(()).ok_or_else(|| missing(&format!("The service {service} does not exist.")))
}

fn missing(message: &str) -> Refusal {
    Refusal::new("NoSuchResourceException", message)
}

fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (service, code) = (call.required("ServiceCode"), call.required("QuotaCode"));
    known(service)?;
    let found = QUOTAS.iter().find(|(name, quota, ..)| *name == service && *quota == code);
    let concurrency = state.ambient.settings.lambda_concurrency;
    let quota =
        found.ok_or_else(|| missing("The request failed because the specified service quota does not exist."))?;
    Ok(json!({"Quota": shown(quota, call, concurrency)}))
}

fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let service = call.required("ServiceCode");
    known(service)?;
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    let invalid = || Refusal::new("InvalidPaginationTokenException", "The token is invalid.");
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    let cursor = cursor.transpose()?.unwrap_or_default();
    let concurrency = state.ambient.settings.lambda_concurrency;
    let found = QUOTAS.iter().filter(|(name, ..)| *name == service);
    let entries = found.map(|quota| (vec![quota.1.to_owned()], shown(quota, call, concurrency)));
    let rest = entries.filter(|(code, _)| cursor.after.as_ref().is_none_or(|after| code > after));
    let page = cut(rest, call.count("MaxResults").unwrap_or(100), cursor.page, fingerprint);
    let mut answer = json!({"Quotas": page.items});
    if let (Value::Object(members), Some(next)) = (&mut answer, page.next) {
        members.insert("NextToken".to_owned(), next.into());
    }
    Ok(answer)
}
