//! Taking notes of one place.

use super::{Finding, Level};
use crate::aws::AwsRefusal;

/// The findings of one Region, or of the account.
#[derive(Debug)]
pub(super) struct Notes {
    region: Option<String>,
    findings: Vec<Finding>,
}

impl Notes {
    pub(super) fn of_account() -> Self {
        Self { region: None, findings: Vec::new() }
    }

    pub(super) fn of(region: &str) -> Self {
        Self { region: Some(region.to_owned()), findings: Vec::new() }
    }

    pub(super) fn good(&mut self, topic: &'static str, message: impl Into<String>) {
        self.note(Level::Good, topic, message.into(), None);
    }

    pub(super) fn warning(&mut self, topic: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.note(Level::Warning, topic, message.into(), Some(fix.into()));
    }

    pub(super) fn bad(&mut self, topic: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.note(Level::Bad, topic, message.into(), Some(fix.into()));
    }

    /// Something that could not be looked at, but that an installation can do without.
    pub(super) fn unread(&mut self, topic: &'static str, refusal: &AwsRefusal) {
        self.note(Level::Warning, topic, could_not(refusal), Some(refusal.advice()));
    }

    /// Something that could not be looked at, without which nothing can be planned.
    pub(super) fn unknown(&mut self, topic: &'static str, refusal: &AwsRefusal) {
        self.note(Level::Bad, topic, could_not(refusal), Some(refusal.advice()));
    }

    pub(super) fn done(self) -> Vec<Finding> {
        self.findings
    }

    fn note(&mut self, level: Level, topic: &'static str, message: String, fix: Option<String>) {
        self.findings.push(Finding { level, region: self.region.clone(), topic, message, fix });
    }
}

/// Without the request's id: findings of many Regions are told once if they are the same.
fn could_not(refusal: &AwsRefusal) -> String {
    let AwsRefusal { call, code, message, .. } = refusal;
    match code {
        Some(code) if message.is_empty() => format!("could not be looked at: {call}: {code}"),
        Some(code) => format!("could not be looked at: {call}: {code}: {message}"),
        None => format!("could not be looked at: {call}: {message}"),
    }
}
