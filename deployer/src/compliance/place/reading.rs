//! How far a place was read, in words.

use rule::check::Check;
use rule::resource::ResourceType;

use super::super::pages::Pages;
use super::Wanted;
use super::rules::by_id;
use super::state::State;
use crate::evidence::rows::{EvaluationRow, Reading, Resource, RuleRow};

/// The most rules that are told of one by one.
const MOST: usize = 3;

/// All that was read of a place.
pub(super) struct Seen<'a> {
    pub(super) rules: &'a Pages<RuleRow>,
    /// Resource type by resource type.
    pub(super) listed: &'a [Pages<Resource>],
    /// Rule by rule.
    pub(super) results: &'a [Pages<EvaluationRow>],
    pub(super) state: Option<&'a State>,
    pub(super) wanted: &'a Wanted,
}

impl Seen<'_> {
    pub(super) fn reading(&self) -> Reading {
        let gaps = self.gaps();
        if gaps.is_empty() {
            return Reading::Read;
        }
        let why = gaps.join("; ");
        let is_empty = self.listed.iter().all(|list| list.items.is_empty())
            && self.results.iter().all(|result| result.items.is_empty());
        // Rules that exist and lists that were read to an empty end say something.
        let is_nothing = self.rules.items.is_empty() || self.results.iter().all(|result| result.refusal.is_some());
        if is_empty && is_nothing { Reading::Unread { why } } else { Reading::Incomplete { why } }
    }

    /// What is missing, the worst first.
    fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let refusals = self.results.iter().filter_map(|result| result.refusal.as_ref());
        let refusals = self.rules.refusal.iter().chain(refusals);
        for refusal in refusals.chain(self.listed.iter().filter_map(|list| list.refusal.as_ref())) {
            let words = refusal.words();
            if !gaps.contains(&words) {
                gaps.push(words);
            }
        }
        if self.rules.refusal.is_none() && self.rules.items.is_empty() {
            gaps.push(self.no_rule());
        }
        gaps.extend(self.told_silent());
        gaps
    }

    fn no_rule(&self) -> String {
        let recorder = self.state.map_or("", |state| state.recorder.as_str());
        let unjudged = self.listed.iter().map(|list| list.items.len()).sum::<usize>();
        let unjudged = match unjudged {
            0 => String::new(),
            1 => "; nothing judges the notebook or domain that is there".to_owned(),
            many => format!("; nothing judges the {many} notebooks and domains that are there"),
        };
        format!("no rule of {} ({recorder}){unjudged}", self.wanted.prefix)
    }

    fn told_silent(&self) -> Option<String> {
        let silent: Vec<&RuleRow> = silent(self.rules, self.results, self.listed).collect();
        let first = silent.first()?;
        let names: Vec<&str> = silent.iter().take(MOST).map(|rule| rule.check.as_str()).collect();
        let more = silent.len().saturating_sub(MOST);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let why = self.state.map_or("", |state| state.run(&first.rule));
        let recorder = self.state.map_or("", |state| state.recorder.as_str());
        Some(format!("no result of {}{more}: {why}; {recorder}", names.join(", ")))
    }
}

/// The rules without results where there is something that they judge.
pub(super) fn silent<'a>(
    rules: &'a Pages<RuleRow>,
    results: &'a [Pages<EvaluationRow>],
    listed: &'a [Pages<Resource>],
) -> impl Iterator<Item = &'a RuleRow> {
    let has_any = |rule: &RuleRow| {
        let kind: Option<ResourceType> = by_id(&rule.check).map(Check::resource_type);
        let is_judged = |one: &Resource| kind.as_ref().is_some_and(|kind| kind.as_str() == one.resource_type);
        listed.iter().flat_map(|list| &list.items).any(is_judged)
    };
    let of_rules = rules.items.iter().zip(results);
    let silent =
        of_rules.filter(move |(rule, result)| result.items.is_empty() && result.refusal.is_none() && has_any(rule));
    silent.map(|(rule, _)| rule)
}
