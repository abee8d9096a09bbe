//! `deployer evidence export`: what an auditor takes away.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::Format;
use crate::aws::{kind, resilient};
use crate::cli::compliance::ComplianceFlags;
use crate::compliance::Wanted;
use crate::compliance::open::Opened;
use crate::evidence::export::timeline::Period;
use crate::evidence::export::upload::{Locked, S3Place, Upload, Uploaded};
use crate::evidence::export::{Done, NotEvaluated, Request, Tape, export};
use crate::evidence::key::kms::{KmsKey, is_kms};
use crate::evidence::plain::{plain, short};
use crate::evidence::rows::PlaceTotals;
use crate::evidence::write::must_be_free;
use crate::evidence::{Form, Moment, Signer, SigningKey};
use crate::exemptions;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::output::{GOOD, Printer, UNSURE, counted, grouped, layout};
use crate::progress::Progress;
use crate::report::Meta;
use crate::session::Session;

/// Write a bundle of evidence: population, results, timeline, rules, code, policies, and the raw answers of AWS.
///
/// Reads and changes nothing. What cannot be read is listed in the bundle with its reason, and never dropped. The bundle
/// is there whole or not at all: docs/evidence.md says what is in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer evidence export --region all --out evidence.zip --sign audit.key\n  \
    deployer evidence export --org --assume-role Audit --from 2026-07-01 --to 2026-09-30 \\\n    \
    --out q3.zip --sign alias/audit --upload s3://audit-evidence/2026\n  \
    deployer evidence verify q3.zip --key audit.key.pub\n\n\
    Exit codes: 0 done, 2 usage, 3 the bundle is there, and something could not be read:\n\
    it says what and why; 4 something of that name is there, 5 nothing could be read, or\n\
    it could not be uploaded, 130 interrupted: there is no bundle.")]
pub(in crate::cli) struct Arguments {
    /// Folder or zip (if it ends in .zip) to make.
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    #[command(flatten)]
    of: ComplianceFlags,
    /// Begin of the period, as a day or a time in UTC: the timeline and the time to remediate are of it.
    #[arg(long, value_name = "TIME", value_parser = begin, help_heading = "When")]
    from: Option<Moment>,
    /// End of the period; a day counts to its end [default: now].
    #[arg(long, value_name = "TIME", value_parser = end, requires = "from", help_heading = "When")]
    to: Option<Moment>,
    /// File of exemptions [default: those that the installed function has].
    #[arg(long, value_name = "FILE", help_heading = "What")]
    exemptions: Option<PathBuf>,
    /// Private key in a file, or a signing key of AWS KMS on the curve P-256: its ARN, its id, or alias/NAME.
    #[arg(long, value_name = "KEY")]
    sign: Option<String>,
    /// Take the bundle to a bucket afterwards.
    #[arg(long, value_name = "s3://BUCKET/PREFIX")]
    upload: Option<S3Place>,
    /// With --upload: lock it in the bucket for so many days, in compliance mode [default: as the bucket says].
    #[arg(long, value_name = "DAYS", requires = "upload", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    retain_days: Option<u32>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// So many accounts × Regions and notebooks are named.
const MOST_NAMED: usize = 5;
/// So many kinds of what could not be read are told.
const MOST_KINDS: usize = 10;
/// So much of a reason is told.
const LONGEST: usize = 200;

fn begin(text: &str) -> Result<Moment, String> {
    moment(text, "T00:00:00Z")
}

fn end(text: &str) -> Result<Moment, String> {
    moment(text, "T23:59:59Z")
}

fn moment(text: &str, of_day: &str) -> Result<Moment, String> {
    let whole = if text.contains('T') { text.to_owned() } else { format!("{text}{of_day}") };
    whole.parse().map_err(|_| "a day (2026-07-01) or a time (2026-07-01T09:00:00Z) is expected".to_owned())
}

pub(in crate::cli) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let started = Moment::now();
    let period = period(arguments, started)?;
    check_ending(&arguments.out)?;
    must_be_free(&arguments.out, Form::of(&arguments.out))?;
    let today = exemptions::today();
    let ledger = arguments.exemptions.as_deref().map(|file| exemptions::load(file, today, printer)).transpose()?;
    let wanted = Wanted {
        prefix: arguments.of.prefix.clone(),
        checks: arguments.of.checks(),
        expected: arguments.of.expected(),
        exemptions: ledger.map(|ledger| ledger.all().clone()),
        today,
        deleted_since: period.map(|period| period.from),
    };
    let file_key = file_key(arguments.sign.as_deref(), printer)?;
    let progress = Progress::new(printer, "exporting evidence".to_owned(), "steps done");
    let work = async {
        let tape = Arc::<Tape>::default();
        let watch = tape.watch(&arguments.of.prefix);
        let (session, Opened { scope, source }) = arguments.of.open(Some(&watch)).await?;
        let signer = signer(arguments, &session, file_key).await?;
        let upload = upload(arguments, &session, printer).await?;
        let meta = Meta {
            scope: scope.words(),
            source: source.words(),
            asked: arguments.of.words(),
            checks: arguments.of.named_checks(),
            limits: scope.limits.iter().cloned().chain(source.limits()).collect(),
            sees_exempt: source.sees_exempt(),
            narrowed: false,
            started,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            caller: session.identity.arn.clone(),
        };
        let partition = session.identity.partition().to_owned();
        let (out, sdk) = (arguments.out.clone(), resilient(&session.sdk));
        let request = Request { out, sdk, partition, scope, source, wanted, period, meta, signer, tape };
        Ok::<_, Failure>((Box::pin(export(request, &|| progress.advance())).await?, upload))
    };
    let (done, upload) = tokio::select! {
        done = progress.beside(work) => done?,
        () = interrupt() => {
            return Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted; there is no bundle") });
        }
    };
    let uploaded = match upload {
        Some(upload) => {
            let put = upload.put(&done.written.path, Form::of(&done.written.path));
            Some(Box::pin(progress.beside(put)).await?)
        }
        None => None,
    };
    drop(progress);
    tell(arguments, (&done, uploaded.as_ref()), printer)
}

