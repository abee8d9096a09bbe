//! Carrying the whole plan out, part after part. A part that fails keeps those from being begun that build on it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use aws_config::SdkConfig;
use futures_util::future::{Either, join_all, select};
use futures_util::{TryStreamExt as _, pin_mut};
use tokio::time::sleep;

use super::{OrgRequest, Seen, is_trouble, troubles};
use crate::aggregator;
use crate::apply::{Applied, End, Problem};
use crate::aws::{Clients, resilient};
use crate::display::Display;
use crate::interrupt::{Interrupt, interrupt};
use crate::managed_pack::{self, Deployment, PackReach, PackStep, Service, Waits};
use crate::observe::Read;
use crate::organization::apply::{PATIENCE, SetsApplied, Work, apply as apply_sets, offer_to_stop};
use crate::organization::model::TrustedAccess;
use crate::organization::plan::OrgPlan;
use crate::organization::read::{activate_trusted_access, trusted_access};
use crate::organization::report::{AggregatorEnd, GuardrailEnd, Outcome, PackEnd};
use crate::output::Printer;
use crate::scp::guardrail;
use crate::session::Session;
use crate::stack_set::{Group, Interner, Sets, Standing as InstanceStanding, of_instance};
use crate::stacks::StackFailure;

/// Looks at trusted access after it was switched on, a second apart.
const LOOKS: u32 = 60;
/// Fewer stack instances than this of a hundred, and policies are not attached: they would deny what nobody watches.
const ENOUGH: usize = 95;

/// What every part needs.
struct Carrier<'a> {
    plan: &'a OrgPlan,
    request: &'a OrgRequest,
    seen: &'a Seen,
    sdk: SdkConfig,
    sets: Sets,
    printer: Printer,
    interrupt: Interrupt,
}

/// Carries a plan out.
pub(super) async fn carry_out(
    plan: &OrgPlan,
    request: &OrgRequest,
    seen: &Seen,
    session: &Session,
    (printer, display): (Printer, &Display),
) -> Outcome {
    let sdk = resilient(&session.sdk);
    let sets = Sets::new(&sdk, &plan.settings.home_region, plan.call_as);
    let carrier = Carrier { plan, request, seen, sdk, sets, printer, interrupt: interrupt() };
    let mut outcome = Outcome::default();
    Box::pin(carrier.all(&mut outcome, display)).await;
    outcome
}

