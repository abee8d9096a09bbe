//! What a report says of itself.

use clap::ValueEnum;
use serde::Serialize;

use crate::evidence::Moment;
use crate::evidence::plain::plain;

/// How a report was made. Whoever reads it judges by this what it can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// What was looked at: `organization o-abc123, 12 accounts × 3 Regions`.
    pub scope: String,
    /// Where it was read: `aggregator org in eu-west-1`, `AWS Config of each account, as role Audit`.
    pub source: String,
    /// What was asked for, one filter each; empty if nothing was left out.
    pub asked: Vec<String>,
    /// The checks that were asked for by name; empty for all.
    pub checks: Vec<String>,
    /// What the source cannot tell, one sentence each, without a full stop.
    pub limits: Vec<String>,
    /// Whether the source tells of results that are exempt or do not apply. An aggregator does not.
    pub sees_exempt: bool,
    /// Whether only notebooks and domains of some names are told of: then none may mean that a name is mistaken.
    #[serde(skip)]
    pub narrowed: bool,
    /// When the reading began.
    pub started: Moment,
    /// The version of this program.
    pub version: String,
    /// The ARN of whoever asked.
    pub caller: String,
}

impl Meta {
    /// What the source cannot tell, as sentences.
    pub(super) fn reservations(&self) -> impl Iterator<Item = String> {
        self.limits.iter().map(|limit| {
            let mut letters = limit.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            plain(&format!("{first}{}.", letters.as_str()))
        })
    }
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on a terminal.
    Table,
    /// One object: how it was made, evaluations, accounts × Regions, totals.
    Json,
    /// One line for each evaluation, and for each account × Region without all of its data.
    Csv,
    /// One page for a browser or for paper.
    Html,
    /// OCSF Compliance Findings, one a line.
    Ocsf,
    /// Requests of Security Hub's `BatchImportFindings`, one a line.
    Asff,
}

impl Format {
    /// The endings of files that have this form. `.txt` is for any.
    pub(crate) fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Table => &["txt"],
            Self::Json => &["json"],
            Self::Csv => &["csv"],
            Self::Html => &["html", "htm"],
            Self::Ocsf | Self::Asff => &["jsonl", "ndjson", "json"],
        }
    }

    /// The word for it on the command line.
    pub(crate) fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// How a table is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The columns that a line may take.
    pub width: usize,
    /// Whether everything is shown, however long it gets; else the worst of it.
    pub everything: bool,
}
