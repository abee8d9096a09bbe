//! The export from beginning to end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use aws_config::SdkConfig;
use futures_util::stream::{self, StreamExt as _};
use rule::exemption::Exemptions;

use super::desk::Desk;
use super::detail::{self, Told};
use super::gaps::of_place;
use super::guardrail::{self, Guardrail};
use super::maker::At;
use super::oscal::About;
use super::provenance::{self, Installed};
use super::replay::{PlaceRows, Replay};
use super::sink::BundleSink;
use super::summary::{Summary, Unread, all_unread, completeness, period as period_words, subject};
use super::tape::Tape;
use super::timeline::Period;
use super::unjudged::{self, NotEvaluated};
use super::{documents, ledger, raw};
use crate::compliance::{Scope, Source, Wanted, read};
use crate::evidence::rows::{
    EXEMPTIONS, FUNCTIONS, FunctionTotals, GapReason, PlaceTotals, REMEDIATION, REPORT, Reading, RemediationTotals,
    Resource, ResourceTotals, STACKS, TIMELINE,
};
use crate::evidence::write::Written;
use crate::evidence::{Form, Moment, Signer, Writer};
use crate::failure::Failure;
use crate::names::Names;
use crate::report::Meta;

/// Accounts × Regions that are read side by side.
const AT_ONCE: usize = 8;

/// Why nothing is told of the guardrail and the StackSets of an organization.
const NO_HOME: &str = "service control policies and StackSets: no record of the installation was found, which tells \
                       their Region: run it as the account that installed, or name the Region with --home-region";

/// Why there is nothing of a period.
const NO_PAST: &str = "an aggregator does not tell of the past: export with --assume-role for it";

