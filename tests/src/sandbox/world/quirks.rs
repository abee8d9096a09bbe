//! Ways in which AWS can be difficult, switched on for a test.

use std::time::Duration;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::config::Oversized;
use crate::sandbox::faults::{Effect, Fault, When};
use crate::sandbox::lag::{Lag, Lagging};
use crate::sandbox::state::{Place, Settings};

/// Operations of Organizations, how many calls AWS lets pass in a second, and how many at once.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const ORGANIZATION_RATES: &[(&[&str], f64, f64)] = &[
    (&["EnablePolicyType"], 1.0, 1.0),
    (&["DescribeOrganization", "ListRoots"], 1.0, 2.0),
    (&["ListAWSServiceAccessForOrganization"], 1.0, 3.0),
    (&["DescribePolicy"], 2.0, 2.0),
    (&["AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy"], 2.0, 3.0),
    (&["ListAccountsForParent", "ListOrganizationalUnitsForParent", "ListParents"], 5.0, 8.0),
    (&["ListChildren"], 6.0, 10.0),
    (&["ListAccounts"], 8.0, 12.0),
];

impl World {
    fn set(&self, set: impl FnOnce(&mut Settings)) {
        self.change(|state| set(&mut state.ambient.settings));
    }

    /// Lets one page (from 0) of every notebook listing come back empty, with a next token.
    pub fn set_empty_list_page(&self, page: Option<usize>) {
        self.set(|settings| settings.empty_list_page = page);
    }

    /// Lets each page of a notebook listing begin with the last notebook of the page before.
    pub fn set_overlapping_pages(&self, overlapping: bool) {
        self.set(|settings| settings.overlapping_pages = overlapping);
    }

    /// Lets the first page of every configuration history come back empty, with a next token.
    pub fn set_empty_history_page(&self, empty: bool) {
        self.set(|settings| settings.empty_history_page = empty);
    }

    /// Lets the first page of everything that an aggregator lists come back empty, with a next token.
    pub fn set_hollow_aggregate_pages(&self, hollow: bool) {
        self.set(|settings| settings.hollow_aggregate_pages = hollow);
    }

    /// How long an aggregator shows nothing after it was made.
    pub fn set_aggregation_delay(&self, delay: Duration) {
        self.set(|settings| settings.aggregation_delay = delay);
    }

    /// Lets `GetComplianceDetailsByConfigRule` refuse names over 64 characters, as its model says.
    pub fn set_short_rule_names(&self, short: bool) {
        self.set(|settings| settings.short_rule_names = short);
    }

    /// Lets `PutConfigRule` refuse rules where there is no configuration recorder.
    pub fn set_rules_need_recorder(&self, needed: bool) {
        self.set(|settings| settings.rules_need_recorder = needed);
    }

    /// Whether `StartConfigRulesEvaluation` is refused within a minute of the last one; on by default.
    pub fn set_evaluation_pause(&self, pause: bool) {
        self.set(|settings| settings.evaluation_pause = pause);
    }

    /// Lets Organizations throttle as AWS does, each operation at its own rate. [`Faults::clear`] ends it.
    ///
    /// [`Faults::clear`]: crate::sandbox::Faults::clear
    pub fn throttle_organizations(&self) {
        for (operations, per_second, burst) in ORGANIZATION_RATES {
            for operation in *operations {
                let limit = When::RateLimit { per_second: *per_second, burst: *burst };
                self.faults().add(Fault::on("organizations", operation, Effect::Throttle).when(limit));
            }
        }
    }

    /// How long it takes until a policy type of the organization is in force, or an account closed.
    pub fn set_organization_delay(&self, delay: Duration) {
        self.set(|settings| settings.organization_delay = delay);
    }

    /// Lets the first page of every listing of the organization come back empty, with a next token.
    pub fn set_empty_organization_pages(&self, empty: bool) {
        self.set(|settings| settings.empty_organization_pages = empty);
    }

    /// Whether accounts of the organization have the `Status` that was retired in September 2026.
    pub fn set_account_status(&self, shown: bool) {
        self.set(|settings| settings.account_status = shown);
    }

    /// The form of change notifications.
    pub fn set_oversized(&self, oversized: Oversized) {
        self.set(|settings| settings.oversized = oversized);
    }

    /// How long a notebook stays in a passing status; `None`: until [`World::finish_transitions`].
    pub fn set_transition(&self, transition: Option<Duration>) {
        self.set(|settings| settings.transition = transition);
    }

    /// Lets reads of a kind lag behind writes; `None`: as fast as ever. Holds for what is made from now on.
    pub fn set_lag(&self, kind: Lagging, lag: Option<Lag>) {
        self.set(|settings| match lag {
            Some(lag) => {
                settings.lags.insert(kind, lag);
            }
            None => {
                settings.lags.remove(&kind);
            }
        });
    }

    /// Lets `PutEvaluations` refuse a resource type in one Region.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn refuse_resource_type(&self, account: &str, region: &str, resource_type: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            region.config.refused_types.insert(resource_type.to_owned());
        })
    }
}
