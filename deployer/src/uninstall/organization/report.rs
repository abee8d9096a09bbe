//! What a run says: the plan, and in three parts how it went: removed, let go of, left.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::look::Found;
use super::{Ends, PartEnd, SetEnd, text};
use crate::display::Form;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::organization::site::Site;
use crate::output::{Printer, counted, grouped, layout};
use crate::stack_set::Leftover;
use crate::uninstall::report::{Report as RegionReport, ended, planned};
use crate::uninstall::{End, Request};

/// Accounts that are named before the rest is counted.
const SHOWN: usize = 5;

pub(super) struct Report<'a> {
    printer: Printer,
    request: &'a Request,
    site: &'a Site,
}

impl<'a> Report<'a> {
    pub(super) fn new(printer: Printer, request: &'a Request, site: &'a Site) -> Self {
        Self { printer, request, site }
    }

    /// What will be removed; people hear nothing if that is nothing.
    pub(super) fn plan(&self, found: &Found) -> Result<(), Failure> {
        if self.request.form == Form::Json {
            self.line(&self.planned(found))?;
        }
        if !found.has_work() {
            return Ok(());
        }
        let shown = || text::render(self.site, found, self.printer.width());
        match (self.request.form, self.request.assume_yes || self.request.dry_run) {
            (Form::Text, _) => self.print(&shown()),
            // Whoever is asked has to see it, wherever the JSON goes.
            (Form::Json, false) => {
                self.printer.diagnostic(&shown());
                Ok(())
            }
            (Form::Json, true) => Ok(()),
        }
    }

    fn planned(&self, found: &Found) -> Value {
        let sets = found.sets.iter().map(|one| {
            json!({
                "name": one.set.name, "instances": one.instances, "unreachable": one.unreachable, "whole": one.is_whole,
            })
        });
        let regions: Vec<Value> =
            found.regions.iter().filter_map(|region| planned(region, self.site.names())).collect();
        json!({
            "event": "plan", "organization": self.site.organization.id, "account": self.site.account,
            "prefix": self.site.prefix, "homeRegion": self.site.home, "only": found.only,
            "guardrail": found.guardrail.as_ref().map(|stack| &stack.name), "managedPack": found.packs,
            "aggregator": found.aggregator.as_ref().map(|stack| &stack.name),
            "stackSets": sets.collect::<Vec<_>>(), "foreignStackSets": found.foreign, "regions": regions,
        })
    }

    pub(super) fn result(&self, found: &Found, ends: &Ends) -> Result<(), Failure> {
        if self.request.form == Form::Json {
            return self.line(&self.ended(ends));
        }
        let regions = RegionReport::new(self.printer, self.request, self.site.names());
        self.failures(ends);
        regions.failures(&ends.regions);
        regions.leftovers(&ends.regions);
        let mut out = String::new();
        if self.request.dry_run && found.has_work() {
            out.push_str("Nothing was removed.\n");
        } else if !found.has_work() && ends.regions.iter().all(|(_, end)| *end == End::Nothing) {
            out.push_str(&self.nothing(found));
        } else {
            self.summary(&mut out, found, ends);
        }
        self.print(&textwrap::fill(&out, layout(self.printer.width(), "")))
    }

    fn nothing(&self, found: &Found) -> String {
        let but = if self.request.keep_artifacts { " (artifacts were not looked for)" } else { "" };
        let place = found.only.as_ref().map_or_else(String::new, |regions| format!(" in {}", regions.join(", ")));
        format!(
            "Nothing to uninstall: there are no StackSets, policies, packs, stacks and buckets of ours in organization \
             {}{place}{but}.\nLooked for its StackSets and its record in {}; --home-region names another Region.\n",
            self.site.organization.id,
            self.site.looked_in()
        )
    }

    fn failures(&self, ends: &Ends) {
        let told = |why: &str, fix: &str| {
            let help = vec![fix.to_owned()];
            self.printer.failure(&Failure { message: why.to_owned(), help, exit: Exit::Partial });
        };
        let packs = ends.packs.iter().map(|(_, end)| end);
        for end in ends.guardrail.iter().chain(&ends.aggregator).chain(packs).chain(&ends.record) {
            match end {
                PartEnd::Failed(why, fix) => told(why, fix),
                PartEnd::Nothing | PartEnd::Gone | PartEnd::Changed | PartEnd::Kept(_) => {}
            }
        }
        for (_, _, end) in &ends.sets {
            if let SetEnd::Failed(why, fix) = end {
                told(why, fix);
            }
        }
        for what in &ends.still {
            told(&format!("{what} is still there"), "run the same command again");
        }
    }

