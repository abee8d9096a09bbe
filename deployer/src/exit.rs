//! The exit codes of `deployer`. `docs/exit-codes.md` shows them to users.

use std::process::ExitCode;

/// How a run ended. The numbers never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done, or nothing was to do.
    Done,
    /// A fault in this program.
    Internal,
    /// The command line, a file, or the credentials cannot be used; nothing was done.
    Usage,
    /// Some of it could not be done or read, or there are findings and `--fail-on` asks to say so.
    Partial,
    /// The run was refused: a stale plan, or no confirmation.
    Refused,
    /// AWS failed, and nothing useful came of the run.
    AwsFailed,
    /// The run was interrupted; what was known was printed.
    Detached,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Refused => 4,
            Self::AwsFailed => 5,
            Self::Detached => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