/// What is exported, and where to.
#[derive(Debug)]
pub(crate) struct Request {
    /// The folder or zip to make.
    pub(crate) out: PathBuf,
    /// The caller's configuration.
    pub(crate) sdk: SdkConfig,
    /// The partition of the caller.
    pub(crate) partition: String,
    /// Which accounts × Regions.
    pub(crate) scope: Scope,
    /// Where compliance is read.
    pub(crate) source: Source,
    /// What of it.
    pub(crate) wanted: Wanted,
    /// The period of the timeline; none for a moment.
    pub(crate) period: Option<Period>,
    /// How it is told that it was read.
    pub(crate) meta: Meta,
    /// Who signs.
    pub(crate) signer: Option<Signer>,
    /// What was answered before.
    pub(crate) tape: Arc<Tape>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Done {
    /// The bundle.
    pub(crate) written: Written,
    /// How many accounts × Regions were not read to the end because something failed.
    pub(crate) failed: u64,
    /// Those of them with a call that was not answered at all.
    pub(crate) refused: u64,
    /// How far the accounts × Regions were read.
    pub(crate) places: PlaceTotals,
    /// Those that were not read to the end.
    pub(crate) unread_places: Unread,
    /// What else could not be read.
    pub(crate) unread: Unread,
    /// What exists against what was evaluated.
    pub(crate) resources: ResourceTotals,
    /// The first that exist and were not evaluated.
    pub(crate) not_evaluated: Vec<NotEvaluated>,
    /// Whether all of it was seen, in words.
    pub(crate) completeness: String,
}

/// Exports. `told` hears of each account × Region that was read, twice.
///
/// # Errors
/// Nothing could be read at all, the bundle cannot be written or signed. What cannot be read of an account × Region is
/// in the bundle.
pub(crate) async fn export(request: Request, told: &dyn Fn()) -> Result<Done, Failure> {
    let Request { out, sdk, partition, scope, source, mut wanted, period, meta, signer, tape } = request;
    let desk = Arc::new(Desk::new(Writer::create(&out, Form::of(&out))?));
    tape.play(&desk);
    let source = source.watched(&raw::watch(&desk, &wanted.prefix));
    let prefix = wanted.prefix.clone();
    let names = Names { prefix: &prefix, account: &scope.caller, partition: &partition };
    [FUNCTIONS, STACKS].into_iter().try_for_each(|path| desk.begin(path))?;
    if period.is_some() {
        [TIMELINE, REMEDIATION].into_iter().try_for_each(|path| desk.begin(path))?;
    }
    let (installed, sentences) = provenance::installed(&desk, &sdk, (&scope, names)).await?;
    let mut unread = Unread::default();
    unread.extend(sentences);
    // The ledger comes first: it tells who answers for an exemption, and an annotation does not.
    let read_artifact = of_artifact(&desk, &sdk, (&scope, &installed, names)).await;
    let artifact = read_artifact.as_ref().ok().map(|(_, key)| key.clone());
    let (ledger, from) = match exemptions(wanted.exemptions.take(), read_artifact) {
        Ok((ledger, from)) => (Some(ledger), from),
        Err(why) => {
            unread.push(format!("the ledger of exemptions: {why}"));
            (None, format!("not known: {why}"))
        }
    };
    wanted.exemptions.clone_from(&ledger);
    let mut sink = BundleSink::begin(&desk, ledger.clone().unwrap_or_default())?;
    read(&scope, &source, &wanted, told, &mut sink).await?;
    sink.end()?;
    if let Some(ledger) = &ledger {
        let is_aggregated = matches!(source, Source::Aggregator(_));
        desk.begin(EXEMPTIONS)?;
        desk.lines(EXEMPTIONS, &ledger::rows(ledger, &sink.borne, wanted.today, is_aggregated))?;
        desk.end(EXEMPTIONS)?;
    }
    let (mut remediation, mut functions) = (RemediationTotals::new(), None);
    match &source {
        Source::Accounts(reach) => {
            let wanted = detail::Wanted {
                desk: &desk,
                reach,
                period,
                prefix: names.prefix,
                installed: &installed,
                artifact: artifact.as_deref(),
                now: meta.started,
            };
            let mut counted = FunctionTotals::default();
            details(&wanted, told, (&mut remediation, &mut counted), &mut unread).await?;
            functions = Some(counted);
        }
        Source::Aggregator(_) => {
            gaps_of_aggregator(&desk, period)?;
            unread.extend(period.map(|_| format!("the period: {NO_PAST}")));
        }
    }
    unread.extend(policies(&desk, &sdk, (&scope, names)).await?);
    for path in [FUNCTIONS, STACKS, TIMELINE, REMEDIATION] {
        desk.end(path)?;
    }
    let (totals, ended) = (sink.tally.totals(), Moment::now());
    let about = About { scope: &meta.scope, exporter: &meta.caller, started: meta.started, ended, totals: &totals };
    documents::write(&desk, &meta, &about, &totals)?;
    let completeness = completeness(&totals, unread.count());
    let replay = desk.with(|writer| Replay::of(writer))?;
    let not_evaluated = unjudged::first(replay, totals.resources.listed_not_evaluated)?;
    let summary = Summary {
        meta: &meta,
        totals: &totals,
        completeness: completeness.clone(),
        period: period.map(period_words),
        functions,
        remediation: period.is_some().then_some(&remediation),
        exemptions: &from,
        not_evaluated: &not_evaluated,
        unread: all_unread(&unread, &sink.unread),
        unread_count: unread.count() + sink.unread.count(),
        unread_places: sink.unread.count(),
    };
    desk.with(|writer| writer.put(REPORT, &summary.to_bytes()))?;
    let subject = subject(&meta, (meta.started, ended), period, &from);
    let sealed = desk.finish()?.seal(ended, subject, signer.as_ref().map(Signer::statement))?;
    let signature = match &signer {
        Some(signer) => Some(signer.sign(sealed.manifest()).await?),
        None => None,
    };
    let written = sealed.commit(signature.as_ref())?;
    Ok(Done {
        written,
        failed: sink.failed,
        refused: sink.refused,
        places: totals.places,
        unread_places: sink.unread,
        unread,
        not_evaluated,
        resources: totals.resources,
        completeness,
    })
}

/// Reads what each account × Region tells beside its results, some of them side by side.
async fn details(
    wanted: &detail::Wanted<'_>,
    told: &dyn Fn(),
    (remediation, counted): (&mut RemediationTotals, &mut FunctionTotals),
    unread: &mut Unread,
) -> Result<(), Failure> {
    let mut replay = wanted.desk.with(|writer| Replay::of(writer))?;
    let places = std::iter::from_fn(move || next(&mut replay).transpose());
    let work = |place: Result<(PlaceRows, Vec<Resource>), Failure>| async {
        let (rows, resources) = place?;
        Box::pin(detail::read(wanted, rows, resources)).await
    };
    let mut each = stream::iter(places).map(work).buffered(AT_ONCE);
    while let Some(read) = each.next().await {
        let Told { violations, unread: sentences, functions } = read?;
        counted.agree += functions.agree;
        counted.disagree += functions.disagree;
        counted.unknown += functions.unknown;
        for row in violations {
            remediation.entry(row.check.clone()).or_default().add(&row);
        }
        unread.extend(sentences);
        told();
    }
    Ok(())
}

/// The next account × Region with its resources.
fn next(replay: &mut Replay) -> Result<Option<(PlaceRows, Vec<Resource>)>, Failure> {
    let mut resources = Vec::new();
    let rows = replay.next(&mut |one| {
        resources.push(one);
        Ok(())
    })?;
    Ok(rows.map(|rows| (rows, resources)))
}

/// An aggregator tells nothing of the past.
fn gaps_of_aggregator(desk: &Desk, period: Option<Period>) -> Result<(), Failure> {
    let Some(period) = period else { return Ok(()) };
    let mut replay = desk.with(|writer| Replay::of(writer))?;
    while let Some(PlaceRows { place, .. }) = replay.next(&mut |_| Ok(()))? {
        if matches!(place.reading, Reading::Excluded { .. }) {
            continue;
        }
        let detail = NO_PAST.to_owned();
        let at = (place.account.as_str(), place.region.as_str());
        desk.line(TIMELINE, &of_place(at, None, (period.from, None), (GapReason::Unread, detail)))?;
    }
    Ok(())
}

/// The ledger and where it is from, or why nobody knows.
fn exemptions(
    given: Option<Exemptions>,
    read: Result<(Exemptions, String), String>,
) -> Result<(Exemptions, String), String> {
    match given {
        Some(given) => Ok((given, "the file that was given".to_owned())),
        None => read.map(|(all, key)| (all, format!("the artifact {key}"))),
    }
}

/// The service control policies of an organization, or why they are not in the bundle.
async fn policies(
    desk: &Arc<Desk>,
    sdk: &SdkConfig,
    (scope, names): (&Scope, Names<'_>),
) -> Result<Option<String>, Failure> {
    match (&scope.organization, &scope.home) {
        (Some(_), Some(home)) => match guardrail::export(desk, sdk, names, home).await? {
            Guardrail::None | Guardrail::Written => Ok(None),
            Guardrail::Unread(why) => Ok(Some(format!("service control policies: {why}"))),
        },
        (Some(_), None) => Ok(Some(NO_HOME.to_owned())),
        (None, _) => Ok(None),
    }
}

/// The parameters of our stack, in the home Region or else in the first of the scope that has one: a Region may not be
/// enabled, or have no stack.
async fn of_stack<'a>(
    desk: &Arc<Desk>,
    sdk: &SdkConfig,
    (scope, names): (&'a Scope, Names<'_>),
) -> Result<(&'a String, BTreeMap<String, String>), String> {
    let regions = scope.home.as_ref().map_or(scope.regions.as_slice(), std::slice::from_ref);
    let mut first = None;
    for region in regions {
        let at = At { desk, sdk, prefix: names.prefix, account: names.account, region };
        match at.parameters(names).await {
            Ok(parameters) => return Ok((region, parameters)),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or_else(|| "no Region is in scope".to_owned()))
}

/// The ledger in the artifact that runs, and its key.
async fn of_artifact(
    desk: &Arc<Desk>,
    sdk: &SdkConfig,
    (scope, installed, names): (&Scope, &Installed, Names<'_>),
) -> Result<(Exemptions, String), String> {
    let (region, parameters) = match (installed.parameters(), &scope.home) {
        (Some(parameters), Some(home)) => (home, parameters.clone()),
        _ => of_stack(desk, sdk, (scope, names)).await?,
    };
    let of = |name: &str| parameters.get(name).map(String::as_str).ok_or(format!("the stack has no {name}"));
    let sha256 = of("ArtifactSha256")?;
    let key = names.key(of("Version")?, sha256, of("Architecture")?);
    // In the account of a member it is the bucket of who installed.
    let own = names.bucket_prefix();
    let bucket = format!(
        "{}-{region}{}",
        of("ArtifactBucketPrefix").unwrap_or(&own),
        of("ArtifactBucketSuffix").unwrap_or_default()
    );
    let all = ledger::of_artifact(sdk, region, (&bucket, &key, sha256)).await;
    all.map(|all| (all, key)).map_err(|why| format!("{why}; --exemptions FILE gives the ledger"))
}
