//! The CloudFormation templates, embedded as they are in `cfn/`, and the parameters that they are given.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use rule::check::{ALL, Check};
use serde::{Deserialize, Serialize};

use crate::names::Names;
use crate::scp::settings::GuardrailSettings;
use crate::settings::{Delivery, Settings, Triggers};

static CFN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../cfn");

/// The largest template that CloudFormation takes in a call, in bytes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub const LARGEST_TEMPLATE: usize = 51_200;

/// One of the templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// The artifact bucket.
    Artifacts,
    /// Function, rules and alarms.
    Member,
    /// The body of a conformance pack of the rules alone.
    ConformancePack,
    /// The service control policies.
    Guardrail,
    /// The aggregator of the organization.
    Aggregator,
}

impl Template {
    /// The name of its file in `cfn/`.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Artifacts => "artifacts.yaml",
            Self::Member => "member.yaml",
            Self::ConformancePack => "conformance-pack.yaml",
            Self::Guardrail => "guardrail.yaml",
            Self::Aggregator => "aggregator.yaml",
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(self) -> &'static str {
        // A missing file cannot be deployed: CloudFormation refuses the empty text, and a test reads them all.
        CFN.get_file(self.file()).and_then(|file| file.contents_utf8()).unwrap_or_default()
    }

    /// The value of our component tag.
    #[must_use]
    pub fn component(self) -> &'static str {
        match self {
            Self::Artifacts => "artifacts",
            Self::Member | Self::ConformancePack => "member",
            Self::Guardrail => "guardrail",
            Self::Aggregator => "aggregator",
        }
    }
}

/// The artifact as the templates know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArtifactName {
    /// The version of Notebook Guard.
    pub version: String,
    /// The SHA-256 of the zip, hexadecimal.
    pub sha256: String,
    /// The same in base64: what Lambda calls `CodeSha256`.
    pub code_sha256: String,
    /// The size of the zip in bytes.
    pub size: u64,
    /// Lambda's name of the processor.
    pub architecture: String,
}

impl ArtifactName {
    /// Its key in the artifact bucket.
    #[must_use]
    pub fn key(&self, names: Names<'_>) -> String {
        names.key(&self.version, &self.sha256, &self.architecture)
    }
}

type Parameters = BTreeMap<String, String>;

