//! The edge: the file and the clock.

use std::path::Path;

use time::{Date, OffsetDateTime};

use super::{Exemptions, read};
use crate::failure::Failure;
use crate::input;
use crate::output::Printer;

/// The present day in UTC, by which exemptions end.
#[must_use]
pub fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

/// Reads the file of a command that goes on with it, and warns of what wants cleaning up.
///
/// # Errors
/// [`Failure`] if the file cannot be read, with all its faults.
pub fn load(file: &Path, today: Date, printer: Printer) -> Result<Exemptions, Failure> {
    let place = input::place(file);
    let exemptions = read(&input::text(file)?, today).map_err(|faults| {
        let count = faults.len();
        let plural = if count == 1 { "a fault".to_owned() } else { format!("{count} faults") };
        let failure = Failure::usage(format!("{place} has {plural}"));
        faults.iter().fold(failure, |failure, fault| failure.help(fault.to_string()))
    })?;
    for warning in exemptions.warnings() {
        printer.warning(&format!("{place}: {warning}"));
    }
    Ok(exemptions)
}
