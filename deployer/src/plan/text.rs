//! A plan as people read it.

use std::collections::BTreeMap;
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
    for group in grouped(plan) {
        let regions: Vec<&str> = group.iter().map(|region| region.region.as_str()).collect();
        let _ = writeln!(out, "\n{STRONG}{}{STRONG:#}", regions.join(", "));
        if let Some(first) = group.first() {
            write_region(&mut out, plan, first, group.len() > 1);
        }
    }
    let _ = writeln!(out, "\n{}", summary(plan));
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

/// Regions whose steps are the same but for the Region's name, in the order of the first of each.
fn grouped(plan: &Plan) -> Vec<Vec<&RegionPlan>> {
    let mut order: Vec<String> = Vec::new();
    let mut groups: BTreeMap<String, Vec<&RegionPlan>> = BTreeMap::new();
    for region in &plan.regions {
        let key = format!("{:?} {:?}", region.triggers, region.steps).replace(&region.region, "REGION");
        if !groups.contains_key(&key) {
            order.push(key.clone());
        }
        groups.entry(key).or_default().push(region);
    }
    order.into_iter().filter_map(|key| groups.remove(&key)).collect()
}

fn write_region(out: &mut String, plan: &Plan, region: &RegionPlan, is_many: bool) {
    if region.steps.is_empty() {
        let _ = writeln!(out, "  {FAINT}nothing to do{FAINT:#}");
    }
    for step in &region.steps {
        let told = match step {
            Step::Remove { stack, why, .. } => format!("  {BAD}-{BAD:#} stack {stack}: {why}\n"),
            Step::ContinueRollback { stack, .. } => {
                format!("  {UNSURE}~{UNSURE:#} stack {stack}: continue its rollback\n")
            }
            Step::Upload { bucket, size, .. } => format!("  {GOOD}+{GOOD:#} upload {} to {bucket}\n", bytes(*size)),
            Step::Deploy(deploy) => deployed(deploy),
        };
        // One Region stands for all of its group.
        out.push_str(&if is_many { told.replace(&region.region, "REGION") } else { told });
    }
    if region
        .steps
        .iter()
        .any(|step| matches!(step, Step::Deploy(deploy) if deploy.stack == plan.names().member_stack()))
    {
        let _ = writeln!(out, "  {FAINT}{}{FAINT:#}", said_triggers(plan, region));
    }
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
pub(crate) fn deployed(deploy: &Deploy) -> String {
    let (style, sign, verb) = if deploy.is_new { (GOOD, "+", "") } else { (UNSURE, "~", "update ") };
    let mut out = format!("  {style}{sign}{style:#} {verb}stack {}\n", deploy.stack);
    if deploy.is_new && deploy.parameters.get("MakeBucket").is_some_and(|value| value == "off") {
        out.push_str("      the bucket is there already, in no stack: it stays as it is and gets our policy\n");
    }
    // The digest says nothing beside what it is made of.
    let is_digest = |change: &&Change| change.name == SETTINGS_TAG && deploy.changes.len() > 1;
    let changes: Vec<&Change> = deploy.changes.iter().filter(|change| !is_digest(change)).collect();
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
