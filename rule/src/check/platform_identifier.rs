//! `platform-identifier`: the notebook runs a supported platform.

use super::{Check, Decision, Needs, Parameter, Severity};
use crate::facts::Facts;
use crate::parameters::RuleParameters;
use crate::subject::Notebook;
use crate::verdict::Verdict;

/// COMPLIANT only if `PlatformIdentifier` is in `supportedPlatformIdentifierVersions`. Configuration items do not
/// hold it (<https://github.com/awslabs/aws-config-resource-schema>), so it is always described.
pub static PLATFORM_IDENTIFIER: Check = Check {
    id: "platform-identifier",
    title: "Notebook instances run a supported platform",
    severity: Severity::Medium,
    security_hub_control: Some("SageMaker.8"),
    managed_rule: Some("sagemaker-notebook-instance-platform-version"),
    requirements: &[],
    parameters: &[Parameter {
        name: "supportedPlatformIdentifierVersions",
        meaning: "comma-separated platform identifiers that are allowed; by default notebook-al2023-v1",
    }],
    needs: Needs::Describe,
    remediation: "Stop the notebook and update its platform identifier; one on notebook-al1-v1 has to be created anew.",
    decision: Decision::Notebook(judge),
};

fn judge(notebook: &Notebook, _: &Facts, parameters: &RuleParameters) -> Verdict {
    match notebook.platform_identifier.text() {
        Some(platform) if parameters.platforms.iter().any(|supported| supported == platform) => Verdict::Compliant,
        Some(_) | None => Verdict::NonCompliant(format!(
            "PlatformIdentifier {}; supported: {}. Stop the notebook and update its PlatformIdentifier; from notebook-al1-v1 recreate it.",
            notebook.platform_identifier,
            parameters.platforms.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, compliant_with, non_compliant, non_compliant_with};
    use super::PLATFORM_IDENTIFIER;
    use serde_json::json;

    #[test]
    fn the_default_is_amazon_linux_2023() {
        compliant(&PLATFORM_IDENTIFIER, &json!({"PlatformIdentifier": "notebook-al2023-v1"}));
        for (json, says) in [
            (json!({"PlatformIdentifier": "notebook-al2-v3"}), "is \"notebook-al2-v3\""),
            (json!({"PlatformIdentifier": "Notebook-al2023-v1"}), "is \"Notebook-al2023-v1\""),
            (json!({}), "is not reported"),
        ] {
            non_compliant(&PLATFORM_IDENTIFIER, &json, says);
        }
    }

    #[test]
    fn a_list_replaces_the_default() {
        let parameters = json!({"supportedPlatformIdentifierVersions": "notebook-al2-v3,notebook-al2-v2"});
        compliant_with(&PLATFORM_IDENTIFIER, &json!({"PlatformIdentifier": "notebook-al2-v2"}), &parameters);
        let new = json!({"PlatformIdentifier": "notebook-al2023-v1"});
        non_compliant_with(&PLATFORM_IDENTIFIER, &new, &parameters, "notebook-al2-v3, notebook-al2-v2");
    }
}
