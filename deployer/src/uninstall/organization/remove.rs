//! The removal, part by part. What fails in one part does not keep the others, unless they need it.

use std::cell::RefCell;
use std::pin::pin;

use futures_util::future::{Either, join_all, select};

use super::look::{Found, SetFound};
use super::{Ends, PartEnd, SetEnd, look, record};
use crate::aggregator;
use crate::apply::{Event, What};
use crate::aws::Clients;
use crate::interrupt::Interrupt;
use crate::managed_pack::{PackEvent, PackSettings, Removal, Service, Waits};
use crate::organization::apply::PATIENCE;
use crate::organization::settings::Pace;
use crate::organization::site::Site;
use crate::scp::guardrail;
use crate::stack_set::{Remover, Removing, StackSet};
use crate::uninstall::remove::Worker;
use crate::uninstall::{End, Request};

/// Removes everything that was found. Ends when all is done, or when the user leaves: AWS goes on with what was begun.
pub(super) async fn remove(
    site: &Site,
    found: &Found,
    request: &Request,
    on: &dyn Fn(Event),
    interrupt: Interrupt,
) -> Ends {
    let (ends, doing) = (RefCell::new(Ends::default()), RefCell::new(String::new()));
    let parts = Parts { site, found, request, on, ends: &ends, doing: &doing };
    let left = match select(pin!(interrupt.clone()), pin!(parts.run(interrupt))).await {
        Either::Left(((), _)) => Some(doing.borrow().clone()),
        Either::Right(((), _)) => None,
    };
    let mut ends = ends.take();
    ends.detached = left;
    ends
}

/// Why record and artifacts stay.
const UNTIL_THEN: &str = "until the rest is gone: it installs from them, and the next run finds it by the record";

struct Parts<'a> {
    site: &'a Site,
    found: &'a Found,
    request: &'a Request,
    on: &'a dyn Fn(Event),
    ends: &'a RefCell<Ends>,
    /// What is being done, for the one who leaves.
    doing: &'a RefCell<String>,
}

