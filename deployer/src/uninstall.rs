//! `uninstall`: takes away what `install` made, and proves that nothing is left.
//!
//! look, show, confirm; then in each Region: member stack, the bucket's objects, artifact stack, bucket, and a look at
//! what is left. Only what is known to be ours is touched: stacks with our tag, and the bucket in one of them or with
//! our tag. Every step can be done again, so that a run that was interrupted is finished by the next.

mod bucket;
mod look;
pub(crate) mod organization;
mod proof;
mod remove;
mod report;
mod text;

use std::fmt;

use aws_config::SdkConfig;
use futures_util::future::join_all;

use crate::apply::Event;
use crate::aws::{AwsRefusal, Clients, resilient};
use crate::confirm::confirm;
use crate::display::{Display, Form};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, interrupt};
use crate::names::Names;
use crate::output::{Printer, counted};
use crate::session::Session;
use crate::stacks::StackFailure;

use look::{Found, StackFound};
use report::Report;

/// What is asked for.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Request {
    pub(crate) prefix: String,
    /// Whether the artifact bucket and its stack stay.
    pub(crate) keep_artifacts: bool,
    /// Whether stacks that a deletion left INOPERABLE are let go of: only in an organization.
    pub(crate) release_stuck: bool,
    pub(crate) dry_run: bool,
    pub(crate) assume_yes: bool,
    pub(crate) form: Form,
}

/// Something of ours that is there although it should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Leftover {
    /// What it is: `the role notebook-guard-eu-west-1`.
    what: String,
    /// Why it is left, if that is known.
    why: Option<String>,
    /// What to do about it.
    fix: String,
}

/// Why a Region could not be cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    /// A call failed.
    Refused(AwsRefusal),
    /// A stack could not be deleted, twice.
    Stack(StackFailure),
    /// A stack is protected against deletion.
    Protected { stack: String, region: String },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Stack(failure) => failure.fmt(f),
            Self::Protected { stack, region } => {
                write!(f, "stack {stack} in {region} is protected against deletion")
            }
        }
    }
}

impl From<AwsRefusal> for Problem {
    fn from(refusal: AwsRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Problem {
    /// What to do about it, line by line.
    fn advice(&self) -> Vec<String> {
        match self {
            Self::Refused(refusal) => vec![refusal.advice()],
            Self::Stack(failure @ StackFailure::Refused(_)) => vec![failure.advice()],
            Self::Stack(failure @ StackFailure::Ended { resources, .. }) => {
                // The first is told with the failure itself.
                let others = resources.iter().skip(1);
                let mut told: Vec<String> = others
                    .map(|one| format!("also {} ({}, {}): {}", one.logical, one.kind, one.physical, one.reason))
                    .collect();
                told.push(failure.advice());
                told
            }
            Self::Protected { stack, region } => vec![
                "somebody wants to keep it: ask, then take the protection away with".to_owned(),
                format!(
                    "aws cloudformation update-termination-protection --no-enable-termination-protection \
                     --stack-name {stack} --region {region}"
                ),
            ],
        }
    }
}

/// How a Region ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// Nothing of ours was there.
    Nothing,
    /// There is something to remove, and it was not to be done now.
    Planned,
    /// All is gone that was to go, and it was looked for.
    Gone,
    /// All was done, and yet something is there.
    Left(Vec<Leftover>),
    /// It could not be read, or something could not be removed.
    Failed(Problem),
    /// The run was interrupted; what CloudFormation had begun goes on without us. Says what that is.
    Detached(String),
}

/// A Region as it was found.
struct Region {
    name: String,
    clients: Clients,
    iam: aws_sdk_iam::Client,
    found: Result<Found, AwsRefusal>,
}

/// Uninstalls, or says what it would do.
pub(crate) async fn uninstall(request: &Request, session: &Session, printer: Printer) -> Result<Exit, Failure> {
    let names =
        Names { prefix: &request.prefix, account: &session.identity.account, partition: session.identity.partition() };
    let report = Report::new(printer, request, names);
    let sdk = resilient(&session.sdk);
    let display = Display::new(printer, request.form, session.regions.len());
    display.say("looking");
    let looks = session.regions.iter().map(|name| region(&sdk, name, names, request));
    let regions: Vec<Region> = display.beside(join_all(looks)).await;
    report.plan(&regions)?;
    let is_empty = !regions.iter().any(Region::has_work);
    refuse_member(&regions, is_empty)?;
    if request.dry_run || is_empty {
        let ends: Vec<_> = regions.iter().map(|region| (region.name.clone(), region.end_without_work())).collect();
        report.result(&ends)?;
        return Ok(exit(&ends));
    }
    refuse_organization(&regions, request)?;
    let working = regions.iter().filter(|region| region.has_work()).count();
    let question = format!("Remove Notebook Guard from account {} in {}?", names.account, counted(working, "Region"));
    if !confirm(printer, &question, request.assume_yes).await? {
        return Err(Failure { exit: Exit::Refused, ..Failure::usage("not confirmed; nothing was changed") });
    }
    let on = |event| display.event(event);
    let ends = display.beside(remove_all(&regions, names, request, &on, interrupt())).await;
    drop(display);
    report.result(&ends)?;
    Ok(exit(&ends))
}

async fn region(sdk: &SdkConfig, name: &str, names: Names<'_>, request: &Request) -> Region {
    let clients = Clients::new(sdk, name);
    let iam = aws_sdk_iam::Client::new(&crate::session::in_region(sdk, name));
    let found = Box::pin(look::look(&clients, &iam, names, request.keep_artifacts)).await;
    Region { name: name.to_owned(), clients, iam, found }
}

async fn remove_all(
    regions: &[Region],
    names: Names<'_>,
    request: &Request,
    on: &dyn Fn(Event),
    interrupt: Interrupt,
) -> Vec<(String, End)> {
    let work = regions.iter().map(|region| {
        let interrupt = interrupt.clone();
        async move {
            let end = match &region.found {
                Ok(found) if region.has_work() => {
                    Box::pin(remove::Worker::new(region, found, names, request, on).run(interrupt)).await
                }
                Ok(_) | Err(_) => region.end_without_work(),
            };
            (region.name.clone(), end)
        }
    });
    join_all(work).await
}

impl Region {
    /// Whether anything is to be removed.
    fn has_work(&self) -> bool {
        self.found.as_ref().is_ok_and(Found::has_work)
    }

