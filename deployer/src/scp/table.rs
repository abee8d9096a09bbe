//! The decision table: who does what with which settings, what has to come of it, and what does.

mod guard;
mod network;
mod place;
mod render;
mod request;

pub use place::Place;
pub use render::{Tested, json, text};

use super::in_force::Chain;
use super::language::{Cited, Decision, Request, decide_chain};
use super::settings::GuardrailSettings;
use crate::names::Names;

/// What has to come of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No service control policy stands in its way.
    Allowed,
    /// One does.
    Denied,
}

impl Outcome {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who does what, in a few words; no two rows have the same.
    pub id: String,
    /// The request.
    pub request: Request,
    /// What has to come of it.
    pub intended: Outcome,
}

/// A line with what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The line.
    pub row: Row,
    /// What comes of it.
    pub decision: Decision,
}

/// The lines that these settings make true or false, in the order in which people read them.
#[must_use]
pub fn rows(settings: &GuardrailSettings, names: Names<'_>, role_path: &str, place: &Place) -> Vec<Row> {
    let mut rows = network::rows(settings, names.partition, place);
    if settings.tamper {
        rows.extend(guard::rows(settings, names, role_path, place));
    }
    rows
}

/// What policies say to each line.
#[must_use]
pub fn judge(rows: &[Row], chain: &Chain) -> Vec<Judged> {
    let unread = || chain.unread.iter().map(|(name, _)| format!("the policy {name} cannot be read")).collect();
    let judge = |row: &Row| {
        let decided = decide_chain(&chain.levels, &row.request);
        let is_denied = matches!(decided, Decision::Denied { .. });
        let is_open = !is_denied && !chain.unread.is_empty();
        let decision = if is_open { Decision::Undecided { why: unread() } } else { decided };
        Judged { row: row.clone(), decision }
    };
    rows.iter().map(judge).collect()
}

impl Judged {
    /// Whether it comes out as it has to. What cannot be decided does not.
    #[must_use]
    pub fn is_as_intended(&self) -> bool {
        self.decision.is_allowed() == Some(self.row.intended == Outcome::Allowed)
    }

    /// What comes of it, in a word or two.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.decision {
            Decision::Allowed { .. } => "allowed",
            Decision::Denied { .. } => "denied",
            Decision::NotAllowed { .. } => "not allowed",
            Decision::Undecided { .. } => "undecided",
        }
    }

    /// The policy that denies it.
    #[must_use]
    pub fn denied_by(&self) -> Option<&str> {
        match &self.decision {
            Decision::Denied { by } => Some(&by.policy),
            Decision::Allowed { .. } | Decision::NotAllowed { .. } | Decision::Undecided { .. } => None,
        }
    }

    /// By what: a statement of a policy, a level, or what is not known. None if it is simply allowed.
    #[must_use]
    pub fn by(&self) -> Option<String> {
        match &self.decision {
            Decision::Allowed { .. } => None,
            Decision::Denied { by } => Some(cited(by)),
            Decision::NotAllowed { level } => Some(format!("no policy of level {level} allows it")),
            Decision::Undecided { why } => Some(why.join("; ")),
        }
    }

    /// The whole of it in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let why = self.by().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{} is {}{why}, and should be {}", self.row.id, self.word(), self.row.intended.word())
    }
}

/// How messages name a statement.
#[must_use]
pub fn cited(by: &Cited) -> String {
    let statement = by.sid.clone().unwrap_or_else(|| format!("statement {}", by.statement));
    if by.policy.is_empty() { statement } else { format!("{statement} of {}", by.policy) }
}

#[cfg(test)]
mod tests;
