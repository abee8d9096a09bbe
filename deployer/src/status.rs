//! What is installed, whether it is what was installed, and whether it works: read, judged, and never changed.

mod command;
mod drift;
mod findings;
pub mod organization;
mod read;
pub mod render;
mod rules;

pub use drift::{Drift, DriftedResource};
pub use rules::{Compliance, RuleRun};

use std::pin::pin;

use futures_util::future::{Either, join_all, select};
use time::OffsetDateTime;

use crate::apply::Event;
use crate::aws::{AwsRefusal, Clients, resilient};
use crate::names::Names;
use crate::observe::{
    AlarmState, FunctionState, ObjectState, PackState, Read, RecorderState, RuleState, SetStack, StackState,
};
use crate::session::Session;

/// What to look at.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the names of everything begin with.
    pub prefix: String,
    /// Whether CloudFormation is asked to compare what is there with its templates. It takes a minute or so.
    pub drift: bool,
}

/// All that was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The account.
    pub account: String,
    /// What the names of everything begin with.
    pub prefix: String,
    /// The Regions in alphabetical order.
    pub regions: Vec<RegionReport>,
    /// Whether the user ended the run before it was done.
    pub interrupted: bool,
}

/// One Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionReport {
    /// The Region.
    pub region: String,
    /// What is there.
    pub installation: Installation,
    /// What is to be said about it, in the order of the aspects.
    pub findings: Vec<Finding>,
}

/// What is in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installation {
    /// Nothing of ours.
    Absent {
        /// Whether an artifact stack of ours is there without a member stack: kept by `uninstall --keep-artifacts`.
        has_artifacts: bool,
    },
    /// A stack of our name that is not ours.
    Foreign,
    /// A StackSet of the organization installed it.
    OfOrganization(SetStack),
    /// A stack of ours that an operation left without use, or that an operation runs on.
    Unsettled(Box<StackState>),
    /// An installation.
    Present(Box<Installed>),
    /// It could not be read whether there is one.
    Unread,
}

/// An installation as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The member stack.
    pub stack: StackState,
    /// The artifact stack.
    pub artifacts: Option<StackState>,
    /// The function.
    pub function: Read<Option<FunctionState>>,
    /// The zip that was installed, in the artifact bucket.
    pub artifact: Read<ObjectState>,
    /// Our rules that exist.
    pub rules: Read<Vec<RuleState>>,
    /// What AWS Config tells of their runs.
    pub runs: Read<Vec<RuleRun>>,
    /// What their results come to.
    pub compliance: Read<Vec<Compliance>>,
    /// The conformance pack, if the rules are in one.
    pub pack: Option<Read<Option<PackState>>>,
    /// The alarms that have the names of ours.
    pub alarms: Read<Vec<AlarmState>>,
    /// The configuration recorder.
    pub recorder: Read<RecorderState>,
    /// What differs from the template, if it was asked for.
    pub drift: Option<Read<Drift>>,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The stacks and the version.
    Stack,
    /// The function and the code that it runs.
    Code,
    /// The rules and their results.
    Rules,
    /// The alarms.
    Alarms,
    /// The configuration recorder.
    Recorder,
    /// The zip in the artifact bucket.
    Artifact,
    /// What CloudFormation's drift detection says.
    Drift,
}

impl Aspect {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] =
        [Self::Stack, Self::Code, Self::Rules, Self::Alarms, Self::Recorder, Self::Artifact, Self::Drift];

    /// The name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Code => "code",
            Self::Rules => "rules",
            Self::Alarms => "alarms",
            Self::Recorder => "recorder",
            Self::Artifact => "artifact",
            Self::Drift => "drift",
        }
    }
}

/// How a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// It could not be read.
    Unread,
    /// The guard does not do what it was installed for.
    Problem,
}

impl Level {
    /// The name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Unread => "unread",
            Self::Problem => "problem",
        }
    }
}

/// Something to be said about an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub aspect: Aspect,
    /// How it counts.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
}

impl RegionReport {
    /// Whether something is wrong or could not be read.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.level == Level::Note)
    }
}

impl Report {
    /// Whether no Region has anything wrong or unread.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.regions.iter().all(RegionReport::is_healthy)
    }

    /// Whether nothing could be read at all.
    #[must_use]
    pub fn read_nothing(&self) -> bool {
        !self.regions.is_empty() && self.regions.iter().all(|region| region.installation == Installation::Unread)
    }
}

/// Reads every Region beside the others. `interrupt` ends when the user wants to leave: Regions that are not read by
/// then are reported as such.
pub(crate) async fn status<I>(session: &Session, request: &Request, on: &dyn Fn(Event), interrupt: I) -> Report
where
    I: Future<Output = ()> + Clone,
{
    let sdk = resilient(&session.sdk);
    let account = &session.identity.account;
    let names = Names { prefix: &request.prefix, account, partition: session.identity.partition() };
    let work = session.regions.iter().map(|region| {
        let (interrupt, clients) = (interrupt.clone(), Clients::new(&sdk, region));
        async move {
            match select(pin!(read::region(&clients, names, request, on)), pin!(interrupt)).await {
                Either::Left((report, _)) => (report, false),
                Either::Right(((), _)) => (interrupted(region), true),
            }
        }
    });
    let (regions, left): (Vec<_>, Vec<_>) = join_all(work).await.into_iter().unzip();
    Report {
        account: account.clone(),
        prefix: request.prefix.clone(),
        regions,
        interrupted: left.into_iter().any(|left| left),
    }
}

fn interrupted(region: &str) -> RegionReport {
    let finding = Finding {
        aspect: Aspect::Stack,
        level: Level::Unread,
        message: "not read to its end: interrupted".to_owned(),
        fix: None,
    };
    RegionReport { region: region.to_owned(), installation: Installation::Unread, findings: vec![finding] }
}

/// The findings about an installation, and a Region's report of them.
fn judged(region: &str, installed: Installed, names: Names<'_>) -> RegionReport {
    let findings = findings::of(&installed, names, region, OffsetDateTime::now_utc());
    RegionReport { region: region.to_owned(), installation: Installation::Present(Box::new(installed)), findings }
}

/// A call that brought nothing, as a finding.
fn unread(aspect: Aspect, refusal: &AwsRefusal) -> Finding {
    Finding { aspect, level: Level::Unread, message: refusal.to_string(), fix: Some(refusal.advice()) }
}
