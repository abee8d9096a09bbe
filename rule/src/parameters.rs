//! The rule's parameters: from the text that AWS Config passes to values that a check can use.

mod fault;

pub use fault::{ParameterFault, ParametersError};

use serde_json::{Map, Value};

use crate::check::{Check, DIRECT_INTERNET_ACCESS};

/// The most characters that AWS Config takes as the input parameters of a rule
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html>).
pub const MAX_CHARACTERS: usize = 1024;

/// The check when none is named.
const DEFAULT_CHECK: &Check = &DIRECT_INTERNET_ACCESS;
/// The only platform that Security Hub's SageMaker.8 still accepts.
const DEFAULT_PLATFORM: &str = "notebook-al2023-v1";

/// Valid parameters of a rule.
#[derive(Debug, Clone)]
pub struct RuleParameters {
    /// The check that the rule runs.
    pub check: &'static Check,
    /// Allowed subnet ids (`SubnetIds`); nothing where every subnet is allowed.
    pub subnet_ids: Option<Vec<String>>,
    /// Allowed key ARNs (`kmsKeyArns`); nothing where every key is allowed.
    pub kms_key_arns: Option<Vec<String>>,
    /// Supported platforms (`supportedPlatformIdentifierVersions`).
    pub platforms: Vec<String>,
}

impl RuleParameters {
    /// The parameters of a check when a rule gives it none.
    #[must_use]
    pub fn defaults(check: &'static Check) -> Self {
        Self { check, subnet_ids: None, kms_key_arns: None, platforms: vec![DEFAULT_PLATFORM.to_owned()] }
    }

    /// Reads `ruleParameters` as AWS Config passes it: a text that holds a JSON object. Missing, null, `""`, `"{}"`
    /// and `"null"` all mean that there are none.
    ///
    /// # Errors
    /// [`ParametersError`] lists every fault: a text that is no JSON object, an unknown check, a parameter that the
    /// check does not take, and each malformed value.
    pub fn read(raw: Option<&Value>) -> Result<Self, ParametersError> {
        let given = object(raw)?;
        Self::from_object(&given)
    }

    /// The same from an object, as a person or a test has it.
    ///
    /// # Errors
    /// See [`RuleParameters::read`].
    pub fn from_object(given: &Map<String, Value>) -> Result<Self, ParametersError> {
        let mut faults = Vec::new();
        let check = match given.get("check") {
            None => DEFAULT_CHECK,
            Some(Value::String(id)) => Check::find(id).unwrap_or_else(|| {
                faults.push(ParameterFault::UnknownCheck { id: id.clone() });
                DEFAULT_CHECK
            }),
            Some(other) => {
                faults.push(ParameterFault::NotText { name: "check".to_owned(), json: other.to_string() });
                DEFAULT_CHECK
            }
        };
        let mut parameters = Self::defaults(check);
        let check_is_known = faults.is_empty();
        for (name, value) in given.iter().filter(|(name, _)| *name != "check") {
            // Which parameters a check takes cannot be said of a check that does not exist.
            if check_is_known && !check.parameters.iter().any(|parameter| parameter.name == name) {
                faults.push(ParameterFault::unknown(name, check));
                continue;
            }
            match name.as_str() {
                "SubnetIds" => parameters.subnet_ids = list(name, value, is_subnet_id, &mut faults),
                "kmsKeyArns" => parameters.kms_key_arns = list(name, value, is_key_arn, &mut faults),
                "supportedPlatformIdentifierVersions" => {
                    parameters.platforms = list(name, value, is_platform, &mut faults).unwrap_or_default();
                }
                _ => {}
            }
        }
        if faults.is_empty() { Ok(parameters) } else { Err(ParametersError::new(faults)) }
    }
}

fn object(raw: Option<&Value>) -> Result<Map<String, Value>, ParametersError> {
    let not_an_object = |text: &str| ParametersError::new(vec![ParameterFault::NotAnObject { text: text.to_owned() }]);
    match raw {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Map::new()),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(Value::Null) => Ok(Map::new()),
            Ok(_) | Err(_) => Err(not_an_object(text)),
        },
        Some(other) => Err(not_an_object(&other.to_string())),
    }
}

