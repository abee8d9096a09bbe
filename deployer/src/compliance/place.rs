//! One account × Region, read in the account itself.

mod deleted;
mod details;
pub(super) mod expected;
mod population;
mod reading;
mod rules;
mod state;

use std::collections::HashSet;

use futures_util::future::join;
use futures_util::stream::{self, StreamExt as _};
use rule::check::Check;

use super::judging::Judging;
use super::pages::{Pages, begun};
use super::result::{key, name_in};
use super::{Clients, PlaceInScope, Reach, Unreached, Wanted};
use crate::evidence::rows::{ACCOUNT_TYPE, Asked, EvaluationRow, Known, Place, Reading, Resource, RuleRow};

/// Rules whose results are asked for side by side. AWS Config limits the rate of the calls by account and Region.
const RULES_AT_ONCE: usize = 4;

/// What one account × Region holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRead {
    /// How far it was read.
    pub place: Place,
    /// Its rules of ours, by name.
    pub rules: Vec<RuleRow>,
    /// Its notebooks and domains: those that are listed, those that were deleted, then those that only results
    /// tell of.
    pub resources: Vec<Resource>,
    /// Its results, rule by rule.
    pub evaluations: Vec<EvaluationRow>,
}

impl PlaceRead {
    /// A place of which nothing was read.
    pub(super) fn without(place: &PlaceInScope, reading: Reading, asked: Vec<Asked>) -> Self {
        let place = Place {
            account: place.account.clone(),
            account_name: place.account_name.clone(),
            region: place.region.clone(),
            reading,
            asked,
            resources: 0,
            checks: Vec::new(),
            not_judged: 0,
        };
        Self { place, rules: Vec::new(), resources: Vec::new(), evaluations: Vec::new() }
    }
}

/// Reads an account × Region. It never fails: what cannot be read is in the place's reading and in what was asked.
pub async fn read(reach: &Reach, place: &PlaceInScope, wanted: &Wanted) -> PlaceRead {
    Box::pin(read_of(reach, place, wanted, None)).await
}

