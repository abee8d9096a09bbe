//! What a run says: findings, plan and result, for people or as one JSON object in each line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Form;
use crate::apply::{Applied, End};
use crate::doctor::{Finding, render};
use crate::failure::Failure;
use crate::output::{Printer, counted};
use crate::plan::{Plan, render_text};
use crate::settings::DEFAULT_PREFIX;

/// Tells of one run.
#[derive(Debug)]
pub(crate) struct Report {
    printer: Printer,
    form: Form,
}

impl Report {
    pub(crate) fn new(printer: Printer, form: Form) -> Self {
        Self { printer, form }
    }

    /// What the doctor found; people hear only of what is not as it should be.
    pub(crate) fn preflight(&self, findings: &[Finding]) -> Result<(), Failure> {
        if self.form == Form::Json {
            return self.line(&json!({"event": "preflight", "findings": render::list(findings)}));
        }
        let problems = render::problems(findings, self.printer.width());
        if !problems.is_empty() {
            self.printer.diagnostic(&problems);
        }
        Ok(())
    }

    pub(crate) fn plan(&self, plan: &Plan) -> Result<(), Failure> {
        match self.form {
            Form::Text => self.print(&render_text(plan)),
            Form::Json => self.line(&json!({"event": "plan", "isEmpty": plan.is_empty(), "plan": plan})),
        }
    }

    /// What is broken although nothing is to do.
    pub(crate) fn damage(&self, damaged: &[(String, String)]) -> Result<(), Failure> {
        if damaged.is_empty() {
            return Ok(());
        }
        if self.form == Form::Json {
            let list: Vec<Value> =
                damaged.iter().map(|(region, what)| json!({"region": region, "message": what})).collect();
            return self.line(&json!({"event": "damage", "damage": list}));
        }
        for (region, what) in damaged {
            self.printer.warning(&format!("{region}: {what}"));
        }
        self.printer.note("make it anew with: deployer install --repair (and the same other flags)");
        Ok(())
    }

    pub(crate) fn result(&self, plan: &Plan, applied: &Applied) -> Result<(), Failure> {
        if self.form == Form::Json {
            let regions: Vec<Value> = applied.regions.iter().map(|region| ended(&region.region, &region.end)).collect();
            return self.line(&json!({"event": "result", "account": plan.account, "regions": regions}));
        }
        self.failures(applied);
        self.print(&summary(plan, applied))
    }

    /// Equal failures are told once, the first on top.
    pub(crate) fn failures(&self, applied: &Applied) {
        let mut order: Vec<(String, Failure, Vec<&str>)> = Vec::new();
        for region in &applied.regions {
            let End::Failed(problem) = &region.end else { continue };
            let message = problem.to_string();
            let key = message.replace(&region.region, "REGION");
            if let Some((.., regions)) = order.iter_mut().find(|(other, ..)| *other == key) {
                regions.push(&region.region);
            } else {
                let message =
                    if message.contains(&region.region) { message } else { format!("{}: {message}", region.region) };
                order.push((key, Failure::aws(message).help(problem.advice()), vec![&region.region]));
            }
        }
        for (_, failure, regions) in order {
            let failure = match regions.as_slice() {
                [_, others @ ..] if !others.is_empty() => failure.help(format!("the same in {}", others.join(", "))),
                _ => failure,
            };
            self.printer.failure(&failure);
        }
    }

    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        self.printer.product(text).map_err(|error| Failure::internal(&error))
    }

    pub(crate) fn line(&self, value: &Value) -> Result<(), Failure> {
        self.print(&format!("{value}\n"))
    }
}

pub(crate) fn ended(region: &str, end: &End) -> Value {
    match end {
        End::Unchanged => json!({"region": region, "end": "unchanged"}),
        End::Done => json!({"region": region, "end": "done"}),
        End::Failed(problem) => {
            json!({"region": region, "end": "failed", "message": problem.to_string(), "fix": problem.advice()})
        }
        End::Detached { doing, goes_on } => {
            json!({"region": region, "end": "detached", "doing": doing, "goesOn": goes_on})
        }
    }
}

/// The command that shows what this plan installs.
fn status_command(plan: &Plan) -> String {
    let regions = match plan.settings.regions.as_slice() {
        [one] => format!(" --region {one}"),
        [one, other] => format!(" --region {one} --region {other}"),
        _ => " --region all".to_owned(),
    };
    let is_default = plan.settings.prefix == DEFAULT_PREFIX;
    let prefix = if is_default { String::new() } else { format!(" --prefix {}", plan.settings.prefix) };
    format!("deployer status{regions}{prefix}")
}

fn summary(plan: &Plan, applied: &Applied) -> String {
    let mut groups: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
    for region in &applied.regions {
        let order = match region.end {
            End::Done => 0,
            End::Unchanged => 1,
            End::Failed(_) => 2,
            End::Detached { .. } => 3,
        };
        groups.entry(order).or_default().push(&region.region);
    }
    let mut out = String::new();
    for (order, regions) in &groups {
        let number = counted(regions.len(), "Region");
        let list = regions.join(", ");
        let _ = match order {
            0 => writeln!(out, "Installed in {number}: {list}"),
            1 => writeln!(out, "Nothing to do in {number}: {list}"),
            2 => writeln!(out, "Failed in {number}: {list}"),
            _ => writeln!(out, "Left in {number}: {list}"),
        };
    }
    for region in &applied.regions {
        let region_name = &region.region;
        let _ = match &region.end {
            End::Detached { doing, goes_on: true } => {
                writeln!(out, "  {region_name}: CloudFormation goes on with {doing}")
            }
            End::Detached { doing, .. } if doing.is_empty() => writeln!(out, "  {region_name}: not begun"),
            End::Detached { doing, .. } => writeln!(out, "  {region_name}: stopped at {doing}"),
            End::Done | End::Unchanged | End::Failed(_) => Ok(()),
        };
    }
    let status = status_command(plan);
    let next = if groups.contains_key(&3) {
        format!("Finish it with the same command; see how far it is: {status}")
    } else if groups.contains_key(&2) {
        "Run the same command again when it is mended: what is done stays done.".to_owned()
    } else {
        format!("See it at work: {status}")
    };
    let _ = writeln!(out, "{next}");
    out
}
