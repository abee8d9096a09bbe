//! The checks: what each one is, and the registry that lists them.
//!
//! A check is one file: its metadata, then a pure, total function from subject, facts and parameters to a verdict.
//! Reports, documentation, the command `deployer checks` and the Config rules are derived from [`ALL`].

mod direct_internet_access;
mod imds_v2;
mod inside_vpc;
mod open_ingress;
mod platform_identifier;
mod root_access;
mod studio_vpc_only;
#[cfg(test)]
mod testing;
mod volume_kms_key;

use crate::facts::Facts;
use crate::parameters::RuleParameters;
use crate::resource::ResourceType;
use crate::subject::{Domain, Notebook, Seen, Subject};
use crate::verdict::Verdict;

pub use direct_internet_access::DIRECT_INTERNET_ACCESS;
pub use imds_v2::IMDS_V2;
pub use inside_vpc::INSIDE_VPC;
pub use open_ingress::OPEN_INGRESS;
pub use platform_identifier::PLATFORM_IDENTIFIER;
pub use root_access::ROOT_ACCESS;
pub use studio_vpc_only::STUDIO_VPC_ONLY;
pub use volume_kms_key::VOLUME_KMS_KEY;

/// All checks, in the order in which they are shown.
pub const ALL: [&Check; 8] = [
    &DIRECT_INTERNET_ACCESS,
    &INSIDE_VPC,
    &ROOT_ACCESS,
    &OPEN_INGRESS,
    &VOLUME_KMS_KEY,
    &PLATFORM_IDENTIFIER,
    &IMDS_V2,
    &STUDIO_VPC_ONLY,
];

/// What the names of our Config rules begin with, unless the installer was told otherwise.
pub const RULE_NAME_PREFIX: &str = "notebook-guard-";

/// A check: its metadata and its decision.
#[derive(Debug)]
pub struct Check {
    /// Kebab-case, permanent, never reused. Selects the check in a rule's parameters.
    pub id: &'static str,
    /// One line, saying what should be so.
    pub title: &'static str,
    /// How bad a violation is.
    pub severity: Severity,
    /// The Security Hub control of the same meaning.
    pub security_hub_control: Option<&'static str>,
    /// The AWS managed Config rule of the same meaning, whose parameter names ours has.
    pub managed_rule: Option<&'static str>,
    /// Framework requirements, as Security Hub relates them to its control.
    pub requirements: &'static [&'static str],
    /// The parameters that the check takes besides `check`.
    pub parameters: &'static [Parameter],
    /// What must be known beyond the configuration item.
    pub needs: Needs,
    /// What to do about a violation, in a sentence or two.
    pub remediation: &'static str,
    /// The decision.
    pub(crate) decision: Decision,
}

/// How bad a violation is, in Security Hub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Should be mended in time.
    Medium,
    /// Should be mended first.
    High,
}

impl Severity {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A rule parameter that a check takes.
#[derive(Debug)]
pub struct Parameter {
    /// The name, as in AWS's managed rule where there is one.
    pub name: &'static str,
    /// What it means, with its form and default.
    pub meaning: &'static str,
}

/// What a check must know beyond the configuration item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: the configuration item holds it all.
    ConfigurationItem,
    /// The answer of the Describe call, because configuration items lack the setting.
    Describe,
    /// The rules of the attached security groups, from EC2.
    SecurityGroups,
}

/// The decision of a check, by the type of resource that it judges.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Decision {
    Notebook(fn(&Notebook, &Facts, &RuleParameters) -> Verdict),
    Domain(fn(&Domain) -> Verdict),
}

