//! Notebooks that exist and were judged by nobody.

use std::collections::HashSet;

use serde::Serialize;

use super::replay::{PlaceRows, Replay};
use crate::evidence::rows::{Known, Resource};
use crate::failure::Failure;

/// So many are named; the report counts all.
const MOST: usize = 20;

/// A notebook or domain that was listed and has no evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotEvaluated {
    /// The account's id.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// Its name, or its id.
    pub(crate) name: String,
    /// Its id.
    pub(crate) resource_id: String,
    /// Why, as far as its account × Region or its status tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

/// The first of them. `count` is how many there are.
pub(super) fn first(mut replay: Replay, count: u64) -> Result<Vec<NotEvaluated>, Failure> {
    let mut found = Vec::new();
    let wanted = usize::try_from(count).unwrap_or(MOST).min(MOST);
    while found.len() < wanted {
        let mut listed = Vec::new();
        let next = replay.next(&mut |one| {
            listed.push(one);
            Ok(())
        })?;
        let Some(rows) = next else { break };
        found.extend(of_place(&rows, &listed));
    }
    found.truncate(MOST);
    Ok(found)
}

fn of_place<'a>(rows: &'a PlaceRows, listed: &'a [Resource]) -> impl Iterator<Item = NotEvaluated> + use<'a> {
    let key = |kind: &str, id: &str| (kind.to_owned(), id.to_ascii_lowercase());
    let judged: HashSet<_> = rows.evaluations.iter().map(|row| key(&row.resource_type, &row.resource_id)).collect();
    let is_judged = move |one: &Resource| judged.contains(&key(&one.resource_type, &one.resource_id));
    // What no installed check applies to lacks nothing.
    let is_due = |one: &Resource| one.known == Known::Listed && one.not_judged.is_none();
    let without = listed.iter().filter(move |one| is_due(one) && !is_judged(one));
    without.map(|one| NotEvaluated {
        account: one.account.clone(),
        region: one.region.clone(),
        name: one.name.clone().unwrap_or_else(|| one.resource_id.clone()),
        resource_id: one.resource_id.clone(),
        why: why(rows, one),
    })
}

/// What the account × Region says of itself; else the status, if it is none in which a notebook stays.
fn why(rows: &PlaceRows, one: &Resource) -> Option<String> {
    if let Some(why) = rows.place.reading.why() {
        return Some(why.to_owned());
    }
    let status = one.status.as_deref().filter(|status| !["InService", "Stopped"].contains(status))?;
    Some(format!("its status is {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::rows::{EvaluationRow, Place, Reading};

    #[test]
    fn who_was_judged_by_nobody_is_named_with_the_reason() {
        let listed = |name: &str, status: &str| -> Resource {
            serde_json::from_value(serde_json::json!({"account": "1", "region": "r", "resourceType": "T",
                "resourceId": format!("arn/{name}"), "name": name, "status": status, "known": "listed"}))
            .unwrap()
        };
        let judged: EvaluationRow = serde_json::from_value(serde_json::json!({"account": "1", "region": "r",
            "check": "root-access", "rule": "root", "resourceType": "T", "resourceId": "ARN/one",
            "complianceType": "COMPLIANT"}))
        .unwrap();
        let place = |reading| Place {
            account: "1".to_owned(),
            account_name: None,
            region: "r".to_owned(),
            reading,
            asked: Vec::new(),
            resources: 3,
            not_judged: 0,
            checks: Vec::new(),
        };
        let beyond = Resource { not_judged: Some("no check applies".to_owned()), ..listed("four", "InService") };
        let all = [beyond, listed("one", "InService"), listed("two", "Pending"), listed("three", "Stopped")];
        let told = |reading| {
            let rows = PlaceRows { place: place(reading), rules: Vec::new(), evaluations: vec![judged.clone()] };
            of_place(&rows, &all).map(|one| (one.name, one.why)).collect::<Vec<_>>()
        };
        let named = |name: &str, why: Option<&str>| (name.to_owned(), why.map(str::to_owned));
        assert_eq!(told(Reading::Read), [named("two", Some("its status is Pending")), named("three", None)]);
        let part = Reading::Incomplete { why: "no rule ran".to_owned() };
        assert_eq!(told(part), [named("two", Some("no rule ran")), named("three", Some("no rule ran"))]);
    }
}
