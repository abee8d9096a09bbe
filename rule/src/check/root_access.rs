//! `root-access`: users of the notebook are not root on it.

use super::{Check, Decision, Needs, Severity, exactly};

/// COMPLIANT only if `RootAccess` is exactly `Disabled`. SageMaker enables it when it is left out.
pub static ROOT_ACCESS: Check = Check {
    id: "root-access",
    title: "Users have no root access to notebook instances",
    severity: Severity::High,
    security_hub_control: Some("SageMaker.3"),
    managed_rule: Some("sagemaker-notebook-instance-root-access-check"),
    requirements: &[
        "NIST.800-53.r5 AC-2(1)",
        "NIST.800-53.r5 AC-3(15)",
        "NIST.800-53.r5 AC-3(7)",
        "NIST.800-53.r5 AC-6",
        "NIST.800-53.r5 AC-6(10)",
        "NIST.800-53.r5 AC-6(2)",
    ],
    parameters: &[],
    needs: Needs::ConfigurationItem,
    remediation: "Stop the notebook and update it with root access disabled; on Amazon Linux 2 change the platform in the \
                  same update, because it may not start again. Life-cycle scripts still run as root.",
    decision: Decision::Notebook(|notebook, _, _| {
        exactly(
            "RootAccess",
            &notebook.root_access,
            "Disabled",
            "Stop the notebook and update it with RootAccess=Disabled.",
        )
    }),
};

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, non_compliant};
    use super::ROOT_ACCESS;
    use serde_json::json;

    #[test]
    fn only_disabled_is_compliant() {
        compliant(&ROOT_ACCESS, &json!({"RootAccess": "Disabled"}));
        for (json, says) in [
            (json!({"RootAccess": "Enabled"}), "is \"Enabled\""),
            (json!({"RootAccess": "DISABLED"}), "is \"DISABLED\""),
            (json!({"RootAccess": null}), "is null"),
            (json!({"DirectInternetAccess": "Disabled"}), "is not reported"),
        ] {
            non_compliant(&ROOT_ACCESS, &json, says);
        }
    }
}
