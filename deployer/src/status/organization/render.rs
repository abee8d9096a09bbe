//! The report, for people and for programs. What is long is written piece by piece.

mod coverage;
mod json;
mod text;

use std::fmt::Write as _;

use super::{Installed, Report, Row, Standing};

pub use json::json;
pub use text::text;

/// Rows that are written at once.
const ROWS: usize = 1_000;

/// Every account and Region for people, a line each, piece by piece.
///
/// # Errors
/// Whatever `write` says.
pub fn rows<E>(report: &Report, width: usize, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let Standing::Present(installed) = &report.installation else { return Ok(()) };
    write("\n")?;
    in_pieces(installed, |row, out| line(row, out, width), "", write)
}

fn line(row: Row<'_>, out: &mut String, width: usize) {
    let text = format!(
        "{:12}  {:14}  {:12}  {}  {}",
        row.account.id,
        row.region,
        row.class.as_str(),
        row.account.name,
        row.why.words
    );
    let _ = writeln!(out, "{}", text.chars().take(width).collect::<String>().trim_end());
}

fn in_pieces<E>(
    installed: &Installed,
    mut one: impl FnMut(Row<'_>, &mut String),
    between: &str,
    mut write: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut piece = String::new();
    for (index, row) in installed.coverage.rows().enumerate() {
        if index > 0 {
            piece.push_str(between);
        }
        one(row, &mut piece);
        if index % ROWS == ROWS - 1 {
            write(&piece)?;
            piece.clear();
        }
    }
    if piece.is_empty() { Ok(()) } else { write(&piece) }
}
