//! `deployer evidence show`: one notebook's story.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use crate::evidence::VerifyingKey;
use crate::evidence::rows::Resource;
use crate::evidence::source::Source;
use crate::evidence::story::{Ambiguous, Wanted, json, story, text};
use crate::evidence::verify::{Request, Verification, verify};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Printer, counted};

/// Tell one notebook's whole story from a bundle: results, exemptions, timeline with its gaps, time in violation.
///
/// The bundle is verified first; one that does not verify tells nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evidence show research-notebook evidence.zip\n  \
    deployer evidence show research-notebook evidence.zip --account 111122223333\n  \
    deployer evidence show arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/nb \\\n    \
    evidence/ --key audit.key.pub --format json\n\n\
    Exit codes: 0 done; 3 the bundle does not verify; 2 the bundle cannot be judged,\n\
    or there is not exactly one such notebook.")]
pub(super) struct Arguments {
    /// The notebook's name or ARN.
    #[arg(value_name = "NOTEBOOK")]
    notebook: String,
    /// The folder or the zip.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Its account, where several have a notebook of that name.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Its Region, where several have a notebook of that name.
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The public key of whoever exported the bundle.
    #[arg(long, value_name = "KEY.pub")]
    key: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let key = arguments.key.as_deref().map(VerifyingKey::read).transpose()?;
    let source = Source::open(&arguments.bundle)?;
    let verification = verify(&source, &Request { key: key.as_ref(), requires_signature: false })?;
    let place = arguments.bundle.display();
    if !verification.is_verified() {
        let key = arguments.key.as_ref().map_or_else(String::new, |key| format!(" --key {}", key.display()));
        return Err(unverified(&verification, &format!("{place}{key}"), &place.to_string()));
    }
    let (account, region) = (arguments.account.clone(), arguments.region.clone());
    let wanted = Wanted { name: arguments.notebook.clone(), account, region };
    let told = story(&source, &verification, &wanted)
        .map_err(|error| Failure::usage(format!("`{place}` tells no stories: {error}")))?;
    let story = told.map_err(|ambiguous| refused(&arguments.notebook, ambiguous))?;
    let told = match arguments.format {
        Format::Text => text(&story, &verification, printer.width()),
        Format::Json => json(&story, &verification),
    };
    printer.product(&told).map_err(|error| Failure::internal(&error))?;
    Ok(Exit::Done)
}

fn unverified(verification: &Verification, arguments: &str, place: &str) -> Failure {
    let count = counted(verification.findings.len(), "finding");
    let failure = Failure::usage(format!("`{place}` does not verify, so it tells nothing: {count}"));
    Failure { exit: Exit::Partial, ..failure }.help(format!("see them with: deployer evidence verify {arguments}"))
}

fn refused(name: &str, ambiguous: Ambiguous) -> Failure {
    let (message, others) = match ambiguous {
        Ambiguous::None(others) => (format!("the bundle has no notebook `{name}`"), others),
        Ambiguous::Several(all) => {
            let message = format!("the bundle has {} notebooks `{name}`: name one by its ARN", all.len());
            (message, all)
        }
    };
    let line = |one: &Resource| one.resource_id.escape_debug().collect::<String>();
    others.iter().fold(Failure::usage(message), |failure, one| failure.help(line(one)))
}
