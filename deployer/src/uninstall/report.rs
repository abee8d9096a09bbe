//! What a run says: the plan, and how it went, for people or as one JSON object in each line.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::look::{BucketFound, Found, StackFound};
use super::{End, Leftover, Region, Request, text};
use crate::display::Form;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::names::Names;
use crate::output::{Printer, counted, grouped, layout};

/// Picks ends of one kind.
type IsEnd = fn(&End) -> bool;

/// What the look at the end is about.
const LOOKED_FOR: &str = "stacks, function, rules, conformance pack, alarms, role and bucket";

/// Tells of one run.
pub(super) struct Report<'a> {
    printer: Printer,
    request: &'a Request,
    names: Names<'a>,
}

impl<'a> Report<'a> {
    pub(super) fn new(printer: Printer, request: &'a Request, names: Names<'a>) -> Self {
        Self { printer, request, names }
    }

    /// What will be removed; people hear nothing if that is nothing.
    pub(super) fn plan(&self, regions: &[Region]) -> Result<(), Failure> {
        if self.request.form == Form::Json {
            let told: Vec<Value> = regions.iter().filter_map(|region| planned(region, self.names)).collect();
            self.line(
                &json!({"event": "plan", "account": self.names.account, "prefix": self.names.prefix, "regions": told}),
            )?;
        }
        if !regions.iter().any(Region::has_work) {
            return Ok(());
        }
        match (self.request.form, self.request.assume_yes || self.request.dry_run) {
            (Form::Text, _) => self.print(&text::render(regions, self.names)),
            // Whoever is asked has to see it, wherever the JSON goes.
            (Form::Json, false) => {
                self.printer.diagnostic(&text::render(regions, self.names));
                Ok(())
            }
            (Form::Json, true) => Ok(()),
        }
    }

    /// How it went, the failures first.
    pub(super) fn result(&self, ends: &[(String, End)]) -> Result<(), Failure> {
        if self.request.form == Form::Json {
            let regions: Vec<Value> = ends.iter().map(|(region, end)| ended(region, end)).collect();
            return self.line(&json!({"event": "result", "dryRun": self.request.dry_run, "regions": regions}));
        }
        self.failures(ends);
        self.leftovers(ends);
        self.print(&self.summary(ends))
    }

    /// Equal failures are told once.
    pub(super) fn failures(&self, ends: &[(String, End)]) {
        let failed = ends.iter().filter(|(_, end)| matches!(end, End::Failed(_)));
        let same = |(region, end): &(String, End)| match end {
            End::Failed(problem) => without_token(&problem.to_string()).replace(region, "REGION"),
            End::Nothing | End::Planned | End::Gone | End::Left(_) | End::Detached(_) => String::new(),
        };
        for group in grouped(failed, same) {
            let Some((region, End::Failed(problem))) = group.first() else { continue };
            let told = problem.to_string();
            let message = if told.contains(region) { told } else { format!("{region}: {told}") };
            let mut help = problem.advice();
            let others: Vec<&str> = group.iter().skip(1).map(|(region, _)| region.as_str()).collect();
            if !others.is_empty() {
                help.push(format!("the same in {}", others.join(", ")));
            }
            self.printer.failure(&Failure { message, help, exit: Exit::AwsFailed });
        }
    }

    /// What is still there.
    pub(super) fn leftovers(&self, ends: &[(String, End)]) {
        for (region, end) in ends {
            let End::Left(left) = end else { continue };
            for Leftover { what, why, fix } in left {
                let why = why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                let message = format!("{what} in {region} is still there{why}");
                self.printer.failure(&Failure { message, help: vec![fix.clone()], exit: Exit::Partial });
            }
        }
    }

    fn summary(&self, ends: &[(String, End)]) -> String {
        if ends.iter().all(|(_, end)| *end == End::Nothing) {
            return self.nothing();
        }
        let out = Self::counts(ends) + &self.next(ends);
        textwrap::fill(&out, layout(self.printer.width(), ""))
    }

    /// How many Regions ended how.
    pub(super) fn counts(ends: &[(String, End)]) -> String {
        let words: [(&str, IsEnd); 5] = [
            ("Would be removed", |end| *end == End::Planned),
            ("Removed", |end| *end == End::Gone),
            ("Something is left", |end| matches!(end, End::Left(_))),
            ("Failed", |end| matches!(end, End::Failed(_))),
            ("Interrupted", |end| matches!(end, End::Detached(_))),
        ];
        let mut out = String::new();
        for (words, is_meant) in words {
            let regions: Vec<&str> =
                ends.iter().filter(|(_, end)| is_meant(end)).map(|(region, _)| region.as_str()).collect();
            if !regions.is_empty() {
                let _ = writeln!(out, "{words} in {}: {}", counted(regions.len(), "Region"), regions.join(", "));
            }
        }
        for (region, end) in ends {
            if let End::Detached(doing) = end {
                let _ = writeln!(out, "  {region}: AWS goes on with the {doing}");
            }
        }
        out
    }