fn period(arguments: &Arguments, now: Moment) -> Result<Option<Period>, Failure> {
    let Some(from) = arguments.from else { return Ok(None) };
    let to = arguments.to.unwrap_or(now);
    let not_yet = |flag: &str, moment: Moment| {
        Failure::usage(format!("{flag} {moment} is in the future: it is {now}, and what is to come is in no evidence"))
    };
    if from > now {
        return Err(not_yet("--from", from));
    }
    if from >= to {
        return Err(Failure::usage(format!("--from {from} is not before --to {to}")).help("is it the other way round?"));
    }
    // A day that is today ends now.
    let is_today = to.time().date() == now.time().date();
    if to > now && !is_today {
        return Err(not_yet("--to", to).help("leave --to out for a period that ends now"));
    }
    Ok(Some(Period { from, to: to.min(now) }))
}

/// Endings of files. A folder of such a name would be taken for something else.
const OF_FILES: [&str; 12] = ["tgz", "gz", "tar", "7z", "rar", "bz2", "xz", "json", "html", "csv", "pdf", "txt"];

/// A folder is made, unless the name ends in `.zip`: one whose name looks like a file's is not meant.
fn check_ending(out: &Path) -> Result<(), Failure> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    if !OF_FILES.contains(&ending.as_str()) {
        return Ok(());
    }
    let zip = out.with_extension("zip");
    Err(Failure::usage(format!("--out {}: a bundle is a zip or a folder, and no .{ending}", out.display()))
        .help(format!("for a zip: --out {}; for a folder: a name without an ending", zip.display())))
}

/// A key in a file is read before anything is asked of AWS.
fn file_key(key: Option<&str>, printer: Printer) -> Result<Option<SigningKey>, Failure> {
    let Some(path) = key.filter(|key| !is_kms(key)) else { return Ok(None) };
    let (key, warning) = SigningKey::read(Path::new(path))?;
    if let Some(warning) = warning {
        printer.warning(&warning);
    }
    Ok(Some(key))
}

async fn signer(
    arguments: &Arguments,
    session: &Session,
    file_key: Option<SigningKey>,
) -> Result<Option<Signer>, Failure> {
    match (&arguments.sign, file_key) {
        (None, _) => Ok(None),
        (Some(_), Some(key)) => Ok(Some(Signer::Key(key))),
        (Some(key), None) => Ok(Some(Signer::Kms(KmsKey::find(&resilient(&session.sdk), key).await?))),
    }
}

async fn upload(arguments: &Arguments, session: &Session, printer: Printer) -> Result<Option<Upload>, Failure> {
    let Some(place) = arguments.upload.clone() else { return Ok(None) };
    let upload = Upload::prepare(&resilient(&session.sdk), place, arguments.retain_days).await?;
    if !upload.is_locking() {
        printer.note("the bucket does not lock objects: whoever may write to it can replace or delete the evidence");
    }
    Ok(Some(upload))
}