    fn summary(&self, out: &mut String, found: &Found, ends: &Ends) {
        let removed: usize = ends.sets.iter().filter_map(|(_, _, end)| done(end)).map(|done| done.removed).sum();
        let leftovers: Vec<&Leftover> =
            ends.sets.iter().filter_map(|(_, _, end)| done(end)).flat_map(|done| &done.leftovers).collect();
        let gone = ends.sets.iter().filter(|(_, _, end)| done(end).is_some_and(|done| done.is_gone)).count();
        let _ = writeln!(
            out,
            "Removed: {}, {} of {}{}{}{}",
            counted(removed, "instance"),
            gone,
            counted(ends.sets.len(), "StackSet"),
            if ends.guardrail == Some(PartEnd::Gone) { ", the service control policies" } else { "" },
            if ends.aggregator == Some(PartEnd::Gone) { ", the aggregator" } else { "" },
            match ends.packs.iter().filter(|(_, end)| *end == PartEnd::Gone).count() {
                0 => String::new(),
                many => format!(", the pack of managed rules in {}", counted(many, "Region")),
            },
        );
        let (released, left): (Vec<&Leftover>, Vec<&Leftover>) = leftovers.into_iter().partition(|one| one.is_released);
        group(out, "Let go of: their stacks stay, and no StackSet has them", &released);
        group(out, "Left: their StackSet still has them", &left);
        let empty: Vec<&Leftover> =
            ends.sets.iter().filter_map(|(_, _, end)| done(end)).flat_map(|it| &it.empty).collect();
        group(out, "Let go of, and nothing stays of them, because they never had a stack", &empty);
        self.own(out, ends);
        self.conclusion(out, found, ends, !released.is_empty());
    }

    /// What became of the administrator account's stacks and buckets.
    fn own(&self, out: &mut String, ends: &Ends) {
        let is_kept = |region: &str| ends.kept.iter().any(|(kept, _)| kept == region);
        // What kept its artifacts is not gone, whatever else went.
        let (partly, wholly): (Vec<_>, Vec<_>) =
            ends.regions.iter().cloned().partition(|(region, end)| *end == End::Gone && is_kept(region));
        let mut lines: Vec<String> = RegionReport::counts(&wholly).lines().map(str::to_owned).collect();
        if !partly.is_empty() {
            let regions: Vec<&str> = partly.iter().map(|(region, _)| region.as_str()).collect();
            let stack = self.site.names().member_stack();
            lines.push(format!(
                "Removed stack {stack} in {}: {}",
                counted(regions.len(), "Region"),
                regions.join(", ")
            ));
        }
        for group in grouped(ends.kept.iter(), |(_, why)| (*why).to_owned()) {
            let Some((_, why)) = group.first() else { continue };
            let regions: Vec<&str> = group.iter().map(|(region, _)| region.as_str()).collect();
            lines.push(format!("the artifacts stay in {}, {why}", regions.join(", ")));
        }
        for line in lines {
            let _ = writeln!(out, "In account {} itself: {line}", self.site.account);
        }
    }

    fn conclusion(&self, out: &mut String, found: &Found, ends: &Ends, has_released: bool) {
        if let Some(doing) = &ends.detached {
            let _ = writeln!(out, "Interrupted: AWS goes on with the {doing}. Finish it with the same command.");
        } else if ends.is_left() {
            let how = if has_released && !ends.has_failed() {
                "Delete what was let go of in its accounts, if they are ever reached again."
            } else {
                "Run the same command again when it is mended: what is gone stays gone. What no attempt removes can be let \
                 go of: --release-stuck."
            };
            let _ = writeln!(out, "{how}");
        } else if found.only.is_none() {
            let but = if self.request.keep_artifacts { " but the artifacts" } else { "" };
            let _ = writeln!(
                out,
                "Nothing is left{but} in organization {}. Trusted access, policy types and recorders are as they were.",
                self.site.organization.id
            );
        }
    }

