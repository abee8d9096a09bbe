//! A plan as people read it.

use std::fmt::Write as _;

use anstyle::Style;

use super::{Change, Deploy, Plan, RegionPlan, Sign, Step};
use crate::names::SETTINGS_TAG;
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, bytes, counted};
use crate::settings::{Schedule, Triggers};

/// Lays a plan out. Regions where the same happens are told once.
#[must_use]
pub fn render(plan: &Plan) -> String {
    let mut out = String::new();
    let artifact = &plan.artifact;
    let _ = writeln!(out, "{STRONG}Notebook Guard {} in account {}{STRONG:#}", artifact.version, plan.account);
    let (size, digest) = (bytes(artifact.size), short(&artifact.sha256));
    let exempt = match plan.exemptions {
        0 => "no exemptions".to_owned(),
        some => counted(some, "exemption"),
    };
    let _ = writeln!(out, "zip for {}, {size}, {exempt}, SHA-256 {digest}", artifact.architecture);
    out.push_str(&render_regions(plan, Detail::Full));
    let _ = writeln!(out, "\n{}", summary(plan));
    out
}

/// How much is told of what a stack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Every change.
    Full,
    /// How many there are.
    Short,
}

/// The Regions of a plan. Those where the same happens are told once.
#[must_use]
pub(crate) fn render_regions(plan: &Plan, detail: Detail) -> String {
    let mut out = String::new();
    for (regions, text) in grouped(plan, detail) {
        let _ = writeln!(out, "\n{STRONG}{}{STRONG:#}", regions.join(", "));
        out.push_str(&text);
    }
    out
}

fn summary(plan: &Plan) -> String {
    let busy = plan.regions.iter().filter(|region| !region.steps.is_empty()).count();
    match (busy, plan.regions.len() - busy) {
        (0, 1) => "Nothing to do.".to_owned(),
        (0, all) => format!("Nothing to do in {all} Regions."),
        (some, 0) => format!("{} to change.", counted(some, "Region")),
        (some, rest) => format!("{} to change, {rest} with nothing to do.", counted(some, "Region")),
    }
}

/// Regions of which the same is told but for the Region's name, in the order of the first of each.
fn grouped(plan: &Plan, detail: Detail) -> Vec<(Vec<&str>, String)> {
    let mut groups: Vec<(Vec<&str>, String, String)> = Vec::new();
    for region in &plan.regions {
        let own = told(plan, region, detail);
        let general = own.replace(&region.region, "REGION");
        match groups.iter_mut().find(|(.., other)| *other == general) {
            Some((regions, shown, other)) => {
                regions.push(&region.region);
                // One Region stands for all of its group.
                shown.clone_from(other);
            }
            None => groups.push((vec![&region.region], own, general)),
        }
    }
    groups.into_iter().map(|(regions, shown, _)| (regions, shown)).collect()
}

fn told(plan: &Plan, region: &RegionPlan, detail: Detail) -> String {
    let mut out = String::new();
    if region.steps.is_empty() {
        let _ = writeln!(out, "  {FAINT}nothing to do{FAINT:#}");
    }
    for step in &region.steps {
        let text = match step {
            Step::Remove { stack, why, .. } => format!("  {BAD}-{BAD:#} stack {stack}: {why}\n"),
            Step::ContinueRollback { stack, .. } => {
                format!("  {UNSURE}~{UNSURE:#} stack {stack}: continue its rollback\n")
            }
            Step::Upload { bucket, size, .. } => format!("  {GOOD}+{GOOD:#} upload {} to {bucket}\n", bytes(*size)),
            Step::Deploy(deploy) => deployed(deploy, detail),
        };
        out.push_str(&text);
    }
    if region
        .steps
        .iter()
        .any(|step| matches!(step, Step::Deploy(deploy) if deploy.stack == plan.names().member_stack()))
    {
        let _ = writeln!(out, "  {FAINT}{}{FAINT:#}", said_triggers(plan, region));
    }
    out
}

