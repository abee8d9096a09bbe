//! `scp test`: the decision table.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::given::context;
use super::place::find;
use crate::aws::resilient;
use crate::cli::installation::check_prefix;
use crate::cli::render::partition_of;
use crate::cli::target::Target;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::names::Names;
use crate::output::Printer;
use crate::progress::Progress;
use crate::scp::in_force::{Attached, Chain, FULL_ACCESS, Level, Reader};
use crate::scp::settings::{GuardrailSettings, break_glass};
use crate::scp::table::{Place, Tested, json, judge, rows, text};
use crate::scp::{documents, intent};
use crate::settings::DEFAULT_PREFIX;

/// Print who may do what under the policies, and why: the decision table.
///
/// Each line is a request with what has to come of it and what does. Without --scp-target no AWS is called: our
/// policies, or those of --file, beside `FullAWSAccess`. With it, beside everything in force there, from the root down.
/// What depends on something that is not known cannot be decided, and counts as not as intended.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    deployer scp test --break-glass BreakGlass --studio\n  \
    deployer scp test --file policy.json\n  \
    deployer scp test --scp-target Prod/Payments --tamper-scp\n  \
    deployer scp test --scp-target 111122223333 --in-force\n\n\
    Exit codes: 0 every line is as intended, 2 a file, the target or credentials\n\
    cannot be used, 3 some line is not as intended or cannot be decided,\n\
    5 AWS failed.")]
pub(super) struct Arguments {
    /// Policy to test instead of ours, repeated for more; `-` reads standard input.
    #[arg(long = "file", value_name = "FILE", help_heading = "Which policies")]
    files: Vec<PathBuf>,
    /// Root, unit (id, name or path) or account whose policies in force count too.
    #[arg(long, value_name = "OU", help_heading = "Which policies")]
    scp_target: Option<String>,
    /// Only what is in force there already, without ours.
    #[arg(long, requires = "scp_target", conflicts_with = "files", help_heading = "Which policies")]
    in_force: bool,
    /// Role that our policies do not bind: its name or ARN, with * and ?; repeat it for several.
    #[arg(long, value_name = "ROLE_PATTERN", value_parser = break_glass, help_heading = "What is intended")]
    break_glass: Vec<String>,
    /// Studio domains have to stay in the VPC too.
    #[arg(long, help_heading = "What is intended")]
    studio: bool,
    /// The guard in the accounts is protected.
    #[arg(long, help_heading = "What is intended")]
    tamper_scp: bool,
    /// What the names of everything begin with.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_PREFIX, help_heading = "What is intended")]
    prefix: String,
    /// Path of the function's role [default: the prefix between slashes].
    #[arg(long, value_name = "PATH", help_heading = "What is intended")]
    role_path: Option<String>,
    /// Condition key of every request, for what the table does not know; repeat it for several.
    #[arg(long, value_name = "KEY=VALUE", value_parser = context, help_heading = "What is intended")]
    context: Vec<(String, String)>,
    #[command(flatten)]
    target: Target,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one object with every request.
    Json,
}