impl Carrier<'_> {
    async fn all(&self, outcome: &mut Outcome, display: &Display) {
        if self.plan.activate_trusted_access
            && let Err(refusal) = display.beside(self.activate()).await
        {
            outcome.stop = Some(format!("trusted access could not be switched on: {refusal}"));
            outcome.advice = Some(refusal.advice());
            return;
        }
        let on = |event| display.event(event);
        let zip = &self.request.common.artifact.zip;
        let work = crate::apply::apply(&self.plan.base, zip, &self.sdk, &on, self.interrupt.clone());
        let base = display.beside(work).await;
        let stop = stop_after(&base, &self.plan.names().member_stack());
        outcome.base = Some(base);
        if stop.is_some() {
            outcome.stop = stop;
            return;
        }
        let applied = self.stack_sets().await;
        let is_through = applied.is_through();
        let is_detached = applied.is_detached();
        outcome.sets = Some(applied);
        if is_detached {
            return;
        }
        if !is_through {
            let has_more = self.plan.guardrail.is_some()
                || self.plan.aggregator.is_some()
                || self.plan.packs.iter().any(|pack| pack.step.is_some());
            let why = "the StackSets did not get to their end: packs, aggregator and policies were left as they are";
            outcome.stop = has_more.then(|| why.to_owned());
            if self.plan.guardrail.is_some() {
                outcome.guardrail = GuardrailEnd::NotAttached("the StackSets did not get to their end".to_owned());
            }
            return;
        }
        match select(self.interrupt.clone(), pin!(self.rest(display))).await {
            Either::Left(_) => outcome.is_detached = true,
            Either::Right((rest, _)) => {
                outcome.packs = rest.packs;
                outcome.aggregator = rest.aggregator;
                outcome.guardrail = rest.guardrail;
                outcome.left = Some(rest.left);
            }
        }
    }

    async fn activate(&self) -> Read<()> {
        let home = &self.plan.settings.home_region;
        activate_trusted_access(&self.sdk, home).await?;
        for _ in 0..LOOKS {
            if trusted_access(&self.sdk, home, self.plan.call_as).await? == TrustedAccess::Enabled {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    async fn stack_sets(&self) -> SetsApplied {
        let form = self.request.common.form;
        let display = Display::of_sets(self.printer, form, self.plan.sets.len());
        let scope = self.plan.settings.targets.resolve(&self.seen.organization);
        let work = Work {
            sets: &self.sets,
            plans: &self.plan.sets,
            administrator: &self.plan.administrator,
            pace: self.plan.settings.pace,
            covered: &scope.accounts,
            patience: PATIENCE,
            on: &|event| display.set_event(&event),
        };
        let applied = display.beside(apply_sets(work, self.interrupt.clone())).await;
        drop(display);
        for (operation, stopped) in
            offer_to_stop(&self.sets, &applied, self.printer, self.request.common.assume_yes).await
        {
            match stopped {
                Ok(()) => self.printer.note(&format!("operation {operation} is being stopped")),
                Err(refusal) => self.printer.warning(&format!("operation {operation} goes on: {refusal}")),
            }
        }
        applied
    }

    /// How the stacks are in the end, then packs and the aggregator, then policies.
    async fn rest(&self, display: &Display) -> Rest {
        display.say("looking at all stacks");
        let standing = display.beside(self.standing()).await;
        let packs = display.beside(self.packs()).await;
        let aggregator = display.beside(Box::pin(self.aggregator(display))).await;
        let counted = standing.as_ref().map(|standing| (standing.well, standing.all)).map_err(Clone::clone);
        let guardrail = display.beside(Box::pin(self.guardrail(counted, display))).await;
        Rest { packs, aggregator, guardrail, left: standing.map(|standing| standing.left) }
    }

    async fn aggregator(&self, display: &Display) -> AggregatorEnd {
        let Some(step) = &self.plan.aggregator else {
            let is_wanted = self.plan.settings.aggregator;
            return if is_wanted { AggregatorEnd::Unchanged } else { AggregatorEnd::NotWanted };
        };
        display.say("aggregator of the organization");
        match aggregator::apply(step, &self.sdk, &|status, _| display.say(&format!("aggregator: {status}"))).await {
            Ok(()) => AggregatorEnd::Made,
            Err(problem) => AggregatorEnd::Failed(problem),
        }
    }

    async fn packs(&self) -> Vec<PackEnd> {
        let settings = &self.plan.settings;
        let has_management = self.plan.administrator == self.plan.management && settings.include_management;
        let (organization, targets) = (&self.seen.organization, &settings.targets);
        let expected = &PackReach { organization, targets, has_management }.expected();
        let steps = self.plan.packs.iter().filter_map(|pack| pack.step.as_ref());
        let work = steps
            .map(|step| async move { PackEnd { region: step.region.clone(), end: self.pack(step, expected).await } });
        join_all(work).await
    }

    async fn pack(&self, step: &PackStep, expected: &BTreeSet<String>) -> Read<Deployment> {
        let clients = Clients::new(&self.sdk, &step.region);
        let service = Service { config: &clients.config, region: &step.region };
        managed_pack::apply(service, step, expected, Waits::default(), &mut |_| {}).await
    }

    async fn guardrail(&self, counted: Read<(usize, usize)>, display: &Display) -> GuardrailEnd {
        let Some(step) = &self.plan.guardrail else {
            return if self.plan.settings.guardrail.is_some() {
                GuardrailEnd::Unchanged
            } else {
                GuardrailEnd::NotWanted
            };
        };
        let (well, all) = match counted {
            Ok(counted) => counted,
            Err(refusal) => return GuardrailEnd::Failed(Problem::Refused(refusal)),
        };
        if all == 0 {
            return GuardrailEnd::NotAttached(
                "the targets have no active account, so that nothing would watch what is denied".to_owned(),
            );
        }
        if well * 100 < all * ENOUGH {
            return GuardrailEnd::NotAttached(format!(
                "only {well} of {all} stack instances are well, and {ENOUGH} of a hundred are demanded before anything is denied"
            ));
        }
        display.say("service control policies");
        match guardrail::apply(step, &self.sdk, &|status, _| display.say(&format!("policies: {status}"))).await {
            Ok(()) => GuardrailEnd::Attached,
            Err(problem) => GuardrailEnd::Failed(problem),
        }
    }

    /// How all stacks are: an operation tells of those alone that it touched.
    async fn standing(&self) -> Read<Standing> {
        let scope = self.plan.settings.targets.resolve(&self.seen.organization);
        let seen = RefCell::new(Interner::default());
        let (mut well, mut all, mut left) = (0, 0, Vec::new());
        for set in &self.plan.sets {
            all += set.regions.len() * scope.accounts.len();
            let pages = self.sets.instances(&set.name, &set.regions, None, &seen);
            pin_mut!(pages);
            while let Some(page) = pages.try_next().await? {
                for instance in page.iter().filter(|one| scope.accounts.contains_key(&*one.account)) {
                    match of_instance(instance) {
                        InstanceStanding::Good => well += 1,
                        // AWS can put nothing there, and nothing there has to be watched.
                        InstanceStanding::Skipped => all -= 1,
                        InstanceStanding::Failed | InstanceStanding::Cancelled | InstanceStanding::Unfinished => {}
                    }
                }
                left.extend(page.into_iter().filter(is_trouble));
            }
        }
        Ok(Standing { well, all, left: troubles(left.iter()) })
    }
}

/// What came of everything after the StackSets.
struct Rest {
    packs: Vec<PackEnd>,
    aggregator: AggregatorEnd,
    guardrail: GuardrailEnd,
    left: Read<Vec<Group>>,
}

/// How the stacks are in the end.
struct Standing {
    /// Stacks of the covered accounts that are as they should be, and how many there should be.
    well: usize,
    all: usize,
    /// What is not as it should be, anywhere in the sets.
    left: Vec<Group>,
}

/// Why the StackSets are not begun. Without its bucket or its zip, a Region would fail in every account; the management
/// account's own stack is nobody's business but its own.
fn stop_after(base: &Applied, member: &str) -> Option<String> {
    let stops = |end: &End| match end {
        End::Done | End::Unchanged | End::Failed(Problem::Unverified(_)) => false,
        End::Failed(Problem::Stack(StackFailure::Ended { stack, .. }) | Problem::Unplanned { stack, .. }) => {
            stack != member
        }
        End::Detached { .. } | End::Failed(Problem::Refused(_) | Problem::Stack(StackFailure::Refused(_))) => true,
    };
    let failed: Vec<&str> =
        base.regions.iter().filter(|region| stops(&region.end)).map(|region| region.region.as_str()).collect();
    let is_detached = base.regions.iter().any(|region| matches!(region.end, End::Detached { .. }));
    if failed.is_empty() || is_detached {
        return is_detached.then(|| "interrupted before the StackSets were begun".to_owned());
    }
    Some(format!(
        "the StackSets were not begun: without bucket and zip in {} every account would fail there",
        failed.join(", ")
    ))
}
