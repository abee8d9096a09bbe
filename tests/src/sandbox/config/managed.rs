//! AWS's own rules, as far as the sandbox knows them: those on SageMaker.

use std::sync::LazyLock;

use serde_json::Value;

use crate::sandbox::refusal::Refusal;

/// What AWS publishes of the rules, page by page.
static RULES: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../cases/aws-config/sagemaker-managed-rules.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// The Regions that the pages except, by the names that they use.
const EXCEPTED: [(&str, &str); 17] = [
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-south-2", "Europe (Spain)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
];

fn unknown(identifier: &str) -> Refusal {
    Refusal::invalid_parameter(format!(
        "The sourceIdentifier {identifier} is invalid.  Please refer to the documentation for a list of valid \
         sourceIdentifiers that can be used when AWS is the Owner"
    ))
}

/// Refuses a rule of AWS's that does not exist in a Region, or that is put in a way that it does not know. Of rules on
/// other services no more is known than how an identifier looks.
pub(super) fn check(region: &str, identifier: &str, definition: &Value) -> Result<(), Refusal> {
    let plausible = !identifier.is_empty()
        && identifier.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if !plausible {
        return Err(unknown(identifier));
    }
    if !identifier.starts_with("SAGEMAKER_") {
        return Ok(());
    }
    let rules = RULES.get("rules").and_then(Value::as_array);
    let rule = rules.into_iter().flatten().find(|rule| rule.get("identifier").is_some_and(|own| own == identifier));
    let rule = rule.ok_or_else(|| unknown(identifier))?;
    if is_missing(rule, region) {
        return Err(unknown(identifier));
    }
    check_trigger(rule, definition)?;
    check_parameters(rule, definition)
}

fn is_missing(rule: &Value, region: &str) -> bool {
    let name = EXCEPTED.iter().find(|(code, _)| *code == region).map(|(_, name)| *name);
    let excepted = rule.get("not_available_in").and_then(Value::as_array);
    excepted.into_iter().flatten().any(|excepted| excepted.as_str() == name)
}

fn check_trigger(rule: &Value, definition: &Value) -> Result<(), Refusal> {
    let by_clock = rule.get("trigger").and_then(Value::as_str) == Some("Periodic");
    if !by_clock && definition.get("MaximumExecutionFrequency").is_some() {
        return Err(Refusal::invalid_parameter(
            "A maximum execution frequency is not allowed because only a change trigger was specified.",
        ));
    }
    if by_clock && definition.get("Scope").is_some() {
        return Err(Refusal::invalid_parameter(
            "Scope is not supported for rules that are only triggered periodically.",
        ));
    }
    Ok(())
}

fn check_parameters(rule: &Value, definition: &Value) -> Result<(), Refusal> {
    let known = rule.get("parameters").and_then(Value::as_object);
    let text = definition.get("InputParameters").and_then(Value::as_str).unwrap_or("{}");
    let given: Value = serde_json::from_str(text).unwrap_or_default();
    for (name, meaning) in known.into_iter().flatten() {
        let is_required = meaning.as_str().is_some_and(|meaning| meaning.contains("required"));
        if is_required && given.get(name).is_none() {
            let message = format!("The required parameter [{name}] is not present in the inputParameters.");
            return Err(Refusal::invalid_parameter(message));
        }
    }
    // Only of rules whose own page was read all parameters are known.
    let is_whole = rule.get("not_available_in").is_some();
    let unknown =
        given.as_object().into_iter().flatten().find(|(name, _)| !known.is_some_and(|all| all.contains_key(*name)));
    match unknown.filter(|_| is_whole) {
        Some(_) => {
            Err(Refusal::invalid_parameter(format!("Unknown parameters provided in the inputParameters: {text}")))
        }
        None => Ok(()),
    }
}
