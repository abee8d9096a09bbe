//! One account × Region, as the aggregator has it.

use std::collections::BTreeMap;

use super::rules::Found;
use super::{Aggregator, Clients, Common, Sink, Wanted};
use crate::aws::{AwsRefusal, refused};
use crate::compliance::PlaceInScope;
use crate::compliance::beside::Beside;
use crate::compliance::lacking::{Judged, named};
use crate::compliance::pages::{Pages, pages};
use crate::compliance::place::of_evaluation;
use crate::compliance::result::{Of, Told, once, row};
use crate::compliance::scope::NOT_ENABLED_FOR_STACKS;
use crate::evidence::rows::{ACCOUNT_TYPE, Asked, EvaluationRow, Place, Reading};
use crate::failure::Failure;

/// The most results on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_GetAggregateComplianceDetailsByConfigRule.html>).
const PAGE: i32 = 100;

/// What is the same for all places.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) clients: &'a Clients,
    pub(super) aggregator: &'a Aggregator,
    pub(super) wanted: &'a Wanted,
}

/// The results of a place, rule by rule.
pub(super) async fn results(
    question: Question<'_>,
    place: Option<&PlaceInScope>,
    rules: &[Found],
) -> Vec<Pages<EvaluationRow>> {
    let mut results = Vec::with_capacity(rules.len());
    let Some(place) = place.filter(|place| place.excluded.is_none()) else { return results };
    for found in rules {
        results.push(details(question, place, found).await);
    }
    results
}

/// Only COMPLIANT and `NON_COMPLIANT` may be asked for; without a type all come that the aggregator has.
async fn details(question: Question<'_>, place: &PlaceInScope, found: &Found) -> Pages<EvaluationRow> {
    let call = "config:GetAggregateComplianceDetailsByConfigRule";
    let Question { clients, aggregator, wanted } = question;
    let name = found.name(&wanted.prefix);
    let list = pages(call, &clients.region, |token| async {
        let details = clients.config.get_aggregate_compliance_details_by_config_rule();
        let details = details.configuration_aggregator_name(&aggregator.name).config_rule_name(&name);
        let details = details.account_id(&place.account).aws_region(&place.region).limit(PAGE);
        let page = details.set_next_token(token).send().await;
        let page = page.map_err(|error| refused(call, &clients.region, &error))?;
        Ok((page.aggregate_evaluation_results.unwrap_or_default(), page.next_token))
    });
    let list = list.await;
    let of = Of { account: &place.account, region: &place.region, rule: &name, check: found.check };
    let rows = list.items.iter().filter_map(|result| {
        let told = Told {
            identifier: result.evaluation_result_identifier(),
            compliance: result.compliance_type(),
            annotation: result.annotation(),
            invoked: result.config_rule_invoked_time(),
            recorded: result.result_recorded_time(),
        };
        row(of, &told, wanted)
    });
    Pages { items: once(rows), asked: list.asked, refusal: list.refusal }
}

/// Gives a place to the sink.
pub(super) fn give(
    question: Question<'_>,
    place: &PlaceInScope,
    (index, results): (usize, Vec<Pages<EvaluationRow>>),
    common: &mut Common,
    sink: &mut dyn Sink,
) -> Result<(), Failure> {
    if let Some(why) = &place.excluded {
        let reading = Reading::Excluded { why: why.clone() };
        return sink.place(&told(place, reading, Vec::new()));
    }
    let count = u64::from(common.population.count(index).sum());
    // What is known there all the same is told.
    if common.disabled.contains(&index) && count == 0 && results.is_empty() {
        return sink.place(&told(place, Reading::Excluded { why: NOT_ENABLED_FOR_STACKS.to_owned() }, Vec::new()));
    }
    let reading = reading(question, place, (index, &results), common);
    let mut asked = asked(common, index, count);
    for result in results {
        for row in &result.items {
            let resource = (row.resource_type.as_str(), row.resource_id.as_str());
            if row.resource_type != ACCOUNT_TYPE && common.population.is_new(&row.account, &row.region, resource) {
                sink.resource(&of_evaluation(row))?;
            }
            sink.evaluation(row)?;
        }
        asked.push(result.asked);
    }
    let listed = common.population.count(index);
    let (checks, not_judged) = (common.due.of(&place.account).ids(), u64::from(listed.not_judged));
    sink.place(&Place { resources: count, checks, not_judged, ..told(place, reading, asked) })
}

