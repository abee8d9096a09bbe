//! Why there can be no plan for an organization.

use crate::aggregator::AggregatorProblem;
use crate::aws::AwsRefusal;
use crate::managed_pack::PackError;
use crate::plan::PlanError;
use crate::scp::guardrail::GuardrailProblem;

/// Why there can be no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrgPlanError {
    /// Something that the plan depends on could not be read.
    #[error("{0}")]
    Unread(#[from] AwsRefusal),
    /// The stacks of the administrator account cannot be planned.
    #[error("{0}")]
    Base(PlanError),
    /// The organization conformance pack cannot be planned.
    #[error("{0}")]
    Pack(PackError),
    /// The service control policies cannot be planned.
    #[error("{0}")]
    Guardrail(GuardrailProblem),
    /// The aggregator cannot be planned.
    #[error("{0}")]
    Aggregator(AggregatorProblem),
    /// What was asked for does not fit the organization.
    #[error("{0}")]
    Asked(String),
    /// Trusted access of StackSets is off, and nobody asked to switch it on.
    #[error("StackSets may not work in the organization: trusted access is off")]
    NotTrusted {
        /// Whether the caller can switch it on.
        is_management: bool,
    },
    /// Trusted access of StackSets is off for good, or said to be something that we do not know.
    #[error("StackSets may not work in the organization: {0}")]
    NeverTrusted(&'static str),
    /// A StackSet of our name is not ours.
    #[error("the StackSet {set} in {region} {why}")]
    NotOurs {
        /// Its name.
        set: String,
        /// The home Region.
        region: String,
        /// What tells.
        why: &'static str,
    },
    /// A newer version is installed.
    #[error("the StackSet {set} in {region} has version {installed}, newer than {wanted}")]
    Downgrade {
        /// Its name.
        set: String,
        /// The home Region.
        region: String,
        /// The installed version.
        installed: String,
        /// The version that was asked for.
        wanted: String,
    },
    /// A StackSet cannot be changed like that.
    #[error("{what} of an installation cannot be changed (StackSet {set}: `{from}` now, `{to}` asked for)")]
    Fixed {
        /// The setting.
        what: &'static str,
        /// The set.
        set: String,
        /// Its value now.
        from: String,
        /// The value that was asked for.
        to: String,
    },
    /// The StackSets are in another Region.
    #[error("the StackSets of this installation are in {home}, not in {asked}")]
    OtherHome {
        /// Where they are.
        home: String,
        /// Where they were looked for.
        asked: String,
    },
    /// A Region alone has more accounts than a StackSet takes.
    #[error("{accounts} accounts are more than a StackSet takes in one Region")]
    TooMany {
        /// How many accounts.
        accounts: usize,
    },
    /// A StackSet that is there would have more instances than it takes.
    #[error("StackSet {set} would have {instances} stack instances, and a StackSet takes {most}")]
    Full {
        /// Its name.
        set: String,
        /// How many there would be.
        instances: usize,
        /// How many there may be.
        most: usize,
        /// A Region that could go to another set.
        region: String,
    },
    /// The targets cannot be recorded.
    #[error("the targets take {length} characters to record, and a parameter has room for {most}")]
    TooLong {
        /// How many characters.
        length: usize,
        /// How many there may be.
        most: usize,
    },
    /// The canary is spread over too many targets for a call.
    #[error("the canary accounts are in {units} targets, and a call takes {most}")]
    WideCanary {
        /// How many units.
        units: usize,
        /// How many there may be.
        most: usize,
    },
}

impl OrgPlanError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unread(refusal) => refusal.advice(),
            Self::Base(error) => error.advice(),
            Self::Pack(error) => error.advice(),
            Self::Guardrail(problem) => problem.advice(),
            Self::Aggregator(problem) => problem.advice(),
            Self::Asked(_) => "name what is in the organization: deployer doctor --org shows it".to_owned(),
            Self::NotTrusted { is_management: true } => {
                "add --enable-trusted-access, which lets CloudFormation switch it on first".to_owned()
            }
            Self::NotTrusted { is_management: false } => {
                "in the management account: aws cloudformation activate-organizations-access".to_owned()
            }
            Self::NeverTrusted(_) => "ask AWS support; until then install account by account, without --org".to_owned(),
            Self::NotOurs { .. } => "choose another --prefix, or delete the StackSet if nobody needs it".to_owned(),
            Self::Downgrade { .. } => "use the newer deployer, or add --allow-downgrade".to_owned(),
            Self::Fixed { .. } => "keep it as it is, or uninstall first: deployer uninstall --org".to_owned(),
            Self::OtherHome { home, .. } => format!("say --home-region {home}, or leave it out"),
            Self::TooMany { .. } => "install unit by unit (--ou), each with a --prefix of its own".to_owned(),
            Self::Full { region, .. } => format!(
                "move a Region to a set of its own: deployer uninstall --org --region {region}, then the same command again"
            ),
            Self::TooLong { .. } => "name units higher up instead of many units and accounts".to_owned(),
            Self::WideCanary { .. } => "name canary accounts that are in fewer of the units of --ou".to_owned(),
        }
    }
}