/// The same, where the StackSet of the organization has these checks on.
pub(super) async fn read_of(
    reach: &Reach,
    place: &PlaceInScope,
    wanted: &Wanted,
    set: Option<&[&'static Check]>,
) -> PlaceRead {
    if let Some(why) = &place.excluded {
        return PlaceRead::without(place, Reading::Excluded { why: why.clone() }, Vec::new());
    }
    match reach.clients(&place.account, &place.region).await {
        Ok(clients) => {
            let is_own = place.account == reach.caller();
            read_with(&clients, place, wanted, (is_own, set)).await
        }
        Err(unreached) => {
            PlaceRead::without(place, Reading::Unread { why: unreached.to_string() }, vec![of(&unreached)])
        }
    }
}

fn of(unreached: &Unreached) -> Asked {
    Asked { error: Some(unreached.to_string()), ..begun("sts:AssumeRole") }
}

async fn read_with(
    clients: &Clients,
    place: &PlaceInScope,
    wanted: &Wanted,
    (is_own, set): (bool, Option<&[&'static Check]>),
) -> PlaceRead {
    let (rules, listed) = join(rules::read(clients, wanted), population::read(clients, wanted)).await;
    let expected = expected::read(clients, expected::Of { is_own, set, rules: &rules.items }, wanted).await;
    let here = expected.map(|checks| Wanted { expected: Some(checks), ..wanted.clone() });
    let wanted = here.as_ref().unwrap_or(wanted);
    let deleted = deleted::read(clients, wanted, &listed).await;
    let results: Vec<_> = stream::iter(&rules.items)
        .map(|rule| details::read(clients, rule, wanted))
        .buffered(RULES_AT_ONCE)
        .collect()
        .await;
    let state = why(clients, &rules, &results, &listed).await;
    let seen = reading::Seen { rules: &rules, listed: &listed, results: &results, state: state.as_ref(), wanted };
    let reading = deleted::reading(seen.reading(), &deleted);
    let mut asked = vec![rules.asked];
    asked.extend(listed.iter().map(|list| list.asked.clone()));
    asked.extend(deleted.iter().map(|list| list.asked.clone()));
    asked.extend(results.iter().map(|result| result.asked.clone()));
    asked.extend(state.into_iter().flat_map(|state| state.asked));
    let evaluations: Vec<EvaluationRow> = results.into_iter().flat_map(|result| result.items).collect();
    let mut resources: Vec<Resource> = listed.into_iter().flat_map(|list| list.items).collect();
    let count = resources.len() as u64;
    let judging = judging(&rules.items, rules.refusal.is_some(), wanted);
    let not_judged = beyond(&mut resources, &judging, &evaluations);
    resources.extend(deleted.into_iter().flat_map(|list| list.items));
    let evaluated = evaluated_only(&resources, &evaluations);
    resources.extend(evaluated);
    let mut read = PlaceRead::without(place, reading, asked);
    read.place.resources = count;
    read.place.not_judged = not_judged;
    read.place.checks = judging.ids();
    let rules = rules.items;
    PlaceRead { rules, evaluations: with_names(evaluations, &resources), resources, ..read }
}

/// The checks that are to judge here, and those that do. Without any rule, and without knowing which there should be,
/// everything lacks a result.
fn judging(rules: &[RuleRow], is_refused: bool, wanted: &Wanted) -> Judging {
    if wanted.expected.is_none() && (is_refused || rules.is_empty()) {
        return Judging::UNKNOWN;
    }
    let of_rules = rules.iter().filter_map(|rule| Check::find(&rule.check));
    Judging::these(wanted.expected.iter().flatten().copied().chain(of_rules))
}

/// Tells of those that no check judges why not, and how many there are.
fn beyond(listed: &mut [Resource], judging: &Judging, evaluations: &[EvaluationRow]) -> u64 {
    let judged: HashSet<_> = evaluations.iter().map(|row| key(&row.resource_type, &row.resource_id)).collect();
    let mut count = 0;
    for one in listed.iter_mut().filter(|one| !judged.contains(&key(&one.resource_type, &one.resource_id))) {
        one.not_judged = judging.why_not(&one.resource_type);
        count += u64::from(one.not_judged.is_some());
    }
    count
}

/// Asks why there is no data, where there is none and AWS Config answered.
async fn why(
    clients: &Clients,
    rules: &Pages<RuleRow>,
    results: &[Pages<EvaluationRow>],
    listed: &[Pages<Resource>],
) -> Option<state::State> {
    if rules.refusal.is_some() {
        return None;
    }
    let silent = reading::silent(rules, results, listed).map(|rule| rule.rule.clone()).collect::<Vec<_>>();
    if rules.items.is_empty() || !silent.is_empty() { Some(state::read(clients, &silent).await) } else { None }
}

/// Resources that have results and are not known otherwise.
fn evaluated_only(known: &[Resource], evaluations: &[EvaluationRow]) -> Vec<Resource> {
    let mut known: HashSet<_> = known.iter().map(|one| key(&one.resource_type, &one.resource_id)).collect();
    let of_resources = evaluations.iter().filter(|row| row.resource_type != ACCOUNT_TYPE);
    of_resources.filter(|row| known.insert(key(&row.resource_type, &row.resource_id))).map(of_evaluation).collect()
}

/// What a result tells of its resource.
pub(super) fn of_evaluation(row: &EvaluationRow) -> Resource {
    Resource {
        account: row.account.clone(),
        region: row.region.clone(),
        resource_type: row.resource_type.clone(),
        resource_id: row.resource_id.clone(),
        name: name_in(&row.resource_type, &row.resource_id).map(str::to_owned),
        status: None,
        created: None,
        known: Known::EvaluatedOnly,
        not_judged: None,
    }
}

/// The results with the names that the lists tell: a domain's id does not.
fn with_names(mut evaluations: Vec<EvaluationRow>, resources: &[Resource]) -> Vec<EvaluationRow> {
    for row in evaluations.iter_mut().filter(|row| row.notebook.is_none()) {
        let is_its = |one: &&Resource| one.resource_type == row.resource_type && one.resource_id == row.resource_id;
        row.notebook = resources.iter().find(is_its).and_then(|one| one.name.clone());
    }
    evaluations
}