    fn nothing(&self) -> String {
        let but = if self.request.keep_artifacts { " (artifacts were not looked for)" } else { "" };
        let told = format!("Nothing to uninstall: there are no {LOOKED_FOR} of ours{but}.");
        textwrap::fill(&told, layout(self.printer.width(), "")) + "\n"
    }

    /// What can be said of the whole, or what to do next.
    fn next(&self, ends: &[(String, End)]) -> String {
        let any = |is_meant: fn(&End) -> bool| ends.iter().any(|(_, end)| is_meant(end));
        if any(|end| matches!(end, End::Detached(_))) {
            "Finish it with the same command.\n".to_owned()
        } else if any(|end| matches!(end, End::Left(_) | End::Failed(_))) {
            "Run the same command again when it is mended: what is gone stays gone.\n".to_owned()
        } else if any(|end| *end == End::Planned) {
            "Nothing was removed.\n".to_owned()
        } else {
            self.proved()
        }
    }

    fn proved(&self) -> String {
        let but = if self.request.keep_artifacts { " but the artifacts" } else { "" };
        format!("Nothing is left{but}: looked for {LOOKED_FOR}; CloudFormation says that the log group is deleted.\n")
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        self.printer.product(text).map_err(|error| Failure::internal(&error))
    }

    fn line(&self, value: &Value) -> Result<(), Failure> {
        self.print(&format!("{value}\n"))
    }
}

/// Each request of CloudFormation's handlers has a token of its own: `(RequestToken: ..., HandlerErrorCode: ...)`.
fn without_token(text: &str) -> String {
    match text.split_once("RequestToken: ") {
        Some((before, rest)) => format!("{before}{}", rest.split_once(',').map_or("", |(_, after)| after)),
        None => text.to_owned(),
    }
}

pub(super) fn planned(region: &Region, names: Names<'_>) -> Option<Value> {
    let Found { member, artifacts, bucket, keeps_artifacts, .. } = region.found.as_ref().ok()?;
    let bucket = match bucket {
        BucketFound::Missing => Value::Null,
        BucketFound::Foreign { name } => json!({"name": name, "ours": false}),
        BucketFound::Ours { name, contents } => json!({
            "name": name, "ours": true, "versions": contents.versions, "deleteMarkers": contents.markers,
            "bytes": contents.bytes, "foreignVersions": contents.foreign, "foreignKeys": contents.foreign_keys,
        }),
    };
    Some(json!({
        "region": region.name,
        "memberStack": stack(member, &names.member_stack()),
        "artifactStack": stack(artifacts, &names.artifact_stack()),
        "bucket": bucket,
        "keepsArtifacts": keeps_artifacts,
    }))
}

fn stack(stack: &StackFound, name: &str) -> Value {
    match stack {
        StackFound::Missing | StackFound::NotLookedFor => Value::Null,
        StackFound::Foreign => json!({"name": name, "ours": false}),
        StackFound::OfOrganization(of) => {
            json!({"name": of.stack, "ours": false, "stackSet": of.set, "administrator": of.administrator})
        }
        StackFound::Ours { state, resources } => {
            let resources: Vec<Value> =
                resources.iter().map(|one| json!({"type": one.kind, "physicalId": one.physical})).collect();
            json!({"name": name, "ours": true, "id": state.id, "status": state.status, "resources": resources})
        }
    }
}

pub(super) fn ended(region: &str, end: &End) -> Value {
    match end {
        End::Nothing => json!({"region": region, "end": "nothing"}),
        End::Planned => json!({"region": region, "end": "planned"}),
        End::Gone => json!({"region": region, "end": "gone"}),
        End::Left(left) => {
            let left: Vec<Value> =
                left.iter().map(|one| json!({"what": one.what, "why": one.why, "fix": one.fix})).collect();
            json!({"region": region, "end": "left", "left": left})
        }
        End::Failed(problem) => {
            json!({"region": region, "end": "failed", "message": problem.to_string(), "fix": problem.advice().join("; ")})
        }
        End::Detached(doing) => json!({"region": region, "end": "detached", "doing": doing}),
    }
}
