//! `deployer evidence show`: one notebook's story.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Format;
use crate::evidence::VerifyingKey;
use crate::evidence::plain::{plain, short};
use crate::evidence::rows::{Place, Reading, Resource};
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

/// So many accounts × Regions are named.
const MOST_NAMED: usize = 5;
/// So much of a reason.
const LONGEST: usize = 200;

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let key = arguments.key.as_deref().map(VerifyingKey::read).transpose()?;
    let source = Source::open(&arguments.bundle).map_err(|failure| swapped(arguments).unwrap_or(failure))?;
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
    let story = told.map_err(|ambiguous| refused(arguments, ambiguous))?;
    let told = match arguments.format {
        Format::Text => text(&story, &verification, printer.width()),
        Format::Json => json(&story, &verification),
    };
    printer.product(&told).map_err(|error| Failure::internal(&error))?;
    Ok(Exit::Done)
}

/// What is to be said if the bundle was named first.
fn swapped(arguments: &Arguments) -> Option<Failure> {
    let is_swapped = !arguments.bundle.exists() && Source::open(Path::new(&arguments.notebook)).is_ok();
    let (bundle, notebook) = (plain(&arguments.notebook), arguments.bundle.display().to_string());
    is_swapped.then(|| {
        Failure::usage(format!("`{bundle}` is a folder or a zip, and no notebook: the notebook comes first"))
            .help(format!("deployer evidence show {} {bundle}", plain(&notebook)))
    })
}

fn unverified(verification: &Verification, arguments: &str, place: &str) -> Failure {
    let count = counted(verification.findings.len(), "finding");
    let failure = Failure::usage(format!("`{place}` does not verify, so it tells nothing: {count}"));
    Failure { exit: Exit::Partial, ..failure }.help(format!("see them with: deployer evidence verify {arguments}"))
}

fn refused(arguments: &Arguments, ambiguous: Ambiguous) -> Failure {
    let name = plain(&arguments.notebook);
    let line = |one: &Resource| plain(&one.resource_id);
    match ambiguous {
        Ambiguous::Several(all) => {
            let message = format!("the bundle has {} notebooks `{name}`: name one by its ARN", all.len());
            all.iter().fold(Failure::usage(message), |failure, one| failure.help(line(one)))
        }
        Ambiguous::None { similar, unread, is_elsewhere } => {
            let message = format!("the bundle has no notebook `{name}`");
            let message = match (is_elsewhere, unread.as_slice()) {
                (true, _) => format!("{message}: it is not about that account or Region"),
                (false, []) => message,
                (false, [one]) => format!("{message}; it may be in {}", silent(one)),
                (false, many) => format!(
                    "{message}; it may be in one of {} accounts × Regions that are not in it to the end",
                    many.len()
                ),
            };
            let failure = match unread.as_slice() {
                [] | [_] => Failure::usage(message),
                many => {
                    many.iter().take(MOST_NAMED).fold(Failure::usage(message), |failure, one| failure.help(silent(one)))
                }
            };
            let failure = match unread.len().checked_sub(MOST_NAMED) {
                Some(more) if more > 0 => {
                    failure.help(format!("and {more} more: see population.jsonl, or name --account"))
                }
                Some(_) | None => failure,
            };
            similar.iter().fold(failure, |failure, one| failure.help(line(one)))
        }
    }
}

/// An account × Region of which not all is known, and why.
fn silent(place: &Place) -> String {
    let how = match &place.reading {
        Reading::Read => "was read",
        Reading::Incomplete { .. } => "was read in part",
        Reading::Unread { .. } => "could not be read",
        Reading::Excluded { .. } => "is out of scope",
    };
    let why = short(place.reading.why().unwrap_or_default(), LONGEST);
    format!("account {} in {}, which {how}: {why}", plain(&place.account), plain(&place.region))
}
