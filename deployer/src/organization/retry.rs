//! `retry`: repeats exactly what failed, and nothing else.
//!
//! What runs is waited for first: what is under way is not as it should be either. Then the instances are read, those
//! that are not well shown and confirmed, and repeated in the same accounts and Regions.

mod report;

use std::cell::RefCell;

use futures_util::{TryStreamExt as _, pin_mut};

use super::AccountState;
use super::apply::{PATIENCE, SetEvent, SetWhat, SetsApplied, Work, apply};
use super::plan::SetPlan;
use super::settings::Pace;
use super::site::Site;
use crate::apply::{Event, What};
use crate::aws::AwsRefusal;
use crate::confirm::confirm;
use crate::display::{Display, Form};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::observe::Read;
use crate::output::{Printer, counted};
use crate::stack_set::{
    Groups, Instance, Interner, OperationStatus, Retry, SetFailure, Sets, StackSet, has_failed, retry,
};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Only in these Regions; none for everywhere.
    pub(crate) regions: Vec<String>,
    pub(crate) pace: Pace,
    pub(crate) dry_run: bool,
    pub(crate) assume_yes: bool,
    pub(crate) form: Form,
}

impl Request {
    fn is_meant(&self, region: &String) -> bool {
        self.regions.is_empty() || self.regions.contains(region)
    }
}

/// A StackSet and what is to be repeated in it.
struct Found {
    set: StackSet,
    retry: Retry,
    /// Accounts and Regions of the targets without an instance: an installation never got there.
    missing: usize,
}

impl Found {
    /// Whether something is left that a repetition does not mend.
    fn has_more(&self) -> bool {
        self.missing > 0 || self.retry.outdated > 0 || !self.retry.inoperable.is_empty()
    }
}

/// Repeats, or says what it would.
pub(crate) async fn run(request: &Request, site: &Site, printer: Printer) -> Result<Exit, Failure> {
    let display = Display::new(printer, request.form, 1);
    display.say("looking at the StackSets");
    let on = |event| display.event(event);
    let seen = RefCell::new(Interner::default());
    let groups = RefCell::new(Groups::default());
    let looking = async {
        let interrupted = || Failure { exit: Exit::Detached, ..Failure::usage("interrupted; nothing was changed") };
        tokio::select! {
            found = look(site, request, &on, &seen, &groups) => found,
            () = interrupt() => Err(interrupted()),
        }
    };
    let found = display.beside(Box::pin(looking)).await?;
    let report = report::Report::new(printer, request, site);
    report.plan(&found, &groups.into_inner().finish())?;
    let instances: usize = found.iter().map(|one| one.retry.instances).sum();
    if instances == 0 || request.dry_run {
        let has_more = found.iter().any(Found::has_more);
        return Ok(if has_more && !request.dry_run { Exit::Partial } else { Exit::Done });
    }
    let question = format!("Repeat {} in organization {}?", counted(instances, "stack instance"), site.organization.id);
    if !confirm(printer, &question, request.assume_yes).await? {
        return Err(Failure { exit: Exit::Refused, ..Failure::usage("not confirmed; nothing was changed") });
    }
    let applied = display.beside(Box::pin(repeat(site, request, &found, &on))).await;
    drop(display);
    report.result(&applied)?;
    Ok(exit(&applied, &found))
}

async fn look(
    site: &Site,
    request: &Request,
    on: &dyn Fn(Event),
    seen: &RefCell<Interner>,
    groups: &RefCell<Groups>,
) -> Result<Vec<Found>, Failure> {
    let sets: Vec<StackSet> = site.named_sets().await?.into_iter().filter(|set| site.is_ours(set)).collect();
    site.check_installer(&sets)?;
    if sets.is_empty() {
        return Err(Failure::usage(format!("there is no StackSet of ours in {}", site.home))
            .help("if it is in another Region, add --home-region; if its names are others, --prefix")
            .help("if nothing is installed yet: deployer install --org"));
    }
    let reader = site.sets();
    let mut found = Vec::new();
    for set in sets {
        if !request.dry_run {
            idle(&reader, &set.name, on).await.map_err(|failure| {
                let advice = failure.advice();
                Failure::aws(failure.to_string()).help(advice)
            })?;
        }
        let (ill, present) = ill(site, &reader, &set, request, seen, groups).await?;
        let retry = retry(ill.iter(), |account| is_wanted(site, account));
        let regions = set.regions.iter().filter(|region| request.is_meant(region)).count();
        let missing = (regions * wanted(site)).saturating_sub(present);
        found.push(Found { set, retry, missing });
    }
    let untouched = without_set(site, request, &found);
    if let Some(last) = found.last_mut() {
        last.missing += untouched * wanted(site);
    }
    Ok(found)
}

/// How many accounts there should be in each Region, as far as it is recorded.
fn wanted(site: &Site) -> usize {
    site.record.as_ref().map_or(0, |record| record.targets.resolve(&site.organization).accounts.len())
}

