//! The result as people read it: fewer than a hundred lines for any organization.

use std::fmt::Write as _;

use super::{AggregatorEnd, GuardrailEnd, Outcome};
use crate::apply::End;
use crate::managed_pack::{Deployment, PackPlan, catalogue, outcome_lines};
use crate::organization::apply::{SetApplied, SetEnd, SetsApplied};
use crate::organization::plan::{OrgPlan, Reach, SetStep, fitted, management, skipped};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, counted, layout};
use crate::settings::DEFAULT_PREFIX;
use crate::stack_set::Group;

/// Groups of failures that are told before the rest is counted: three or four lines each.
const GROUPS: usize = 12;
/// StackSets that are told before the rest is counted.
const SETS: usize = 8;

/// The whole summary.
pub(super) fn summary(plan: &OrgPlan, outcome: &Outcome, width: usize) -> String {
    let mut out = format!("\n{STRONG}Organization {}{STRONG:#}\n", plan.organization);
    base(&mut out, plan, outcome);
    if let Some(sets) = &outcome.sets {
        stack_sets(&mut out, plan, sets);
        let besides = outcome.left_besides();
        if besides > 0 {
            let stacks = counted(besides, "stack instance");
            let _ = writeln!(out, "{BAD}✗{BAD:#} {stacks} that this run did not touch: not as they should be");
        }
        out.push_str(&groups(&outcome.groups(), width));
        if let Some(incomplete) = sets.incomplete {
            let _ = writeln!(
                out,
                "{UNSURE}?{UNSURE:#} CloudFormation did not tell of all: {} without an end, {} failures without a reason",
                incomplete.unfinished, incomplete.untold_failures
            );
        }
    }
    packs(&mut out, plan, outcome, width);
    aggregator(&mut out, plan, outcome);
    guardrail(&mut out, plan, outcome);
    out.push_str(&skipped(&plan.scope.skipped));
    if let Some(stop) = &outcome.stop {
        let _ = writeln!(out, "{BAD}✗{BAD:#} {}", textwrap::fill(stop, layout(width, "    ")).trim_start());
        if let Some(advice) = &outcome.advice {
            let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&format!("→ {advice}"), layout(width, "    ")));
        }
    }
    let _ = writeln!(out, "{}", next(plan, outcome));
    fitted(&out, width)
}

fn base(out: &mut String, plan: &OrgPlan, outcome: &Outcome) {
    let Some(base) = &outcome.base else { return };
    let of = |wanted: fn(&End) -> bool| base.regions.iter().filter(move |region| wanted(&region.end)).count();
    let good = of(|end| matches!(end, End::Done | End::Unchanged));
    let (mark, style) = if good == base.regions.len() { ("✓", GOOD) } else { ("✗", BAD) };
    let regions = counted(base.regions.len(), "Region");
    let _ = writeln!(out, "{style}{mark}{style:#} account {} itself: done in {good} of {regions}", plan.administrator);
    let _ = writeln!(out, "  {}", management(plan));
}

