//! Why there can be no guardrail as it is wanted, found before anything is attached.

use crate::aws::AwsRefusal;
use crate::scp::quotas::QUOTAS;
use crate::stacks::StackProblem;

/// Why the guardrail cannot be made or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardrailProblem {
    /// Something that the plan depends on could not be read.
    #[error("{0}")]
    Unread(#[from] AwsRefusal),
    /// There is nothing to attach to.
    #[error("there is no target for the service control policies")]
    NoTarget,
    /// The rules are no pack.
    #[error(
        "--tamper-scp cannot protect plain Config rules: their ARNs end in an id that nobody knows beforehand, and CloudFormation cannot tag them"
    )]
    TamperNeedsPack,
    /// The pack goes that an attached policy protects, and the policy would stay.
    #[error(
        "the policy {policy} is attached and protects the rules as a conformance pack; without --conformance-pack they would be plain Config rules, which it does not protect"
    )]
    TamperStays {
        /// Its name.
        policy: String,
    },
    /// The root was named without the word for it.
    #[error("the target {root} is the root: the policies would bind every account of the organization")]
    Root {
        /// Its id.
        root: String,
    },
    /// The management account was named.
    #[error("the target {account} is the management account, which no service control policy binds")]
    Management {
        /// Its id.
        account: String,
    },
    /// The organization has consolidated billing only.
    #[error("the organization does not have all features on, and so no service control policies")]
    NotAllFeatures,
    /// The policy type is off.
    #[error("service control policies are not switched on in the organization (root {root})")]
    TypeOff {
        /// The root's id.
        root: String,
    },
    /// The policy type is in a state that we do not know.
    #[error("the policy type SERVICE_CONTROL_POLICY of root {root} is in state {status}")]
    TypeUnknown {
        /// The root's id.
        root: String,
        /// AWS's word.
        status: String,
    },
    /// A policy is too long.
    #[error("the policy {policy} has {size} characters, and AWS takes {} (as of {})", QUOTAS.characters, QUOTAS.read_on)]
    TooLong {
        /// Its name.
        policy: String,
        /// Its characters.
        size: usize,
    },
    /// A list is too long for a parameter of a template.
    #[error(
        "the list of {what} has {size} bytes, and a parameter of CloudFormation takes {}",
        crate::scp::settings::LARGEST_LIST
    )]
    ListTooLong {
        /// Of what.
        what: &'static str,
        /// Its bytes.
        size: usize,
    },
    /// A target has no room.
    #[error("{target} has {attached} service control policies attached, {more} more are wanted, and AWS takes {} (as of {})", QUOTAS.attached, QUOTAS.read_on)]
    Full {
        /// The target.
        target: String,
        /// What is attached without ours.
        attached: usize,
        /// Ours.
        more: usize,
    },
    /// Another policy has the name.
    #[error("the organization has a policy {name} that was not made by deployer")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Its stack cannot be worked on.
    #[error(transparent)]
    Stack(#[from] StackProblem),
    /// The decision table does not come out as intended.
    #[error("on {target}, {row} would be {is}, and has to be {intended}{}", why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    Unintended {
        /// The target.
        target: String,
        /// The row.
        row: String,
        /// How it comes out.
        is: &'static str,
        /// How it should.
        intended: &'static str,
        /// By what.
        why: Option<String>,
    },
}

impl GuardrailProblem {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unread(refusal) => refusal.advice(),
            Self::NoTarget => "name one: --scp-target OU".to_owned(),
            Self::TamperNeedsPack => "add --conformance-pack: a pack has a name".to_owned(),
            Self::TamperStays { .. } => {
                "add --conformance-pack; or, if the protection is to go, add --deny-scp with its targets and without \
                 --tamper-scp"
                    .to_owned()
            }
            Self::Root { .. } => "name units with --scp-target, or add --allow-root".to_owned(),
            Self::Management { .. } => "leave it out: it is only judged, by the rules".to_owned(),
            Self::NotAllFeatures => {
                "switch all features on in the management account (AWS Organizations, Settings)".to_owned()
            }
            Self::TypeOff { .. } => {
                "add --enable-policy-type; it is never switched off again, because that would detach every policy"
                    .to_owned()
            }
            Self::TypeUnknown { .. } => "wait until it is settled, then run the same command again".to_owned(),
            Self::TooLong { .. } => "name fewer roles with --break-glass, or one pattern for several".to_owned(),
            Self::ListTooLong { .. } => "name a unit above them, or one pattern for several".to_owned(),
            Self::Full { .. } => "detach or merge some of them, or name another target".to_owned(),
            Self::NameTaken { .. } => "choose another --prefix, or delete that policy if it is yours".to_owned(),
            Self::Stack(problem) => problem.advice(),
            Self::Unintended { .. } => "see all of it: deployer scp test --scp-target TARGET".to_owned(),
        }
    }
}
