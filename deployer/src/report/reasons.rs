//! Accounts × Regions without all of their data, by reason.

use std::collections::BTreeMap;

use crate::evidence::rows::{Place, Reading};
use crate::stack_set::normalized;

/// So many reasons are told apart of each lack; what else there is, is one more.
const LARGEST: usize = 25;
const OTHERS: &str = "other reasons, which json and csv tell";

/// How little was read, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// Nothing.
    NoData,
    /// Some of it.
    Incomplete,
    /// It is out of scope.
    Excluded,
}

/// Accounts × Regions that lack the same for the same reason.
#[derive(Debug)]
pub(super) struct Group {
    /// How little was read.
    pub(super) lack: Lack,
    /// Why, in words that fit all of them.
    pub(super) why: String,
    /// How many.
    pub(super) places: u64,
    /// The first of them.
    pub(super) accounts: Vec<Account>,
    /// How many accounts there are.
    pub(super) all_accounts: u64,
    last: String,
}

/// An account and its Regions.
#[derive(Debug)]
pub(super) struct Account {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: Option<String>,
    /// The Regions, in the order in which they came.
    pub(super) regions: Vec<String>,
}

/// The groups. Their number is bounded, and so is what each keeps.
#[derive(Debug)]
pub(super) struct Reasons {
    most: usize,
    groups: BTreeMap<(Lack, String), Group>,
}

impl Reasons {
    /// Each group keeps as many accounts.
    pub(super) fn new(most: usize) -> Self {
        Self { most, groups: BTreeMap::new() }
    }

    pub(super) fn place(&mut self, place: &Place) {
        let (lack, why) = match &place.reading {
            Reading::Read => return,
            Reading::Unread { why } => (Lack::NoData, why),
            Reading::Incomplete { why } => (Lack::Incomplete, why),
            Reading::Excluded { why } => (Lack::Excluded, why),
        };
        // AWS's messages name the account, the Region and the request: the same reason would be another in each.
        let same = normalized(why);
        let is_new = !self.groups.contains_key(&(lack, same.clone()));
        let is_too_much = is_new && self.groups.keys().filter(|(of, _)| *of == lack).count() >= LARGEST;
        let (why, same) = if is_too_much { (OTHERS, OTHERS.to_owned()) } else { (why.as_str(), same) };
        let group = self.groups.entry((lack, same.clone())).or_insert_with(|| Group {
            lack,
            why: why.to_owned(),
            places: 0,
            accounts: Vec::new(),
            all_accounts: 0,
            last: String::new(),
        });
        if group.places > 0 && group.why != why {
            group.why = same;
        }
        group.add(place, self.most);
    }

    /// The worst first, then the largest.
    pub(super) fn into_groups(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by_key(|group| (group.lack, std::cmp::Reverse(group.places)));
        groups
    }
}

impl Group {
    fn add(&mut self, place: &Place, most: usize) {
        self.places += 1;
        // The Regions of an account come one after the other.
        if self.last != place.account {
            self.last.clone_from(&place.account);
            self.all_accounts += 1;
            if self.accounts.len() < most {
                let (id, name) = (place.account.clone(), place.account_name.clone());
                self.accounts.push(Account { id, name, regions: vec![place.region.clone()] });
            }
        } else if let Some(account) = self.accounts.last_mut().filter(|account| account.id == place.account) {
            account.regions.push(place.region.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: u64, why: String) -> Place {
        let reading = Reading::Unread { why };
        let (account, region) = (format!("{account:012}"), "eu-west-1".to_owned());
        let (asked, checks) = (Vec::new(), Vec::new());
        Place { account, account_name: None, region, reading, asked, resources: 0, checks, not_judged: 0 }
    }

    #[test]
    fn what_differs_by_account_and_request_alone_is_one_reason() {
        let mut reasons = Reasons::new(2);
        for account in 1..=500 {
            let why = format!(
                "role arn:aws:iam::{account:012}:role/Audit cannot be assumed: sts:AssumeRole in eu-west-1: \
                 AccessDenied (request 5e1c3a0e-0f0e-4f2c-9d1b-{account:012})"
            );
            reasons.place(&place(account, why));
        }
        let groups = reasons.into_groups();
        assert_eq!((groups.len(), groups[0].places, groups[0].accounts.len()), (1, 500, 2));
    }

    #[test]
    fn there_are_no_more_reasons_than_can_be_read() {
        let mut reasons = Reasons::new(2);
        let letters = |count: u64| "x".repeat(usize::try_from(count).unwrap());
        (1..=100).for_each(|account| reasons.place(&place(account, format!("it {}", letters(account)))));
        let groups = reasons.into_groups();
        assert_eq!((groups.len(), groups.iter().map(|group| group.places).sum::<u64>()), (LARGEST + 1, 100));
        assert_eq!((groups[0].places, groups[0].why.as_str()), (75, OTHERS));
    }
}
