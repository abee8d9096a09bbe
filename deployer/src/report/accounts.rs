//! The accounts with the most notebooks and domains that violate a check.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::standing::Standings;
use crate::evidence::rows::Place;

/// Accounts with their names and how what they have stands.
#[derive(Debug, Default)]
pub(super) struct Accounts(BTreeMap<String, Account>);

/// An account.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    /// Its name.
    pub(super) name: Option<String>,
    /// How its notebooks and domains stand.
    pub(super) standings: Standings,
}

impl Accounts {
    pub(super) fn place(&mut self, place: &Place, standings: Standings) {
        if !self.0.contains_key(&place.account) {
            let name = place.account_name.clone();
            self.0.insert(place.account.clone(), Account { name, ..Account::default() });
        }
        if let Some(account) = self.0.get_mut(&place.account) {
            account.standings.add(standings);
        }
    }

    /// Those with violations, the most first.
    pub(super) fn worst(&self) -> Vec<(&str, &Account)> {
        let bad = self.0.iter().filter(|(_, account)| account.standings.bad > 0);
        let mut all: Vec<(&str, &Account)> = bad.map(|(id, account)| (id.as_str(), account)).collect();
        all.sort_by_key(|(id, account)| (Reverse(account.standings.bad), *id));
        all
    }
}
