//! Short words for the tests of checks.

use serde_json::Value;

use super::Check;
use crate::facts::Facts;
use crate::parameters::RuleParameters;
use crate::subject::{Shape, Subject};
use crate::verdict::Verdict;

pub(super) fn subject(check: &Check, json: &Value) -> Subject {
    let id = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/mynb".parse().unwrap();
    Subject::read(&check.resource_type(), id, Shape::Describe, json).unwrap()
}

pub(super) fn verdict(check: &'static Check, json: &Value, parameters: &Value) -> Verdict {
    let mut all = parameters.clone();
    if let Some(object) = all.as_object_mut() {
        object.insert("check".into(), check.id.into());
    }
    let parameters = RuleParameters::read(Some(&Value::String(all.to_string()))).unwrap();
    check.verdict(&subject(check, json), &Facts::default(), &parameters)
}

pub(super) fn compliant(check: &'static Check, json: &Value) {
    compliant_with(check, json, &Value::Object(serde_json::Map::new()));
}

pub(super) fn compliant_with(check: &'static Check, json: &Value, parameters: &Value) {
    assert_eq!(verdict(check, json, parameters), Verdict::Compliant, "{json}");
}

pub(super) fn non_compliant(check: &'static Check, json: &Value, says: &str) {
    non_compliant_with(check, json, &Value::Object(serde_json::Map::new()), says);
}

pub(super) fn non_compliant_with(check: &'static Check, json: &Value, parameters: &Value, says: &str) {
    let verdict = verdict(check, json, parameters);
    assert_eq!(verdict.as_str(), "NON_COMPLIANT", "{json}");
    assert!(verdict.reason().is_some_and(|reason| reason.contains(says)), "{verdict:?}");
}
