//! What AWS Config holds: reading it, and putting old things into it.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::clock::Instant;
use crate::sandbox::config::{self, ConfigurationItem, RuleSpec, StoredEvaluation};
use crate::sandbox::state::Place;

impl World {
    /// A new result token for a rule, valid until the rule is deleted.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownRule`].
    pub fn issue_result_token(&self, account: &str, region: &str, rule: &str) -> Result<String, SandboxError> {
        let token =
            self.in_region(&Place::new(account, region), |region, ambient| config::issue_token(region, ambient, rule))?;
        token.ok_or_else(|| SandboxError::UnknownRule(rule.to_owned()))
    }

    /// The results of a rule, by type and id, `NOT_APPLICABLE` included.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownRule`].
    pub fn compliance(&self, account: &str, region: &str, rule: &str) -> Result<Vec<StoredEvaluation>, SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            let rule = region.config.rules.get(rule).ok_or_else(|| SandboxError::UnknownRule(rule.to_owned()))?;
            Ok(rule.results.values().cloned().collect())
        })?
    }

    /// Puts a rule without looking for its function, and without running it: results are put by
    /// [`World::seed_compliance`].
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn seed_rule(&self, account: &str, region: &str, rule: &RuleSpec) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        let put = self.change(|state| config::insert_rule(state, &place, rule.definition(&place)));
        put.map(drop).map_err(SandboxError::Refused)
    }

    /// Puts a result straight into a rule's store, whatever is there.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownRule`].
    pub fn seed_compliance(
        &self,
        account: &str,
        region: &str,
        rule: &str,
        evaluation: StoredEvaluation,
    ) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            let rule = region.config.rules.get_mut(rule).ok_or_else(|| SandboxError::UnknownRule(rule.to_owned()))?;
            rule.results.remove(&(evaluation.resource_type.clone(), evaluation.resource_id.clone()));
            config::store_evaluation(rule, evaluation);
            Ok(())
        })?
    }

    /// Puts a result as a rule's function would at this moment: the recorder sees what becomes of the resource's
    /// compliance.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownRule`].
    pub fn put_result(
        &self,
        account: &str,
        region: &str,
        rule: &str,
        evaluation: StoredEvaluation,
    ) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| {
            let rule = region.config.rules.get_mut(rule).ok_or_else(|| SandboxError::UnknownRule(rule.to_owned()))?;
            let touched = (evaluation.resource_type.clone(), evaluation.resource_id.clone());
            config::store_evaluation(rule, evaluation);
            config::note_compliance(region, ambient, [touched]);
            Ok(())
        })?
    }

    /// Does AWS Config's own housekeeping: removes the results that are `NOT_APPLICABLE`.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn clean_not_applicable(&self, account: &str, region: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            for rule in region.config.rules.values_mut() {
                rule.results.retain(|_, stored| stored.compliance_type != "NOT_APPLICABLE");
            }
        })
    }

    /// Puts a configuration item straight into the history, without telling any rule.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn seed_history(&self, account: &str, region: &str, item: ConfigurationItem) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            let key = (item.resource_type.clone(), item.resource_id.clone());
            let items = region.config.history.entry(key).or_default();
            items.push(item);
            items.sort_by_key(|item| item.captured);
        })
    }

    /// The configuration items of a resource, oldest first.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn history(
        &self,
        account: &str,
        region: &str,
        resource_type: &str,
        id: &str,
    ) -> Result<Vec<ConfigurationItem>, SandboxError> {
        let key = (resource_type.to_owned(), id.to_owned());
        self.in_region(&Place::new(account, region), |region, _| {
            region.config.history.get(&key).cloned().unwrap_or_default()
        })
    }
}

impl StoredEvaluation {
    /// A result as an earlier run of a rule would have left it.
    #[must_use]
    pub fn new(resource_type: &str, resource_id: &str, compliance_type: &str, ordering_timestamp: Instant) -> Self {
        Self {
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.to_owned(),
            compliance_type: compliance_type.to_owned(),
            annotation: None,
            ordering_timestamp,
            recorded: ordering_timestamp,
            invoked: ordering_timestamp,
        }
    }
}
