//! `imds-v2`: the notebook's instance metadata is reached with session tokens only.

use super::{Check, Decision, Needs, Severity, exactly};

/// COMPLIANT only if the minimum version of the instance metadata service is `2`. Configuration items do not hold it,
/// so it is always described.
pub static IMDS_V2: Check = Check {
    id: "imds-v2",
    title: "Notebook instances require version 2 of the instance metadata service",
    severity: Severity::Medium,
    security_hub_control: None,
    managed_rule: None,
    requirements: &[],
    parameters: &[],
    needs: Needs::Describe,
    remediation: "Stop the notebook and update it with a minimum instance metadata service version of 2; on Amazon Linux 2 \
                  change the platform in the same update, because it may not start again.",
    decision: Decision::Notebook(|notebook, _, _| {
        exactly(
            "MinimumInstanceMetadataServiceVersion",
            &notebook.minimum_imds_version,
            "2",
            "Stop the notebook and update it to require version 2.",
        )
    }),
};

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, non_compliant};
    use super::IMDS_V2;
    use serde_json::{Value, json};

    fn minimum(version: &Value) -> Value {
        json!({"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": version}})
    }

    #[test]
    fn only_version_two_is_compliant() {
        compliant(&IMDS_V2, &minimum(&json!("2")));
        non_compliant(&IMDS_V2, &minimum(&json!("1")), "is \"1\"");
        non_compliant(&IMDS_V2, &minimum(&json!(2)), "is 2");
        non_compliant(&IMDS_V2, &minimum(&json!(null)), "is null");
        non_compliant(&IMDS_V2, &json!({}), "is not reported");
    }
}