pub(super) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    check_prefix(&arguments.prefix)?;
    let files = files(&arguments.files)?;
    let (partition, region, levels) = if let Some(target) = &arguments.scp_target {
        in_force(arguments, target, printer).await?
    } else {
        let region = arguments.target.regions.iter().find(|region| *region != "all").cloned();
        (region.as_deref().map_or("aws", partition_of).to_owned(), region, vec![plain()])
    };
    let target = arguments.scp_target.as_ref().and_then(|_| levels.last()).map(|level| level.id.clone());
    let asked = GuardrailSettings {
        targets: target.iter().cloned().collect(),
        break_glass: arguments.break_glass.clone(),
        studio: arguments.studio,
        tamper: arguments.tamper_scp,
    };
    let names = Names { prefix: &arguments.prefix, account: "", partition: &partition };
    let settings = if arguments.in_force { intent::in_force(&asked, &levels, names) } else { asked.clone() };
    if settings != asked {
        printer.note(&format!("our policies in force say what is intended: {}", intent::flags(&settings)));
    }
    let path = arguments.role_path.clone().unwrap_or_else(|| format!("/{}/", arguments.prefix));
    let levels = with(levels, wanted(arguments, files, &settings, names, &path));
    let mut place = Place::on(target.as_deref().unwrap_or_default(), &partition, region.as_deref());
    place.given.clone_from(&arguments.context);
    let chain = Chain::read(&levels);
    let judged = judge(&rows(&settings, names, &path, &place), &chain);
    let tested = Tested { target: target.as_deref(), levels: &levels, chain: &chain, judged: &judged };
    let told = match arguments.format {
        Format::Text => text(&tested, printer.width()),
        Format::Json => json(&tested),
    };
    printer.product(&told).map_err(|error| Failure::internal(&error))?;
    let is_fine = judged.iter().all(crate::scp::table::Judged::is_as_intended);
    Ok(if is_fine { Exit::Done } else { Exit::Partial })
}

/// The texts of the files; one that AWS would refuse cannot be tested.
fn files(files: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let mut read = Vec::new();
    for file in files {
        let (name, content) = (input::place(file), input::text(file)?);
        if let Err(errors) = crate::scp::language::Policy::parse(&content) {
            let mut failure = Failure::usage(format!("{name} is no service control policy"));
            for error in errors {
                failure = failure.help(error.to_string());
            }
            return Err(failure.help(format!("all of it: deployer scp lint {name}")));
        }
        read.push((name, content));
    }
    Ok(read)
}

/// What is put beside the policies in force.
fn wanted(
    arguments: &Arguments,
    files: Vec<(String, String)>,
    settings: &GuardrailSettings,
    names: Names<'_>,
    role_path: &str,
) -> Vec<(String, String)> {
    if arguments.in_force {
        return Vec::new();
    }
    if !files.is_empty() {
        return files;
    }
    let ours = documents::all(settings, names, role_path).into_iter();
    ours.map(|one| (one.name, one.document.text(false))).collect()
}

/// The levels with these policies on the last one, instead of older ones of the same name.
fn with(mut levels: Vec<Level>, policies: Vec<(String, String)>) -> Vec<Level> {
    if let Some(last) = levels.last_mut() {
        last.policies.retain(|policy| policies.iter().all(|(name, _)| *name != policy.name));
        let new = policies.into_iter().map(|(name, content)| Attached { id: String::new(), name, content });
        last.policies.extend(new);
    }
    levels
}

/// An organization that has nothing but what AWS attaches.
fn plain() -> Level {
    let full = Attached {
        id: "p-FullAWSAccess".to_owned(),
        name: "FullAWSAccess".to_owned(),
        content: FULL_ACCESS.to_owned(),
    };
    Level { id: String::new(), name: "an organization without other policies".to_owned(), policies: vec![full] }
}

async fn in_force(
    arguments: &Arguments,
    target: &str,
    printer: Printer,
) -> Result<(String, Option<String>, Vec<Level>), Failure> {
    let session = arguments.target.open().await?;
    let reader = Reader::new(&resilient(&session.sdk));
    let progress = Progress::new(printer, format!("reading the policies in force on {target}"), "");
    let levels = progress
        .beside(async {
            let places = find(target, &session, &reader).await?;
            Ok::<_, Failure>(reader.levels(&places).await?)
        })
        .await?;
    if levels.iter().all(|level| level.policies.is_empty()) {
        printer.warning("no service control policy is in force: they are not switched on in the organization");
        let id = levels.last().map(|level| level.id.clone()).unwrap_or_default();
        let levels = vec![Level { id, ..plain() }];
        return Ok((session.identity.partition().to_owned(), session.regions.first().cloned(), levels));
    }
    Ok((session.identity.partition().to_owned(), session.regions.first().cloned(), levels))
}
