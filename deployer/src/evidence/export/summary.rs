//! What the bundle comes to: `report.json`, and what the manifest says of the export.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::timeline::Period;
use crate::evidence::Moment;
use crate::evidence::rows::{FunctionTotals, RemediationTotals, Totals};
use crate::report::Meta;

/// So many sentences about what could not be read are kept; all of it is in the files.
const MOST_UNREAD: usize = 1000;

/// What could not be read, one sentence each: the first of them, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    first: Vec<String>,
    count: usize,
}

impl Unread {
    /// One more.
    pub(super) fn push(&mut self, sentence: String) {
        self.count += 1;
        if self.first.len() < MOST_UNREAD {
            self.first.push(sentence);
        }
    }

    /// The first.
    pub(crate) fn first(&self) -> &[String] {
        &self.first
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
    /// What else could not be read: the first of it.
    pub(super) unread: &'a [String],
    /// How much there is of it.
    pub(super) unread_count: usize,
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

/// Whether the population is complete, in words.
pub(super) fn completeness(totals: &Totals, unread: usize) -> String {
    let (places, resources) = (totals.places, totals.resources);
    let scope = places.read + places.incomplete + places.unread;
    let missing = if unread > 0 {
        format!(" {unread} other things could not be read, or are not as they should be: see unread.")
    } else {
        String::new()
    };
    format!(
        "{scope} accounts x Regions are in scope: {} were read to the end, {} in part, {} not at all; {} are out of \
         scope. population.jsonl names each, what was asked there and why. {} notebooks and domains were listed: {} of \
         them have no evaluation, and {} are judged by \
         no check, because none that is installed applies. {} more have an evaluation and were not listed.{missing}",
        places.read,
        places.incomplete,
        places.unread,
        places.excluded,
        resources.listed,
        resources.listed_not_evaluated,
        resources.not_judged,
        resources.evaluated_not_listed
    )
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
    fn no_more_is_kept_than_can_be_read_and_all_is_counted() {
        let mut unread = Unread::default();
        assert!(unread.is_empty());
        unread.extend((0..5000).map(|number| format!("history {number}")));
        assert_eq!((unread.first().len(), unread.count()), (MOST_UNREAD, 5000));
        assert_eq!(unread.first().first().map(String::as_str), Some("history 0"));
    }
}
