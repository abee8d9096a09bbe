//! The two executables, built by cargo and shown while they build.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use super::DemoError;

/// What the demo runs.
#[derive(Debug)]
pub(super) struct Programs {
    /// The function's executable.
    pub(super) bootstrap: PathBuf,
    /// The command line.
    pub(super) deployer: PathBuf,
}

/// Builds `bootstrap` and `deployer` with the same profile and features as this program, so that nothing is compiled
/// twice, and says where they are.
pub(super) fn build() -> Result<Programs, DemoError> {
    let own = env::current_exe().map_err(|error| DemoError::Program(format!("this program has no path: {error}")))?;
    let beside = |name: &str| own.with_file_name(name).with_extension(env::consts::EXE_EXTENSION);
    let programs = Programs { bootstrap: beside("bootstrap"), deployer: beside("deployer") };
    let missing = || [&programs.bootstrap, &programs.deployer].into_iter().find(|path| !path.exists());
    let Some(cargo) = env::var_os("CARGO") else {
        // Not run by cargo: whoever runs it has built them.
        return match missing() {
            None => Ok(programs),
            Some(path) => Err(DemoError::Program(format!("{} is missing; run: cargo demo", path.display()))),
        };
    };
    let release = !cfg!(debug_assertions);
    let mut build = Command::new(cargo);
    // All packages at once: alone, `rule` would be compiled with other features of the shared crates.
    build
        .args(["build", "--workspace", "--bin", "bootstrap", "--bin", "deployer"])
        .args(release.then_some("--release"));
    match build.status() {
        Ok(status) if status.success() && missing().is_none() => Ok(programs),
        Ok(status) => Err(DemoError::Program(format!("cargo could not build them ({status})"))),
        Err(error) => Err(DemoError::Program(format!("cargo could not be run: {error}"))),
    }
}
