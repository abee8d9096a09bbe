//! A plan for an organization as people read it: fewer than a hundred lines, however large the organization is.

mod sets;

use std::fmt::Write as _;

use super::{Crowded, OrgPlan};
use crate::managed_pack::{PackPlan, PlanLine, plan_lines};
use crate::organization::caller::CallAs;
use crate::organization::targets::Skipped;
use crate::output::{FAINT, GOOD, STRONG, UNSURE, bytes, counted, grouped, layout};
use crate::plan::{Detail, Plan, Step, render_regions};

/// The most lines that are written.
const LINES: usize = 95;
/// Names in a list before the rest is counted.
const NAMES: usize = 8;
/// Groups of what is said before the rest is counted.
const GROUPS: usize = 6;

/// Lays a plan out, at most `width` columns wide but for words that are longer. `unit` names a unit by its id: its path.
#[must_use]
pub fn render(plan: &OrgPlan, unit: &dyn Fn(&str) -> String, width: usize) -> String {
    let full = fitted(&whole(plan, unit, Detail::Full), width);
    if full.lines().count() <= LINES {
        return full;
    }
    let short = fitted(&whole(plan, unit, Detail::Short), width);
    let count = short.lines().count();
    if count <= LINES {
        return short;
    }
    // The conclusion is the last line, and has to be read.
    let kept: Vec<&str> = short.lines().take(LINES - 3).collect();
    let left_out = count - kept.len() - 1;
    let last = short.lines().last().unwrap_or_default();
    format!("{}\n{FAINT}  ... {left_out} more lines: --format json has all{FAINT:#}\n\n{last}\n", kept.join("\n"))
}

/// Every line within the width; what does not fit goes on below, a little to the right.
pub(in crate::organization) fn fitted(text: &str, width: usize) -> String {
    let fit = |line: &str| {
        if textwrap::core::display_width(line) <= width {
            return line.to_owned();
        }
        let blanks = " ".repeat(line.chars().take_while(|letter| *letter == ' ').count() + 4);
        let (first, rest) = (blanks.get(4..).unwrap_or_default(), blanks.as_str());
        textwrap::fill(line.trim_start(), layout(width, first).subsequent_indent(rest))
    };
    text.lines().fold(String::new(), |out, line| out + &fit(line) + "\n")
}

fn whole(plan: &OrgPlan, unit: &dyn Fn(&str) -> String, detail: Detail) -> String {
    let mut out = head(plan);
    out.push_str(&scope(plan, unit));
    if plan.activate_trusted_access {
        let _ = writeln!(out, "\n{STRONG}In the organization{STRONG:#}");
        let _ = writeln!(out, "  {UNSURE}~{UNSURE:#} switch on trusted access of StackSets");
    }
    if !plan.base.is_empty() {
        let _ = writeln!(out, "\n{STRONG}In account {} itself{STRONG:#}", plan.administrator);
        out.push_str(&render_regions(&with_names(&plan.base, unit), detail));
    }
    out.push_str(&sets::render(plan, unit, detail));
    out.push_str(&packs(&plan.packs));
    if let Some(guardrail) = &plan.guardrail {
        let _ = writeln!(out, "\n{STRONG}Service control policies, stack in {}{STRONG:#}", guardrail.region);
        out.push_str(&guardrail.shown());
    }
    if let Some(aggregator) = &plan.aggregator {
        let _ = writeln!(out, "\n{STRONG}Aggregator of the organization, stack in {}{STRONG:#}", aggregator.region);
        out.push_str(&aggregator.shown());
    }
    let _ = writeln!(out, "\n{}", conclusion(plan));
    out
}

