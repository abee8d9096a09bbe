//! `deployer package`: the zip that Lambda runs, as a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::artifact::{Architecture, Artifact, Bootstrap, exemptions_for, locate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{GOOD, Printer, STRONG};
use crate::save::{Saved, save};
use crate::settings::DEFAULT_PREFIX;

/// Make the zip that Lambda runs.
///
/// Finds the function's executable, refuses what Lambda cannot run, and packs it with the exemptions. The same input
/// gives the same bytes. `install` does the same by itself; this is for review, for other tools and for evidence.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer package\n  \
    deployer package --exemptions exemptions.yaml --out exempt.zip\n  \
    deployer package --code target/lambda/bootstrap --out bootstrap.zip\n\n\
    Without --code the executable is looked for beside deployer, in this order:\n\
    bootstrap-arm64, bootstrap-x86_64, bootstrap. It calls no AWS and builds nothing.\n\n\
    Exit codes: 0 done, 2 the executable or a file cannot be used, 4 the zip is\n\
    there already and is different.")]
pub(super) struct Arguments {
    /// The function's executable, or a zip that `package` made [default: beside deployer].
    #[arg(long, value_name = "FILE")]
    code: Option<PathBuf>,
    /// The processor that the function runs on [default: what is found, arm64 first].
    #[arg(long, value_enum, value_name = "ARCHITECTURE")]
    architecture: Option<Architecture>,
    /// Exemptions to put into the zip [default: those of the zip that --code names, else none].
    #[arg(long, value_name = "FILE")]
    exemptions: Option<PathBuf>,
    /// The zip to write [default: notebook-guard-VERSION-ARCHITECTURE.zip].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a different file of that name.
    #[arg(long)]
    force: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one object with everything.
    Json,
}

/// What the command made.
struct Package<'run> {
    bootstrap: &'run Bootstrap,
    artifact: &'run Artifact,
    exemptions: usize,
    path: &'run Path,
    saved: Saved,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let bootstrap = locate(arguments.code.as_deref(), arguments.architecture)?;
    for warning in bootstrap.warnings() {
        printer.warning(&warning);
    }
    let exemptions = exemptions_for(&bootstrap, arguments.exemptions.as_deref(), printer)?;
    let artifact = Artifact::build(&bootstrap, &exemptions.to_json())?;
    let name = || PathBuf::from(format!("notebook-guard-{}-{}.zip", artifact.version, artifact.architecture));
    let path = arguments.out.clone().unwrap_or_else(name);
    let saved = save(&path, &artifact.zip, arguments.force)?;
    let count = exemptions.as_slice().len();
    let package = Package { bootstrap: &bootstrap, artifact: &artifact, exemptions: count, path: &path, saved };
    let text = match arguments.format {
        Format::Text => package.text(),
        Format::Json => package.json(),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(Exit::Done)
}

impl Package<'_> {
    fn text(&self) -> String {
        let became = match self.saved {
            Saved::Written => format!("{GOOD}written{GOOD:#}"),
            Saved::Unchanged => "is there already, unchanged".to_owned(),
        };
        let Artifact { zip, sha256, code_sha256, architecture, version } = self.artifact;
        let rows = [
            ("version", version.clone()),
            ("architecture", architecture.to_string()),
            ("glibc", self.bootstrap.linkage.to_string()),
            ("exemptions", self.exemptions.to_string()),
            ("size", format!("{} bytes, {} unzipped", zip.len(), self.bootstrap.bytes.len())),
            ("SHA-256", sha256.clone()),
            ("CodeSha256", code_sha256.clone()),
            // Longer than a line, and in one piece for whoever copies it.
            ("S3 key", self.artifact.key(DEFAULT_PREFIX)),
        ];
        let mut text = format!("{STRONG}{}{STRONG:#} {became}\n\n", self.path.display());
        for (name, value) in rows {
            let _ = writeln!(text, "  {name:<12}  {value}");
        }
        text
    }

    fn json(&self) -> String {
        let json = json!({
            "path": self.path.display().to_string(),
            "written": self.saved == Saved::Written,
            "version": self.artifact.version,
            "architecture": self.artifact.architecture.as_str(),
            "glibc": self.bootstrap.linkage.glibc().map(|glibc| glibc.to_string()),
            "exemptions": self.exemptions,
            "size": self.artifact.zip.len(),
            "sha256": self.artifact.sha256,
            "codeSha256": self.artifact.code_sha256,
            "s3Key": self.artifact.key(DEFAULT_PREFIX),
            "bootstrap": {
                "path": self.bootstrap.path.display().to_string(),
                "size": self.bootstrap.bytes.len(),
                "debug": self.bootstrap.debug,
            },
        });
        format!("{json:#}\n")
    }
}
