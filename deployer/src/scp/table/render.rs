//! The table for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Judged, Outcome};
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, counted, layout};
use crate::scp::in_force::{Chain, Level};
use crate::scp::language::{Decision, Request};

/// What was tested, and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct Tested<'a> {
    /// The root, unit or account, if there was one.
    pub target: Option<&'a str>,
    /// The levels from the root down.
    pub levels: &'a [Level],
    /// The same, read.
    pub chain: &'a Chain,
    /// The table.
    pub judged: &'a [Judged],
}

/// A line for each request, and a conclusion. At most `width` columns wide, but for names.
#[must_use]
pub fn text(tested: &Tested<'_>, width: usize) -> String {
    let mut out = String::new();
    for level in tested.levels {
        let names: Vec<&str> = level.policies.iter().map(|policy| policy.name.as_str()).collect();
        let place = if level.id.is_empty() || level.id == level.name {
            level.name.clone()
        } else {
            format!("{} ({})", level.name, level.id)
        };
        let line = format!("{place}: {}", names.join(", "));
        let _ = writeln!(out, "{STRONG}{}{STRONG:#}", textwrap::fill(&line, layout(width, "").subsequent_indent("  ")));
    }
    for (name, errors) in &tested.chain.unread {
        let line = format!("{name} cannot be read: {}", errors.first().map(ToString::to_string).unwrap_or_default());
        let _ =
            writeln!(out, "{UNSURE}!{UNSURE:#} {}", textwrap::fill(&line, layout(width, "").subsequent_indent("  ")));
    }
    out.push('\n');
    for one in tested.judged {
        write_line(&mut out, tested, one, width);
    }
    let _ = writeln!(out, "\n{}", conclusion(tested.judged));
    for limit in limits(tested) {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(limit, layout(width, "")));
    }
    out
}

/// What the table does not say.
fn limits(tested: &Tested<'_>) -> Vec<&'static str> {
    let bound = "Not bound by any of this: the management account, service-linked roles, and notebooks that are there \
                 already.";
    let below = "Not seen: policies that are attached further down, to units and accounts below. They may deny more.";
    let is_account = |target: &str| target.bytes().all(|byte| byte.is_ascii_digit());
    let has_below = tested.target.is_some_and(|target| !is_account(target));
    std::iter::once(bound).chain(has_below.then_some(below)).collect()
}

fn write_line(out: &mut String, tested: &Tested<'_>, one: &Judged, width: usize) {
    let (mark, style) = match (one.is_as_intended(), &one.decision) {
        (true, _) => ("✓", GOOD),
        (false, Decision::Undecided { .. }) => ("?", UNSURE),
        (false, _) => ("✗", BAD),
    };
    let body = |text: &str| {
        let options = layout(width.saturating_sub(2), "");
        textwrap::fill(text, options.subsequent_indent("             "))
    };
    let _ = writeln!(out, "{style}{mark}{style:#} {}", body(&format!("{:11}{}", one.word(), one.row.id)));
    let more = match (one.is_as_intended(), why(tested, one)) {
        (true, None) => return,
        (true, Some(why)) => why,
        (false, None) => format!("should be {}", one.row.intended.word()),
        (false, Some(why)) => format!("should be {}: {why}", one.row.intended.word()),
    };
    let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&more, layout(width, "               ")));
}

/// By what, with the place of a level.
fn why(tested: &Tested<'_>, one: &Judged) -> Option<String> {
    let name = |level: usize| tested.levels.get(level).map(|level| level.name.as_str()).unwrap_or_default();
    match &one.decision {
        Decision::NotAllowed { level } => Some(format!("no policy on {} allows it", name(*level))),
        Decision::Denied { by } if tested.levels.len() > 1 => {
            Some(format!("{} on {}", super::cited(by), name(by.level)))
        }
        Decision::Allowed { .. } | Decision::Denied { .. } | Decision::Undecided { .. } => one.by(),
    }
}

fn conclusion(judged: &[Judged]) -> String {
    let lines = counted(judged.len(), "line");
    let open = judged.iter().filter(|one| matches!(one.decision, Decision::Undecided { .. })).count();
    let bad = judged.iter().filter(|one| !one.is_as_intended()).count() - open;
    match (bad, open) {
        (0, 0) => format!("{GOOD}{lines}, all as intended{GOOD:#}"),
        (bad, 0) => format!("{BAD}{lines}, {bad} not as intended{BAD:#}"),
        (0, open) => format!("{UNSURE}{lines}, {open} that cannot be decided{UNSURE:#}"),
        (bad, open) => format!("{BAD}{lines}, {bad} not as intended, {open} that cannot be decided{BAD:#}"),
    }
}

/// One object. `schemaVersion` rises when a member changes its meaning; members may be added.
#[must_use]
pub fn json(tested: &Tested<'_>) -> String {
    let judged = tested.judged;
    let count = |wanted: fn(&Judged) -> bool| judged.iter().filter(|one| wanted(one)).count();
    let unread: Vec<Value> = tested
        .chain
        .unread
        .iter()
        .map(|(name, errors)| json!({"policy": name, "errors": errors.iter().map(ToString::to_string).collect::<Vec<_>>()}))
        .collect();
    let whole = json!({
        "schemaVersion": 1,
        "target": tested.target,
        "levels": tested.levels,
        "unread": unread,
        "limits": limits(tested),
        "rows": judged.iter().map(row).collect::<Vec<_>>(),
        "summary": {
            "rows": judged.len(),
            "asIntended": count(Judged::is_as_intended),
            "undecided": count(|one| matches!(one.decision, Decision::Undecided { .. })),
        },
    });
    format!("{whole:#}\n")
}

fn row(one: &Judged) -> Value {
    let by = match &one.decision {
        Decision::Denied { by } | Decision::Allowed { by: Some(by) } => Some(by),
        Decision::Allowed { by: None } | Decision::NotAllowed { .. } | Decision::Undecided { .. } => None,
    };
    let by = by.map(|by| json!({"level": by.level, "policy": by.policy, "statement": by.statement, "sid": by.sid}));
    let why = match &one.decision {
        Decision::Undecided { why } => why.clone(),
        Decision::Allowed { .. } | Decision::Denied { .. } | Decision::NotAllowed { .. } => Vec::new(),
    };
    json!({
        "id": one.row.id, "request": request(&one.row.request), "asIntended": one.is_as_intended(),
        "intended": if one.row.intended == Outcome::Allowed { "allowed" } else { "denied" },
        "decision": one.word(), "by": by, "why": why,
    })
}

fn request(request: &Request) -> Value {
    let context: serde_json::Map<String, Value> =
        request.context.iter().map(|(key, values)| (key.to_owned(), values.into())).collect();
    json!({"action": request.action, "resource": request.resource, "context": context})
}