fn stack_sets(out: &mut String, plan: &OrgPlan, sets: &SetsApplied) {
    for set in sets.sets.iter().take(SETS) {
        let (mark, style, told) = set_end(plan, set);
        let _ = writeln!(out, "{style}{mark}{style:#} StackSet {}: {told}", set.name);
    }
    if sets.sets.len() > SETS {
        let _ = writeln!(out, "  and {} more StackSets", sets.sets.len() - SETS);
    }
    if sets.not_enabled > 0 {
        let stacks = counted(sets.not_enabled, "stack instance");
        let _ = writeln!(out, "{FAINT}-{FAINT:#} {stacks} skipped: Region not enabled in the account");
    }
    let counts = sets.counts;
    // A suspended account runs nothing, and is told among those that are left out.
    let wanted = counts.total() - counts.skipped;
    if wanted == 0 {
        return;
    }
    let parts = [
        (counts.failed, "failed"),
        (counts.cancelled, "left out after failures"),
        (counts.unfinished, "without an end"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let rest: Vec<String> = parts.collect();
    let rest = if rest.is_empty() { String::new() } else { format!(", {}", rest.join(", ")) };
    let (mark, style) = if counts.bad() == 0 { ("✓", GOOD) } else { ("✗", BAD) };
    let _ =
        writeln!(out, "{style}{mark}{style:#} {} of {wanted} stack instances are as they should be{rest}", counts.good);
}

fn set_end(plan: &OrgPlan, set: &SetApplied) -> (&'static str, anstyle::Style, String) {
    match &set.end {
        SetEnd::Unchanged => ("✓", GOOD, "nothing to do".to_owned()),
        SetEnd::Done if set.counts.bad() > 0 => ("✗", BAD, "every step was done, and not all of it is well".to_owned()),
        SetEnd::Done => ("✓", GOOD, "done".to_owned()),
        SetEnd::NothingWell => {
            ("✗", BAD, "not one stack instance is well: automatic deployment was not switched on".to_owned())
        }
        SetEnd::CanaryFailed => {
            let steps = plan.sets.iter().find(|own| own.name == set.name).map_or(&[][..], |own| own.steps.as_slice());
            ("✗", BAD, canary_failed(steps))
        }
        SetEnd::HeldBack => ("✗", BAD, "held back, because the canary of another StackSet is not well".to_owned()),
        SetEnd::Stopped { operation } => ("✗", BAD, format!("operation {operation} was stopped")),
        SetEnd::GaveUp { operation, reason } => {
            let reason = reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
            ("✗", BAD, format!("operation {operation} ended early, after more failures than tolerated{reason}"))
        }
        SetEnd::Failed(_) => ("✗", BAD, "failed (see above)".to_owned()),
        SetEnd::Detached { doing, operation } => {
            let doing = if doing.is_empty() { "not begun" } else { doing };
            let goes_on = operation.as_deref().map_or_else(String::new, |id| format!("; operation {id} goes on"));
            ("!", UNSURE, format!("left at: {doing}{goes_on}"))
        }
    }
}

/// How a set stands whose canary is not well. The plan knows: what it was to switch is as it was before.
fn canary_failed(steps: &[SetStep]) -> String {
    let has = |wanted: fn(&SetStep) -> bool| steps.iter().any(wanted);
    let mut told = vec!["the canary is not well: no other account was touched"];
    if has(|step| matches!(step, SetStep::Update { on: Reach::Canary, .. })) {
        told.push("the others have what they had, and count as outdated until an update reaches them");
    }
    let is_off = has(|step| matches!(step, SetStep::AutoDeployment { on: true }));
    told.push(match (has(|step| matches!(step, SetStep::Create(_))), is_off) {
        (true, _) | (false, true) => "automatic deployment was not switched on",
        (false, false) => {
            "automatic deployment is left as it was: where it is on, accounts that join get what the canary got"
        }
    });
    told.join("; ")
}

/// Failures by what is behind them: how many, one of them, what to do.
pub(super) fn groups(groups: &[Group], width: usize) -> String {
    let mut out = String::new();
    for group in groups.iter().take(GROUPS) {
        let head = format!(
            "{} in {} and {}: {}",
            counted(group.instances, "stack instance"),
            counted(group.accounts, "account"),
            counted(group.regions, "Region"),
            group.cause.title()
        );
        let _ = writeln!(out, "{BAD}✗{BAD:#} {STRONG}{head}{STRONG:#}");
        let resource = group.resource.as_deref().map_or_else(String::new, |kind| format!("{kind}: "));
        let reason = shortened(&group.reason, 240);
        let sample = format!("{} in {}: {resource}{reason}", group.account, group.region);
        let _ = writeln!(out, "{}", textwrap::fill(&sample, layout(width, "    ")));
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&format!("→ {}", group.fix), layout(width, "    ")));
    }
    if groups.len() > GROUPS {
        let _ = writeln!(out, "  and {} more kinds of failure: --format json has all", groups.len() - GROUPS);
    }
    out
}

/// The beginning of a text, up to the end of a word.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most).collect();
    let whole = head.rsplit_once(char::is_whitespace).map_or(head.as_str(), |(whole, _)| whole);
    format!("{whole} ...")
}

/// Regions in which the pack needed nothing are whole, too.
fn packs(out: &mut String, plan: &OrgPlan, outcome: &Outcome, width: usize) {
    if outcome.packs.is_empty() {
        return;
    }
    let deployments: Vec<Deployment> =
        outcome.packs.iter().filter_map(|pack| pack.end.as_ref().ok()).cloned().collect();
    let is_idle = |pack: &&PackPlan| pack.step.is_none() && catalogue().rules_in(&pack.region).next().is_some();
    let untouched = plan.packs.iter().filter(is_idle).count();
    let (whole, all) =
        (deployments.iter().filter(|one| one.is_whole()).count() + untouched, outcome.packs.len() + untouched);
    let (mark, style) = if whole == all { ("✓", GOOD) } else { ("✗", BAD) };
    let regions = counted(all, "Region");
    let _ = writeln!(out, "{style}{mark}{style:#} conformance pack of AWS's own rules: whole in {whole} of {regions}");
    for line in outcome_lines(&deployments) {
        let _ = writeln!(out, "{}", textwrap::fill(&line, layout(width, "    ")));
    }
}

