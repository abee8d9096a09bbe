//! The worst resources, as many as are shown.

use std::cmp::Reverse;

use rule::check::{self, Severity};
use rule::resource::ResourceType;

use super::standing::{Held, Violation};
use crate::evidence::rows::Place;

/// A notebook or domain with its violations, the worst first.
#[derive(Debug, Clone)]
pub(super) struct Bad {
    /// The account's id.
    pub(super) account: String,
    /// The account's name.
    pub(super) account_name: Option<String>,
    /// The Region.
    pub(super) region: String,
    /// Its type.
    pub(super) kind: String,
    /// Its id, as AWS Config has it.
    pub(super) id: String,
    /// Its name, or what its id ends with.
    pub(super) name: String,
    /// What it violates, in the order of the checks.
    pub(super) violations: Vec<Violation>,
}

impl Bad {
    /// A resource of an account × Region.
    pub(super) fn of(place: &Place, held: Held) -> Self {
        let Held { kind, id, name, mut violations, .. } = held;
        let order = |one: &Violation| check::ALL.iter().position(|check| check.id == one.id);
        violations.sort_by_key(|one| (Reverse(one.severity()), order(one).unwrap_or(usize::MAX)));
        let last = || id.rsplit(['/', ':']).next().unwrap_or(&id).to_owned();
        let name = name.unwrap_or_else(last);
        let (account, account_name) = (place.account.clone(), place.account_name.clone());
        Self { account, account_name, region: place.region.clone(), kind, id, name, violations }
    }

    /// Whether it is a Studio domain.
    pub(super) fn is_domain(&self) -> bool {
        self.kind == ResourceType::DOMAIN.as_str()
    }

    /// More high ones are worse, then more others; then it is only to be the same each time.
    pub(super) fn rank(&self) -> impl Ord + '_ {
        let high = self.violations.iter().filter(|one| one.severity() == Severity::High).count();
        let where_ = (&self.account, &self.region, &self.name, &self.id);
        (Reverse(high), Reverse(self.violations.len()), where_)
    }
}

/// Keeps the worst, and counts the rest.
#[derive(Debug)]
pub(super) struct Worst {
    most: usize,
    kept: Vec<Bad>,
    seen: u64,
}

impl Worst {
    /// Room for as many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Vec::new(), seen: 0 }
    }

    pub(super) fn add(&mut self, bad: Bad) {
        self.seen += 1;
        self.kept.push(bad);
        // Sorting at twice the room costs a constant time for each.
        if self.kept.len() >= self.most.saturating_mul(2) {
            self.trim();
        }
    }

    fn trim(&mut self) {
        self.kept.sort_by(|one, other| one.rank().cmp(&other.rank()));
        self.kept.truncate(self.most);
    }

    /// The worst first, and how many there are in all.
    pub(super) fn into_sorted(mut self) -> (Vec<Bad>, u64) {
        self.trim();
        (self.kept, self.seen)
    }
}
