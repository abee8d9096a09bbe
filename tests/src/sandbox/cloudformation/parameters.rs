//! Parameters: what a template asks for, and the values that a call gives.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::template::Template;
use super::yaml::text;
use crate::sandbox::model::Pattern;
use crate::sandbox::refusal::Refusal;

/// Values by parameter.
pub(crate) type Parameters = BTreeMap<String, String>;

/// The values that an operation works with.
///
/// # Errors
/// `ValidationError`: unknown, missing or not allowed.
pub(crate) fn effective(
    template: &Template,
    given: &[Value],
    previous: Option<&Parameters>,
) -> Result<Parameters, Refusal> {
    let declared = template.section("Parameters");
    let mut values = Parameters::new();
    let mut unknown = Vec::new();
    for parameter in given {
        let key = parameter.get("ParameterKey").and_then(Value::as_str).unwrap_or_default();
        if !declared.contains_key(key) {
            unknown.push(key);
            continue;
        }
        let keep = parameter.get("UsePreviousValue").and_then(Value::as_bool).unwrap_or_default();
        let value = if keep {
            let before = previous.and_then(|previous| previous.get(key)).cloned();
            Some(before.ok_or_else(|| {
                Refusal::validation_error(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key \
                     not in the previous template"
                ))
            })?)
        } else {
            parameter.get("ParameterValue").and_then(Value::as_str).map(ToOwned::to_owned)
        };
        values.extend(value.map(|value| (key.to_owned(), value)));
    }
    if !unknown.is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", unknown.join(", "));
        return Err(Refusal::validation_error(message));
    }
    let mut missing = Vec::new();
    for (name, declaration) in declared {
        if !values.contains_key(name) {
            match declaration.get("Default").and_then(text) {
                Some(default) => {
                    values.insert(name.clone(), default);
                }
                None => missing.push(name.as_str()),
            }
        }
    }
    if !missing.is_empty() {
        let message = format!("Parameters: [{}] must have values", missing.join(", "));
        return Err(Refusal::validation_error(message));
    }
    for (name, declaration) in declared {
        let value = values.get(name).map(String::as_str).unwrap_or_default();
        check(name, declaration, value).map_err(Refusal::validation_error)?;
    }
    Ok(values)
}

fn check(name: &str, declaration: &Value, value: &str) -> Result<(), String> {
    let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or_default();
    let constraint = declaration.get("ConstraintDescription").and_then(Value::as_str);
    let broken = |message: String| {
        Err(constraint.map_or(message, |said| format!("Parameter {name} failed to satisfy constraint: {said}")))
    };
    let items: Vec<&str> = match kind {
        "String" | "Number" => vec![value],
        "CommaDelimitedList" | "List<Number>" => value.split(',').map(str::trim).collect(),
        _ if kind.starts_with("AWS::SSM") => {
            return Err(format!("the sandbox has no parameters of the type {kind}"));
        }
        _ if kind.starts_with("AWS::") || kind.starts_with("List<AWS::") => vec![value],
        _ => {
            return Err(format!("Template format error: Unrecognized parameter type: {kind}"));
        }
    };
    let numbers = kind == "Number" || kind == "List<Number>";
    let limit = |bound: &str| declaration.get(bound).and_then(text).and_then(|text| text.parse::<f64>().ok());
    for item in &items {
        let number = item.parse::<f64>().ok();
        if numbers && number.is_none() {
            return broken(format!("Parameter '{name}' must be a number"));
        }
        let number = number.unwrap_or_default();
        if let Some(min) = limit("MinValue").filter(|min| numbers && number < *min) {
            return broken(format!("Parameter '{name}' must be a number not less than {min}"));
        }
        if let Some(max) = limit("MaxValue").filter(|max| numbers && number > *max) {
            return broken(format!("Parameter '{name}' must be a number not greater than {max}"));
        }
        let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
        if allowed.is_some_and(|allowed| !allowed.iter().any(|value| text(value).as_deref() == Some(item))) {
            return broken(format!("Parameter '{name}' must be one of AllowedValues"));
        }
        let pattern = declaration.get("AllowedPattern").and_then(Value::as_str);
        if let Some(pattern) = pattern.filter(|pattern| !Pattern::from((*pattern).to_owned()).matches(item)) {
            return broken(format!("Parameter '{name}' must match pattern {pattern}"));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let length = value.chars().count() as f64;
    if let Some(min) = limit("MinLength").filter(|min| length < *min) {
        return broken(format!("Parameter '{name}' must contain at least {min} characters"));
    }
    if let Some(max) = limit("MaxLength").filter(|max| length > *max) {
        return broken(format!("Parameter '{name}' must contain at most {max} characters"));
    }
    if value.len() > 4096 {
        return Err(format!("Parameter '{name}' must not be longer than 4096 bytes"));
    }
    Ok(())
}

/// What `Ref` gives for a parameter.
pub(super) fn typed(template: &Template, name: &str, value: &str) -> Value {
    let declaration = template.section("Parameters").get(name);
    let kind = declaration.and_then(|declaration| declaration.get("Type")?.as_str()).unwrap_or_default();
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return value.split(',').map(|item| Value::from(item.trim())).collect();
    }
    Value::from(value)
}

/// The values as `DescribeStacks` shows them.
pub(super) fn shown(template: &Template, values: &Parameters) -> Value {
    let secret = |name: &str| {
        let declaration = template.section("Parameters").get(name);
        let flag = declaration.and_then(|declaration| text(declaration.get("NoEcho")?));
        flag.as_deref() == Some("true")
    };
    let pair = |(name, value): (&String, &String)| json!({"ParameterKey": name, "ParameterValue": if secret(name) { "****" } else { value }});
    values.iter().map(pair).collect()
}