fn said_triggers(plan: &Plan, region: &RegionPlan) -> String {
    let every = match plan.settings.schedule {
        Schedule::OneHour => "every hour",
        Schedule::ThreeHours => "every 3 hours",
        Schedule::SixHours => "every 6 hours",
        Schedule::TwelveHours => "every 12 hours",
        Schedule::TwentyFourHours => "every 24 hours",
    };
    match (region.triggers, plan.settings.triggers) {
        (Triggers::ChangeAndSchedule, _) => format!("notebooks are judged on each change and {every}"),
        (Triggers::Schedule, Triggers::Schedule) => format!("notebooks are judged {every}"),
        (Triggers::Schedule, Triggers::ChangeAndSchedule) => {
            format!("notebooks are judged {every} only: the configuration recorder does not record them here")
        }
    }
}

/// A stack to be made or updated, with what will be different: indented lines.
pub(crate) fn deployed(deploy: &Deploy, detail: Detail) -> String {
    let (style, sign, verb) = if deploy.is_new { (GOOD, "+", "") } else { (UNSURE, "~", "update ") };
    let mut out = format!("  {style}{sign}{style:#} {verb}stack {}\n", deploy.stack);
    if deploy.is_new && deploy.parameters.get("MakeBucket").is_some_and(|value| value == "off") {
        out.push_str("      the bucket is there already, in no stack: it stays as it is and gets our policy\n");
    }
    out.push_str(&render_changes(&deploy.changes, detail));
    out
}

/// Changes, a line for each, or in short one line for all.
pub(crate) fn render_changes(changes: &[Change], detail: Detail) -> String {
    let mut out = String::new();
    if detail == Detail::Short {
        let count = |sign: Sign| changes.iter().filter(|change| change.sign == sign).count();
        let counts = [(Sign::Add, "added"), (Sign::Change, "changed"), (Sign::Remove, "removed")];
        let told = counts.map(|(sign, word)| (count(sign), word)).into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, word)| format!("{count} {word}")).collect();
        if !told.is_empty() {
            let _ = writeln!(out, "      {}", told.join(", "));
        }
        return out;
    }
    // The digest says nothing beside what it is made of.
    let is_digest = |change: &&Change| change.name == SETTINGS_TAG && changes.len() > 1;
    let changes: Vec<&Change> = changes.iter().filter(|change| !is_digest(change)).collect();
    let width = changes.iter().map(|change| change.kind.len()).max().unwrap_or_default();
    for change in changes {
        let style = sign_style(change.sign);
        let symbol = change.sign.symbol();
        let _ = writeln!(out, "      {style}{symbol}{style:#} {:width$}  {}", change.kind, value(change));
    }
    out
}

fn value(change: &Change) -> String {
    let quoted = |value: &Option<String>| match value.as_deref() {
        None => String::new(),
        Some("") => "(empty)".to_owned(),
        Some(value) => short(value),
    };
    match (change.sign, &change.from, &change.to) {
        (_, None, None) => change.name.clone(),
        (Sign::Change, from, to) => format!("{}: {} -> {}", change.name, quoted(from), quoted(to)),
        (Sign::Add, _, to) => format!("{}: {}", change.name, quoted(to)),
        (Sign::Remove, from, _) => format!("{}: {}", change.name, quoted(from)),
    }
}

fn sign_style(sign: Sign) -> Style {
    match sign {
        Sign::Add => GOOD,
        Sign::Change => UNSURE,
        Sign::Remove => BAD,
    }
}

/// Digests and lists are too long for a line.
fn short(value: &str) -> String {
    const LONGEST: usize = 48;
    const HASH: usize = 16;
    let is_digest = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let keep = if is_digest { HASH } else { LONGEST };
    if value.chars().count() <= keep {
        value.to_owned()
    } else {
        format!("{}...", value.chars().take(keep).collect::<String>())
    }
}
