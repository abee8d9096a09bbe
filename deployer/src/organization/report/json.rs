//! The result as one JSON object.

use serde_json::{Value, json};

use super::{AggregatorEnd, GuardrailEnd, Outcome};
use crate::apply::Problem;
use crate::install::ended;
use crate::managed_pack::group;
use crate::organization::apply::{SetApplied, SetEnd};
use crate::organization::plan::{OrgPlan, management};

/// The result. Members may be added; none changes its meaning.
pub(super) fn result(plan: &OrgPlan, outcome: &Outcome) -> Value {
    let base: Vec<Value> =
        outcome.base.iter().flat_map(|base| &base.regions).map(|region| ended(&region.region, &region.end)).collect();
    let sets = outcome.sets.as_ref();
    json!({
        "event": "result",
        "organization": plan.organization,
        "administrator": plan.administrator,
        "managementAccount": management(plan),
        "homeRegion": plan.settings.home_region,
        "accounts": plan.scope.accounts,
        "skipped": plan.scope.skipped,
        "regions": base,
        "stackSets": sets.map(|sets| sets.sets.iter().map(set).collect::<Vec<_>>()),
        "stacks": sets.map(|sets| sets.counts),
        "groups": sets.map(|_| outcome.groups()),
        "untouchedTroubles": outcome.left_besides(),
        "incomplete": sets.and_then(|sets| sets.incomplete),
        "packs": packs(outcome),
        "aggregator": aggregator(&outcome.aggregator),
        "guardrail": guardrail(&outcome.guardrail),
        "stopped": outcome.stop,
        "exitCode": outcome.exit().code(),
    })
}

fn set(set: &SetApplied) -> Value {
    let phase = |phase: &crate::organization::apply::PhaseEnd| {
        let operations = phase.operations.iter().map(
            |operation| json!({"id": operation.id, "status": operation.status.as_str(), "reason": operation.reason}),
        );
        json!({"phase": phase.phase, "operations": operations.collect::<Vec<_>>(), "stacks": phase.counts})
    };
    let (end, message, fix) = match &set.end {
        SetEnd::Unchanged => ("unchanged", None, None),
        SetEnd::Done => ("done", None, None),
        SetEnd::CanaryFailed => ("canary-failed", None, None),
        SetEnd::HeldBack => ("held-back", None, None),
        SetEnd::NothingWell => ("nothing-well", None, None),
        SetEnd::Stopped { operation } => ("stopped", Some(operation.clone()), None),
        SetEnd::GaveUp { reason, .. } => ("gave-up", reason.clone(), None),
        SetEnd::Failed(failure) => ("failed", Some(failure.to_string()), Some(failure.advice())),
        SetEnd::Detached { operation, .. } => ("detached", operation.clone(), None),
    };
    json!({
        "name": set.name, "end": end, "message": message, "fix": fix, "stacks": set.counts,
        "phases": set.phases.iter().map(phase).collect::<Vec<_>>(),
    })
}

fn packs(outcome: &Outcome) -> Value {
    let deployments: Vec<_> = outcome.packs.iter().filter_map(|pack| pack.end.as_ref().ok()).cloned().collect();
    let one = |pack: &super::PackEnd| match &pack.end {
        Ok(deployment) => json!({"region": pack.region, "name": deployment.name, "isWhole": deployment.is_whole()}),
        Err(refusal) => json!({"region": pack.region, "message": refusal.to_string(), "fix": refusal.advice()}),
    };
    json!({"regions": outcome.packs.iter().map(one).collect::<Vec<_>>(), "groups": group(&deployments)})
}

fn failed(problem: &Problem) -> Value {
    json!({"end": "failed", "message": problem.to_string(), "fix": problem.advice()})
}

fn aggregator(end: &AggregatorEnd) -> Value {
    match end {
        AggregatorEnd::NotWanted => Value::Null,
        AggregatorEnd::Unchanged => json!({"end": "unchanged"}),
        AggregatorEnd::Made => json!({"end": "made"}),
        AggregatorEnd::Failed(problem) => failed(problem),
    }
}

fn guardrail(end: &GuardrailEnd) -> Value {
    match end {
        GuardrailEnd::NotWanted => Value::Null,
        GuardrailEnd::Unchanged => json!({"end": "unchanged"}),
        GuardrailEnd::Attached => json!({"end": "attached"}),
        GuardrailEnd::NotAttached(why) => json!({"end": "not-attached", "message": why}),
        GuardrailEnd::Failed(problem) => failed(problem),
    }
}