impl Check {
    /// The check with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|check| check.id == id)
    }

    /// The type of resource that the check judges.
    #[must_use]
    pub fn resource_type(&self) -> ResourceType {
        match self.decision {
            Decision::Notebook(_) => ResourceType::NOTEBOOK_INSTANCE,
            Decision::Domain(_) => ResourceType::DOMAIN,
        }
    }

    /// The name of the Config rule, with the default prefix.
    #[must_use]
    pub fn rule_name(&self) -> String {
        format!("{RULE_NAME_PREFIX}{}", self.id)
    }

    /// Where its documentation is, relative to the root of the repository.
    #[must_use]
    pub fn docs_page(&self) -> String {
        format!("docs/checks/{}.md", self.id)
    }

    /// Judges one subject. Total: every input has a verdict, and a subject of another type is not applicable.
    #[must_use]
    pub fn verdict(&self, subject: &Subject, facts: &Facts, parameters: &RuleParameters) -> Verdict {
        // A resource on its way out would only flap: its settings can no longer be mended.
        if subject.is_deleting() {
            return Verdict::NotApplicable("it is being deleted".to_owned());
        }
        match (self.decision, subject) {
            (Decision::Notebook(judge), Subject::Notebook(notebook)) => judge(notebook, facts, parameters),
            (Decision::Domain(judge), Subject::Domain(domain)) => judge(domain),
            (Decision::Notebook(_), Subject::Domain(_)) | (Decision::Domain(_), Subject::Notebook(_)) => {
                Verdict::NotApplicable(format!("{} is not judged by this check", subject.resource_type()))
            }
        }
    }
}

/// COMPLIANT only for exactly the good value; anything else is said as it was seen, with the advice.
fn exactly(setting: &str, seen: &Seen, good: &str, advice: &str) -> Verdict {
    if seen.is(good) {
        Verdict::Compliant
    } else {
        Verdict::NonCompliant(format!("{setting} {seen}; \"{good}\" is required. {advice}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Annotation;
    use crate::subject::Shape;
    use serde_json::json;

    #[test]
    fn ids_are_unique_kebab_case_and_found() {
        for (index, check) in ALL.into_iter().enumerate() {
            assert!(
                check.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{}",
                check.id
            );
            assert_eq!(ALL.iter().position(|other| other.id == check.id), Some(index));
            assert_eq!(Check::find(check.id).unwrap().id, check.id);
        }
        assert!(Check::find("Direct-Internet-Access").is_none());
    }

    #[test]
    fn a_rule_name_in_a_conformance_pack_stays_within_the_64_of_clean_up() {
        // A pack appends `-conformance-pack-` and nine characters to the name of each of its rules.
        for check in ALL {
            assert!(check.rule_name().len() + "-conformance-pack-xxxxxxxxx".len() <= 64, "{}", check.rule_name());
        }
    }

    #[test]
    fn an_empty_resource_is_never_compliant() {
        for check in ALL {
            let parameters = RuleParameters::defaults(check);
            for shape in [Shape::ConfigurationItem, Shape::Describe] {
                let id = "arn:aws:sagemaker:eu-west-1:123456789012:x/y".parse().unwrap();
                let subject = Subject::read(&check.resource_type(), id, shape, &json!({})).unwrap();
                let verdict = check.verdict(&subject, &Facts::default(), &parameters);
                assert_ne!(verdict, Verdict::Compliant, "{}", check.id);
                let reason = verdict.reason().unwrap();
                assert!(reason.is_ascii() && reason.len() <= Annotation::MAX_CHARACTERS, "{reason}");
            }
        }
    }

    #[test]
    fn a_resource_that_is_being_deleted_is_not_applicable() {
        for check in ALL {
            let id = "arn:aws:sagemaker:eu-west-1:123456789012:x/y".parse().unwrap();
            let json = json!({"NotebookInstanceStatus": "Deleting", "Status": "Deleting"});
            let subject = Subject::read(&check.resource_type(), id, Shape::Describe, &json).unwrap();
            let verdict = check.verdict(&subject, &Facts::default(), &RuleParameters::defaults(check));
            assert!(matches!(verdict, Verdict::NotApplicable(_)), "{}: {verdict:?}", check.id);
        }
    }
}
