//! What of an organization is covered: units and accounts by id, and who that is.

mod asked;
mod chunks;
mod place;

pub(crate) use asked::is_account_id;
pub use asked::{Asked, Named};
pub(super) use chunks::through;
pub use chunks::{Need, chunks};
pub(crate) use place::{place, place_name};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{AccountState, Organization};

/// What is covered, as ids, sorted and each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Targets {
    /// Units or the root, none of them below another: all accounts in them, also those that join later.
    pub units: Vec<String>,
    /// Single accounts, none of them in the units.
    pub accounts: Vec<String>,
    /// Accounts in the units that are left out.
    pub excluded: Vec<String>,
}

/// Who is covered now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    /// The active accounts, each with the unit or root of the targets that it is covered through (for a single account
    /// its parent): the unit that StackSets knows it by. Never the management account.
    pub accounts: BTreeMap<String, String>,
    /// Accounts of the targets where nothing can be installed.
    pub skipped: Vec<Skipped>,
    /// Units of the targets without an active account.
    pub empty_units: Vec<String>,
}

/// An account that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Skipped {
    /// Its id.
    pub account: String,
    /// Its name; empty if it is not in the organization any more.
    pub name: String,
    /// Why.
    pub why: Skip,
}

/// Why an account is left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "skip")]
pub enum Skip {
    /// Its state is not `ACTIVE`.
    State {
        /// AWS's word for it.
        state: String,
    },
    /// It was asked for (`--exclude-account`).
    Excluded,
    /// It is no longer in the organization.
    Gone,
}

impl Skip {
    /// In a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::State { state } => format!("is {state}"),
            Self::Excluded => "is excluded".to_owned(),
            Self::Gone => "is not in the organization".to_owned(),
        }
    }
}

impl Targets {
    /// Who is covered. The management account is not: StackSets never reach it
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-associate-stackset-with-org.html>).
    #[must_use]
    pub fn resolve(&self, organization: &Organization) -> Scope {
        let mut scope = Scope::default();
        for account in organization.accounts.values().filter(|account| account.id != organization.management) {
            let Some(unit) = self.unit_of(organization, &account.id) else { continue };
            let skip = if self.excluded.contains(&account.id) {
                Some(Skip::Excluded)
            } else if account.state == AccountState::Active {
                None
            } else {
                Some(Skip::State { state: account.state.as_str().to_owned() })
            };
            match skip {
                None => drop(scope.accounts.insert(account.id.clone(), unit.to_owned())),
                Some(why) => {
                    scope.skipped.push(Skipped { account: account.id.clone(), name: account.name.clone(), why });
                }
            }
        }
        let gone = self.accounts.iter().filter(|id| !organization.accounts.contains_key(*id));
        scope.skipped.extend(gone.map(|id| Skipped { account: id.clone(), name: String::new(), why: Skip::Gone }));
        scope.skipped.sort();
        let is_empty = |unit: &&String| scope.accounts.values().all(|of| of != *unit);
        scope.empty_units = self.units.iter().filter(is_empty).cloned().collect();
        scope
    }

    /// The units of a list in which not everybody is covered: neither targets nor below one. A unit that is gone has
    /// nobody in it.
    #[must_use]
    pub fn units_outside(&self, organization: &Organization, units: &[String]) -> Vec<String> {
        let is_target = |id: &str| self.units.iter().any(|own| own == id);
        let is_covered = |id: &str| is_target(id) || organization.ancestors(id).into_iter().any(is_target);
        units.iter().filter(|id| organization.has_unit(id) && !is_covered(id)).cloned().collect()
    }

    /// The unit or root that covers an account: one of the targets above it, or its parent if it is a target itself.
    #[must_use]
    pub fn unit_of<'a>(&self, organization: &'a Organization, account: &str) -> Option<&'a str> {
        let ancestors = organization.ancestors(account);
        if self.accounts.iter().any(|own| own == account) {
            return ancestors.first().copied();
        }
        ancestors.into_iter().find(|unit| self.units.iter().any(|own| own == unit))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::sample;
    use super::*;

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn the_root_covers_all_active_members_and_never_the_management_account() {
        let targets = Targets { units: ids(&["r-abcd"]), ..Targets::default() };
        let scope = targets.resolve(&sample());
        assert_eq!(scope.accounts.keys().collect::<Vec<_>>(), ["222222222222", "333333333333", "555555555555"]);
        let why = Skip::State { state: "SUSPENDED".to_owned() };
        assert_eq!(scope.skipped, [Skipped { account: "444444444444".to_owned(), name: "old".to_owned(), why }]);
    }

    #[test]
    fn an_account_is_known_by_the_unit_that_covers_it() {
        let targets = Targets {
            units: ids(&["ou-abcd-prod0000"]),
            accounts: ids(&["555555555555", "999999999999"]),
            excluded: ids(&["333333333333"]),
        };
        let scope = targets.resolve(&sample());
        let covered: Vec<(&str, &str)> =
            scope.accounts.iter().map(|(account, unit)| (account.as_str(), unit.as_str())).collect();
        assert_eq!(covered, [("222222222222", "ou-abcd-prod0000"), ("555555555555", "ou-abcd-test0000")]);
        let why: Vec<String> = scope.skipped.iter().map(|skipped| skipped.why.words()).collect();
        assert_eq!(why, ["is excluded", "is SUSPENDED", "is not in the organization"]);
    }

    #[test]
    fn a_unit_is_covered_through_those_above_it_and_not_through_its_accounts() {
        let prod = Targets { units: ids(&["ou-abcd-prod0000"]), ..Targets::default() };
        let units = ids(&["ou-abcd-pay00000", "ou-abcd-test0000", "r-abcd", "ou-abcd-gone0000"]);
        assert_eq!(prod.units_outside(&sample(), &units), ["ou-abcd-test0000", "r-abcd"]);
        let accounts = Targets { accounts: ids(&["555555555555"]), ..Targets::default() };
        assert_eq!(accounts.units_outside(&sample(), &ids(&["ou-abcd-test0000"])), ["ou-abcd-test0000"]);
    }

    #[test]
    fn a_unit_without_accounts_is_told() {
        let mut organization = sample();
        organization.accounts.remove("555555555555");
        let targets = Targets { units: ids(&["ou-abcd-test0000"]), ..Targets::default() };
        let scope = targets.resolve(&organization);
        assert_eq!((scope.accounts.len(), scope.empty_units), (0, ids(&["ou-abcd-test0000"])));
    }
}
