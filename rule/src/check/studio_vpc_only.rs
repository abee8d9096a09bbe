//! `studio-vpc-only`: a Studio domain sends its traffic through the customer's VPC.

use super::{Check, Decision, Needs, Severity, exactly};

/// COMPLIANT only if the domain's `AppNetworkAccessType` is exactly `VpcOnly`. SageMaker takes `PublicInternetOnly`
/// when it is left out (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html>).
pub static STUDIO_VPC_ONLY: Check = Check {
    id: "studio-vpc-only",
    title: "Studio domains use the network of a customer VPC only",
    severity: Severity::High,
    security_hub_control: None,
    managed_rule: Some("sagemaker-domain-in-vpc"),
    requirements: &[],
    parameters: &[],
    needs: Needs::ConfigurationItem,
    remediation: "Delete the running apps, then update the domain with the network access type VpcOnly and security groups; \
                  its subnets need routes or endpoints for what Studio calls.",
    decision: Decision::Domain(|domain| {
        exactly(
            "AppNetworkAccessType",
            &domain.app_network_access_type,
            "VpcOnly",
            "Update the domain with AppNetworkAccessType=VpcOnly.",
        )
    }),
};

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, non_compliant};
    use super::STUDIO_VPC_ONLY;
    use serde_json::json;

    #[test]
    fn only_vpc_only_is_compliant() {
        compliant(&STUDIO_VPC_ONLY, &json!({"AppNetworkAccessType": "VpcOnly"}));
        non_compliant(&STUDIO_VPC_ONLY, &json!({"AppNetworkAccessType": "PublicInternetOnly"}), "PublicInternetOnly");
        non_compliant(&STUDIO_VPC_ONLY, &json!({"AppNetworkAccessType": "vpconly"}), "is \"vpconly\"");
        non_compliant(&STUDIO_VPC_ONLY, &json!({}), "is not reported");
    }
}
