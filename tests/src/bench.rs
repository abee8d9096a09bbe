//! Benchmarks of the function's executable (start-up, one change, sweeps, memory, size), of installations into an
//! organization, and of reports and evidence on one. Each has a bar; the table says what was measured and whether the
//! bar holds. Nothing here is a timed test.

mod memory;
mod organization;
mod process;
mod report;
mod size;
mod stack_set;
mod startup;
mod sweep;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use comfy_table::{Table, presets};

use crate::sandbox::SandboxError;

/// Measures the function against its bars.
#[derive(Debug, Parser)]
struct Arguments {
    /// The function's executable, in the profile that is deployed.
    #[arg(long)]
    bootstrap: PathBuf,
    /// A function that does nothing, in the same profile.
    #[arg(long)]
    floor: PathBuf,
    /// The installer's executable.
    #[arg(long)]
    deployer: PathBuf,
    /// The largest organization to install into, in accounts.
    #[arg(long, default_value_t = 10_000)]
    accounts: usize,
    /// How many accounts the organization has that reports and evidence are measured on.
    #[arg(long, default_value_t = 1_000)]
    report_accounts: usize,
    /// Measure only the lines whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

/// One line of the table.
struct Row {
    what: &'static str,
    measured: String,
    bar: String,
    holds: bool,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0}")]
    Unexpected(String),
}

/// Measures and prints; exit code 1 if a bar does not hold.
pub async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<bool, BenchError> {
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| name.contains(only));
    let mut rows = Vec::new();
    if wanted("size") {
        rows.push(size::zipped(&arguments.bootstrap)?);
    }
    if wanted("start") {
        rows.push(startup::against_floor(&arguments.bootstrap, &arguments.floor)?);
    }
    if wanted("change") {
        rows.push(sweep::change(&arguments.bootstrap).await?);
    }
    if wanted("sweep") {
        rows.push(sweep::thousand(&arguments.bootstrap).await?);
        rows.push(sweep::limited(&arguments.bootstrap).await?);
    }
    if wanted("memory") {
        rows.push(memory::growth(&arguments.bootstrap).await?);
    }
    if wanted("organization") {
        let (deployer, bootstrap) = (&arguments.deployer, &arguments.bootstrap);
        rows.extend(organization::growth(deployer, bootstrap, arguments.accounts).await?);
    }
    if wanted("report") {
        rows.extend(report::organization(&arguments.deployer, arguments.report_accounts).await?);
    }
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["what", "measured", "bar", ""]);
    for row in &rows {
        table.add_row([row.what, &row.measured, &row.bar, if row.holds { "holds" } else { "MISSED" }]);
    }
    writeln!(io::stdout().lock(), "{table}")?;
    Ok(rows.iter().all(|row| row.holds))
}

/// The middle of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
