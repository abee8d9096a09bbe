//! How each account × Region stands.

use std::collections::{BTreeSet, HashMap};

use crate::evidence::rows::{Place, Reading};
use crate::report::standing::Standings;

/// An account × Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// How far it was read.
    pub(super) state: State,
    /// How its resources stand.
    pub(super) standings: Standings,
}

/// How far an account × Region was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// The account is not in scope there.
    #[default]
    Absent,
    /// To the end.
    Read,
    /// In part.
    Incomplete,
    /// Not at all.
    NoData,
    /// It is out of scope.
    Excluded,
}

/// An account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: Option<String>,
    cells: HashMap<usize, Cell>,
}

impl Account {
    /// What is in a column.
    pub(super) fn cell(&self, column: usize) -> Cell {
        self.cells.get(&column).copied().unwrap_or_default()
    }

    /// How its resources stand in all Regions.
    pub(super) fn standings(&self) -> Standings {
        let mut sum = Standings::default();
        for cell in self.cells.values() {
            sum.add(cell.standings);
        }
        sum
    }

    /// In how many Regions it was read so far.
    pub(super) fn count(&self, state: State) -> usize {
        self.cells.values().filter(|cell| cell.state == state).count()
    }
}

/// Accounts × Regions. It grows with them, and not with what is in them.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    regions: Vec<String>,
    columns: HashMap<String, usize>,
    accounts: Vec<Account>,
    rows: HashMap<String, usize>,
}

impl Matrix {
    pub(super) fn place(&mut self, place: &Place, standings: Standings) {
        let column = *self.columns.entry(place.region.clone()).or_insert_with(|| {
            self.regions.push(place.region.clone());
            self.regions.len() - 1
        });
        let row = *self.rows.entry(place.account.clone()).or_insert_with(|| {
            let (id, name) = (place.account.clone(), place.account_name.clone());
            self.accounts.push(Account { id, name, cells: HashMap::new() });
            self.accounts.len() - 1
        });
        let state = match place.reading {
            Reading::Read => State::Read,
            Reading::Incomplete { .. } => State::Incomplete,
            Reading::Unread { .. } => State::NoData,
            Reading::Excluded { .. } => State::Excluded,
        };
        if let Some(account) = self.accounts.get_mut(row) {
            account.cells.insert(column, Cell { state, standings });
        }
    }

    /// The Regions by name, each with its column.
    pub(super) fn regions(&self) -> Vec<(&str, usize)> {
        let sorted: BTreeSet<(&str, usize)> =
            self.regions.iter().enumerate().map(|(column, region)| (region.as_str(), column)).collect();
        sorted.into_iter().collect()
    }

    /// The accounts: the most violations first, then those of which the least is known.
    pub(super) fn into_worst_first(self) -> Vec<Account> {
        let mut accounts = self.accounts;
        accounts.sort_by_cached_key(|account| {
            let (bad, silent) = (account.standings().bad, account.count(State::NoData));
            let excluded = account.count(State::Excluded);
            let partly = account.count(State::Incomplete);
            let unknown = (std::cmp::Reverse(silent), std::cmp::Reverse(partly));
            (std::cmp::Reverse(bad), unknown, excluded, account.id.clone())
        });
        accounts
    }
}
