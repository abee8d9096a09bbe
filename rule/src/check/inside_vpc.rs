//! `inside-vpc`: the notebook is in a subnet of the customer, and in an allowed one where a list is given.

use super::{Check, Decision, Needs, Parameter, Severity};
use crate::facts::Facts;
use crate::parameters::RuleParameters;
use crate::subject::Notebook;
use crate::verdict::Verdict;

/// COMPLIANT only if `SubnetId` is set and, with the parameter `SubnetIds`, is listed there.
pub static INSIDE_VPC: Check = Check {
    id: "inside-vpc",
    title: "Notebook instances are in a customer VPC",
    severity: Severity::High,
    security_hub_control: Some("SageMaker.2"),
    managed_rule: Some("sagemaker-notebook-instance-inside-vpc"),
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
    ],
    parameters: &[Parameter {
        name: "SubnetIds",
        meaning: "comma-separated subnet ids that are allowed; without it every subnet is",
    }],
    needs: Needs::ConfigurationItem,
    remediation: "The subnet cannot be changed: save the work, delete the notebook and create it anew in an allowed \
                  subnet.",
    decision: Decision::Notebook(judge),
};

fn judge(notebook: &Notebook, _: &Facts, parameters: &RuleParameters) -> Verdict {
    let Some(subnet) = notebook.subnet_id.text() else {
        return Verdict::NonCompliant(format!(
            "SubnetId {}: the notebook is outside your VPC. It cannot be moved: recreate it in a subnet.",
            notebook.subnet_id
        ));
    };
    match &parameters.subnet_ids {
        Some(allowed) if !allowed.iter().any(|id| id == subnet) => Verdict::NonCompliant(format!(
            "SubnetId is \"{subnet}\", which is not among the allowed SubnetIds. It cannot be moved: recreate the \
             notebook in an allowed subnet."
        )),
        Some(_) | None => Verdict::Compliant,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compliant, compliant_with, non_compliant, non_compliant_with};
    use super::INSIDE_VPC;
    use serde_json::json;

    #[test]
    fn any_subnet_will_do_without_a_list() {
        compliant(&INSIDE_VPC, &json!({"SubnetId": "subnet-1"}));
    }

    #[test]
    fn no_subnet_is_outside() {
        for (json, says) in [
            (json!({}), "is not reported"),
            (json!({"SubnetId": null}), "is null"),
            (json!({"SubnetId": ""}), "is \"\""),
            (json!({"SubnetId": 7}), "is 7"),
        ] {
            non_compliant(&INSIDE_VPC, &json, says);
        }
    }

    #[test]
    fn a_list_admits_only_what_it_names() {
        let parameters = json!({"SubnetIds": "subnet-1, subnet-22"});
        compliant_with(&INSIDE_VPC, &json!({"SubnetId": "subnet-22"}), &parameters);
        non_compliant_with(&INSIDE_VPC, &json!({"SubnetId": "subnet-2"}), &parameters, "not among the allowed");
        non_compliant_with(&INSIDE_VPC, &json!({}), &parameters, "outside your VPC");
    }
}