fn tell(
    arguments: &Arguments,
    (done, uploaded): (&Done, Option<&Uploaded>),
    printer: Printer,
) -> Result<Exit, Failure> {
    let Done { written, failed, refused, places, unread, completeness, .. } = done;
    let signed = written.manifest.signature.as_ref();
    let is_whole = *failed == 0 && unread.is_empty() && places.unread + places.incomplete == 0;
    let doubt = uploaded.and_then(|one| one.locked.doubt());
    let text = match arguments.format {
        Format::Json => {
            let told = json!({
                "bundle": written.path.display().to_string(),
                "sha256": written.manifest.bundle.sha256,
                "files": written.manifest.bundle.files,
                "bytes": written.manifest.bundle.size,
                "signedBy": signed.map(|by| &by.fingerprint),
                "completeness": completeness,
                "unreadPlaces": failed,
                "notEvaluated": done.not_evaluated,
                "notRead": done.unread_places.first(),
                "unread": unread.first(),
                "unreadCount": unread.count(),
                "uploaded": uploaded.map(|one| &one.place),
                "lockedUntil": uploaded.and_then(|one| one.locked.until()),
                "lockUnconfirmed": doubt,
            });
            format!("{told:#}\n")
        }
        Format::Text => {
            let mark = if is_whole { format!("{GOOD}whole{GOOD:#}") } else { format!("{UNSURE}not whole{UNSURE:#}") };
            let mut lines = vec![
                format!("{} ({} files, {mark})", written.path.display(), written.manifest.bundle.files),
                format!("    digest of the bundle  sha256:{}", written.manifest.bundle.sha256),
                signed.map_or_else(
                    || "    not signed: write the digest down".to_owned(),
                    |by| format!("    signed by             {}", by.fingerprint),
                ),
            ];
            if let Some(uploaded) = uploaded {
                let locked = match &uploaded.locked {
                    Locked::No => String::new(),
                    Locked::Until(until) => format!(", locked until {until}"),
                    Locked::Unconfirmed(_) => ", its lock could not be confirmed".to_owned(),
                };
                lines.push(format!("    uploaded to           {}{locked}", uploaded.place));
            }
            lines.push(textwrap::fill(completeness, layout(printer.width(), "")));
            lines.extend(
                named(done)
                    .iter()
                    .map(|one| textwrap::fill(one, layout(printer.width(), "    ").subsequent_indent("      "))),
            );
            lines.join("\n") + "\n"
        }
    };
    printer.product(&text).map_err(|error| Failure::internal(&error))?;
    for sentence in warnings(done) {
        printer.warning(&sentence);
    }
    if let Some(why) = doubt {
        printer.warning(&format!("the lock of the bundle in the bucket could not be confirmed: {why}"));
    }
    Ok(exit(*places, (*failed, *refused), !unread.is_empty() || doubt.is_some()))
}

/// The first of each kind of what could not be read, and what to do about all calls that were not allowed.
fn warnings(done: &Done) -> Vec<String> {
    let Done { unread, unread_places, .. } = done;
    let kinds = grouped(unread.first().iter(), |sentence| kind(sentence));
    let mut told: Vec<String> = Vec::new();
    for of_kind in kinds.iter().take(MOST_KINDS) {
        let Some((first, others)) = of_kind.split_first() else { continue };
        told.push(match others.len() {
            0 => (*first).clone(),
            more => format!("{first} (and {more} more like it)"),
        });
    }
    let more = kinds.len().saturating_sub(MOST_KINDS);
    told.extend(
        (more > 0)
            .then(|| format!("{} of what could not be read: see unread in report.json", counted(more, "more kind"))),
    );
    let mut denied = unread.denied().clone();
    denied.add(unread_places.denied().clone());
    told.extend(denied.advice("evidence"));
    told
}

/// The first accounts × Regions that were not read to the end, and the first notebooks without an evaluation.
fn named(done: &Done) -> Vec<String> {
    let more =
        |count: usize, shown: usize, of: &str| (count > shown).then(|| format!("and {} more {of}", count - shown));
    let places = &done.unread_places;
    let first = places.first().iter().take(MOST_NAMED).map(|sentence| plain(sentence));
    let mut lines: Vec<String> = first.collect();
    lines.extend(more(places.count(), lines.len(), "that were not read to the end: see population.jsonl"));
    let without = done.not_evaluated.iter().take(MOST_NAMED);
    let without: Vec<String> = without
        .map(|NotEvaluated { account, region, name, why, .. }| {
            let why = why.as_deref().map_or_else(|| "why is not known".to_owned(), |why| short(why, LONGEST));
            format!("without an evaluation: {} of account {account} in {region}: {why}", plain(name))
        })
        .collect();
    let count = usize::try_from(done.resources.listed_not_evaluated).unwrap_or(usize::MAX);
    let rest = more(count, without.len(), "without an evaluation: see population.jsonl");
    lines.into_iter().chain(without).chain(rest).collect()
}

/// As a report's: an account × Region of which AWS Config has no data is no failure, and is told. That no account ×
/// Region has any data at all is never a success.
fn exit(places: PlaceTotals, (failed, refused): (u64, u64), has_unread: bool) -> Exit {
    let has_none = places.read + places.incomplete == 0 && places.unread > 0;
    if has_none && refused == places.unread {
        Exit::AwsFailed
    } else if failed > 0 || has_unread || has_none {
        Exit::Partial
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_data_at_all_is_no_success() {
        let places = |read, unread| PlaceTotals { read, unread, ..PlaceTotals::default() };
        for (places, failed, has_unread, expected) in [
            (places(2, 0), 0, false, Exit::Done),
            (places(2, 1), 0, false, Exit::Done),
            (places(2, 1), 1, false, Exit::Partial),
            (places(2, 0), 0, true, Exit::Partial),
            (places(0, 2), 0, false, Exit::Partial),
            (places(0, 2), 1, false, Exit::Partial),
            (places(0, 2), 2, true, Exit::AwsFailed),
        ] {
            let failed = (failed, failed);
            assert_eq!(exit(places, failed, has_unread), expected, "{places:?} {failed:?} {has_unread}");
        }
        assert_eq!(exit(places(0, 2), (2, 0), false), Exit::Partial, "AWS Config answered that it has none");
    }
}