fn aggregator(out: &mut String, plan: &OrgPlan, outcome: &Outcome) {
    let name = plan.names().aggregator();
    let _ = match &outcome.aggregator {
        AggregatorEnd::NotWanted => Ok(()),
        AggregatorEnd::Unchanged => writeln!(out, "{GOOD}✓{GOOD:#} aggregator {name}: nothing to do"),
        AggregatorEnd::Made => {
            writeln!(out, "{GOOD}✓{GOOD:#} aggregator {name}: there; AWS Config fills it in the hours that come")
        }
        AggregatorEnd::Failed(_) => writeln!(out, "{BAD}✗{BAD:#} aggregator {name}: failed (see above)"),
    };
}

fn guardrail(out: &mut String, plan: &OrgPlan, outcome: &Outcome) {
    let _ = match &outcome.guardrail {
        GuardrailEnd::NotWanted => Ok(()),
        GuardrailEnd::Unchanged => writeln!(out, "{GOOD}✓{GOOD:#} service control policies: nothing to do"),
        GuardrailEnd::Attached => writeln!(out, "{GOOD}✓{GOOD:#} service control policies: attached"),
        GuardrailEnd::NotAttached(why) => writeln!(out, "{BAD}✗{BAD:#} service control policies: not attached; {why}"),
        GuardrailEnd::Failed(_) => writeln!(out, "{BAD}✗{BAD:#} service control policies: failed (see above)"),
    };
    if plan.settings.guardrail.is_some() {
        let _ = writeln!(out, "  no service control policy binds the management account {}", plan.management);
    }
}

fn next(plan: &OrgPlan, outcome: &Outcome) -> String {
    use crate::exit::Exit;
    let prefix = &plan.settings.settings.prefix;
    let prefix = if prefix == DEFAULT_PREFIX { String::new() } else { format!(" --prefix {prefix}") };
    let status = format!("deployer status --org{prefix}");
    match outcome.exit() {
        Exit::Done => format!("See it at work: {status}"),
        Exit::Detached => format!(
            "AWS goes on with what it has begun: the same command follows it to its end and does the rest. See how far \
             it is: {status}"
        ),
        Exit::Internal | Exit::Usage | Exit::Partial | Exit::Refused | Exit::AwsFailed => {
            let ends = || outcome.sets.iter().flat_map(|sets| &sets.sets).map(|set| &set.end);
            if ends().any(|end| matches!(end, SetEnd::NothingWell)) {
                return format!(
                    "Once it is mended, repeat what failed: deployer retry{prefix}; then run the same command again for \
                     automatic deployment."
                );
            }
            // What the canary holds back is no failure, and a repetition does not get past it.
            let is_held = ends().any(|end| matches!(end, SetEnd::CanaryFailed | SetEnd::HeldBack));
            if is_held {
                return "Run the same command again when it is mended: what is done stays done.".to_owned();
            }
            let has_failed = outcome.sets.as_ref().is_some_and(|sets| sets.is_through() && sets.counts.bad() > 0);
            let has_failed = has_failed || outcome.left_besides() > 0;
            if has_failed {
                format!("Once it is mended, repeat exactly what failed: deployer retry{prefix}")
            } else {
                "Run the same command again when it is mended: what is done stays done.".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::organization::plan::SetDeploy;
    use crate::templates::Template;

    #[test]
    fn a_reason_ends_with_a_word() {
        assert_eq!(shortened("no room left", 12), "no room left");
        assert_eq!(shortened("no room left at all", 10), "no room ...");
        assert_eq!(shortened("Verschachtelung", 6), "Versch ...");
    }

    #[test]
    fn a_canary_that_fails_on_an_upgrade_leaves_automatic_deployment_as_it_was() {
        let deploy = SetDeploy {
            template: Template::Member,
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            changes: Vec::new(),
        };
        let update = SetStep::Update { deploy: deploy.clone(), on: Reach::Canary, canary: None };
        let told = canary_failed(std::slice::from_ref(&update));
        assert!(told.contains("outdated") && told.contains("left as it was"), "{told}");
        let told = canary_failed(&[SetStep::Create(deploy), SetStep::AutoDeployment { on: true }]);
        assert!(!told.contains("outdated") && told.ends_with("was not switched on"), "{told}");
        let told = canary_failed(&[update, SetStep::AutoDeployment { on: true }]);
        assert!(told.contains("outdated") && told.ends_with("was not switched on"), "{told}");
    }
}
