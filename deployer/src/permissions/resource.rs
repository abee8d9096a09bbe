//! What an action is done to, as ARNs.

use crate::managed_pack::PRINCIPAL;
use crate::names::Names;
use crate::settings::Settings;

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The service knows nothing narrower, or the call lists things.
    Any,
    /// The two stacks of each Region.
    Stacks,
    /// The artifact buckets.
    Buckets,
    /// The artifacts in them.
    Artifacts,
    /// The function's roles.
    Roles,
    /// Every role: the caller's own is not known beforehand.
    AnyRole,
    /// Every user and role, to be asked about.
    AnyCaller,
    /// The policy that bounds the role.
    Boundary,
    /// The function.
    Function,
    /// The function's log group.
    LogGroup,
    /// Config rules: their ARNs end in an id that nobody knows beforehand.
    ConfigRules,
    /// The conformance pack.
    Pack,
    /// The service-linked role of conformance packs.
    PackServiceRole,
    /// The alarms.
    Alarms,
    /// Organization conformance packs: their ARNs end in an id that nobody knows beforehand.
    OrganizationPacks,
    /// The service-linked role of organization conformance packs.
    MultiAccountServiceRole,
    /// Aggregators of AWS Config: their ARNs end in an id that nobody knows beforehand.
    Aggregators,
    /// The organization: the service knows nothing narrower.
    Organization,
    /// A StackSet that is not there yet: the service knows nothing narrower.
    NewStackSet,
    /// The StackSets and their instances. They are the management account's, also where a delegated administrator
    /// works with them.
    StackSets,
    /// The service-linked role of StackSets in the management account.
    StackSetsServiceRole,
    /// The stacks that StackSets of our names made in the account.
    SetStacks,
    /// The stack with the service control policies.
    GuardrailStack,
    /// The stack with the aggregator of the organization.
    AggregatorStack,
    /// The role of the aggregator.
    AggregatorRole,
}

/// For what ARNs are written.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// A policy: every Region, and `*` for what is not known.
    Policy,
    /// One question: this Region, and an example for what is not known.
    Example(&'a str),
}

impl Resource {
    /// The ARNs, in patterns for a policy or as examples.
    #[must_use]
    pub fn arns(self, names: Names<'_>, settings: &Settings, scope: Scope<'_>) -> Vec<String> {
        let (partition, account, prefix) = (names.partition, names.account, names.prefix);
        let (region, id, is_policy) = match scope {
            Scope::Policy => ("*", "*", true),
            Scope::Example(region) => (region, "00000000-0000-0000-0000-000000000000", false),
        };
        let of = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
        let iam = |rest: String| format!("arn:{partition}:iam::{account}:{rest}");
        let path = settings.path_of_role();
        let bucket = || format!("arn:{partition}:s3:::{}", names.bucket(region));
        match self {
            Self::Any | Self::Organization | Self::NewStackSet => vec!["*".to_owned()],
            // Instances are authorized on the StackSet, its targets and the types of its template.
            Self::StackSets if is_policy => ["stackset", "stackset-target"]
                .map(|kind| format!("arn:{partition}:cloudformation:*:*:{kind}/{prefix}*"))
                .into_iter()
                .chain([format!("arn:{partition}:cloudformation:*::type/resource/*")])
                .collect(),
            Self::StackSets => vec![of("cloudformation", format!("stackset/{}:{id}", names.stack_set(1)))],
            Self::StackSetsServiceRole => vec![iam("role/aws-service-role/stacksets.cloudformation.amazonaws.com/\
                 AWSServiceRoleForCloudFormationStackSetsOrgAdmin"
                .to_owned())],
            Self::Stacks => [names.member_stack(), names.artifact_stack()]
                .map(|stack| of("cloudformation", format!("stack/{stack}/{id}")))
                .to_vec(),
            Self::Buckets => vec![bucket()],
            Self::Artifacts if is_policy => vec![format!("{}/{prefix}/*", bucket())],
            Self::Artifacts => vec![format!("{}/{prefix}/0.1.0/{id}/bootstrap-arm64.zip", bucket())],
            Self::Roles => vec![iam(format!("role{path}{}", names.role(region)))],
            Self::AnyRole => vec![iam(format!("role/{}", if is_policy { "*" } else { "example" }))],
            Self::AnyCaller if is_policy => vec![iam("role/*".to_owned()), iam("user/*".to_owned())],
            Self::AnyCaller => vec![iam("role/example".to_owned())],
            Self::Boundary => settings.boundary_arn(names).into_iter().collect(),
            // The settings of asynchronous invocation belong to a version: `$LATEST`.
            Self::Function if is_policy => ["", ":*"].map(|end| function(of, names, end)).to_vec(),
            Self::Function => vec![function(of, names, "")],
            // Some calls name the group, others its streams.
            Self::LogGroup if is_policy => ["", ":*"].map(|end| log_group(of, names, end)).to_vec(),
            Self::LogGroup => vec![log_group(of, names, "")],
            Self::ConfigRules => {
                vec![of("config", format!("config-rule/{}", if is_policy { "*" } else { "config-rule-abc123" }))]
            }
            Self::Aggregators => {
                let id = if is_policy { "*" } else { "config-aggregator-abc123" };
                vec![of("config", format!("config-aggregator/{id}"))]
            }
            Self::Pack => vec![of("config", format!("conformance-pack/{}/{id}", names.pack()))],
            Self::PackServiceRole => vec![iam(
                "role/aws-service-role/config-conforms.amazonaws.com/AWSServiceRoleForConfigConforms".to_owned(),
            )],
            Self::OrganizationPacks => {
                let id = if is_policy { "*".to_owned() } else { format!("{prefix}-managed-abcd1234") };
                vec![of("config", format!("organization-conformance-pack/{id}"))]
            }
            Self::MultiAccountServiceRole => {
                vec![iam(format!("role/aws-service-role/{PRINCIPAL}/AWSServiceRoleForConfigMultiAccountSetup"))]
            }
            Self::AggregatorStack => {
                vec![of("cloudformation", format!("stack/{}/{id}", names.aggregator_stack()))]
            }
            Self::AggregatorRole => vec![iam(format!("role{path}{}", names.aggregator_role(region)))],
            Self::SetStacks => {
                let beginning = names.stack_set_stacks();
                vec![of(
                    "cloudformation",
                    format!("stack/{beginning}{}", if is_policy { "*".to_owned() } else { format!("{id}/{id}") }),
                )]
            }
            Self::GuardrailStack => {
                vec![of("cloudformation", format!("stack/{}/{id}", names.guardrail_stack()))]
            }
            Self::Alarms => {
                vec![of("cloudwatch", format!("alarm:{prefix}-{}", if is_policy { "*" } else { "errors" }))]
            }
        }
    }
}

fn function(of: impl Fn(&str, String) -> String, names: Names<'_>, end: &str) -> String {
    of("lambda", format!("function:{}{end}", names.function()))
}

fn log_group(of: impl Fn(&str, String) -> String, names: Names<'_>, end: &str) -> String {
    of("logs", format!("log-group:{}{end}", names.log_group()))
}
