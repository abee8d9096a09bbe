//! What the bundle comes to: `report.json`, and what the manifest says of the export.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::timeline::Period;
use super::unjudged::NotEvaluated;
use crate::aws::Denied;
use crate::evidence::Moment;
use crate::evidence::rows::{FunctionTotals, PlaceTotals, RemediationTotals, ResourceTotals, Totals};
use crate::evidence::words::{by, places, resources};
use crate::report::Meta;

/// So many sentences about what could not be read are kept; all of it is in the files.
const MOST_UNREAD: usize = 1000;

/// What could not be read, one sentence each: the first of them, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    first: Vec<String>,
    count: usize,
    denied: Denied,
}

impl Unread {
    /// One more.
    pub(super) fn push(&mut self, sentence: String) {
        self.count += 1;
        self.denied.hear(&sentence);
        if self.first.len() < MOST_UNREAD {
            self.first.push(sentence);
        }
    }

    /// The first.
    pub(crate) fn first(&self) -> &[String] {
        &self.first
    }

    /// Calls among them that were not allowed.
    pub(crate) fn denied(&self) -> &Denied {
        &self.denied
    }

    /// What failed without being the first thing to tell.
    pub(super) fn hear(&mut self, error: &str) {
        self.denied.hear(error);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Whether everything could be read.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Extend<String> for Unread {
    fn extend<T: IntoIterator<Item = String>>(&mut self, sentences: T) {
        sentences.into_iter().for_each(|sentence| self.push(sentence));
    }
}

/// `report.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary<'a> {
    /// How it was read.
    pub(super) meta: &'a Meta,
    /// What the evaluations come to. They are those of the moment of the export.
    pub(super) totals: &'a Totals,
    /// Whether all of it was seen, in words.
    pub(super) completeness: String,
    /// The period of the timeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) period: Option<Value>,
    /// How long violations lasted, by check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<&'a RemediationTotals>,
    /// Whether functions run what their stacks name; nothing where functions are not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) functions: Option<FunctionTotals>,
    /// Where the ledger of exemptions is from.
    pub(super) exemptions: &'a str,
    /// The first notebooks and domains that were listed and have no evaluation, and why as far as that is known.
    pub(super) not_evaluated: &'a [NotEvaluated],
    /// What could not be read or is not certain, accounts × Regions last: the first of it.
    pub(super) unread: Vec<&'a str>,
    /// How much there is of it.
    pub(super) unread_count: usize,
    /// How many of them are accounts × Regions.
    pub(super) unread_places: usize,
}

/// What could not be read, accounts × Regions last: of the others no other file has a list.
pub(super) fn all_unread<'a>(others: &'a Unread, places: &'a Unread) -> Vec<&'a str> {
    others.first.iter().chain(&places.first).map(String::as_str).take(MOST_UNREAD).collect()
}

impl Summary<'_> {
    /// Its text.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// The period in JSON.
pub(super) fn period(period: Period) -> Value {
    json!({"from": period.from, "to": period.to})
}

/// Whether the population is complete, in words. `others` is how much could not be read beside accounts × Regions.
pub(super) fn completeness(totals: &Totals, others: usize) -> String {
    let PlaceTotals { read, incomplete, unread, excluded } = totals.places;
    let scope = read + incomplete + unread;
    let read = format!(
        "{} {} in scope: {read} {} read to the end, {incomplete} in part, {unread} not at all",
        places(scope),
        by(scope, "is", "are"),
        by(read, "was", "were"),
    );
    let excluded = match excluded {
        0 => String::new(),
        some => format!("; {some} {} out of scope", by(some, "is", "are")),
    };
    let others = match others {
        0 => String::new(),
        1 => " 1 other thing could not be read, or is not as it should be: see unread in report.json.".to_owned(),
        many => {
            format!(" {many} other things could not be read, or are not as they should be: see unread in report.json.")
        }
    };
    let resources = of_resources(totals.resources);
    format!("{read}{excluded}. population.jsonl names each, what was asked there and why. {resources}{others}")
}

fn of_resources(totals: ResourceTotals) -> String {
    let ResourceTotals { listed, listed_not_evaluated: without, evaluated_not_listed: others, not_judged, .. } = totals;
    let has = |count: u64| format!("{count} of them {} no evaluation", by(count, "has", "have"));
    let beyond = |count: u64| {
        format!("{count} of them {} judged by no check, because none that is installed applies", by(count, "is", "are"))
    };
    let of_listed = match (listed, without, not_judged) {
        (0, _, _) => "No notebook or domain was listed".to_owned(),
        (1, 0, 0) => "1 notebook or domain was listed, and has an evaluation".to_owned(),
        (1, 0, _) => "1 notebook or domain was listed, and no check that is installed applies to it".to_owned(),
        (1, _, _) => "1 notebook or domain was listed, and has no evaluation".to_owned(),
        (_, 0, 0) => format!("{} were listed, and all of them have an evaluation", resources(listed)),
        (_, _, 0) => format!("{} were listed: {}", resources(listed), has(without)),
        (_, 0, _) => format!("{} were listed: {}", resources(listed), beyond(not_judged)),
        (_, _, _) => format!("{} were listed: {}, and {}", resources(listed), has(without), beyond(not_judged)),
    };
    match others {
        0 => format!("{of_listed}."),
        others => {
            let (has, was) = (by(others, "has", "have"), by(others, "was", "were"));
            format!("{of_listed}. {others} more {has} an evaluation and {was} not listed.")
        }
    }
}

/// What the manifest says of the export.
pub(super) fn subject(
    meta: &Meta,
    moments: (Moment, Moment),
    when: Option<Period>,
    ledger: &str,
) -> Map<String, Value> {
    let mut subject = Map::new();
    let mut put = |name: &str, value: Value| subject.insert(name.to_owned(), value);
    put("scope", Value::from(meta.scope.clone()));
    put("source", Value::from(meta.source.clone()));
    put("asked", Value::from(meta.asked.clone()));
    put("limits", Value::from(meta.limits.clone()));
    put("exportedBy", Value::from(meta.caller.clone()));
    put("began", Value::from(moments.0.to_string()));
    put("ended", Value::from(moments.1.to_string()));
    put("exemptions", Value::from(ledger));
    if let Some(when) = when {
        put("period", period(when));
    }
    subject
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        let mut totals = Totals::default();
        assert!(completeness(&totals, 0).ends_with("No notebook or domain was listed."));
        totals.places = PlaceTotals { read: 1, ..PlaceTotals::default() };
        totals.resources = ResourceTotals {
            listed: 3,
            evaluated: 3,
            listed_not_evaluated: 1,
            evaluated_not_listed: 1,
            ..ResourceTotals::default()
        };
        assert_eq!(
            completeness(&totals, 1),
            "1 account × Region is in scope: 1 was read to the end, 0 in part, 0 not at all. population.jsonl names \
             each, what was asked there and why. 3 notebooks and domains were listed: 1 of them has no evaluation. 1 \
             more has an evaluation and was not listed. 1 other thing could not be read, or is not as it should be: \
             see unread in report.json."
        );
        totals.places = PlaceTotals { read: 2, incomplete: 1, unread: 1, excluded: 1 };
        totals.resources = ResourceTotals { listed: 3, ..ResourceTotals::default() };
        let told = completeness(&totals, 2);
        assert!(
            told.starts_with("4 accounts × Regions are in scope: 2 were read to the end, 1 in part, 1 not"),
            "{told}"
        );
        assert!(told.contains("; 1 is out of scope.") && told.contains("all of them have an evaluation"), "{told}");
    }

    #[test]
    fn what_no_check_applies_to_has_no_evaluation_and_lacks_none() {
        let of = |listed, listed_not_evaluated, not_judged| {
            of_resources(ResourceTotals { listed, listed_not_evaluated, not_judged, ..ResourceTotals::default() })
        };
        let beyond = "of them is judged by no check, because none that is installed applies.";
        assert_eq!(of(3, 0, 1), format!("3 notebooks and domains were listed: 1 {beyond}"));
        let both = format!("4 notebooks and domains were listed: 2 of them have no evaluation, and 1 {beyond}");
        assert_eq!(of(4, 2, 1), both);
        assert!(of(1, 0, 1).ends_with("no check that is installed applies to it."));
    }

    #[test]
    fn no_more_is_kept_than_can_be_read_and_all_is_counted() {
        let mut unread = Unread::default();
        assert!(unread.is_empty());
        unread.extend((0..5000).map(|number| format!("history {number}")));
        assert_eq!((unread.first().len(), unread.count()), (MOST_UNREAD, 5000));
        assert_eq!(unread.first().first().map(String::as_str), Some("history 0"));
    }
}