/// A comma-separated list without empty or malformed items. An empty list would silently allow nothing or everything,
/// so it is a fault too.
fn list(
    name: &str,
    value: &Value,
    is_valid: fn(&str) -> bool,
    faults: &mut Vec<ParameterFault>,
) -> Option<Vec<String>> {
    let Value::String(text) = value else {
        faults.push(ParameterFault::NotText { name: name.to_owned(), json: value.to_string() });
        return None;
    };
    let items: Vec<String> = text.split(',').map(|item| item.trim().to_owned()).collect();
    let malformed = items.iter().filter(|item| !is_valid(item));
    let before = faults.len();
    faults.extend(malformed.map(|item| ParameterFault::BadItem { name: name.to_owned(), item: item.clone() }));
    (faults.len() == before).then_some(items)
}

fn is_subnet_id(text: &str) -> bool {
    text.strip_prefix("subnet-").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn is_key_arn(text: &str) -> bool {
    text.parse::<crate::resource::Arn>()
        .is_ok_and(|arn| arn.service() == "kms" && arn.resource().strip_prefix("key/").is_some_and(|id| !id.is_empty()))
}

fn is_platform(text: &str) -> bool {
    text.strip_prefix("notebook-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<RuleParameters, ParametersError> {
        RuleParameters::read(Some(&Value::String(text.to_owned())))
    }

    #[test]
    fn every_way_of_saying_nothing_means_the_defaults() {
        let ways = [None, Some(Value::Null), Some(json!("")), Some(json!("{}")), Some(json!("null")), Some(json!(" "))];
        for way in ways {
            let parameters = RuleParameters::read(way.as_ref()).unwrap();
            assert_eq!(parameters.check.id, "direct-internet-access");
            assert_eq!((parameters.subnet_ids, parameters.kms_key_arns), (None, None));
            assert_eq!(parameters.platforms, ["notebook-al2023-v1"]);
        }
    }

    #[test]
    fn all_faults_are_said_at_once() {
        let error = read(r#"{"check": "inside-vpc", "SubnetIds": "subnet-1,,vpc-2", "subnetids": "x", "n": 1}"#)
            .unwrap_err()
            .to_string();
        for part in ["`SubnetIds`", "``", "`vpc-2`", "`subnetids`", "`n`"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn a_parameter_of_another_check_is_unknown_here() {
        let error = read(r#"{"check": "root-access", "SubnetIds": "subnet-1"}"#).unwrap_err().to_string();
        assert!(error.contains("`SubnetIds`") && error.contains("root-access"), "{error}");
    }

    #[test]
    fn a_fault_names_the_parameter_and_the_value() {
        for (text, parts) in [
            ("{\"check\": \"rootaccess\"}", ["`rootaccess`", "root-access"]),
            ("{\"check\": 5}", ["`check`", "5"]),
            ("[1]", ["ruleParameters", "[1]"]),
            ("{\"check\":", ["ruleParameters", "{\"check\":"]),
            ("{\"check\": \"inside-vpc\", \"SubnetIds\": \"\"}", ["`SubnetIds`", "``"]),
            ("{\"check\": \"inside-vpc\", \"SubnetIds\": [\"subnet-1\"]}", ["`SubnetIds`", "[\"subnet-1\"]"]),
            ("{\"check\": \"volume-kms-key\", \"kmsKeyArns\": \"alias/x\"}", ["`kmsKeyArns`", "`alias/x`"]),
        ] {
            let error = read(text).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{text}: {error}");
            }
        }
    }

    #[test]
    fn lists_are_split_and_trimmed() {
        let parameters = read(r#"{"check": "inside-vpc", "SubnetIds": " subnet-1 ,subnet-22"}"#).unwrap();
        assert_eq!(parameters.subnet_ids.unwrap(), ["subnet-1", "subnet-22"]);
        let parameters =
            read(r#"{"check": "platform-identifier", "supportedPlatformIdentifierVersions": "notebook-al2-v3"}"#);
        assert_eq!(parameters.unwrap().platforms, ["notebook-al2-v3"]);
    }
}