    fn ended(&self, ends: &Ends) -> Value {
        let sets = ends.sets.iter().map(|(name, _, end)| match end {
            SetEnd::Failed(why, fix) => json!({"name": name, "end": "failed", "message": why, "fix": fix}),
            SetEnd::Done(removed) => {
                let rows = |is_released: bool| -> Vec<Value> {
                    let chosen = removed.leftovers.iter().filter(|one| one.is_released == is_released);
                    chosen.map(leftover).collect()
                };
                let empty: Vec<Value> = removed.empty.iter().map(leftover).collect();
                json!({
                    "name": name, "end": if removed.is_gone { "gone" } else { "there" }, "removed": removed.removed,
                    "released": rows(true), "left": rows(false), "withoutStack": empty,
                })
            }
        });
        let regions = ends.regions.iter().map(|(region, end)| {
            let why = ends.kept.iter().find(|(kept, _)| kept == region).map(|(_, why)| *why);
            with(ended(region, end), "keptArtifacts", json!(why))
        });
        let regions: Vec<Value> = regions.collect();
        let packs = ends.packs.iter().map(|(region, end)| with(part(end), "region", json!(region)));
        json!({
            "event": "result", "dryRun": self.request.dry_run, "guardrail": ends.guardrail.as_ref().map(part),
            "aggregator": ends.aggregator.as_ref().map(part),
            "managedPack": packs.collect::<Vec<_>>(), "stackSets": sets.collect::<Vec<_>>(),
            "record": ends.record.as_ref().map(part), "regions": regions, "detached": ends.detached,
            "still": ends.still,
        })
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        self.printer.product(text).map_err(|error| Failure::internal(&error))
    }

    fn line(&self, value: &Value) -> Result<(), Failure> {
        self.print(&format!("{value}\n"))
    }
}

impl Ends {
    fn has_failed(&self) -> bool {
        let is_failed = |end: &PartEnd| matches!(end, PartEnd::Failed(..));
        self.guardrail.iter().chain(&self.aggregator).chain(&self.record).any(is_failed)
            || self.packs.iter().any(|(_, end)| is_failed(end))
            || self.sets.iter().any(|(_, _, end)| match end {
                SetEnd::Failed(..) => true,
                SetEnd::Done(removed) => removed.leftovers.iter().any(|one| !one.is_released),
            })
            || self.regions.iter().any(|(_, end)| matches!(end, End::Left(_) | End::Failed(_)))
    }
}

fn done(end: &SetEnd) -> Option<&crate::stack_set::Removed> {
    match end {
        SetEnd::Done(removed) => Some(removed),
        SetEnd::Failed(..) => None,
    }
}

/// Those with the same reason are told once, with some of their accounts.
fn group(out: &mut String, title: &str, leftovers: &[&Leftover]) {
    if leftovers.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}: {}", counted(leftovers.len(), "instance"));
    let mut groups: BTreeMap<&str, Vec<&Leftover>> = BTreeMap::new();
    for one in leftovers {
        groups.entry(reason(one)).or_default().push(one);
    }
    for (reason, group) in groups.iter().take(2 * SHOWN) {
        let places: Vec<String> =
            group.iter().take(SHOWN).map(|one| format!("{} in {}", one.account, one.region)).collect();
        let more = group.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "  {}{more}: {reason}", places.join(", "));
    }
    if groups.len() > 2 * SHOWN {
        let _ = writeln!(out, "  and others for {} more reasons: --format json has them", groups.len() - 2 * SHOWN);
    }
}

fn reason(one: &Leftover) -> &str {
    one.reason.as_deref().map_or("the account cannot be reached, or an earlier deletion failed", |reason| &reason.text)
}

fn leftover(one: &Leftover) -> Value {
    let reason = one.reason.as_deref().map(|reason| &reason.sample);
    json!({"account": &*one.account, "region": &*one.region, "reason": reason})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    object
}

fn part(end: &PartEnd) -> Value {
    match end {
        PartEnd::Nothing => json!({"end": "nothing"}),
        PartEnd::Gone => json!({"end": "gone"}),
        PartEnd::Changed => json!({"end": "changed"}),
        PartEnd::Kept(why) => json!({"end": "kept", "message": why}),
        PartEnd::Failed(why, fix) => json!({"end": "failed", "message": why, "fix": fix}),
    }
}
