//! What the reports for people keep of the rows.

use std::collections::BTreeMap;

use super::accounts::Accounts;
use super::beyond::Beyond;
use super::by_check::ByCheck;
use super::calls::Calls;
use super::reasons::Reasons;
use super::standing::{Resources, Standings};
use super::worst::{Bad, Worst};
use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow};

/// What is kept of the rows: the worst resources, why there is no data, and numbers.
#[derive(Debug)]
pub(super) struct Summary {
    /// The worst resources.
    pub(super) worst: Worst,
    /// Accounts × Regions without data.
    pub(super) reasons: Reasons,
    /// How the resources stand.
    pub(super) standings: Standings,
    /// The accounts.
    pub(super) accounts: Accounts,
    /// The checks.
    pub(super) checks: ByCheck,
    /// What was asked.
    pub(super) calls: Calls,
    /// Violations of which the exemption has expired.
    pub(super) expired: u64,
    /// What no check judges.
    pub(super) beyond: Beyond,
    /// The accounts × Regions whose evaluations go by: one, unless rows come in another order.
    open: BTreeMap<(String, String), Resources>,
}

/// How much of the single things is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Resources.
    pub(super) worst: usize,
    /// Accounts for each reason, and names of what no check judges.
    pub(super) accounts: usize,
}

impl Summary {
    pub(super) fn new(room: Room) -> Self {
        Self {
            worst: Worst::new(room.worst),
            reasons: Reasons::new(room.accounts),
            standings: Standings::default(),
            accounts: Accounts::default(),
            checks: ByCheck::default(),
            calls: Calls::default(),
            expired: 0,
            beyond: Beyond::new(room.accounts),
            open: BTreeMap::new(),
        }
    }

    pub(super) fn resource(&mut self, resource: &Resource) {
        self.beyond.resource(resource);
    }

    pub(super) fn rule(&mut self, rule: &RuleRow) {
        self.checks.rule(rule);
    }

    pub(super) fn evaluation(&mut self, row: &EvaluationRow) {
        self.checks.evaluation(row);
        self.open.entry((row.account.clone(), row.region.clone())).or_default().evaluation(row);
    }

    /// Ends an account × Region, and tells how its resources stand and which are bad.
    pub(super) fn place(&mut self, place: &Place) -> (Standings, Vec<Bad>) {
        self.reasons.place(place);
        self.calls.place(place);
        let resources = self.open.remove(&(place.account.clone(), place.region.clone())).unwrap_or_default();
        let standings = resources.standings();
        self.standings.add(standings);
        self.accounts.place(place, standings);
        self.checks.place(place);
        let mut bad: Vec<Bad> = resources.into_bad().map(|held| Bad::of(place, held)).collect();
        bad.sort_by(|one, other| one.rank().cmp(&other.rank()));
        for one in &bad {
            self.expired += one.violations.iter().filter(|violation| violation.expired.is_some()).count() as u64;
            self.worst.add(one.clone());
        }
        (standings, bad)
    }
}