/// How many Regions are recorded and in no StackSet yet.
fn without_set(site: &Site, request: &Request, found: &[Found]) -> usize {
    let has_region = |region: &String| found.iter().any(|one| one.set.regions.contains(region));
    let recorded = site.record.iter().flat_map(|record| &record.regions);
    recorded.filter(|region| request.is_meant(region) && !has_region(region)).count()
}

/// Waits until nothing runs on a StackSet.
async fn idle(reader: &Sets, set: &str, on: &dyn Fn(Event)) -> Result<(), SetFailure> {
    let tell = |what| on(Event { region: set.to_owned(), what });
    let began = tokio::time::Instant::now();
    loop {
        let operations = reader.operations(set).await?;
        let Some(running) = operations.into_iter().find(|operation| !operation.status.is_final()) else {
            return Ok(());
        };
        let (id, waited) = (running.id, began.elapsed());
        let busy = |waited| SetFailure::Busy { set: set.to_owned(), operation: Some(id.clone()), waited };
        let Some(left) = PATIENCE.checked_sub(waited) else { return Err(busy(waited)) };
        tell(What::Began(format!("waiting for operation {id}")));
        let told = |status: &OperationStatus| tell(What::Progress { status: status.to_string(), resources: 0 });
        match tokio::time::timeout(left, reader.follow(set, &id, &told)).await {
            Ok(ended) => drop(ended?),
            Err(_) => return Err(busy(PATIENCE)),
        }
    }
}

/// The instances that are not as they should be, and how many there are of those that are wanted. Reasons are those of
/// what failed.
async fn ill(
    site: &Site,
    reader: &Sets,
    set: &StackSet,
    request: &Request,
    seen: &RefCell<Interner>,
    groups: &RefCell<Groups>,
) -> Read<(Vec<Instance>, usize)> {
    let regions: Vec<String> = set.regions.iter().filter(|region| request.is_meant(region)).cloned().collect();
    let unsaid = seen.borrow_mut().reasons.intern("CloudFormation gives no reason");
    let pages = reader.instances(&set.name, &regions, None, seen);
    pin_mut!(pages);
    let (mut ill, mut present) = (Vec::new(), 0);
    while let Some(page) = pages.try_next().await? {
        present += page.iter().filter(|one| is_wanted(site, &one.account)).count();
        for one in page.into_iter().filter(|one| !one.is_current()) {
            if is_wanted(site, &one.account) && has_failed(&one) {
                let reason = one.reason.as_ref().unwrap_or(&unsaid);
                groups.borrow_mut().add(&one.account, &one.region, reason);
            }
            ill.push(one);
        }
    }
    Ok::<_, AwsRefusal>((ill, present))
}

/// Whether an account can be reached and is still to be covered.
fn is_wanted(site: &Site, account: &str) -> bool {
    let is_active = |id: &str| site.organization.accounts.get(id).is_some_and(|one| one.state == AccountState::Active);
    let is_target = |id: &str| {
        site.record.as_ref().is_none_or(|record| {
            let targets = &record.targets;
            targets.unit_of(&site.organization, id).is_some() && !targets.excluded.iter().any(|excluded| excluded == id)
        })
    };
    is_active(account) && is_target(account)
}

async fn repeat(site: &Site, request: &Request, found: &[Found], on: &dyn Fn(Event)) -> SetsApplied {
    let sets = site.sets();
    let plans: Vec<SetPlan> = found
        .iter()
        .filter(|one| one.retry.instances > 0)
        .map(|one| SetPlan {
            name: one.set.name.clone(),
            regions: one.set.regions.clone(),
            steps: one.retry.steps.clone(),
        })
        .collect();
    let covered = found.iter().flat_map(|one| one.retry.accounts.clone()).collect();
    let told = |SetEvent { set, what }: SetEvent| {
        let what = match what {
            SetWhat::Began(_) => What::Began("repeating".to_owned()),
            SetWhat::Attached { operation } => What::Began(format!("following operation {operation}")),
            SetWhat::Waiting { operation, .. } => What::Began(format!("waiting for operation {operation}")),
            SetWhat::Progress { .. } => What::Progress { status: what.to_string(), resources: 0 },
            SetWhat::Reading => What::Began("reading the results".to_owned()),
            SetWhat::Finished { counts, .. } if counts.bad() == 0 => What::Finished("repetition".to_owned()),
            SetWhat::Finished { counts, .. } => What::Began(format!("{} failed again", counts.bad())),
            SetWhat::Done => What::Done,
            SetWhat::Failed(why) => What::Failed(why),
        };
        on(Event { region: set, what });
    };
    let work = Work {
        sets: &sets,
        plans: &plans,
        administrator: &site.account,
        pace: request.pace,
        covered: &covered,
        patience: PATIENCE,
        on: &told,
    };
    apply(work, interrupt()).await
}

fn exit(applied: &SetsApplied, found: &[Found]) -> Exit {
    let is_stuck = found.iter().any(Found::has_more);
    if applied.is_detached() {
        Exit::Detached
    } else if !applied.is_through() || applied.counts.bad() > 0 || applied.incomplete.is_some() || is_stuck {
        Exit::Partial
    } else {
        Exit::Done
    }
}
