//! The accounts × Regions as a picture: rows and columns with their places on it.

use super::group::{self, Kind};
use super::matrix::{Account, Cell, Matrix, State};
use super::words::{cut, number, plain, short};

/// As many accounts have a row of their own; the rest is summed up.
const ROWS: usize = 30;
/// As many Regions have room for their names above them; more are written slanted.
const WIDE: usize = 5;

/// Measures in the picture's own units, which are pixels where there is room.
const LABEL: usize = 152;
const ID: usize = 92;
const ROW: usize = 24;
/// Higher than this, it begins a sheet of paper.
const TALL: usize = 400;

/// The picture.
#[derive(Debug)]
pub(super) struct Picture {
    /// Its width.
    pub(super) width: usize,
    /// Its height.
    pub(super) height: usize,
    /// Whether it fills most of a sheet of paper.
    pub(super) is_tall: bool,
    /// Where the cells begin.
    pub(super) top: usize,
    /// The width of a cell.
    pub(super) cell: usize,
    /// Where the ids of the accounts are: behind the cells, because on a phone names and cells matter more.
    pub(super) ids: usize,
    /// Whether the names of Regions are slanted.
    pub(super) is_slanted: bool,
    /// The Regions.
    pub(super) columns: Vec<Column>,
    /// Accounts, then what sums the others up.
    pub(super) rows: Vec<Row>,
    /// What it shows, in a sentence or two.
    pub(super) description: String,
}

/// A Region.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) region: String,
    /// The middle of its cells.
    pub(super) middle: usize,
}

/// An account, or several.
#[derive(Debug)]
pub(super) struct Row {
    /// What is written beside it.
    pub(super) label: String,
    /// All of it.
    pub(super) title: String,
    /// The account's id; empty for several.
    pub(super) id: String,
    /// Its upper edge.
    pub(super) y: usize,
    /// Whether it sums several up.
    pub(super) is_sum: bool,
    /// Its cells.
    pub(super) cells: Vec<Shown>,
}

/// A cell as it is shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// Its left edge.
    pub(super) x: usize,
    /// How it looks.
    pub(super) class: &'static str,
    /// What is written in it; where all comply a tick is drawn, because not every font has one.
    pub(super) mark: String,
    /// What it means.
    pub(super) says: String,
}

impl Picture {
    /// The picture of a matrix.
    pub(super) fn of(matrix: Matrix) -> Self {
        let regions: Vec<(String, usize)> =
            matrix.regions().into_iter().map(|(region, column)| (plain(region), column)).collect();
        let is_slanted = regions.len() > WIDE;
        let (cell, top) = if is_slanted { (30, 84) } else { (84, 26) };
        let columns: Vec<Column> = regions
            .iter()
            .enumerate()
            .map(|(index, (region, _))| Column { region: region.clone(), middle: LABEL + index * cell + cell / 2 })
            .collect();
        let accounts = matrix.into_worst_first();
        let description = describe(&accounts, regions.len());
        // One that is left over takes no more room than the row that would sum it up.
        let shown = if accounts.len() <= ROWS + 1 { accounts.len() } else { ROWS };
        let (single, rest) = accounts.split_at_checked(shown).unwrap_or((&accounts, &[]));
        let mut rows: Vec<Row> = single.iter().map(|account| of_account(account, &regions)).collect();
        let order: Vec<usize> = regions.iter().map(|(_, column)| *column).collect();
        rows.extend(group::summed(rest, &order).iter().map(|group| of_group(group, &regions)));
        let y = lay_out(&mut rows, top, cell);
        let ids = LABEL + regions.len() * cell + 8;
        let (width, height) = (ids + ID, y + 2);
        Self { width, height, is_tall: y > TALL, top, cell, ids, is_slanted, columns, rows, description }
    }
}

/// Puts rows below each other and their cells beside each other. Gives the lower edge.
fn lay_out(rows: &mut [Row], top: usize, cell: usize) -> usize {
    let mut y = top;
    let mut has_sums = false;
    for row in rows {
        // A little air before the sums.
        if row.is_sum && !has_sums {
            has_sums = true;
            y += 10;
        }
        row.y = y;
        y += ROW;
        for (index, shown) in row.cells.iter_mut().enumerate() {
            shown.x = LABEL + index * cell;
        }
    }
    y
}

fn describe(accounts: &[Account], regions: usize) -> String {
    let of = |kind| accounts.iter().filter(|account| Kind::of(account) == kind).count();
    let told: Vec<String> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, of(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| kind.title(count, false))
        .collect();
    let across = if regions == 1 { "1 Region".to_owned() } else { format!("{regions} Regions") };
    format!("{} in {across}.", told.join(", "))
}

fn of_account(account: &Account, regions: &[(String, usize)]) -> Row {
    let name = plain(account.name.as_deref().unwrap_or_default());
    let label = if name.is_empty() { account.id.clone() } else { cut(&name, 22) };
    let title = if name.is_empty() { account.id.clone() } else { format!("{name} ({})", account.id) };
    let cells = regions.iter().map(|(region, column)| shown(&title, region, account.cell(*column))).collect();
    let id = if name.is_empty() { String::new() } else { account.id.clone() };
    Row { label, title, id, y: 0, is_sum: false, cells }
}

fn of_group(group: &group::Group, regions: &[(String, usize)]) -> Row {
    let title = group.kind.title(group.accounts, true);
    let cells = regions.iter().zip(&group.cells).map(|((region, _), cell)| shown(&title, region, *cell)).collect();
    Row { label: group.kind.label(group.accounts), title, id: String::new(), y: 0, is_sum: true, cells }
}

/// A mark, and a word for it: no cell is told apart by its colour alone.
fn shown(whose: &str, region: &str, cell: Cell) -> Shown {
    let Cell { state, standings } = cell;
    let (bad, judged) = (standings.bad, standings.judged());
    let noun = standings.noun();
    let class = if bad * 2 >= judged { "bad most" } else { "bad" };
    let (class, mark, says) = match (state, bad, judged) {
        (State::Absent, _, _) => ("none", String::new(), "not in scope".to_owned()),
        (State::Excluded, _, _) => ("out", "–".to_owned(), "out of scope".to_owned()),
        (State::NoData, 0, _) => ("unknown", "?".to_owned(), "no data".to_owned()),
        (State::Incomplete, 0, _) => ("unknown", "~".to_owned(), "read in part; no violation seen".to_owned()),
        (State::Read, 0, 0) => ("empty", "·".to_owned(), "nothing to judge".to_owned()),
        (State::Read, 0, _) if standings.exempt > 0 => {
            ("fine", String::new(), format!("all {} {noun} comply or are exempt", number(judged)))
        }
        (State::Read, 0, 1) => ("fine", String::new(), format!("its only {noun} complies")),
        (State::Read, 0, _) => ("fine", String::new(), format!("all {} {noun} comply", number(judged))),
        (State::Read, _, _) => (class, short(bad), violating(bad, judged, noun)),
        (State::NoData | State::Incomplete, _, _) => {
            (class, format!("{}+", short(bad)), format!("{}, and not all was read", violating(bad, judged, noun)))
        }
    };
    Shown { x: 0, class, mark, says: format!("{whose}, {region}: {says}") }
}

fn violating(bad: u64, judged: u64, noun: &str) -> String {
    let verb = if bad == 1 { "does" } else { "do" };
    format!("{} of {} {noun} {verb} not comply", number(bad), number(judged))
}
