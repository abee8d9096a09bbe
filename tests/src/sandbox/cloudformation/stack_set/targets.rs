//! `DeploymentTargets`: which accounts of the organization are meant.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::model::{Key, StackSet};
use crate::sandbox::organizations::Store as Organization;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;

/// How many units one call may name.
const MOST_UNITS: usize = 50;

/// `AccountFilterType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    None,
    Intersection,
    Difference,
    Union,
}

/// Units, accounts and Regions that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) units: Vec<String>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) filter: Filter,
    pub(super) regions: Vec<String>,
}

/// What accounts without units are answered with.
const ONLY_UNITS: &str = "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target";

impl Selection {
    /// Reads a request; `creates` is whether it makes instances.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(super) fn read(call: &Call<'_>, creates: bool) -> Result<Self, Refusal> {
        let refused = |message: &str| Err(Refusal::validation_error(message));
        let targets = call.input.get("DeploymentTargets");
        let texts = |member: &str| -> Vec<String> {
            let listed = targets.and_then(|targets| targets.get(member)?.as_array()).into_iter().flatten();
            listed.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        };
        let (units, accounts) = (texts("OrganizationalUnitIds"), texts("Accounts"));
        if !call.list("Accounts").is_empty() || units.is_empty() {
            return refused(ONLY_UNITS);
        }
        if targets.is_some_and(|targets| targets.get("AccountsUrl").is_some()) {
            return refused("the sandbox does not have the parameter AccountsUrl");
        }
        if units.len() > MOST_UNITS {
            return refused("The number of OrganizationalUnitIds must not be greater than 50");
        }
        let given = targets.and_then(|targets| targets.get("AccountFilterType")?.as_str());
        let filter = match given {
            Some("INTERSECTION") => Filter::Intersection,
            Some("DIFFERENCE") => Filter::Difference,
            Some("UNION") if creates => return refused("UNION is not supported for create operations"),
            Some("UNION") => Filter::Union,
            None if !accounts.is_empty() && creates => {
                return refused(
                    "AccountFilterType should be specified when both OrganizationalUnitIds and Accounts are",
                );
            }
            None if !accounts.is_empty() => Filter::Union,
            _ => Filter::None,
        };
        match filter {
            Filter::None if !accounts.is_empty() => {
                return refused("Accounts cannot be specified when AccountFilterType is NONE");
            }
            Filter::Intersection | Filter::Difference if accounts.is_empty() => {
                return refused("Accounts should be specified when AccountFilterType is INTERSECTION or DIFFERENCE");
            }
            Filter::None | Filter::Intersection | Filter::Difference | Filter::Union => {}
        }
        let regions = call.texts("Regions").into_iter().map(ToOwned::to_owned).collect();
        Ok(Self { units, accounts: accounts.into_iter().collect(), filter, regions })
    }

    /// One account in Regions, as automatic deployment wants it.
    pub(super) fn automatic(account: &str, unit: &str, regions: Vec<String>) -> Self {
        let accounts = BTreeSet::from([account.to_owned()]);
        Self { units: vec![unit.to_owned()], accounts, filter: Filter::Intersection, regions }
    }

    /// Whether the filter lets an account of the units through.
    fn admits(&self, account: &str) -> bool {
        match self.filter {
            Filter::None | Filter::Union => true,
            Filter::Intersection => self.accounts.contains(account),
            Filter::Difference => !self.accounts.contains(account),
        }
    }

    /// Refuses units that the organization does not have.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(super) fn check_exists(&self, organization: &Organization) -> Result<(), Refusal> {
        match self.units.iter().find(|unit| !organization.is_parent(unit)) {
            None => Ok(()),
            Some(unit) => {
                Err(Refusal::validation_error(format!("Organizational unit {unit} not found in the organization")))
            }
        }
    }

    /// Refuses units that the `StackSet` was never deployed to.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(super) fn check_known(&self, organization: &Organization, set: &StackSet) -> Result<(), Refusal> {
        let known = |unit: &String| {
            set.targets.contains_key(unit) || organization.chain(unit).iter().any(|up| set.targets.contains_key(up))
        };
        match self.units.iter().find(|unit| !known(unit)) {
            None => Ok(()),
            Some(unit) => Err(Refusal::validation_error(format!("Organizational unit {unit} not found in StackSet"))),
        }
    }

    /// The accounts that are there now, with the unit that each was found by. Never the management account.
    pub(super) fn accounts(&self, organization: &Organization) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut found: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        for unit in &self.units {
            let unit_id: Arc<str> = unit.as_str().into();
            for member in organization.members_under(unit) {
                if member.id != organization.management
                    && self.admits(&member.id)
                    && !found.contains_key(member.id.as_str())
                {
                    found.insert(member.id.as_str().into(), Arc::clone(&unit_id));
                }
            }
        }
        found
    }

    /// The instances of a `StackSet` that are meant: by where their accounts are now, or by where they were deployed.
    pub(super) fn instances(&self, organization: &Organization, set: &StackSet) -> Vec<Key> {
        let accounts = self.accounts(organization);
        let units: BTreeSet<&str> = self.units.iter().flat_map(|unit| organization.units_under(unit)).collect();
        let meant = |key: &Key, unit: &str| {
            accounts.contains_key(&*key.account)
                || (self.filter == Filter::Union && self.accounts.contains(&*key.account))
                || ((units.contains(unit) || self.units.iter().any(|named| named == unit)) && self.admits(&key.account))
        };
        let here = set.instances.iter().filter(|(key, _)| self.regions.iter().any(|region| **region == *key.region));
        here.filter(|(key, instance)| meant(key, &instance.unit)).map(|(key, _)| key.clone()).collect()
    }
}
