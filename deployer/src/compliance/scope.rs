//! Which accounts × Regions a report is about.

pub(super) mod organization;

use std::collections::BTreeSet;

use crate::output::counted;

/// Why a place is out of scope where AWS takes no calls. Whoever switches a Region off loses sight of what is there
/// (<https://docs.aws.amazon.com/accounts/latest/reference/API_DisableRegion.html>).
pub(super) const NOT_ENABLED: &str = "Region not enabled in the account; what may be left there cannot be seen";

/// The same, where only CloudFormation told, when a stack was to be made there.
pub(super) const NOT_ENABLED_FOR_STACKS: &str = "Region not enabled in the account, as CloudFormation told when a stack \
    was to be made there; what may be left there cannot be seen";

/// The accounts × Regions of a report or a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The organization's id; none for a single account.
    pub organization: Option<String>,
    /// The organization's management account.
    pub management: Option<String>,
    /// The account whose credentials are used.
    pub caller: String,
    /// The Region of the StackSets and the record of targets, if there is a record.
    pub home: Option<String>,
    /// Each account × Region once, ordered by account and Region.
    pub places: Vec<PlaceInScope>,
    /// The Regions, in alphabetical order.
    pub regions: Vec<String>,
    /// Why it may be more or less than is meant, one sentence each, without a full stop.
    pub limits: Vec<String>,
}

/// An account × Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceInScope {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The account's name in its organization.
    pub account_name: Option<String>,
    /// Why nothing is asked of it, if it is out of scope: suspended, not a target, ...
    pub excluded: Option<String>,
}

impl Scope {
    /// One account in these Regions.
    #[must_use]
    pub fn of_account(account: &str, regions: &[String]) -> Self {
        let regions: BTreeSet<String> = regions.iter().cloned().collect();
        let place = |region: &String| PlaceInScope {
            account: account.to_owned(),
            region: region.clone(),
            account_name: None,
            excluded: None,
        };
        Self {
            caller: account.to_owned(),
            places: regions.iter().map(place).collect(),
            regions: regions.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Where a place is in the list, if it is in scope.
    #[must_use]
    pub(super) fn index(&self, account: &str, region: &str) -> Option<usize> {
        let at = self
            .places
            .binary_search_by(|place| (place.account.as_str(), place.region.as_str()).cmp(&(account, region)));
        at.ok().filter(|at| self.places.get(*at).is_some_and(|place| place.excluded.is_none()))
    }

    /// In words: `organization o-abc123, 12 accounts × 3 Regions`, `account 111122223333 in eu-west-1`.
    #[must_use]
    pub fn words(&self) -> String {
        let regions = match self.regions.as_slice() {
            [only] => only.clone(),
            many => counted(many.len(), "Region"),
        };
        match &self.organization {
            None => format!("account {} in {regions}", self.caller),
            Some(id) => format!("organization {id}, {} × {regions}", counted(self.accounts(), "account")),
        }
    }

    /// How many accounts there are.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.places.iter().map(|place| place.account.as_str()).collect::<BTreeSet<_>>().len()
    }
}
