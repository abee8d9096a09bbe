//! Exports, and bundles as they came.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Ran, command, run};
use crate::stage::Stage;
use crate::truth::{HOME, MANAGEMENT};

/// A folder for bundles and keys.
pub(crate) struct Place(pub(crate) TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What there is in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The command as somebody of an account runs it.
pub(crate) fn exporter(stage: &Stage, account: &str, arguments: &[&str]) -> Command {
    let mut command = command(&[&["evidence", "export"], arguments].concat());
    command.envs(stage.sandbox.environment(account, HOME).unwrap());
    // What is throttled for good is not to take a minute.
    command.env("AWS_MAX_ATTEMPTS", "2");
    command
}

pub(crate) async fn export_as(stage: &Stage, account: &str, arguments: &[&str]) -> Ran {
    let mut command = exporter(stage, account, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
}

pub(crate) async fn export(stage: &Stage, arguments: &[&str]) -> Ran {
    export_as(stage, MANAGEMENT, arguments).await
}

/// What `evidence verify` says.
pub(crate) fn verify(arguments: &[&str]) -> Ran {
    run(&[&["evidence", "verify"], arguments].concat())
}

/// The lines of a file.
pub(crate) fn rows(bundle: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(bundle.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn json(bundle: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(bundle.join(name)).unwrap()).unwrap()
}
