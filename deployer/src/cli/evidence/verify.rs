//! `deployer evidence verify`: is a bundle as it was written?

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::evidence::VerifyingKey;
use crate::evidence::source::Source;
use crate::evidence::verify::{Request, json, text, verify};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Printer;

/// Find whatever differs from what was exported: files, manifest, signature, totals.
///
/// Needs no AWS account and no network. Everything that is wrong is named, not only the first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evidence verify evidence/\n  \
    deployer evidence verify evidence.zip --key audit.key.pub\n  \
    deployer evidence verify evidence.zip --format json | jq '.findings[]'\n\n\
    Without --key a signature is only compared with the key that the bundle itself\n\
    names: that proves that nothing was changed by accident, not who exported it.\n\n\
    Exit codes: 0 it verifies; 3 it does not: the findings say why; 2 it cannot be\n\
    judged: no bundle, or one of a newer form, or no key.")]
pub(super) struct Arguments {
    /// The folder or the zip.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// The public key of whoever exported it: the bundle has to be signed with its other half.
    #[arg(long, value_name = "KEY.pub")]
    key: Option<PathBuf>,
    /// Find it wrong if nobody signed it.
    #[arg(long)]
    require_signature: bool,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let key = arguments.key.as_deref().map(VerifyingKey::read).transpose()?;
    let source = Source::open(&arguments.bundle)?;
    let request = Request { key: key.as_ref(), requires_signature: arguments.require_signature };
    let verification = verify(&source, &request)?;
    let place = arguments.bundle.display().to_string();
    let told = match arguments.format {
        Format::Text => text(&verification, &place, printer.width()),
        Format::Json => json(&verification, &place),
    };
    printer.product(&told).map_err(|error| Failure::internal(&error))?;
    Ok(if verification.is_verified() { Exit::Done } else { Exit::Partial })
}
