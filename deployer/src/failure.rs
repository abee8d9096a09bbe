//! An error as the user sees it: what happened, where, and what to do next.

use std::fmt;

use crate::exit::Exit;

/// A run that ended without its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened and where, in lower case and without a full stop.
    pub message: String,
    /// What to do next, line by line.
    pub help: Vec<String>,
    /// How the process ends.
    pub exit: Exit,
}

impl Failure {
    /// The command line, a file or the credentials cannot be used.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new(), exit: Exit::Usage }
    }

    /// Several things that cannot be used, told at once.
    #[must_use]
    pub fn faults(faults: Vec<String>) -> Self {
        let mut faults = faults.into_iter();
        match (faults.len(), faults.next()) {
            (1, Some(only)) => Self::usage(only),
            (count, first) => Self {
                message: format!("{count} things on the command line cannot be used"),
                help: first.into_iter().chain(faults).collect(),
                exit: Exit::Usage,
            },
        }
    }

    /// AWS failed.
    pub fn aws(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new(), exit: Exit::AwsFailed }
    }

    /// A fault in this program or in the machine under it.
    #[must_use]
    pub fn internal(error: &dyn fmt::Display) -> Self {
        Self { message: error.to_string(), help: Vec::new(), exit: Exit::Internal }
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