/// The plan with the names of units in the record of targets, where it has ids, and of a record that changes only the
/// parts that do: the rest would push them out of the line.
fn with_names(base: &Plan, unit: &dyn Fn(&str) -> String) -> Plan {
    let part = |part: &str| match part.strip_prefix("units=") {
        Some(ids) => {
            let names: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(unit).collect();
            format!("units={}", names.join(", "))
        }
        None => part.to_owned(),
    };
    let named = |text: &String| text.split(';').map(part).collect::<Vec<_>>().join(";");
    let mut base = base.clone();
    for step in base.regions.iter_mut().flat_map(|region| &mut region.steps) {
        let Step::Deploy(deploy) = step else { continue };
        for change in deploy.changes.iter_mut().filter(|change| change.name == "Targets") {
            let (from, to) = (change.from.take(), change.to.take());
            let only = |text: &Option<String>, other: &Option<String>| {
                let known: Vec<&str> = other.iter().flat_map(|other| other.split(';')).collect();
                let parts = text.as_ref()?.split(';').filter(|part| !known.contains(part));
                Some(parts.collect::<Vec<_>>().join(";"))
            };
            change.from = only(&from, &to).as_ref().map(named);
            change.to = only(&to, &from).as_ref().map(named);
        }
    }
    base
}

fn head(plan: &OrgPlan) -> String {
    let who = match plan.call_as {
        CallAs::Own => "the management account",
        CallAs::DelegatedAdministrator => "a delegated administrator",
    };
    let artifact = plan.artifact();
    let exempt = match plan.base.exemptions {
        0 => "no exemptions".to_owned(),
        some => counted(some, "exemption"),
    };
    let digest: String = artifact.sha256.chars().take(16).collect();
    format!(
        "{STRONG}Notebook Guard {} in organization {}{STRONG:#}\nfrom account {}, {who}; StackSets in {}\n\
         zip for {}, {}, {exempt}, SHA-256 {digest}...\n",
        artifact.version,
        plan.organization,
        plan.administrator,
        plan.settings.home_region,
        artifact.architecture,
        bytes(artifact.size),
    )
}

fn scope(plan: &OrgPlan, unit: &dyn Fn(&str) -> String) -> String {
    let settings = &plan.settings;
    let mut out = String::new();
    let accounts = counted(plan.scope.accounts, "account");
    let regions = &settings.settings.regions;
    let _ = writeln!(out, "\n{STRONG}Covered{STRONG:#}");
    let units: Vec<String> = settings.targets.units.iter().map(|id| unit(id)).collect();
    let mut whom: Vec<String> = Vec::new();
    if !units.is_empty() {
        whom.push(listed(&units));
    }
    if !settings.targets.accounts.is_empty() {
        whom.push(listed(&settings.targets.accounts));
    }
    let _ = writeln!(out, "  {accounts} in {}: {}", counted(regions.len(), "Region"), listed(regions));
    let _ = writeln!(out, "  through {}", whom.join(", and "));
    if !settings.canary.is_empty() {
        let _ = writeln!(out, "  first, as canary: {}", listed(&settings.canary));
    }
    let _ = writeln!(out, "  {}", management(plan));
    out.push_str(&own_stacks(plan));
    out.push_str(&skipped(&plan.scope.skipped));
    if !plan.scope.empty_units.is_empty() {
        let empty: Vec<String> = plan.scope.empty_units.iter().map(|id| unit(id)).collect();
        let _ = writeln!(out, "  {UNSURE}!{UNSURE:#} no active account in {}", listed(&empty));
    }
    if !plan.scope.outside.is_empty() {
        let _ = writeln!(
            out,
            "  {UNSURE}!{UNSURE:#} no targets any more, and keep what they have: {}",
            listed(&plan.scope.outside)
        );
    }
    out.push_str(&joining(plan, unit));
    for Crowded { set, instances, most } in &plan.scope.crowded {
        let _ = writeln!(
            out,
            "  {UNSURE}!{UNSURE:#} StackSet {set} will have {instances} of at most {most} stack instances: \
             accounts that join soon find no room"
        );
    }
    out
}

/// What becomes of the management account, which no StackSet reaches.
#[must_use]
pub(in crate::organization) fn management(plan: &OrgPlan) -> String {
    let id = &plan.management;
    match (plan.call_as, plan.settings.include_management) {
        (CallAs::Own, true) => format!("management account {id}: by stacks of its own"),
        (CallAs::Own, false) => format!("management account {id}: not covered (--no-management-account)"),
        (CallAs::DelegatedAdministrator, _) => {
            format!("management account {id}: not covered; only its own credentials can: deployer install there")
        }
    }
}

