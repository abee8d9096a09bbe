//! The short forms that vectors use.

use serde_json::Value;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const FUNCTION: &str = "guard";
pub(crate) const RULE: &str = "rule";
pub(crate) const SCHEDULED: &str = "2023-04-27T13:26:17.741Z";
pub(crate) const CAPTURED: &str = "2023-04-27T15:03:11.636Z";
pub(crate) const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";
/// Stands for a member that is left out.
pub(crate) const ABSENT: &str = "$absent";

/// `arn(x)` is the ARN of the notebook `x`; anything else is itself.
pub(crate) fn id(text: &str) -> String {
    match text.strip_prefix("arn(").and_then(|rest| rest.strip_suffix(')')) {
        Some(name) => format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/{name}"),
        None => text.to_owned(),
    }
}

/// `T` is a notebook, `A` the account; anything else is itself.
pub(crate) fn kind(text: &str) -> &str {
    match text {
        "T" => NOTEBOOK,
        "A" => "AWS::::Account",
        other => other,
    }
}

/// The same inside any text, for error messages.
pub(crate) fn spelled_out(text: &str) -> String {
    match (text.find("arn("), text.rfind(')')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}{}{}", &text[..start], id(&text[start..=end]), &text[end + 1..])
        }
        _ => text.to_owned(),
    }
}

/// The items of a list, or none.
pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// Overlays members; `$absent` takes one away.
pub(crate) fn overlay(target: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        if value == ABSENT {
            target.as_object_mut().unwrap().remove(name);
        } else {
            target[name] = value.clone();
        }
    }
}