    /// Whether a bucket or an artifact stack of ours is there.
    fn has_artifacts(&self) -> bool {
        self.found.as_ref().is_ok_and(Found::has_artifacts)
    }

    /// How a Region ends if nothing is removed.
    fn end_without_work(&self) -> End {
        match &self.found {
            Err(refusal) => End::Failed(refusal.clone().into()),
            Ok(found) if found.has_work() => End::Planned,
            Ok(found) if found.leftovers.is_empty() => End::Nothing,
            Ok(found) => End::Left(found.leftovers.clone()),
        }
    }
}

/// What the organization installed is its administrator's to remove; in the account, StackSets would make it again.
fn refuse_member(regions: &[Region], is_empty: bool) -> Result<(), Failure> {
    let managed = regions.iter().filter_map(|region| match &region.found.as_ref().ok()?.member {
        StackFound::OfOrganization(of) => Some((region.name.as_str(), of)),
        StackFound::Missing | StackFound::Foreign | StackFound::NotLookedFor | StackFound::Ours { .. } => None,
    });
    let managed: Vec<_> = managed.collect();
    let Some((_, of)) = managed.first().filter(|_| is_empty) else { return Ok(()) };
    let places: Vec<&str> = managed.iter().map(|(region, _)| *region).collect();
    let message = format!("nothing was changed: in {} it is {}", places.join(", "), of.told());
    Err(Failure { exit: Exit::Refused, ..Failure::usage(message) }
        .help(format!("to remove it from the organization: deployer uninstall --org, {}", of.place())))
}

/// Accounts of an organization install from the bucket: without it, every account that joins or changes fails.
fn refuse_organization(regions: &[Region], request: &Request) -> Result<(), Failure> {
    if request.keep_artifacts {
        return Ok(());
    }
    let read_by = regions.iter().find_map(|region| {
        let StackFound::Ours { state, .. } = &region.found.as_ref().ok()?.artifacts else { return None };
        let organization = state.parameters.get("OrgId").filter(|id| !id.is_empty())?;
        Some((region.name.as_str(), organization.as_str()))
    });
    let Some((region, organization)) = read_by else { return Ok(()) };
    let message = format!(
        "nothing was changed: accounts of the organization {organization} install from the artifact bucket in {region}"
    );
    Err(Failure { exit: Exit::Refused, ..Failure::usage(message) }
        .help("without it they could no longer update or go back, and new accounts could not install")
        .help("add --keep-artifacts to remove everything else")
        .help("to take everything from the organization: deployer uninstall --org"))
}

fn exit(ends: &[(String, End)]) -> Exit {
    let count = |wanted: fn(&End) -> bool| ends.iter().filter(|(_, end)| wanted(end)).count();
    let failed = count(|end| matches!(end, End::Failed(_)));
    if count(|end| matches!(end, End::Detached(_))) > 0 {
        Exit::Detached
    } else if failed > 0 && failed == ends.len() {
        Exit::AwsFailed
    } else if failed > 0 || count(|end| matches!(end, End::Left(_))) > 0 {
        Exit::Partial
    } else {
        Exit::Done
    }
}