/// The management account's stacks that stay although it is left out, and how they go.
fn own_stacks(plan: &OrgPlan) -> String {
    let regions = &plan.scope.own_stacks;
    if regions.is_empty() {
        return String::new();
    }
    let (stack, all) = (plan.names().member_stack(), regions.join(" "));
    format!(
        "  {UNSURE}!{UNSURE:#} its stack {stack} stays in {}; to remove it:\n    \
         for region in {all}; do aws cloudformation delete-stack \\\n    \
         --stack-name {stack} --region $region; done\n",
        listed(regions)
    )
}

/// What automatic deployment does with accounts that come later.
fn joining(plan: &OrgPlan, unit: &dyn Fn(&str) -> String) -> String {
    let targets = &plan.settings.targets;
    if !targets.accounts.is_empty() {
        let mut out =
            format!("  {UNSURE}!{UNSURE:#} accounts that join later are not covered: single accounts are targets\n");
        if !plan.scope.outside.is_empty() {
            out.push_str("    that ends it also for the units that were covered before\n");
        }
        return out;
    }
    if !plan.scope.blocking.is_empty() {
        let units: Vec<String> = plan.scope.blocking.iter().map(|id| unit(id)).collect();
        return format!(
            "  {UNSURE}!{UNSURE:#} accounts that join later are not covered: automatic deployment is off\n    \
             it would also cover all of {}\n    \
             StackSets have deployed there before: name it as --ou too, or uninstall first\n",
            listed(&units)
        );
    }
    if !targets.excluded.is_empty() {
        return format!(
            "  {UNSURE}!{UNSURE:#} accounts that join later are covered, also if they are excluded now and come back\n"
        );
    }
    "  accounts that join later are covered by themselves\n".to_owned()
}

/// Accounts that are left out, by why.
pub(in crate::organization) fn skipped(skipped: &[Skipped]) -> String {
    let mut out = String::new();
    for group in grouped(skipped.iter(), |one| one.why.words()).iter().take(GROUPS) {
        let Some(first) = group.first() else { continue };
        let ids: Vec<&String> = group.iter().map(|one| &one.account).collect();
        let is = if ids.len() == 1 { first.why.words() } else { first.why.words().replacen("is ", "are ", 1) };
        let number = counted(ids.len(), "account");
        let _ =
            writeln!(out, "  {FAINT}-{FAINT:#} {number} left out, because {} {is}: {}", they(ids.len()), listed(&ids));
    }
    out
}

fn they(count: usize) -> &'static str {
    if count == 1 { "it" } else { "they" }
}

fn packs(packs: &[PackPlan]) -> String {
    let lines = plan_lines(packs);
    if lines.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{STRONG}Organization conformance pack of AWS's own rules{STRONG:#}\n");
    for PlanLine { sign, text } in lines {
        let style = if sign == '+' { GOOD } else { UNSURE };
        let _ = writeln!(out, "  {style}{sign}{style:#} {text}");
    }
    out
}

fn conclusion(plan: &OrgPlan) -> String {
    if plan.is_empty() {
        return "Nothing to do.".to_owned();
    }
    let sets = plan.sets.iter().filter(|set| !set.steps.is_empty()).count();
    let regions = plan.base.regions.iter().filter(|region| !region.steps.is_empty()).count();
    let mut parts = Vec::new();
    if regions > 0 {
        parts.push(format!("{} of account {}", counted(regions, "Region"), plan.administrator));
    }
    if sets > 0 {
        parts.push(counted(sets, "StackSet"));
    }
    let packs = plan.packs.iter().filter(|pack| pack.step.is_some()).count();
    if packs > 0 {
        parts.push(counted(packs, "conformance pack"));
    }
    if plan.guardrail.is_some() {
        parts.push("service control policies".to_owned());
    }
    if plan.aggregator.is_some() {
        parts.push("the aggregator".to_owned());
    }
    if parts.is_empty() {
        parts.push("trusted access".to_owned());
    }
    format!("To change: {}.", parts.join(", "))
}

/// The first of some names, and how many more there are.
pub(in crate::organization) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
