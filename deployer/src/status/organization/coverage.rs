//! Which account has the guard in which Region, and why not: one cell for each account and Region. Pure.
//!
//! A cell is in exactly one class, so that the classes add up to accounts × Regions, whatever was read.

mod kinds;

pub use kinds::{
    CURRENT, Class, Expectation, Found, Group, MISSING, Member, OUTDATED, Row, Stray, Totals, UNDER_WAY, UNINVITED, Why,
};

use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    class: Class,
    is_outdated: bool,
    why: u32,
    was_found: bool,
}

/// Every account and Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    regions: Vec<String>,
    members: Vec<Member>,
    /// Account by account, and in each Region by Region.
    cells: Vec<Cell>,
    whys: Vec<Why>,
    known: HashMap<Why, u32>,
    places: HashMap<String, usize>,
    strays: BTreeMap<(String, bool), (usize, String)>,
}

impl Coverage {
    /// What is expected of these accounts in these Regions, nothing being found yet. Accounts and Regions that are named
    /// twice count once.
    #[must_use]
    pub fn expecting(mut regions: Vec<String>, mut members: Vec<Member>) -> Self {
        regions.sort_unstable();
        regions.dedup();
        members.sort_by(|one, other| one.id.cmp(&other.id));
        members.dedup_by(|one, other| one.id == other.id);
        let places = members.iter().enumerate().map(|(place, member)| (member.id.clone(), place)).collect();
        let mut coverage = Self {
            regions,
            members: Vec::new(),
            cells: Vec::new(),
            whys: Vec::new(),
            known: HashMap::new(),
            places,
            strays: BTreeMap::new(),
        };
        let missing = Why::new(MISSING, "nothing has been installed there yet");
        for member in &members {
            let (class, why) = match &member.expectation {
                Expectation::Covered => (Class::Failed, &missing),
                Expectation::Skipped(why) => (Class::Skipped, why),
                Expectation::OutOfScope(why) => (Class::OutOfScope, why),
            };
            let cell = Cell { class, is_outdated: false, why: coverage.intern(why), was_found: false };
            coverage.cells.extend(std::iter::repeat_n(cell, coverage.regions.len()));
        }
        coverage.members = members;
        coverage
    }

    /// Takes in what was found in an account and Region. If something was found there before, the better counts.
    pub fn record(&mut self, account: &str, region: &str, found: &Found) {
        let place = self.places.get(account).copied();
        let column = self.regions.iter().position(|known| known == region);
        let (Some(place), Some(column)) = (place, column) else {
            let stray = self.strays.entry((region.to_owned(), place.is_some())).or_default();
            stray.0 += 1;
            account.clone_into(&mut stray.1);
            return;
        };
        let Some(expectation) = self.members.get(place).map(|member| &member.expectation) else { return };
        let Some((class, why)) = judged(expectation, found) else { return };
        let is_outdated = why.cause == OUTDATED;
        let why = self.intern(&why);
        let index = place * self.regions.len() + column;
        let Some(cell) = self.cells.get_mut(index) else { return };
        if !cell.was_found || (class, is_outdated) < (cell.class, cell.is_outdated) {
            *cell = Cell { class, is_outdated, why, was_found: true };
        }
    }

    fn intern(&mut self, why: &Why) -> u32 {
        if let Some(known) = self.known.get(why) {
            return *known;
        }
        let index = u32::try_from(self.whys.len()).unwrap_or(u32::MAX);
        self.whys.push(why.clone());
        self.known.insert(why.clone(), index);
        index
    }

    /// The Regions, in alphabetical order.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// The accounts, by their ids.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Every cell, account by account.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let cells = self.cells.chunks(self.regions.len().max(1));
        self.members.iter().zip(cells).flat_map(move |(account, cells)| {
            self.regions.iter().zip(cells).filter_map(move |(region, cell)| {
                let why = self.whys.get(usize::try_from(cell.why).ok()?)?;
                Some(Row { account, region, class: cell.class, why })
            })
        })
    }

    /// What was found in accounts that left the organization, and in Regions that are no target.
    pub fn strays(&self) -> impl Iterator<Item = Stray> {
        self.strays.iter().map(|((region, is_member), (count, sample))| Stray {
            region: region.clone(),
            is_member: *is_member,
            count: *count,
            sample: sample.clone(),
        })
    }

    /// How many cells there are of each kind.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.totals_where(|_| true)
    }

    /// How many cells there are of each kind among those that are meant.
    #[must_use]
    pub fn totals_where(&self, is_meant: impl Fn(&Row<'_>) -> bool) -> Totals {
        let mut totals = Totals::default();
        for row in self.rows().filter(is_meant) {
            totals.add(row);
        }
        totals
    }

    /// The same for each Region, in alphabetical order.
    #[must_use]
    pub fn by_region(&self) -> Vec<(&str, Totals)> {
        let mut found: Vec<(&str, Totals)> =
            self.regions.iter().map(|region| (region.as_str(), Totals::default())).collect();
        // Rows come Region by Region within an account.
        for (index, row) in self.rows().enumerate() {
            if let Some((_, totals)) = found.get_mut(index % self.regions.len().max(1)) {
                totals.add(row);
            }
        }
        found
    }

    /// The cells by class and reason, the largest groups of each class first.
    #[must_use]
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: HashMap<(Class, &Why), Group<'_>> = HashMap::new();
        for row in self.rows() {
            let group = groups.entry((row.class, row.why)).or_insert_with(|| Group {
                class: row.class,
                why: row.why,
                cells: 0,
                accounts: 0,
                regions: Vec::new(),
                sample: row,
            });
            // Rows come account by account.
            group.accounts += usize::from(group.cells == 0 || group.sample.account.id != row.account.id);
            group.cells += 1;
            group.sample = row;
            if !group.regions.contains(&row.region) {
                group.regions.push(row.region);
            }
        }
        let mut groups: Vec<Group<'_>> = groups.into_values().collect();
        for group in &mut groups {
            group.regions.sort_unstable();
        }
        groups.sort_by_key(|group| (group.class, std::cmp::Reverse(group.cells), group.why));
        groups
    }
}

/// What is found against what is expected; nothing where it makes no difference.
fn judged(expectation: &Expectation, found: &Found) -> Option<(Class, Why)> {
    let uninvited = || Why::new(UNINVITED, "installed, though it is out of scope");
    match (expectation, found) {
        (Expectation::Covered, Found::Current) => Some((Class::Installed, Why::new(CURRENT, "as it was installed"))),
        (Expectation::Covered, Found::Outdated(why)) => Some((Class::Installed, why.clone())),
        (Expectation::Covered, Found::Failed(why)) => Some((Class::Failed, why.clone())),
        (Expectation::Covered, Found::Skipped(why)) => Some((Class::Skipped, why.clone())),
        (Expectation::OutOfScope(_), Found::Current | Found::Outdated(_)) => Some((Class::Installed, uninvited())),
        // Nobody knows what works in an account that is not ACTIVE.
        (Expectation::Skipped(_), _) | (Expectation::OutOfScope(_), Found::Failed(_) | Found::Skipped(_)) => None,
    }
}
