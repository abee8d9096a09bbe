//! The accounts with the most violations.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::evidence::rows::{Counts, Place, Totals};

/// Names of accounts, which the totals do not have.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn place(&mut self, place: &Place) {
        if let Some(name) = &place.account_name
            && !self.0.contains_key(&place.account)
        {
            self.0.insert(place.account.clone(), name.clone());
        }
    }

    pub(super) fn of(&self, account: &str) -> Option<&str> {
        self.0.get(account).map(String::as_str)
    }
}

/// The accounts with violations, the most first.
pub(super) fn worst(totals: &Totals) -> Vec<(&str, Counts)> {
    let mut all: Vec<(&str, Counts)> = totals
        .accounts
        .iter()
        .filter(|(_, counts)| counts.violations() > 0)
        .map(|(account, counts)| (account.as_str(), *counts))
        .collect();
    all.sort_by_key(|(account, counts)| (Reverse(counts.violations()), *account));
    all
}
