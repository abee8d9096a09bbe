//! Accounts that are summed up, because a picture has no room for each of thousands.

use super::matrix::{Account, Cell, State};
use crate::report::standing::Standings;

/// What accounts have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A violation somewhere.
    Bad,
    /// Without: a Region that was not read, or not to the end.
    Unknown,
    /// Without both: something that complies or is exempt.
    Fine,
    /// Nothing that could be judged.
    Empty,
    /// Out of scope everywhere.
    Excluded,
}

impl Kind {
    /// All, the worst first.
    pub(super) const ALL: [Self; 5] = [Self::Bad, Self::Unknown, Self::Fine, Self::Empty, Self::Excluded];

    /// What an account belongs to.
    pub(super) fn of(account: &Account) -> Self {
        let standings = account.standings();
        let unknown = account.count(State::NoData) + account.count(State::Incomplete);
        match (standings.bad, unknown, standings.judged()) {
            (1.., _, _) => Self::Bad,
            (0, 1.., _) => Self::Unknown,
            (0, 0, 1..) => Self::Fine,
            (0, 0, 0) if account.count(State::Read) == 0 && account.count(State::Excluded) > 0 => Self::Excluded,
            (0, 0, 0) => Self::Empty,
        }
    }

    /// What is said of as many accounts.
    pub(super) fn title(self, accounts: usize, is_rest: bool) -> String {
        let more = if is_rest && self == Self::Bad { " more" } else { "" };
        let accounts = match accounts {
            1 => format!("1{more} account"),
            many => format!("{}{more} accounts", super::words::number(many as u64)),
        };
        let what = match self {
            Self::Bad => "with violations",
            Self::Unknown => "not fully read",
            Self::Fine => "that comply",
            Self::Empty => "with nothing to judge",
            Self::Excluded => "out of scope",
        };
        format!("{accounts} {what}")
    }
}

impl Kind {
    /// What is written beside as many accounts, where there is little room.
    pub(super) fn label(self, accounts: usize) -> String {
        let accounts = super::words::number(accounts as u64);
        match self {
            Self::Bad => format!("{accounts} more violate"),
            Self::Unknown => format!("{accounts} not fully read"),
            Self::Fine => format!("{accounts} comply"),
            Self::Empty => format!("{accounts} without any"),
            Self::Excluded => format!("{accounts} out of scope"),
        }
    }
}

/// Several accounts in one row.
#[derive(Debug)]
pub(super) struct Group {
    /// What they have in common.
    pub(super) kind: Kind,
    /// How many.
    pub(super) accounts: usize,
    /// Their sums, by column.
    pub(super) cells: Vec<Cell>,
}

/// Sums accounts up by kind; a kind that none has is left out.
pub(super) fn summed(accounts: &[Account], columns: &[usize]) -> Vec<Group> {
    let group = |kind| {
        let of: Vec<&Account> = accounts.iter().filter(|account| Kind::of(account) == kind).collect();
        let cells = columns.iter().map(|column| sum(of.iter().map(|account| account.cell(*column)))).collect();
        Group { kind, accounts: of.len(), cells }
    };
    Kind::ALL.into_iter().map(group).filter(|group| group.accounts > 0).collect()
}

/// The sum of the resources, and the worst of the readings.
fn sum(cells: impl Iterator<Item = Cell>) -> Cell {
    let mut all = Cell::default();
    let worse = |state| match state {
        State::Absent => 0,
        State::Excluded => 1,
        State::Read => 2,
        State::Incomplete => 3,
        State::NoData => 4,
    };
    for cell in cells {
        let mut standings: Standings = all.standings;
        standings.add(cell.standings);
        let state = if worse(cell.state) > worse(all.state) { cell.state } else { all.state };
        all = Cell { state, standings };
    }
    all
}
