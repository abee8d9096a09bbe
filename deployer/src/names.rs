//! The names of everything that an installation makes. The templates put the same names together; a test holds the
//! two against each other.

use rule::check::Check;

/// The tag by which a stack is known to be ours.
pub const MANAGED_TAG: &str = "notebook-guard:managed";
/// The tag that tells our stacks apart.
pub const COMPONENT_TAG: &str = "notebook-guard:component";
/// The tag with a digest of template and parameters. It differs whenever they do: CloudFormation would keep the old text
/// of a template that changes no resource, and no later plan would be empty.
pub const SETTINGS_TAG: &str = "notebook-guard:settings";
/// The tag with the version that made the stack.
pub const VERSION_TAG: &str = "notebook-guard:version";

/// The names of one installation in one account.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// What all names begin with.
    pub prefix: &'a str,
    /// The account id.
    pub account: &'a str,
    /// The partition: `aws`, `aws-cn`, …
    pub partition: &'a str,
}

/// Whether a text has the form of a prefix: 2 to 14 lower-case letters, digits and hyphens.
pub(crate) fn is_prefix(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (2..=14).contains(&text.len())
        && text.bytes().all(|b| is_plain(b) || b == b'-')
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().last().is_some_and(is_plain)
}

impl Names<'_> {
    /// The stack with the artifact bucket.
    #[must_use]
    pub fn artifact_stack(self) -> String {
        format!("{}-artifacts", self.prefix)
    }

    /// The stack with function, rules and alarms.
    #[must_use]
    pub fn member_stack(self) -> String {
        self.prefix.to_owned()
    }

    /// The stack with the aggregator of the organization.
    #[must_use]
    pub fn aggregator_stack(self) -> String {
        format!("{}-aggregator", self.prefix)
    }

    /// The aggregator of the organization.
    #[must_use]
    pub fn aggregator(self) -> String {
        self.prefix.to_owned()
    }

    /// The role of the aggregator. Roles are global, so that its name ends in the Region.
    #[must_use]
    pub fn aggregator_role(self, region: &str) -> String {
        format!("{}-aggregator-{region}", self.prefix)
    }

    /// The StackSet with this number, counted from 1: a large organization needs more than one.
    #[must_use]
    pub fn stack_set(self, number: usize) -> String {
        if number <= 1 { self.prefix.to_owned() } else { format!("{}-set-{number}", self.prefix) }
    }

    /// What the artifact buckets' names begin with.
    #[must_use]
    pub fn bucket_prefix(self) -> String {
        format!("{}-{}", self.prefix, self.account)
    }

    /// The artifact bucket of a Region.
    #[must_use]
    pub fn bucket(self, region: &str) -> String {
        format!("{}-{region}", self.bucket_prefix())
    }

    /// The key of an artifact.
    #[must_use]
    pub fn key(self, version: &str, sha256: &str, architecture: &str) -> String {
        format!("{}/{version}/{sha256}/bootstrap-{architecture}.zip", self.prefix)
    }

    /// The function.
    #[must_use]
    pub fn function(self) -> String {
        format!("{}-evaluator", self.prefix)
    }

    /// The function's role. Roles are global, so that its name ends in the Region.
    #[must_use]
    pub fn role(self, region: &str) -> String {
        // The template's RoleNamePrefix is its own parameter; we leave it at the prefix.
        format!("{}-{region}", self.prefix)
    }

    /// The function's log group.
    #[must_use]
    pub fn log_group(self) -> String {
        format!("/{}/evaluator", self.prefix)
    }

    /// The Config rule of a check. A conformance pack appends a suffix of its own to it.
    #[must_use]
    pub fn rule(self, check: &Check) -> String {
        format!("{}-{}", self.prefix, check.id)
    }

    /// The conformance pack.
    #[must_use]
    pub fn pack(self) -> String {
        self.prefix.to_owned()
    }

    /// The alarm on the function's errors.
    #[must_use]
    pub fn errors_alarm(self) -> String {
        format!("{}-errors", self.prefix)
    }

    /// The alarm on throttles, which only a template that is deployed by hand switches on.
    #[must_use]
    pub fn throttles_alarm(self) -> String {
        format!("{}-throttles", self.prefix)
    }

    /// The dead man's alarm of a check.
    #[must_use]
    pub fn silence_alarm(self, check: &Check) -> String {
        format!("{}-silent-{}", self.prefix, check.id)
    }

    /// The stack with the service control policies, in the organization's administrator account.
    #[must_use]
    pub fn guardrail_stack(self) -> String {
        format!("{}-guardrail", self.prefix)
    }

    /// The service control policy on network and root access.
    #[must_use]
    pub fn network_policy(self) -> String {
        format!("{}-network", self.prefix)
    }

    /// The service control policy that protects the guard.
    #[must_use]
    pub fn tamper_policy(self) -> String {
        format!("{}-tamper", self.prefix)
    }

    /// What the names of the stacks begin with that StackSets make in member accounts: `StackSet-`, the set's name, an
    /// id (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html>). Every set of ours
    /// begins with the prefix.
    #[must_use]
    pub fn stack_set_stacks(self) -> String {
        format!("StackSet-{}-", self.prefix)
    }
}
