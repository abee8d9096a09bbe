//! Which executable the function runs: the flags that every command with an artifact shares.

use std::path::PathBuf;

use clap::Args;

use crate::artifact::Architecture;

/// The function's executable.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What runs")]
pub(super) struct CodeFlags {
    /// The function's executable, or a zip of `deployer package` [default: beside deployer].
    #[arg(long, value_name = "FILE")]
    pub(super) code: Option<PathBuf>,
    /// Processor to run on [default: arm64 if there is an executable for it].
    #[arg(long, value_enum, value_name = "NAME")]
    pub(super) architecture: Option<Architecture>,
}
