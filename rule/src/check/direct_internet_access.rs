//! `direct-internet-access`: the notebook has no internet access of its own.

use super::{Check, Decision, Needs, Severity, exactly};

/// COMPLIANT only if `DirectInternetAccess` is exactly `Disabled`. SageMaker enables it when it is left out
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html>).
pub static DIRECT_INTERNET_ACCESS: Check = Check {
    id: "direct-internet-access",
    title: "Notebook instances have no direct internet access",
    severity: Severity::High,
    security_hub_control: Some("SageMaker.1"),
    managed_rule: Some("sagemaker-notebook-no-direct-internet-access"),
    requirements: &[
        "NIST.800-53.r5 AC-21",
        "NIST.800-53.r5 AC-3",
        "NIST.800-53.r5 AC-3(7)",
        "NIST.800-53.r5 AC-4",
        "NIST.800-53.r5 AC-4(21)",
        "NIST.800-53.r5 AC-6",
        "NIST.800-53.r5 SC-7",
        "NIST.800-53.r5 SC-7(11)",
        "NIST.800-53.r5 SC-7(16)",
        "NIST.800-53.r5 SC-7(20)",
        "NIST.800-53.r5 SC-7(21)",
        "NIST.800-53.r5 SC-7(3)",
        "NIST.800-53.r5 SC-7(4)",
        "NIST.800-53.r5 SC-7(9)",
        "PCI DSS v3.2.1/1.2.1",
        "PCI DSS v3.2.1/1.3.1",
        "PCI DSS v3.2.1/1.3.2",
        "PCI DSS v3.2.1/1.3.4",
        "PCI DSS v3.2.1/1.3.6",
        "PCI DSS v4.0.1/1.4.4",
    ],
    parameters: &[],
    needs: Needs::ConfigurationItem,
    remediation: "The setting cannot be changed: save the work, delete the notebook and create it anew in a subnet, \
                  with direct internet access disabled.",
    decision: Decision::Notebook(|notebook, _, _| {
        exactly(
            "DirectInternetAccess",
            &notebook.direct_internet_access,
            "Disabled",
            "It cannot be changed: recreate the notebook in a subnet with DirectInternetAccess=Disabled.",
        )
    }),
};

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, non_compliant};
    use super::DIRECT_INTERNET_ACCESS;
    use serde_json::json;

    #[test]
    fn only_disabled_is_compliant() {
        compliant(&DIRECT_INTERNET_ACCESS, &json!({"DirectInternetAccess": "Disabled"}));
    }

    #[test]
    fn everything_else_is_said_as_it_was_seen() {
        for (json, says) in [
            (json!({"DirectInternetAccess": "Enabled"}), "is \"Enabled\""),
            (json!({"DirectInternetAccess": "disabled"}), "is \"disabled\""),
            (json!({"DirectInternetAccess": "Unknown"}), "is \"Unknown\""),
            (json!({"DirectInternetAccess": null}), "is null"),
            (json!({"DirectInternetAccess": false}), "is false"),
            (json!({}), "is not reported"),
        ] {
            non_compliant(&DIRECT_INTERNET_ACCESS, &json, says);
        }
    }
}
