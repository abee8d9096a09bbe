//! The StackSets of a plan. They all become the same, so that what changes is told once.

use std::fmt::Write as _;

use super::{GROUPS, listed};
use crate::organization::plan::{Chunk, Filter, OrgPlan, Reach, SetDeploy, SetPlan, SetStep};
use crate::output::{FAINT, GOOD, STRONG, UNSURE, counted, grouped};
use crate::plan::{Detail, render_changes};

pub(super) fn render(plan: &OrgPlan, unit: &dyn Fn(&str) -> String, detail: Detail) -> String {
    let mut out = String::new();
    let busy: Vec<&SetPlan> = plan.sets.iter().filter(|set| !set.steps.is_empty()).collect();
    let mut told: Option<&SetDeploy> = None;
    for set in busy.iter().take(GROUPS) {
        let _ = writeln!(out, "\n{STRONG}StackSet {} in {}{STRONG:#}", set.name, plan.settings.home_region);
        for step in &set.steps {
            write_step(&mut out, step, plan, unit);
            let (SetStep::Create(deploy) | SetStep::Update { deploy, .. }) = step else { continue };
            if told.is_some_and(|told| told.changes == deploy.changes) {
                continue;
            }
            out.push_str(&render_changes(&deploy.changes, detail));
            told = Some(deploy);
        }
    }
    if busy.len() > GROUPS {
        let _ = writeln!(out, "{FAINT}... and {} more StackSets{FAINT:#}", busy.len() - GROUPS);
    }
    out
}

fn write_step(out: &mut String, step: &SetStep, plan: &OrgPlan, unit: &dyn Fn(&str) -> String) {
    let told = match step {
        SetStep::Create(_) => format!("{GOOD}+{GOOD:#} make it, with this stack for each account and Region:"),
        SetStep::Update { deploy, on: Reach::Canary, .. } => {
            let what = if deploy.changes.is_empty() { ", where it has not happened yet" } else { ":" };
            format!("{UNSURE}~{UNSURE:#} update the canary first, and nothing else if that fails{what}")
        }
        SetStep::Update { deploy, on: Reach::Everything, .. } => {
            let what = if deploy.changes.is_empty() { ", where it has not happened yet" } else { "" };
            format!("{UNSURE}~{UNSURE:#} update all its stack instances{what}")
        }
        SetStep::AddInstances { on: Reach::Canary, regions, .. } => {
            format!(
                "{GOOD}+{GOOD:#} the canary's stack instances in {}, and nothing else if that fails",
                listed(regions)
            )
        }
        SetStep::AddInstances { on: Reach::Everything, regions, chunks } => {
            let calls =
                if chunks.len() > 1 { format!(", in {}", counted(chunks.len(), "call")) } else { String::new() };
            format!("{GOOD}+{GOOD:#} stack instances for {} in {}{calls}", whom(chunks, unit), listed(regions))
        }
        SetStep::AutoDeployment { on: true } => {
            format!("{UNSURE}~{UNSURE:#} then automatic deployment on, for accounts that join")
        }
        SetStep::AutoDeployment { on: false } => {
            let why = if plan.settings.targets.accounts.is_empty() {
                "it would cover more than the targets"
            } else {
                "single accounts are targets"
            };
            format!("{UNSURE}~{UNSURE:#} automatic deployment off: {why}")
        }
    };
    let pace = plan.settings.pace;
    let is_paced = matches!(step, SetStep::AddInstances { on: Reach::Everything, .. } | SetStep::Update { .. });
    let pace = if is_paced && (pace.max_concurrent, pace.failure_tolerance) != (100, 100) {
        format!(" ({} % at once, {} % may fail)", pace.max_concurrent, pace.failure_tolerance)
    } else {
        String::new()
    };
    let _ = writeln!(out, "  {told}{pace}");
}

/// Whom calls are for: units, single accounts, exceptions.
fn whom(chunks: &[Chunk], unit: &dyn Fn(&str) -> String) -> String {
    let mut parts = Vec::new();
    for group in grouped(chunks.iter(), |chunk| format!("{:?}", chunk.filter)) {
        let Some(first) = group.first() else { continue };
        let units: Vec<String> = group.iter().flat_map(|chunk| &chunk.units).map(|id| unit(id)).collect();
        let accounts: Vec<&String> = group.iter().flat_map(|chunk| &chunk.accounts).collect();
        parts.push(match first.filter {
            Filter::None => listed(&units),
            Filter::Intersection => listed(&accounts),
            Filter::Difference => format!("{} without {}", listed(&units), listed(&accounts)),
        });
    }
    parts.join(", and ")
}
