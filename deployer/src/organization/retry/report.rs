//! What a retry says: what it will repeat, and what came of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Found, Request};
use crate::display::Form;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::organization::apply::{SetEnd, SetsApplied};
use crate::organization::plan::SetStep;
use crate::organization::site::Site;
use crate::output::{FAINT, GOOD, Printer, STRONG, UNSURE, counted, layout};
use crate::stack_set::Group;

/// Reasons that are told before the rest is counted.
const SHOWN: usize = 12;

pub(super) struct Report<'a> {
    printer: Printer,
    request: &'a Request,
    site: &'a Site,
}

impl<'a> Report<'a> {
    pub(super) fn new(printer: Printer, request: &'a Request, site: &'a Site) -> Self {
        Self { printer, request, site }
    }

    pub(super) fn plan(&self, found: &[Found], groups: &[Group]) -> Result<(), Failure> {
        let text = self.planned_text(found, groups);
        match (self.request.form, self.request.assume_yes || self.request.dry_run) {
            (Form::Text, _) => return self.print(&text),
            (Form::Json, false) => self.printer.diagnostic(&text),
            (Form::Json, true) => {}
        }
        let sets: Vec<Value> = found.iter().map(planned).collect();
        self.line(&json!({
            "event": "plan", "organization": self.site.organization.id, "homeRegion": self.site.home,
            "prefix": self.site.prefix, "dryRun": self.request.dry_run, "stackSets": sets, "reasons": groups,
        }))
    }

    fn planned_text(&self, found: &[Found], groups: &[Group]) -> String {
        let width = self.printer.width();
        let organization = &self.site.organization.id;
        let mut out =
            format!("{STRONG}Notebook Guard in organization {organization}: what will be repeated{STRONG:#}\n\n");
        for one in found {
            let (name, retry) = (&one.set.name, &one.retry);
            let what = if retry.instances == 0 {
                "nothing: nothing failed".to_owned()
            } else {
                let calls: usize = retry.steps.iter().map(calls).sum();
                format!(
                    "{} in {}, {}",
                    counted(retry.instances, "stack instance"),
                    counted(retry.accounts.len(), "account"),
                    counted(calls, "operation")
                )
            };
            let _ = writeln!(out, "  {name}: {what}");
            let not = [
                (retry.inoperable.len(), "a deletion failed there before: deployer uninstall --org takes them away"),
                (retry.skipped.len(), "their accounts are not ACTIVE, or no targets any more"),
                (
                    retry.outdated,
                    "older version or older settings, and nothing failed there: deployer install --org brings them up, \
                     canary accounts first",
                ),
            ];
            let missing = "they were never made: deployer install --org finishes the installation";
            let not = not.into_iter().chain([(one.missing, missing)]);
            for (count, why) in not.filter(|(count, _)| *count > 0) {
                let text = format!("not {}: {why}", counted(count, "stack instance"));
                let _ = writeln!(out, "{UNSURE}{}{UNSURE:#}", textwrap::fill(&text, layout(width, "    ")));
            }
        }
        reasons(&mut out, groups, width);
        let is_nothing = found.iter().all(|one| one.retry.instances == 0);
        if is_nothing && found.iter().any(Found::has_more) {
            let _ = writeln!(out, "\n{UNSURE}There is nothing to repeat, and not all is well.{UNSURE:#}");
        } else if is_nothing {
            let _ = writeln!(out, "\n{GOOD}There is nothing to repeat.{GOOD:#}");
        } else if self.request.dry_run {
            out.push_str("\nNothing was changed.\n");
        }
        out
    }

    pub(super) fn result(&self, applied: &SetsApplied) -> Result<(), Failure> {
        for set in &applied.sets {
            if let SetEnd::Failed(failure) = &set.end {
                let help = vec![failure.advice()];
                self.printer.failure(&Failure { message: failure.to_string(), help, exit: Exit::Partial });
            }
        }
        if self.request.form == Form::Json {
            let going_on: Vec<Value> =
                applied.going_on().into_iter().map(|(set, id)| json!({"stackSet": set, "operation": id})).collect();
            return self.line(&json!({
                "event": "result", "counts": applied.counts, "reasons": applied.groups,
                "incomplete": applied.incomplete, "goingOn": going_on,
            }));
        }
        let counts = applied.counts;
        let mut out = format!(
            "\n{} as they should be now, {} not.\n",
            counted(counts.good, "stack instance"),
            if counts.bad() == 0 { "none".to_owned() } else { counts.bad().to_string() }
        );
        reasons(&mut out, &applied.groups, self.printer.width());
        for (set, operation) in applied.going_on() {
            let _ = writeln!(out, "AWS goes on with operation {operation} of {set}: the same command follows it.");
        }
        if let Some(missing) = applied.incomplete {
            let told = format!(
                "CloudFormation has not told everything yet ({} without an end): deployer status --org tells later.",
                counted(missing.unfinished, "stack instance")
            );
            let _ = writeln!(out, "{}", textwrap::fill(&told, layout(self.printer.width(), "")));
        }
        if counts.skipped > 0 {
            let skipped = counted(counts.skipped, "stack instance");
            let _ = writeln!(out, "{skipped} skipped: account suspended, or Region still not enabled in it.");
        }
        if counts.bad() > 0 {
            out.push_str("Mend what the reasons name, and run the same command again.\n");
        }
        self.print(&out)
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        self.printer.product(text).map_err(|error| Failure::internal(&error))
    }

    fn line(&self, value: &Value) -> Result<(), Failure> {
        self.print(&format!("{value}\n"))
    }
}

fn calls(step: &SetStep) -> usize {
    match step {
        SetStep::AddInstances { chunks, .. } => chunks.len(),
        SetStep::Create(_) | SetStep::Update { .. } | SetStep::AutoDeployment { .. } => 1,
    }
}

fn planned(one: &Found) -> Value {
    let retry = &one.retry;
    let places = |places: &[(std::sync::Arc<str>, std::sync::Arc<str>)]| -> Vec<Value> {
        places.iter().map(|(account, region)| json!({"account": &**account, "region": &**region})).collect()
    };
    json!({
        "name": one.set.name, "instances": retry.instances, "steps": retry.steps, "accounts": retry.accounts,
        "inoperable": places(&retry.inoperable), "skipped": places(&retry.skipped),
        "outdated": retry.outdated, "missing": one.missing,
    })
}

fn reasons(out: &mut String, groups: &[Group], width: usize) {
    for group in groups.iter().take(SHOWN) {
        let Group { cause, reason, instances, account, region, fix, .. } = group;
        let text =
            format!("{} ({cause}): {reason}; one is {account} in {region}", counted(*instances, "stack instance"));
        let _ = writeln!(out, "{}", textwrap::fill(&text, layout(width, "    ")));
        let fix = textwrap::fill(&format!("→ {fix}"), layout(width, "      "));
        let _ = writeln!(out, "{FAINT}{fix}{FAINT:#}");
    }
    if groups.len() > SHOWN {
        let rest: usize = groups.iter().skip(SHOWN).map(|group| group.instances).sum();
        let _ = writeln!(out, "    and {} for other reasons: --format json has them", counted(rest, "stack instance"));
    }
}
