//! The function's executable, built by cargo and shown while it builds.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::DemoError;

/// Builds `bootstrap` with the same profile and features as this program, so that nothing is compiled twice, and says
/// where it is.
pub(super) fn build() -> Result<PathBuf, DemoError> {
    let own = env::current_exe().map_err(|error| DemoError::Program(format!("this program has no path: {error}")))?;
    let beside = own.with_file_name("bootstrap").with_extension(env::consts::EXE_EXTENSION);
    let Some(cargo) = env::var_os("CARGO") else {
        // Not run by cargo: whoever runs it has built it.
        return if beside.exists() {
            Ok(beside)
        } else {
            Err(DemoError::Program(format!("{} is missing; run: cargo demo", beside.display())))
        };
    };
    let release = !cfg!(debug_assertions);
    let mut build = Command::new(cargo);
    // All packages at once: alone, `rule` would be compiled with other features of the shared crates.
    build.args(["build", "--workspace", "--bin", "bootstrap"]).args(release.then_some("--release"));
    match build.status() {
        Ok(status) if status.success() && beside.exists() => Ok(beside),
        Ok(status) => Err(DemoError::Program(format!("cargo could not build bootstrap ({status})"))),
        Err(error) => Err(DemoError::Program(format!("cargo could not be run: {error}"))),
    }
}
