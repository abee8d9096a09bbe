//! Resident memory of the function, small fleet against large.

use std::path::Path;

use super::process::running;
use super::sweep::{stage, sweep};
use super::{BenchError, Row};

pub(super) async fn growth(bootstrap: &Path) -> Result<Row, BenchError> {
    const BAR: f64 = 1.10;
    let small = peak(bootstrap, 100).await?;
    let large = peak(bootstrap, 10_000).await?;
    Ok(Row {
        what: "resident memory, 100 against 10,000 notebooks",
        measured: format!("{small:.1} MiB, {large:.1} MiB, ratio {:.2}", large / small),
        bar: format!("ratio <= {BAR:.2}, < 64 MiB"),
        holds: large / small <= BAR && large < 64.0,
    })
}

/// The peak of the process that has just swept a fleet, in MiB.
async fn peak(bootstrap: &Path, fleet: usize) -> Result<f64, BenchError> {
    let sandbox = stage(bootstrap, fleet).await?;
    sweep(&sandbox).await?;
    let peak = running(bootstrap)?.into_iter().map(|process| high_water(&process)).collect::<Result<Vec<_>, _>>()?;
    sandbox.stop().await;
    peak.into_iter().reduce(f64::max).ok_or_else(|| BenchError::Unexpected("the function's process is gone".to_owned()))
}

/// The peak of resident memory of a process in /proc, in MiB.
pub(super) fn high_water(process: &Path) -> Result<f64, BenchError> {
    let status = std::fs::read_to_string(process.join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or_else(|| BenchError::Unexpected("no VmHWM in /proc".to_owned()))
}
