//! `deployer evidence keygen`: a pair of keys.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Format;
use crate::evidence::key::{Generated, generate};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{GOOD, Printer};

/// Make a pair of keys: one that signs evidence, and one that everybody may have to check it.
///
/// Ed25519, in files that OpenSSL reads too: the private key as PKCS#8, which only you can read, the public one beside
/// it with `.pub` at its end. A file that is there is never replaced.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evidence keygen --out audit.key\n  \
    openssl pkey -pubin -in audit.key.pub -text -noout\n\n\
    Exit codes: 0 done, 2 a file cannot be written, 4 a file of that name is there.")]
pub(super) struct Arguments {
    /// The private key to write; the public key has the same name and `.pub`.
    #[arg(long, value_name = "KEY")]
    out: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let Generated { private, public, fingerprint } = generate(&arguments.out)?;
    let (private, public) = (private.display().to_string(), public.display().to_string());
    let text = match arguments.format {
        Format::Json => {
            let fingerprint = fingerprint.to_string();
            format!("{:#}\n", json!({"private": private, "public": public, "fingerprint": fingerprint}))
        }
        Format::Text => format!(
            "{GOOD}{private}{GOOD:#}\n    the private key: keep it where only exports are made\n\
             {GOOD}{public}{GOOD:#}\n    the public key: give it to the auditors, by another way than the evidence\n\
             fingerprint\n    {fingerprint}\n"
        ),
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    Ok(Exit::Done)
}