/// The parameters of the artifact stack.
#[must_use]
pub fn artifact_parameters(names: Names<'_>) -> Parameters {
    let pairs = [
        ("Prefix", names.prefix.to_owned()),
        ("BucketPrefix", names.bucket_prefix()),
        ("Namespace", "global".to_owned()),
        ("OrgId", String::new()),
        ("MakeBucket", "on".to_owned()),
        ("Targets", String::new()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The parameters of the member stack: every one of the template's, so that two stacks can be compared.
#[must_use]
pub fn member_parameters(
    settings: &Settings,
    triggers: Triggers,
    names: Names<'_>,
    artifact: &ArtifactName,
) -> Parameters {
    let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let pairs = [
        ("Prefix", settings.prefix.clone()),
        ("Version", artifact.version.clone()),
        ("ArtifactBucketPrefix", names.bucket_prefix()),
        ("ArtifactBucketSuffix", String::new()),
        ("ArtifactSha256", artifact.sha256.clone()),
        ("Architecture", artifact.architecture.clone()),
        ("SubnetIds", settings.allowed_subnets.join(",")),
        ("KmsKeyArns", settings.allowed_kms_keys.join(",")),
        ("SupportedPlatformIdentifierVersions", settings.supported_platforms.join(",")),
        ("Triggers", triggers.as_str().to_owned()),
        ("Frequency", settings.schedule.as_str().to_owned()),
        ("Delivery", settings.delivery.as_str().to_owned()),
        ("RolePath", settings.path_of_role()),
        ("RoleNamePrefix", settings.prefix.clone()),
        ("PermissionsBoundary", optional(&settings.permissions_boundary)),
        ("LogRetentionDays", settings.log_retention_days.to_string()),
        ("Alarms", on(settings.alarms)),
        ("ThrottlesAlarm", on(false)),
        ("AlarmTopic", optional(&settings.alarm_topic)),
    ];
    let checks = ALL.map(|check| (parameter_of(check), on(settings.checks.iter().any(|id| id == check.id))));
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(checks).collect()
}

/// The parameters of the guardrail stack.
#[must_use]
pub fn guardrail_parameters(guardrail: &GuardrailSettings, names: Names<'_>, role_path: &str) -> Parameters {
    let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let pairs = [
        ("Prefix", names.prefix.to_owned()),
        ("Targets", guardrail.targets.join(",")),
        ("BreakGlass", guardrail.principals(names.partition).join(",")),
        ("Studio", on(guardrail.studio)),
        ("Tamper", on(guardrail.tamper)),
        ("RolePath", role_path.to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The parameters of the aggregator's stack.
#[must_use]
pub fn aggregator_parameters(settings: &Settings, names: Names<'_>) -> Parameters {
    let pairs = [
        ("Prefix", names.prefix.to_owned()),
        ("RolePath", settings.path_of_role()),
        ("PermissionsBoundary", settings.permissions_boundary.clone().unwrap_or_default()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What the aggregator's stack holds.
#[must_use]
pub fn aggregator_resources(names: Names<'_>, region: &str) -> Vec<Resource> {
    vec![
        Resource::new("Role", "role", names.aggregator_role(region)),
        Resource::new("Aggregator", "aggregator", names.aggregator()),
    ]
}

/// What the guardrail stack holds.
#[must_use]
pub fn guardrail_resources(parameters: &Parameters, names: Names<'_>) -> Vec<Resource> {
    let has_tamper = parameters.get("Tamper").is_some_and(|value| value == "on");
    let tamper = || Resource::new("TamperPolicy", "service control policy", names.tamper_policy());
    let network = Resource::new("Network", "service control policy", names.network_policy());
    std::iter::once(network).chain(has_tamper.then(tamper)).collect()
}

/// The template's switch for a check, and what its resources' logical ids begin with: the id in camel case.
#[must_use]
pub fn parameter_of(check: &Check) -> String {
    camel_case(check.id)
}

/// `root-access` as `RootAccess`.
pub(crate) fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('-').map(word).collect()
}

/// A resource that a stack will hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// Its logical id.
    pub logical: String,
    /// What it is, in a word or two.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

impl Resource {
    fn new(logical: impl Into<String>, kind: &'static str, name: impl Into<String>) -> Self {
        Self { logical: logical.into(), kind, name: name.into() }
    }
}

/// What the artifact stack holds.
#[must_use]
pub fn artifact_resources(parameters: &Parameters, names: Names<'_>, region: &str) -> Vec<Resource> {
    let bucket = names.bucket(region);
    let makes_it = parameters.get("MakeBucket").is_none_or(|value| value == "on");
    let made = makes_it.then(|| Resource::new("Bucket", "bucket", &bucket));
    made.into_iter().chain([Resource::new("BucketPolicy", "bucket policy", &bucket)]).collect()
}

/// What the member stack holds with these parameters. A test compares it with what the template really makes.
#[must_use]
pub fn member_resources(parameters: &Parameters, names: Names<'_>, region: &str) -> Vec<Resource> {
    let is = |name: &str, value: &str| parameters.get(name).is_some_and(|actual| actual == value);
    let on: Vec<&Check> = ALL.into_iter().filter(|check| is(&parameter_of(check), "on")).collect();
    let mut resources = vec![
        Resource::new("LogGroup", "log group", names.log_group()),
        Resource::new("Role", "role", names.role(region)),
        Resource::new("Function", "function", names.function()),
        Resource::new("AsynchronousInvocation", "retry setting", names.function()),
        Resource::new("Permission", "permission", "AWS Config may invoke the function"),
    ];
    if is("Delivery", Delivery::Rules.as_str()) {
        resources.extend(
            on.iter().map(|check| Resource::new(format!("{}Rule", parameter_of(check)), "rule", names.rule(check))),
        );
    } else if is("Delivery", Delivery::ConformancePack.as_str()) && !on.is_empty() {
        resources.push(Resource::new("Pack", "conformance pack", names.pack()));
    }
    if is("Alarms", "on") {
        resources.push(Resource::new("ErrorsAlarm", "alarm", names.errors_alarm()));
        resources.extend(
            on.iter().map(|check| {
                Resource::new(format!("{}Alarm", parameter_of(check)), "alarm", names.silence_alarm(check))
            }),
        );
    }
    resources
}

/// What the function's role may do only because of a check that is on. A test compares the whole role with the calls of
/// the function.
#[must_use]
pub fn role_grants(parameters: &Parameters) -> Vec<&'static str> {
    let grants: [(&str, &[&'static str]); 2] = [
        ("OpenIngress", &["ec2:DescribeSecurityGroups"]),
        ("StudioVpcOnly", &["sagemaker:ListDomains", "sagemaker:DescribeDomain"]),
    ];
    let on = grants.into_iter().filter(|(check, _)| parameters.get(*check).is_some_and(|value| value == "on"));
    on.flat_map(|(_, actions)| actions.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_templates_are_embedded_and_small_enough() {
        for template in [
            Template::Artifacts,
            Template::Member,
            Template::ConformancePack,
            Template::Guardrail,
            Template::Aggregator,
        ] {
            let size = template.text().len();
            assert!((1..=LARGEST_TEMPLATE).contains(&size), "{} has {size} bytes", template.file());
        }
    }

    #[test]
    fn every_parameter_of_the_templates_is_given() {
        let settings = Settings::new(vec!["eu-west-1".to_owned()]);
        let names = Names { prefix: &settings.prefix, account: "111122223333", partition: "aws" };
        let artifact = ArtifactName {
            version: "1".to_owned(),
            sha256: "0".repeat(64),
            code_sha256: String::new(),
            size: 1,
            architecture: "arm64".to_owned(),
        };
        let member = member_parameters(&settings, Triggers::Schedule, names, &artifact);
        let guardrail = guardrail_parameters(&GuardrailSettings::default(), names, "/x/");
        for (template, given) in [
            (Template::Member, member),
            (Template::Artifacts, artifact_parameters(names)),
            (Template::Guardrail, guardrail),
            (Template::Aggregator, aggregator_parameters(&settings, names)),
        ] {
            assert_eq!(given.into_keys().collect::<Vec<_>>(), declared(template.text()), "{}", template.file());
        }
    }

    /// The names in the section `Parameters`, read by their indentation.
    fn declared(template: &str) -> Vec<String> {
        let section = template.split("\nParameters:\n").nth(1).unwrap();
        let lines = section.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
        let mut names: Vec<String> = lines
            .filter(|line| line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':'))
            .map(|line| line.trim().trim_end_matches(':').to_owned())
            .collect();
        names.sort();
        names
    }
}
