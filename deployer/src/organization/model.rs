//! An organization as AWS Organizations tells of it: root, organizational units, accounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An organization, read once for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organization {
    /// Its id: `o-...`.
    pub id: String,
    /// The id of the management account, which no StackSet and no service control policy reaches.
    pub management: String,
    /// Whether all features are on; consolidated billing alone allows neither StackSets nor policies.
    pub all_features: bool,
    /// Its root.
    pub root: Root,
    /// The organizational units by id.
    pub units: BTreeMap<String, Unit>,
    /// The accounts by id, the management account among them.
    pub accounts: BTreeMap<String, Account>,
}

/// The root of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Root {
    /// Its id: `r-...`.
    pub id: String,
    /// The policy types that are known of and their status: `SERVICE_CONTROL_POLICY` is `ENABLED` or not there.
    pub policy_types: BTreeMap<String, String>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unit {
    /// Its id: `ou-...`.
    pub id: String,
    /// Its name, which is its own only among its siblings.
    pub name: String,
    /// The id of the unit or root that it is in.
    pub parent: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Its id of twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What can be done in it.
    pub state: AccountState,
    /// The id of the unit or root that it is in.
    pub parent: String,
}

/// The state of an account (`Account.State`; `Status` was retired on 9 September 2026).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum AccountState {
    /// It was made and is not there yet.
    PendingActivation,
    /// It can be worked in.
    Active,
    /// AWS or its owner has suspended it.
    Suspended,
    /// It is about to be closed.
    PendingClosure,
    /// It is closed.
    Closed,
    /// A word that we do not know; nothing is installed there.
    Unknown(String),
}

impl AccountState {
    /// AWS's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
            Self::Unknown(word) => word,
        }
    }
}

impl From<String> for AccountState {
    fn from(word: String) -> Self {
        match word.as_str() {
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            _ => Self::Unknown(word),
        }
    }
}

impl From<AccountState> for String {
    fn from(state: AccountState) -> Self {
        state.as_str().to_owned()
    }
}

/// What every member account may see of its organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organization's id: `o-...`.
    pub id: String,
    /// The management account.
    pub management: String,
    /// Whether all features are on.
    pub all_features: bool,
}

/// Whether CloudFormation StackSets may work in the organization (`DescribeOrganizationsAccess`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustedAccess {
    /// They may.
    Enabled,
    /// They may not, and the management account can allow it.
    Disabled,
    /// They may not, and it cannot be allowed again.
    DisabledPermanently,
    /// AWS says it in a word that we do not know.
    Unknown,
}

impl Organization {
    /// The path of a unit, root and all: `Prod/Payments` for a unit in a unit, the id itself for the root.
    #[must_use]
    pub fn path(&self, unit: &str) -> String {
        let ancestors = self.ancestors(unit);
        let names = ancestors.iter().rev().copied().chain([unit]).filter_map(|id| self.units.get(id));
        let names: Vec<&str> = names.map(|unit| unit.name.as_str()).collect();
        if names.is_empty() { unit.to_owned() } else { names.join("/") }
    }

    /// The units and the root above a unit or an account, the nearest first.
    #[must_use]
    pub fn ancestors(&self, id: &str) -> Vec<&str> {
        let parent_of = |id: &str| {
            let unit = self.units.get(id).map(|unit| unit.parent.as_str());
            unit.or_else(|| self.accounts.get(id).map(|account| account.parent.as_str()))
        };
        let mut found = Vec::new();
        let mut next = parent_of(id);
        // Organizations allows five levels; a circle in what was read must not keep us.
        while let Some(parent) = next.filter(|parent| !found.contains(parent)) {
            found.push(parent);
            next = parent_of(parent);
        }
        found
    }

    /// The accounts in a unit or root and in everything below it, in the order of their ids.
    pub fn under<'a>(&'a self, unit: &'a str) -> impl Iterator<Item = &'a Account> {
        self.accounts.values().filter(move |account| self.ancestors(&account.id).contains(&unit))
    }

    /// Whether there is such a unit or root.
    #[must_use]
    pub fn has_unit(&self, id: &str) -> bool {
        self.root.id == id || self.units.contains_key(id)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Root `r-abcd` with `Prod` (`Payments`, `Search`) and `Test`; management 111111111111 in the root.
    pub(crate) fn sample() -> Organization {
        let units = [
            ("ou-abcd-prod0000", "Prod", "r-abcd"),
            ("ou-abcd-pay00000", "Payments", "ou-abcd-prod0000"),
            ("ou-abcd-search00", "Search", "ou-abcd-prod0000"),
            ("ou-abcd-test0000", "Test", "r-abcd"),
        ];
        let accounts = [
            ("111111111111", "management", AccountState::Active, "r-abcd"),
            ("222222222222", "payments", AccountState::Active, "ou-abcd-pay00000"),
            ("333333333333", "search", AccountState::Active, "ou-abcd-search00"),
            ("444444444444", "old", AccountState::Suspended, "ou-abcd-search00"),
            ("555555555555", "test", AccountState::Active, "ou-abcd-test0000"),
        ];
        Organization {
            id: "o-abcdefghij".to_owned(),
            management: "111111111111".to_owned(),
            all_features: true,
            root: Root { id: "r-abcd".to_owned(), policy_types: BTreeMap::new() },
            units: units
                .map(|(id, name, parent)| {
                    (id.to_owned(), Unit { id: id.to_owned(), name: name.to_owned(), parent: parent.to_owned() })
                })
                .into(),
            accounts: accounts
                .map(|(id, name, state, parent)| {
                    let account =
                        Account { id: id.to_owned(), name: name.to_owned(), state, parent: parent.to_owned() };
                    (id.to_owned(), account)
                })
                .into(),
        }
    }

    #[test]
    fn paths_and_ancestors() {
        let organization = sample();
        assert_eq!(organization.path("ou-abcd-pay00000"), "Prod/Payments");
        assert_eq!(organization.path("r-abcd"), "r-abcd");
        assert_eq!(organization.ancestors("222222222222"), ["ou-abcd-pay00000", "ou-abcd-prod0000", "r-abcd"]);
        let under: Vec<&str> = organization.under("ou-abcd-prod0000").map(|account| account.id.as_str()).collect();
        assert_eq!(under, ["222222222222", "333333333333", "444444444444"]);
    }

    #[test]
    fn a_circle_ends() {
        let mut organization = sample();
        organization.units.get_mut("ou-abcd-prod0000").unwrap().parent = "ou-abcd-pay00000".to_owned();
        assert_eq!(organization.ancestors("222222222222"), ["ou-abcd-pay00000", "ou-abcd-prod0000"]);
    }

    #[test]
    fn a_state_that_is_not_known_keeps_its_word() {
        let state: AccountState = serde_json::from_str("\"FROZEN\"").unwrap();
        assert_eq!(state, AccountState::Unknown("FROZEN".to_owned()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"FROZEN\"");
    }
}
