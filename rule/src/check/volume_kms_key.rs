//! `volume-kms-key`: the volume is encrypted with a chosen KMS key, and with an allowed one where a list is given.

use super::{Check, Decision, Needs, Parameter, Severity};
use crate::facts::Facts;
use crate::parameters::RuleParameters;
use crate::resource::Arn;
use crate::subject::Notebook;
use crate::verdict::Verdict;

/// COMPLIANT only if `KmsKeyId` is set and, with the parameter `kmsKeyArns`, is listed there.
pub static VOLUME_KMS_KEY: Check = Check {
    id: "volume-kms-key",
    title: "Volumes of notebook instances are encrypted with a chosen KMS key",
    severity: Severity::Medium,
    security_hub_control: Some("SageMaker.21"),
    managed_rule: Some("sagemaker-notebook-instance-kms-key-configured"),
    requirements: &[],
    parameters: &[Parameter {
        name: "kmsKeyArns",
        meaning: "comma-separated ARNs of KMS keys that are allowed; without it every key is",
    }],
    needs: Needs::ConfigurationItem,
    remediation: "The key cannot be changed: save the work, delete the notebook and create it anew with an allowed key.",
    decision: Decision::Notebook(judge),
};

fn judge(notebook: &Notebook, _: &Facts, parameters: &RuleParameters) -> Verdict {
    let Some(key) = notebook.kms_key_id.text() else {
        return Verdict::NonCompliant(format!(
            "KmsKeyId {}: no KMS key was chosen for the volume. Recreate the notebook with one.",
            notebook.kms_key_id
        ));
    };
    match &parameters.kms_key_arns {
        None => Verdict::Compliant,
        Some(allowed) if allowed.contains(&full_arn(notebook, key)) => Verdict::Compliant,
        Some(_) => Verdict::NonCompliant(format!(
            "KmsKeyId is \"{key}\", which is not among the allowed kmsKeyArns{}. Recreate the notebook with an \
             allowed key.",
            if key.contains("alias/") { " (aliases are not resolved)" } else { "" }
        )),
    }
}

/// A bare key id names a key of the notebook's own account and Region, so that its ARN is known. An alias is kept as
/// it is: which key it stands for can change at any time, so it never matches a key's ARN.
fn full_arn(notebook: &Notebook, key: &str) -> String {
    if key.contains(':') || key.contains('/') {
        return key.to_owned();
    }
    notebook.id.as_str().parse::<Arn>().map_or_else(
        |_| key.to_owned(),
        |own| format!("arn:{}:kms:{}:{}:key/{key}", own.partition(), own.region(), own.account()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, compliant_with, non_compliant, non_compliant_with};
    use super::VOLUME_KMS_KEY;
    use serde_json::json;

    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/75d1e7ba-f9c5-46b9-97bc-28e6c834aa49";

    #[test]
    fn any_key_will_do_without_a_list() {
        for key in [KEY, "75d1e7ba-f9c5-46b9-97bc-28e6c834aa49", "alias/notebooks"] {
            compliant(&VOLUME_KMS_KEY, &json!({"KmsKeyId": key}));
        }
    }

    #[test]
    fn no_key_is_not_compliant() {
        for (json, says) in [
            (json!({}), "is not reported"),
            (json!({"KmsKeyId": null}), "is null"),
            (json!({"KmsKeyId": ""}), "is \"\""),
        ] {
            non_compliant(&VOLUME_KMS_KEY, &json, says);
        }
    }

    #[test]
    fn a_list_is_matched_by_arn_and_by_bare_id_of_the_same_account() {
        let parameters = json!({"kmsKeyArns": KEY});
        compliant_with(&VOLUME_KMS_KEY, &json!({"KmsKeyId": KEY}), &parameters);
        compliant_with(&VOLUME_KMS_KEY, &json!({"KmsKeyId": "75d1e7ba-f9c5-46b9-97bc-28e6c834aa49"}), &parameters);
        let foreign = json!({"kmsKeyArns": KEY.replace("123456789012", "210987654321")});
        let bare = json!({"KmsKeyId": "75d1e7ba-f9c5-46b9-97bc-28e6c834aa49"});
        non_compliant_with(&VOLUME_KMS_KEY, &bare, &foreign, "not among the allowed");
        non_compliant_with(&VOLUME_KMS_KEY, &json!({"KmsKeyId": "alias/x"}), &parameters, "aliases are not resolved");
    }
}
