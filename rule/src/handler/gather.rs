//! Learning what a check needs about one resource, and judging it.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use futures_util::lock::Mutex;

use crate::check::Needs;
use crate::facts::{Facts, SecurityGroups};
use crate::parameters::RuleParameters;
use crate::port::{Inventory, ReadError};
use crate::subject::{Notebook, Subject};
use crate::verdict::Verdict;

type Answer = Rc<Mutex<Option<Result<SecurityGroups, ReadError>>>>;

/// Gathers facts, and asks once for each distinct set of security groups.
#[derive(Debug)]
pub struct Gatherer<'a, I> {
    inventory: &'a I,
    groups: RefCell<HashMap<BTreeSet<String>, Answer>>,
}

impl<'a, I: Inventory> Gatherer<'a, I> {
    /// A gatherer that knows nothing yet.
    #[must_use]
    pub fn new(inventory: &'a I) -> Self {
        Self { inventory, groups: RefCell::default() }
    }

    /// Judges a subject whose settings are known, after gathering what else its check needs.
    pub async fn verdict(&self, subject: &Subject, parameters: &RuleParameters) -> Verdict {
        match self.facts(subject, parameters).await {
            Ok(facts) => parameters.check.verdict(subject, &facts, parameters),
            Err(error) => Verdict::Undetermined(error.to_string()),
        }
    }

    async fn facts(&self, subject: &Subject, parameters: &RuleParameters) -> Result<Facts, ReadError> {
        // What is on its way out is not applicable whatever its groups are; asking could only make it undetermined.
        if subject.is_deleting() {
            return Ok(Facts::default());
        }
        match (parameters.check.needs, subject) {
            (Needs::SecurityGroups, Subject::Notebook(notebook)) => self.group_facts(notebook).await,
            (Needs::SecurityGroups | Needs::ConfigurationItem | Needs::Describe, _) => Ok(Facts::default()),
        }
    }

    async fn group_facts(&self, notebook: &Notebook) -> Result<Facts, ReadError> {
        let ids = match (notebook.subnet_id.text(), notebook.security_groups.texts()) {
            (Some(_), Some(ids)) if !ids.is_empty() => ids,
            _ => return Ok(Facts::default()),
        };
        let ids: BTreeSet<String> = ids.iter().cloned().collect();
        let answer = Rc::clone(self.groups.borrow_mut().entry(ids.clone()).or_default());
        // Whoever comes first asks; the others wait for the lock and find the answer, be it an error.
        let mut answer = answer.lock().await;
        if answer.is_none() {
            *answer = Some(self.inventory.security_groups(&ids).await.map(SecurityGroups::decisive));
        }
        match &*answer {
            Some(Ok(groups)) => Ok(Facts { security_groups: Some(groups.clone()) }),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(Facts::default()),
        }
    }
}
