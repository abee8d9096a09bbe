//! Where a document goes, and how JSON is laid out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;
use crate::save::{Saved, save};

/// Where a document goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where to")]
pub(super) struct Sink {
    /// File to write instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a different file of that name.
    #[arg(long, requires = "out")]
    force: bool,
}

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Layout {
    /// On many lines, for review.
    Pretty,
    /// On one line.
    Minified,
}

impl Sink {
    /// Prints the document, or writes the file and says so.
    pub(super) fn put(&self, text: &str, printer: Printer) -> Result<Exit, Failure> {
        let Some(path) = &self.out else {
            printer.product(text).map_err(|error| Failure::internal(&error))?;
            return Ok(Exit::Done);
        };
        let became = match save(path, text.as_bytes(), self.force)? {
            Saved::Written => "written",
            Saved::Unchanged => "is there already, unchanged",
        };
        printer.note(&format!("{} {became}", path.display()));
        Ok(Exit::Done)
    }
}
