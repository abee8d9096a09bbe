//! `report-sample`: the report of an organization that nobody has, for the browser, for schemas, and to look at.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use clap::Parser;
use deployer::report::{Format, Layout, writer};
use guard_tests::report::Fleet;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[derive(Debug, Parser)]
#[command(about = "The report of an organization that nobody has, on standard output", version)]
struct Arguments {
    /// Form of the report.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// How many accounts.
    #[arg(long, default_value_t = 48)]
    accounts: u64,
    /// How many Regions, at most 17.
    #[arg(long, default_value_t = 3)]
    regions: usize,
    /// At most as many notebooks in an account × Region.
    #[arg(long, default_value_t = 4)]
    notebooks: u64,
    /// How many accounts in a thousand have violations.
    #[arg(long, default_value_t = 300)]
    bad: u64,
    /// How many accounts in a thousand give no data.
    #[arg(long, default_value_t = 150)]
    silent: u64,
    /// Names that try to break out.
    #[arg(long)]
    hostile: bool,
    /// Only the checks that are on unless others are chosen.
    #[arg(long)]
    default: bool,
    /// Columns of the table.
    #[arg(long, default_value_t = 80)]
    width: usize,
    /// Everything in the table.
    #[arg(long)]
    all: bool,
    /// Say on standard error how many KiB it took at most, as Linux counts.
    #[arg(long)]
    peak: bool,
}

fn main() -> ExitCode {
    let Arguments { format, accounts, regions, notebooks, bad, silent, hostile, default, width, all, peak } =
        Arguments::parse();
    let fleet = Fleet { accounts, regions, notebooks, bad, silent, hostile, default };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut report = writer(format, fleet.meta(), Layout { width, everything: all }, &mut out);
    let ended = fleet.tell(&mut *report).and_then(|totals| report.finish(&totals));
    if peak {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let _ = writeln!(io::stderr(), "{}", most.trim_end_matches("kB").trim());
    }
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}
