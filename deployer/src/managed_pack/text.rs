//! The pack in words: what will be done, and what came of it. A line for each thing that differs, not for each Region
//! or account.

use std::collections::BTreeMap;

use super::PRINCIPAL;
use super::group::group;
use super::model::{Deployment, PackAction, PackPlan, PackStep};
use crate::output::counted;

/// How many names stand in a line; the others are counted.
const NAMES: usize = 5;

/// A line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// `+` for what is made, `~` for what changes, `!` for what is worth knowing.
    pub sign: char,
    /// What it says.
    pub text: String,
}

/// What will be done, line by line; nothing if there is no pack to speak of.
#[must_use]
pub fn plan_lines(plans: &[PackPlan]) -> Vec<PlanLine> {
    let mut alike: BTreeMap<(char, String), Vec<&str>> = BTreeMap::new();
    let steps: Vec<&PackStep> = plans.iter().filter_map(|plan| plan.step.as_ref()).collect();
    for step in &steps {
        alike.entry((sign(step), done(step))).or_default().push(&step.region);
    }
    let told = |((sign, words), regions): ((char, String), Vec<&str>)| PlanLine {
        sign,
        text: format!("{words} in {}", listed(&regions)),
    };
    let mut lines: Vec<PlanLine> = alike.into_iter().map(told).collect();
    let mut note = |text: String| lines.push(PlanLine { sign: '!', text });
    plans.iter().flat_map(|plan| plan.notes.iter().cloned()).for_each(&mut note);
    if steps.iter().any(|step| step.action == PackAction::Make) {
        note(format!(
            "making the pack lets AWS Config work in the whole organization: it enables trusted access for {PRINCIPAL} \
             by itself, and stays so"
        ));
    }
    if steps.iter().any(|step| !step.excluded.is_empty()) {
        note(
            "an account that joins the organization outside the targets gets the pack until install runs again: AWS \
             Config leaves out accounts only, and no organizational units"
                .to_owned(),
        );
    }
    lines
}

fn sign(step: &PackStep) -> char {
    match step.action {
        PackAction::Make => '+',
        PackAction::Update { .. } | PackAction::Repeat { .. } | PackAction::Follow => '~',
    }
}

fn done(step: &PackStep) -> String {
    let what = match &step.action {
        PackAction::Make => "made".to_owned(),
        PackAction::Update { changes } => format!("updated ({})", changes.join("; ")),
        PackAction::Repeat { why } => format!("put again ({why})"),
        PackAction::Follow => "waited for, AWS Config is at it".to_owned(),
    };
    let (rules, excluded) = (counted(step.rules.len(), "rule"), counted(step.excluded.len(), "account"));
    format!("organization conformance pack {} with {rules} of AWS, {excluded} left out: {what}", step.name)
}

/// What came of it, line by line.
#[must_use]
pub fn outcome_lines(deployments: &[Deployment]) -> Vec<String> {
    let mut lines = Vec::new();
    let whole: Vec<&str> = deployments.iter().filter(|one| one.is_whole()).map(|one| one.region.as_str()).collect();
    if !whole.is_empty() {
        lines.push(format!("in every account that should have it: {}", listed(&whole)));
    }
    for one in deployments.iter().filter(|one| !one.is_whole()) {
        let all = one.accounts.len() + one.untold.len();
        let word = one.overall.as_ref().map_or("not there", |overall| overall.word.as_str());
        let has = one.accounts.len() - one.failed().count();
        let stale = if one.is_stale { " as before it was put" } else { "" };
        lines.push(format!("{}: {word}{stale}, in {has} of {}", one.region, counted(all, "account")));
        if all == has {
            lines.push("  fix: AWS Config does not say that it is done; run the same command again later".to_owned());
        }
    }
    for group in group(deployments) {
        let (account, region) = &group.sample;
        let regions: Vec<&str> = group.regions.iter().map(String::as_str).collect();
        let (title, accounts) = (group.cause.title(), counted(group.accounts, "account"));
        lines.push(format!("{title} in {accounts}, {}", listed(&regions)));
        lines.push(format!("  such as {account} in {region}: {}", group.reason));
        lines.push(format!("  fix: {}", group.fix));
    }
    for one in deployments {
        let beyond: Vec<&str> = one.unexpected().collect();
        if !beyond.is_empty() {
            let accounts = counted(beyond.len(), "account");
            lines.push(format!("{}: {accounts} outside the targets have it too: {}", one.region, listed(&beyond)));
        }
    }
    lines
}

fn listed(names: &[&str]) -> String {
    match names.get(..NAMES).filter(|first| first.len() < names.len()) {
        Some(first) => format!("{} and {} more", first.join(", "), names.len() - NAMES),
        None => names.join(", "),
    }
}