impl Parts<'_> {
    async fn run(&self, interrupt: Interrupt) {
        if self.found.guardrail.is_some() {
            let end = self.guardrail().await;
            self.ends.borrow_mut().guardrail = Some(end);
        }
        if self.found.aggregator.is_some() {
            let end = self.aggregator().await;
            self.ends.borrow_mut().aggregator = Some(end);
        }
        self.packs().await;
        self.sets().await;
        self.regions(interrupt).await;
        let record = self.record().await;
        self.ends.borrow_mut().record = record;
        self.prove().await;
    }

    fn begin(&self, region: &str, what: &str) {
        self.doing.replace(format!("{what} in {region}"));
        self.tell(region, What::Began(what.to_owned()));
    }

    fn tell(&self, region: &str, what: What) {
        (self.on)(Event { region: region.to_owned(), what });
    }

    /// CloudFormation detaches the policies before it deletes them.
    async fn guardrail(&self) -> PartEnd {
        let home = &self.site.home;
        self.begin(home, "removal of the service control policies");
        let on = |status: &str, resources: usize| {
            self.tell(home, What::Progress { status: status.to_owned(), resources });
        };
        match guardrail::remove(&self.site.sdk, self.site.names(), home, &on).await {
            Ok(guardrail::Removed::Gone) => {
                self.tell(home, What::Finished("removal of the service control policies".to_owned()));
                PartEnd::Gone
            }
            Ok(guardrail::Removed::NotThere) => PartEnd::Nothing,
            Ok(guardrail::Removed::NotOurs) => PartEnd::Kept("deployer did not make it".to_owned()),
            Err(problem) => PartEnd::Failed(problem.to_string(), problem.advice()),
        }
    }

    async fn aggregator(&self) -> PartEnd {
        let home = &self.site.home;
        self.begin(home, "removal of the aggregator");
        let on = |status: &str, resources: usize| {
            self.tell(home, What::Progress { status: status.to_owned(), resources });
        };
        match aggregator::remove(&self.site.sdk, self.site.names(), home, &on).await {
            Ok(aggregator::Removed::Gone) => {
                self.tell(home, What::Finished("removal of the aggregator".to_owned()));
                PartEnd::Gone
            }
            Ok(aggregator::Removed::NotThere) => PartEnd::Nothing,
            Ok(aggregator::Removed::NotOurs) => PartEnd::Kept("deployer did not make it".to_owned()),
            Err(problem) => PartEnd::Failed(problem.to_string(), problem.advice()),
        }
    }

    async fn packs(&self) {
        let work = self.found.packs.iter().map(|region| async move { (region.clone(), self.pack(region).await) });
        let ends = join_all(work).await;
        self.ends.borrow_mut().packs = ends;
    }

    async fn pack(&self, region: &str) -> PartEnd {
        self.begin(region, "removal of the pack of managed rules");
        let clients = Clients::new(&self.site.sdk, region);
        let service = Service { config: &clients.config, region };
        let name = PackSettings::name_of(&self.site.prefix);
        let mut tell = |event: PackEvent| match event {
            PackEvent::Waiting { word } | PackEvent::Progress { word } => {
                self.tell(region, What::Progress { status: word, resources: 0 });
            }
            PackEvent::Put => {}
        };
        match crate::managed_pack::remove(service, &name, Some(false), Waits::default(), &mut tell).await {
            Ok(Removal::Nothing) => PartEnd::Nothing,
            Ok(Removal::Removed) => {
                self.tell(region, What::Finished("removal of the pack of managed rules".to_owned()));
                PartEnd::Gone
            }
            Ok(Removal::Foreign) => PartEnd::Kept("deployer did not make it".to_owned()),
            Ok(Removal::Left(deployment)) => {
                let accounts: Vec<&str> = deployment.beyond.keys().take(5).map(String::as_str).collect();
                let why = format!(
                    "the pack {name} in {region} is still there in {} accounts, such as {}",
                    deployment.beyond.len(),
                    accounts.join(", ")
                );
                PartEnd::Failed(why, "run the same command again".to_owned())
            }
            Err(refusal) => PartEnd::Failed(refusal.to_string(), refusal.advice()),
        }
    }

    /// Side by side: they have nothing in common.
    async fn sets(&self) {
        let is_meant = |one: &&SetFound| one.is_whole || !one.instances.is_empty();
        let work = self
            .found
            .sets
            .iter()
            .filter(is_meant)
            .map(|one| async move { (one.set.name.clone(), one.is_whole, self.set(&one.set).await) });
        let ends = join_all(work).await;
        self.ends.borrow_mut().sets = ends;
    }

    async fn set(&self, set: &StackSet) -> SetEnd {
        let name = &set.name;
        let sets = self.site.sets();
        let on = |event: Removing| {
            let what = match event {
                Removing::Began(step) => {
                    self.doing.replace(format!("{step} of StackSet {name}"));
                    What::Began(step)
                }
                Removing::Follows { operation } => What::Began(format!("operation {operation}")),
                Removing::Waiting { operation } => What::Began(format!("waiting for operation {operation}")),
                Removing::Progress(status) => What::Progress { status, resources: 0 },
                Removing::Left(left) => What::Began(format!("{left} instances left")),
            };
            self.tell(name, what);
        };
        let work = Remover {
            sets: &sets,
            administrator: &self.site.account,
            regions: self.found.only.as_deref(),
            pace: Pace::default(),
            releases_stuck: self.request.release_stuck,
            patience: PATIENCE,
            on: &on,
        };
        match Box::pin(work.remove(set)).await {
            Ok(removed) => {
                self.tell(name, What::Finished("removal of the StackSet".to_owned()));
                SetEnd::Done(removed)
            }
            Err(failure) => SetEnd::Failed(failure.to_string(), failure.advice()),
        }
    }

    /// The management account's stacks and the artifacts. Artifacts stay as long as a StackSet may install from them. The
    /// home Region comes last, and keeps the record until all others are clear: it is how the next run finds them.
    async fn regions(&self, interrupt: Interrupt) {
        let keeps = self.request.keep_artifacts || self.ends.borrow().sets.iter().any(is_there);
        let (home, others): (Vec<&str>, Vec<&str>) =
            self.found.regions.iter().map(|region| region.name.as_str()).partition(|name| *name == self.site.home);
        self.each(&others, keeps, &interrupt).await;
        let keeps = keeps || !self.is_clear();
        self.each(&home, keeps, &interrupt).await;
        let mut ends = self.ends.borrow_mut();
        ends.regions.sort_by(|(one, _), (other, _)| one.cmp(other));
        ends.kept.sort_unstable();
    }

    /// The record goes with the artifacts of the home Region, or says what is left. Before everything else is gone, it is
    /// how the next run finds the rest.
    async fn record(&self) -> Option<PartEnd> {
        self.site.record.as_ref()?;
        let is_clear = self.is_clear();
        let kept = self.ends.borrow().kept.iter().find(|(region, _)| *region == self.site.home).map(|(_, why)| *why);
        match (&self.found.record, kept) {
            (Some(_), _) if !is_clear => Some(PartEnd::Kept(UNTIL_THEN.to_owned())),
            (Some(left), _) => {
                self.begin(&self.site.home, "record of targets");
                Some(record::write(self.site, left).await)
            }
            (None, Some(why)) => Some(PartEnd::Kept(why.to_owned())),
            (None, None) if self.found.only.is_none() && is_clear => Some(PartEnd::Gone),
            (None, None) => Some(PartEnd::Kept(UNTIL_THEN.to_owned())),
        }
    }

    /// Why the artifacts of a Region stay, if there are any.
    fn kept(&self, name: &str, keeps: bool) -> Option<&'static str> {
        let region = self.found.regions.iter().find(|region| region.name == name)?;
        if !region.has_artifacts() {
            None
        } else if self.request.keep_artifacts {
            Some("as --keep-artifacts says")
        } else if self.found.keeps_home && name == self.site.home {
            Some("they have the record of the targets that are left")
        } else {
            keeps.then_some(UNTIL_THEN)
        }
    }

    /// Whether nothing of the Regions and the StackSets is left for another run, so far.
    fn is_clear(&self) -> bool {
        let ends = self.ends.borrow();
        let is_unclear = |(_, end): &(String, End)| match end {
            End::Left(_) | End::Failed(_) | End::Detached(_) | End::Planned => true,
            End::Nothing | End::Gone => false,
        };
        !ends.sets.iter().any(is_there) && !ends.regions.iter().any(is_unclear)
    }

    /// Clears Regions side by side.
    async fn each(&self, names: &[&str], keeps_artifacts: bool, interrupt: &Interrupt) {
        let request = Request { keep_artifacts: keeps_artifacts, ..self.request.clone() };
        let work = names.iter().map(|name| {
            let (interrupt, request) = (interrupt.clone(), &request);
            async move { ((*name).to_owned(), self.region(name, request, interrupt).await) }
        });
        let ended = join_all(work).await;
        let mut ends = self.ends.borrow_mut();
        ends.regions.extend(ended);
        ends.kept.extend(names.iter().filter_map(|name| Some(((*name).to_owned(), self.kept(name, keeps_artifacts)?))));
    }

    /// Looked at anew: a stack of the home Region has another record by now.
    async fn region(&self, name: &str, request: &Request, interrupt: Interrupt) -> End {
        let keeps_home = self.found.keeps_home && name == self.site.home;
        let request = Request { keep_artifacts: request.keep_artifacts || keeps_home, ..request.clone() };
        let region = look::region(self.site, name, &request, self.found.keeps_home).await;
        match &region.found {
            Ok(found) if region.has_work() => {
                Box::pin(Worker::new(&region, found, self.site.names(), &request, self.on).run(interrupt)).await
            }
            Ok(_) | Err(_) => region.end_without_work(),
        }
    }

    /// What is still there by name, where all was to go.
    async fn prove(&self) {
        self.begin(&self.site.home, "the look at what is left");
        let mut still = Vec::new();
        let told: Vec<String> =
            self.ends.borrow().sets.iter().filter(|(_, _, end)| !is_gone(end)).map(|(name, ..)| name.clone()).collect();
        if self.found.only.is_none()
            && let Ok(sets) = self.site.named_sets().await
        {
            let left = sets.into_iter().filter(|set| self.site.is_ours(set) && !told.contains(&set.name));
            still.extend(left.map(|set| format!("the StackSet {}", set.name)));
        }
        self.ends.borrow_mut().still = still;
    }
}

/// Whether a StackSet may still install from the artifacts.
fn is_there((_, is_whole, end): &(String, bool, SetEnd)) -> bool {
    match end {
        SetEnd::Failed(..) => true,
        SetEnd::Done(removed) => {
            (*is_whole && !removed.is_gone) || removed.leftovers.iter().any(|left| !left.is_released)
        }
    }
}

/// Whether a StackSet's end says that it is gone.
fn is_gone(end: &SetEnd) -> bool {
    matches!(end, SetEnd::Done(removed) if removed.is_gone)
}
