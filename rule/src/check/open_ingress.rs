//! `open-ingress`: no attached security group admits the whole internet.

use super::{Check, Decision, Needs, Severity};
use crate::facts::{Facts, SecurityGroups};
use crate::parameters::RuleParameters;
use crate::subject::{Notebook, SeenList};
use crate::verdict::Verdict;

/// COMPLIANT only if no attached security group admits `0.0.0.0/0` or `::/0` inbound, on any protocol or port.
/// A notebook without a subnet has no security groups of its own: `NOT_APPLICABLE`.
pub static OPEN_INGRESS: Check = Check {
    id: "open-ingress",
    title: "Security groups of notebook instances admit no traffic from everywhere",
    severity: Severity::High,
    security_hub_control: None,
    managed_rule: None,
    requirements: &[],
    parameters: &[],
    needs: Needs::SecurityGroups,
    remediation: "Remove the inbound rule from the security group, or narrow it to the ranges that need it.",
    decision: Decision::Notebook(judge),
};

fn judge(notebook: &Notebook, facts: &Facts, _: &RuleParameters) -> Verdict {
    if notebook.subnet_id.text().is_none() {
        return Verdict::NotApplicable("it has no subnet, and so no security groups of its own".to_owned());
    }
    match &notebook.security_groups {
        SeenList::Texts(groups) if !groups.is_empty() => match &facts.security_groups {
            Some(known) => judge_groups(groups, known),
            None => Verdict::Undetermined("its security groups were not read".to_owned()),
        },
        SeenList::Texts(_) | SeenList::NotReported => Verdict::NonCompliant(
            "it is in a subnet, but no security group is reported. Recreate it with a security group.".to_owned(),
        ),
        SeenList::Other(json) => Verdict::NonCompliant(format!("its security groups are {json}, not a list of ids.")),
    }
}

fn judge_groups(groups: &[String], known: &SecurityGroups) -> Verdict {
    // An open group decides the matter, whatever the others are.
    for group in groups {
        let open = known.ingress.get(group).and_then(|all| all.iter().find(|ingress| ingress.admits_everyone()));
        if let Some(ingress) = open {
            return Verdict::NonCompliant(format!(
                "security group {group} admits {} from {}. Narrow or remove that inbound rule.",
                ingress.traffic(),
                ingress.cidr
            ));
        }
    }
    match groups.iter().find(|group| !known.ingress.contains_key(*group)) {
        Some(missing) => Verdict::Undetermined(format!("security group {missing} does not exist")),
        None => Verdict::Compliant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{subject, verdict};
    use crate::facts::Ingress;
    use serde_json::json;

    fn facts(groups: &[(&str, &[&str])]) -> Facts {
        let ingress = |cidr: &&str| Ingress { cidr: (*cidr).into(), protocol: "tcp".into(), ports: Some((443, 443)) };
        let ingress = groups.iter().map(|(id, cidrs)| ((*id).into(), cidrs.iter().map(ingress).collect())).collect();
        Facts { security_groups: Some(SecurityGroups { ingress }) }
    }

    fn judged(groups: &[&str], known: &[(&str, &[&str])]) -> Verdict {
        let json = json!({"SubnetId": "subnet-1", "SecurityGroups": groups});
        let parameters = RuleParameters::defaults(&OPEN_INGRESS);
        OPEN_INGRESS.verdict(&subject(&OPEN_INGRESS, &json), &facts(known), &parameters)
    }

    #[test]
    fn closed_groups_are_compliant() {
        assert_eq!(judged(&["sg-1"], &[("sg-1", &["10.0.0.0/8"])]), Verdict::Compliant);
        assert_eq!(judged(&["sg-1", "sg-2"], &[("sg-1", &[]), ("sg-2", &["fd00::/8"])]), Verdict::Compliant);
    }

    #[test]
    fn one_open_range_is_enough() {
        for cidr in ["0.0.0.0/0", "::/0"] {
            let verdict = judged(&["sg-1", "sg-2"], &[("sg-1", &["10.0.0.0/8"]), ("sg-2", &["10.0.0.0/8", cidr])]);
            let reason = verdict.reason().unwrap();
            assert!(matches!(verdict, Verdict::NonCompliant(_)), "{verdict:?}");
            assert!(reason.contains("sg-2 admits tcp 443") && reason.contains(cidr), "{reason}");
        }
    }

    #[test]
    fn a_group_that_does_not_exist_is_undetermined_unless_another_is_open() {
        assert!(matches!(judged(&["sg-1", "sg-9"], &[("sg-1", &[])]), Verdict::Undetermined(_)));
        assert!(matches!(judged(&["sg-9", "sg-1"], &[("sg-1", &["::/0"])]), Verdict::NonCompliant(_)));
    }

    #[test]
    fn without_a_subnet_it_does_not_apply() {
        let parameters = json!({});
        let verdict_of = |json| verdict(&OPEN_INGRESS, &json, &parameters);
        assert!(matches!(verdict_of(json!({"SecurityGroups": ["sg-1"]})), Verdict::NotApplicable(_)));
        assert!(matches!(verdict_of(json!({"SubnetId": null})), Verdict::NotApplicable(_)));
    }

    #[test]
    fn groups_that_are_not_reported_are_not_fine() {
        let parameters = json!({});
        let verdict_of = |json| verdict(&OPEN_INGRESS, &json, &parameters);
        assert!(matches!(verdict_of(json!({"SubnetId": "subnet-1"})), Verdict::NonCompliant(_)));
        assert!(matches!(verdict_of(json!({"SubnetId": "subnet-1", "SecurityGroups": []})), Verdict::NonCompliant(_)));
        assert!(matches!(
            verdict_of(json!({"SubnetId": "subnet-1", "SecurityGroups": "sg-1"})),
            Verdict::NonCompliant(_)
        ));
        assert!(matches!(
            verdict_of(json!({"SubnetId": "subnet-1", "SecurityGroups": ["sg-1"]})),
            Verdict::Undetermined(_)
        ));
    }
}