fn told(place: &PlaceInScope, reading: Reading, asked: Vec<Asked>) -> Place {
    Place {
        account: place.account.clone(),
        account_name: place.account_name.clone(),
        region: place.region.clone(),
        reading,
        asked,
        resources: 0,
        checks: Vec::new(),
        not_judged: 0,
    }
}

/// What was asked for all places at once, with what it brought for this one.
fn asked(common: &Common, index: usize, resources: u64) -> Vec<Asked> {
    let fault = common.sources.fault(index);
    let sources = Asked { items: u64::from(fault.is_none()), ..common.sources.asked.clone() };
    let sources = Asked { error: sources.error.clone().or(fault), ..sources };
    let population = common.population.asked.clone();
    let population = population.map(|asked| Asked { items: resources, ..asked });
    std::iter::once(sources).chain(population).chain([common.rules.asked.clone()]).collect()
}

fn reading(
    question: Question<'_>,
    place: &PlaceInScope,
    (index, results): (usize, &[Pages<EvaluationRow>]),
    common: &Common,
) -> Reading {
    let is_left_out = question.aggregator.regions.as_ref().is_some_and(|regions| !regions.contains(&place.region));
    let mut gaps: Vec<String> = Vec::new();
    if is_left_out {
        gaps.push("the aggregator does not collect from the Region".to_owned());
    } else {
        gaps.extend(common.sources.fault(index));
    }
    gaps.extend(common.sources.refusal.as_ref().map(AwsRefusal::words));
    gaps.extend(common.rules.gap.clone());
    gaps.extend(common.population.gap.clone());
    for refusal in results.iter().filter_map(|result| result.refusal.as_ref()) {
        if !gaps.contains(&refusal.words()) {
            gaps.push(refusal.words());
        }
    }
    let (has_results, resources) =
        (results.iter().any(|result| !result.items.is_empty()), common.population.count(index).sum());
    if !has_results && gaps.is_empty() {
        gaps.push(no_result(question.wanted, &common.rules.beside, resources));
    } else if gaps.is_empty() {
        gaps.extend(lacking(common, index, results));
    }
    let why = gaps.join("; ");
    match (why.is_empty(), has_results || resources > 0) {
        (true, _) => Reading::Read,
        (false, true) => Reading::Incomplete { why },
        (false, false) => Reading::Unread { why },
    }
}

/// The checks that did not judge all that is recorded, as far as an aggregator shows. It is asked before resources of
/// the place become known by their results alone.
fn lacking(common: &Common, index: usize, results: &[Pages<EvaluationRow>]) -> Option<String> {
    let mut judged = Judged { listed: common.population.count(index), results: BTreeMap::new() };
    for row in results.iter().flat_map(|result| &result.items) {
        let resource = (row.resource_type.as_str(), row.resource_id.as_str());
        let listed = common.population.known(&row.account, &row.region, resource);
        judged.results.entry(row.check.as_str()).or_default().extend(listed);
    }
    let lacking = judged.lacking(common.expected.iter().copied());
    (!lacking.is_empty())
        .then(|| format!("{} (an aggregator does not show what is exempt or not applicable)", lacking.join(", ")))
}

fn no_result(wanted: &Wanted, beside: &Beside, resources: u32) -> String {
    let unjudged = match resources {
        0 => String::new(),
        1 => "; AWS Config recorded a notebook or domain there".to_owned(),
        many => format!("; AWS Config recorded {many} notebooks and domains there"),
    };
    let installed: Vec<&str> = beside.checks().iter().map(|check| check.id).collect();
    let (of, there) = if installed.is_empty() {
        (wanted.prefix.clone(), beside.prefixes().map(|other| format!("; {other}")).unwrap_or_default())
    } else {
        let asked: Vec<&str> = wanted.checks.iter().map(|check| check.id).collect();
        (named(&asked), format!("; those of {} are there", installed.join(", ")))
    };
    format!("no result of {of} in the aggregator, which does not show rules without results{there}{unjudged}")
}
