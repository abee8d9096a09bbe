//! The service control policies: their texts, what they are attached to, and what they decide there.

use std::sync::Arc;

use aws_config::SdkConfig;
use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use super::maker::At;
use super::raw;
use crate::evidence::path::BundlePath;
use crate::failure::Failure;
use crate::names::Names;
use crate::observe::{Read, StackState};
use crate::scp::in_force::{Attached, Chain, Level, Reader};
use crate::scp::settings::GuardrailSettings;
use crate::scp::table::{Judged, Place, judge, rows};
use crate::session::in_region;

/// The policies with their attachments: [`PolicyRow`]s.
const POLICIES: &str = "scp/policies.jsonl";
/// The decision table of each target: [`DecisionRow`]s.
const DECISIONS: &str = "scp/decisions.jsonl";

/// A line of `scp/policies.jsonl`: a policy of ours, or one that is in force on a target of ours.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRow<'a> {
    id: &'a str,
    name: &'a str,
    /// Whether our stack made it.
    ours: bool,
    /// The file with its text.
    file: String,
    /// The levels of our targets that it is attached to.
    attached_to: Vec<&'a str>,
}

/// A line of `scp/decisions.jsonl`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DecisionRow<'a> {
    target: &'a str,
    request: &'a str,
    intended: &'static str,
    decision: &'static str,
    as_intended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// What was found of the guardrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Guardrail {
    /// There is no stack of it.
    None,
    /// It was written down.
    Written,
    /// It could not be read.
    Unread(String),
}

/// Reads the guardrail of an organization, and writes it down.
pub(super) async fn export(
    desk: &Arc<Desk>,
    sdk: &SdkConfig,
    names: Names<'_>,
    home: &str,
) -> Result<Guardrail, Failure> {
    let sdk = in_region(sdk, home);
    match read(desk, &sdk, names).await {
        Ok(None) => Ok(Guardrail::None),
        Ok(Some((stack, targets))) => write(desk, names, (&stack, &targets)).map(|()| Guardrail::Written),
        Err(refusal) => Ok(Guardrail::Unread(refusal.to_string())),
    }
}

/// The stack, and for each of its targets what is in force there, root first.
async fn read(
    desk: &Arc<Desk>,
    sdk: &SdkConfig,
    names: Names<'_>,
) -> Read<Option<(StackState, Vec<(String, Vec<Level>)>)>> {
    let region = sdk.region().map(ToString::to_string).unwrap_or_default();
    let at = At { desk, sdk, prefix: names.prefix, account: names.account, region: &region };
    let Some(stack) = at.stack(&names.guardrail_stack()).await? else { return Ok(None) };
    let reader = Reader::watched(sdk, raw::recorder(desk, names.prefix, (names.account, &region)));
    let mut targets = Vec::new();
    for target in listed(&stack, "Targets") {
        let above = reader.above(target).await?;
        targets.push((target.to_owned(), reader.levels(&above).await?));
    }
    Ok(Some((stack, targets)))
}

fn listed<'a>(stack: &'a StackState, parameter: &str) -> impl Iterator<Item = &'a str> {
    let text = stack.parameters.get(parameter).map(String::as_str).unwrap_or_default();
    text.split(',').filter(|one| !one.is_empty())
}

fn settings(stack: &StackState) -> GuardrailSettings {
    let is_on = |parameter: &str| stack.parameters.get(parameter).is_some_and(|value| value == "on");
    GuardrailSettings {
        targets: listed(stack, "Targets").map(str::to_owned).collect(),
        break_glass: listed(stack, "BreakGlass").map(str::to_owned).collect(),
        studio: is_on("Studio"),
        tamper: is_on("Tamper"),
    }
}

fn write(
    desk: &Desk,
    names: Names<'_>,
    (stack, targets): (&StackState, &[(String, Vec<Level>)]),
) -> Result<(), Failure> {
    desk.begin(POLICIES)?;
    desk.begin(DECISIONS)?;
    let ours = [names.network_policy(), names.tamper_policy()];
    let levels = || targets.iter().flat_map(|(_, levels)| levels);
    let mut policies: Vec<&Attached> = levels().flat_map(|level| &level.policies).collect();
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    policies.dedup_by(|one, other| one.id == other.id);
    for policy in policies {
        let holds = |level: &&Level| level.policies.iter().any(|other| other.id == policy.id);
        let mut attached_to: Vec<&str> = levels().filter(holds).map(|level| level.id.as_str()).collect();
        attached_to.sort_unstable();
        attached_to.dedup();
        let file = file_of(policy);
        desk.with(|writer| writer.put(&file, pretty(&policy.content).as_bytes()))?;
        let is_ours = ours.contains(&policy.name);
        let row = PolicyRow { id: &policy.id, name: &policy.name, ours: is_ours, file, attached_to };
        desk.line(POLICIES, &row)?;
    }
    let settings = settings(stack);
    let path = stack.parameters.get("RolePath").cloned().unwrap_or_else(|| format!("/{}/", names.prefix));
    for (target, levels) in targets {
        let place = Place::on(target, names.partition, None);
        for judged in judge(&rows(&settings, names, &path, &place), &Chain::read(levels)) {
            desk.line(DECISIONS, &decision(target, &judged))?;
        }
    }
    Ok(())
}

fn decision<'a>(target: &'a str, judged: &'a Judged) -> DecisionRow<'a> {
    DecisionRow {
        target,
        request: &judged.row.id,
        intended: judged.row.intended.word(),
        decision: judged.word(),
        as_intended: judged.is_as_intended(),
        by: judged.by(),
    }
}

/// Ids of policies are `p-` and letters and digits, so that they can name files.
fn file_of(policy: &Attached) -> String {
    let path = format!("scp/{}.json", policy.id);
    if path.parse::<BundlePath>().is_ok() { path } else { "scp/policy.json".to_owned() }
}

/// The text of a policy on many lines; as it is, if it is no JSON.
fn pretty(content: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(content);
    value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| content.to_owned()) + "\n"
}
