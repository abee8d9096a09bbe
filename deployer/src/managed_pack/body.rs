//! The template of the pack in one Region.
//!
//! It has the two sections and the one intrinsic function that AWS documents for packs
//! (<https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html>). The description of each
//! rule shows its reader in the member account where it comes from, and is what the parameter is used for.

use sha2::{Digest as _, Sha256};

use super::catalogue::{ManagedRule, Trigger, catalogue};
use super::model::{Mark, PackError};
use super::settings::PackSettings;
use crate::digest::hexadecimal;
use crate::templates::{LARGEST_TEMPLATE, camel_case};

/// The most rules of a pack, for good
/// (<https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>).
const MOST_RULES: usize = 130;

/// What the pack of a Region is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The template.
    pub text: String,
    /// The names of its rules, in order.
    pub rules: Vec<String>,
    /// What its parameter says.
    pub mark: Mark,
}

/// The pack of a Region; nothing if it has none of the rules, or our data does not know it.
///
/// # Errors
/// [`PackError::TooLarge`].
pub fn body(settings: &PackSettings, region: &str) -> Result<Option<Body>, PackError> {
    let rules: Vec<&ManagedRule> = catalogue().rules_in(region).collect();
    if rules.is_empty() {
        return Ok(None);
    }
    let too_large = |what: String, most: usize| PackError::TooLarge { region: region.to_owned(), what, most };
    if rules.len() > MOST_RULES {
        return Err(too_large(format!("{} rules", rules.len()), MOST_RULES));
    }
    let mut text = header();
    for rule in &rules {
        let value = value(rule, settings);
        let size = value.as_ref().map_or(0, |(name, value)| object(name, value).len());
        if size > rule::parameters::MAX_CHARACTERS {
            let what = format!("{size} characters of parameters for the rule {}", rule.name);
            return Err(too_large(what, rule::parameters::MAX_CHARACTERS));
        }
        text.push_str(&resource(rule, settings, value));
    }
    if text.len() > LARGEST_TEMPLATE {
        return Err(too_large(format!("{} bytes", text.len()), LARGEST_TEMPLATE));
    }
    let digest = Sha256::digest(text.as_bytes());
    let digest = hexadecimal(digest.get(..16).unwrap_or_default());
    let mark = Mark { version: env!("CARGO_PKG_VERSION").to_owned(), digest };
    Ok(Some(Body { text, rules: rules.iter().map(|rule| rule.name.clone()).collect(), mark }))
}

fn header() -> String {
    let mark = Mark::PARAMETER;
    format!(
        "# AWS's own rules on SageMaker notebook instances and Studio domains, put by Notebook Guard\n\
         Parameters:\n  {mark}:\n    Type: String\nResources:\n"
    )
}

fn resource(rule: &ManagedRule, settings: &PackSettings, value: Option<(&str, String)>) -> String {
    let ManagedRule { name, identifier, resource_type, .. } = rule;
    let (logical, mark) = (camel_case(name), Mark::PARAMETER);
    let when = match rule.trigger {
        Trigger::Change => format!("Scope:\n        ComplianceResourceTypes:\n          - {resource_type}"),
        Trigger::Schedule => format!("MaximumExecutionFrequency: {}", settings.schedule.as_str()),
    };
    let parameters = value.map_or_else(String::new, |(name, value)| {
        // A text in JSON's quotation marks is one in YAML too.
        format!("      InputParameters:\n        {name}: {}\n", serde_json::Value::from(value))
    });
    format!(
        "  {logical}:\n    Type: AWS::Config::ConfigRule\n    Properties:\n      ConfigRuleName: {name}\n      \
         Description:\n        Ref: {mark}\n      Source:\n        Owner: AWS\n        SourceIdentifier: \
         {identifier}\n      {when}\n{parameters}"
    )
}

/// The value of a rule's parameter; nothing if it takes none, or needs none.
fn value<'a>(rule: &'a ManagedRule, settings: &PackSettings) -> Option<(&'a str, String)> {
    let parameter = rule.parameter.as_ref()?;
    let values = match parameter.name.as_str() {
        "SubnetIds" => &settings.allowed_subnets,
        "kmsKeyArns" => &settings.allowed_kms_keys,
        _ => &settings.supported_platforms,
    };
    (parameter.required || !values.is_empty()).then(|| (parameter.name.as_str(), values.join(",")))
}

fn object(name: &str, value: &str) -> String {
    serde_json::json!({name: value}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn settings() -> PackSettings {
        PackSettings::new(&Settings::new(vec!["eu-west-1".to_owned()]), Vec::new())
    }

    #[test]
    fn a_region_has_its_rules_with_their_triggers_and_parameters() {
        let body = body(&settings(), "il-central-1").unwrap().unwrap();
        assert_eq!(body.rules.len(), 3);
        assert_eq!(body.text.matches("MaximumExecutionFrequency: TwentyFour_Hours").count(), 3);
        assert!(body.text.contains("        supportedPlatformIdentifierVersions: \"notebook-al2023-v1\"\n"));
        assert!(!body.text.contains("kmsKeyArns") && !body.text.contains("SubnetIds"), "{}", body.text);
    }

    #[test]
    fn allowances_go_to_the_rules_and_change_the_mark() {
        let plain = body(&settings(), "eu-west-1").unwrap().unwrap();
        let chosen = PackSettings { allowed_subnets: vec!["subnet-1".to_owned(), "subnet-2".to_owned()], ..settings() };
        let body = body(&chosen, "eu-west-1").unwrap().unwrap();
        assert!(body.text.contains("        SubnetIds: \"subnet-1,subnet-2\"\n"), "{}", body.text);
        assert_ne!(plain.mark.digest, body.mark.digest);
        assert_eq!(Mark::parse(&body.mark.to_string()), Some(body.mark));
    }

    #[test]
    fn what_is_not_known_has_no_pack() {
        assert_eq!(body(&settings(), "eusc-de-east-1").unwrap(), None);
        assert_eq!(body(&settings(), "ap-southeast-7").unwrap(), None);
    }

    #[test]
    fn parameters_over_the_limit_are_refused_before_aws_is_asked() {
        let subnets = (0..60).map(|at| format!("subnet-{at:017}")).collect();
        let error = body(&PackSettings { allowed_subnets: subnets, ..settings() }, "eu-west-1").unwrap_err();
        assert!(error.to_string().contains("sagemaker-notebook-instance-inside-vpc"), "{error}");
        assert!(body(&settings(), "eu-west-1").unwrap().unwrap().text.len() < LARGEST_TEMPLATE / 10);
    }

    #[test]
    fn only_our_own_words_are_a_mark() {
        let digest = "0123456789abcdef0123456789abcdef";
        assert!(Mark::parse(&format!("Notebook Guard 0.1.0 (settings {digest})")).is_some());
        for other in [
            String::new(),
            "Notebook Guard".to_owned(),
            format!("Notebook Guard  (settings {digest})"),
            format!("Notebook Guard 0.1.0 (settings {digest}0)"),
            "Notebook Guard 0.1.0 (settings xyz)".to_owned(),
        ] {
            assert_eq!(Mark::parse(&other), None, "{other}");
        }
    }
}
