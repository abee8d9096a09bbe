//! Looking at the function's processes through /proc.

use std::path::{Path, PathBuf};

use super::BenchError;

/// The folders in /proc of the processes that run this executable.
pub(super) fn running(program: &Path) -> Result<Vec<PathBuf>, BenchError> {
    let program = program.canonicalize()?;
    let entries = std::fs::read_dir("/proc")?.flatten().map(|entry| entry.path());
    Ok(entries.filter(|path| std::fs::read_link(path.join("exe")).is_ok_and(|exe| exe == program)).collect())
}

/// How long all threads of the processes have been on a processor, in milliseconds.
pub(super) fn processor_time(program: &Path) -> Result<f64, BenchError> {
    let mut nanoseconds = 0.0;
    for process in running(program)? {
        for thread in std::fs::read_dir(process.join("task"))?.flatten() {
            let text = std::fs::read_to_string(thread.path().join("schedstat"))?;
            let spent = text.split_whitespace().next().and_then(|field| field.parse::<f64>().ok());
            nanoseconds += spent.ok_or_else(|| BenchError::Unexpected("no schedstat in /proc".to_owned()))?;
        }
    }
    Ok(nanoseconds / 1e6)
}
