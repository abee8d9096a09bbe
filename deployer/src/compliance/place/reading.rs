//! How far a place was read, in words.

use std::collections::{BTreeMap, HashSet};

use rule::check::Check;
use rule::resource::ResourceType;

use super::super::beside::Beside;
use super::super::lacking::{Counts, Judged, named};
use super::super::pages::Pages;
use super::super::result::key;
use super::Wanted;
use super::rules::by_id;
use super::state::State;
use crate::aws::AwsRefusal;
use crate::evidence::rows::{EvaluationRow, Reading, Resource, RuleRow};

/// All that was read of a place.
pub(super) struct Seen<'a> {
    pub(super) rules: &'a Pages<RuleRow>,
    /// What else is installed.
    pub(super) beside: &'a Beside,
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
        gaps.extend(told_refused(refusals.chain(self.listed.iter().filter_map(|list| list.refusal.as_ref()))));
        if self.rules.refusal.is_none() && self.rules.items.is_empty() {
            gaps.push(self.no_rule());
        }
        gaps.extend(self.told_absent());
        gaps.extend(self.told_silent());
        gaps.extend(self.told_lacking());
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
        let installed = self.beside.checks();
        if installed.is_empty() {
            let other = self.beside.prefixes().map(|other| format!("; {other}")).unwrap_or_default();
            return format!("no rule of {} ({recorder}){other}{unjudged}", self.wanted.prefix);
        }
        let ids = |checks: &[&'static Check]| checks.iter().map(|check| check.id).collect::<Vec<_>>();
        let (wanted, installed) = (ids(&self.wanted.checks), ids(&installed));
        format!("no rule of {}; the checks installed there are {}{unjudged}", named(&wanted), installed.join(", "))
    }

    fn told_silent(&self) -> Option<String> {
        let silent: Vec<&RuleRow> = silent(self.rules, self.results, self.listed).collect();
        let first = silent.first()?;
        let names: Vec<&str> = silent.iter().map(|rule| rule.check.as_str()).collect();
        let why = self.state.map_or("", |state| state.run(&first.rule));
        let recorder = self.state.map_or("", |state| state.recorder.as_str());
        Some(format!("no result of {}: {why}; {recorder}", named(&names)))
    }

    /// The checks that are to judge here and have no rule.
    fn told_absent(&self) -> Option<String> {
        if self.rules.refusal.is_some() || self.rules.items.is_empty() {
            return None;
        }
        let expected = self.wanted.expected.iter().flatten();
        let absent: Vec<&str> = expected
            .map(|check| check.id)
            .filter(|id| self.rules.items.iter().all(|rule| rule.check != **id))
            .collect();
        (!absent.is_empty()).then(|| format!("no rule of {}", named(&absent)))
    }

    /// What the checks did not judge that have results. Why a rule has none at all is told apart.
    fn told_lacking(&self) -> Vec<String> {
        let mut judged = Judged { listed: Counts::default(), results: BTreeMap::new() };
        let mut listed = HashSet::new();
        for one in self.listed.iter().flat_map(|list| &list.items) {
            judged.listed.add(&one.resource_type, false);
            listed.insert(key(&one.resource_type, &one.resource_id));
        }
        let mut refused = HashSet::new();
        for (rule, result) in self.rules.items.iter().zip(self.results) {
            if result.refusal.is_some() {
                refused.insert(rule.check.as_str());
            }
            for row in &result.items {
                let of_check = judged.results.entry(rule.check.as_str()).or_default();
                of_check.extend(Some(key(&row.resource_type, &row.resource_id)).filter(|key| listed.contains(key)));
            }
        }
        let checks = judged.results.keys().filter(|id| !refused.contains(*id)).filter_map(|id| by_id(id));
        judged.lacking(checks)
    }
}

/// Each call once, although it may have been refused for many rules. Calls that are not allowed come together: one
/// policy lacks all of them.
fn told_refused<'a>(refusals: impl Iterator<Item = &'a AwsRefusal>) -> Vec<String> {
    let mut known: Vec<&AwsRefusal> = Vec::new();
    for refusal in refusals {
        if known.iter().all(|other| (&other.call, &other.code) != (&refusal.call, &refusal.code)) {
            known.push(refusal);
        }
    }
    let is_lacking = |refusal: &&AwsRefusal| refusal.is_denied() && !refusal.is_denied_by_scp();
    let (lacking, others): (Vec<&AwsRefusal>, Vec<&AwsRefusal>) = known.into_iter().partition(is_lacking);
    let calls: Vec<&str> = lacking.iter().map(|refusal| refusal.call.as_str()).collect();
    let lacking = match lacking.as_slice() {
        [] => None,
        [only] => Some(format!("{} ({ALLOW})", only.words())),
        [first, ..] => {
            let code = first.code.as_deref().unwrap_or_default();
            Some(format!("{code} for {} in {} ({ALLOW})", calls.join(", "), first.region))
        }
    };
    lacking.into_iter().chain(others.into_iter().map(AwsRefusal::words)).collect()
}

/// What to do about calls that are not allowed.
const ALLOW: &str = "`deployer render operator-policy --purpose report` prints what has to be allowed";

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

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(call: &str, code: &str, message: &str) -> AwsRefusal {
        AwsRefusal {
            call: call.to_owned(),
            region: "eu-west-1".to_owned(),
            code: Some(code.to_owned()),
            message: message.to_owned(),
            request_id: None,
        }
    }

    #[test]
    fn calls_that_are_not_allowed_are_told_together_and_once() {
        let (results, list) = ("config:GetComplianceDetailsByConfigRule", "sagemaker:ListDomains");
        let denied = [
            refusal(results, "AccessDeniedException", "not on config-rule-1"),
            refusal(results, "AccessDeniedException", "not on config-rule-2"),
            refusal(list, "AccessDeniedException", "no"),
            refusal("sagemaker:ListNotebookInstances", "ThrottlingException", "later"),
        ];
        let told = told_refused(denied.iter());
        let expected = format!("AccessDeniedException for {results}, {list} in eu-west-1 ({ALLOW})");
        assert_eq!(told.first(), Some(&expected));
        assert_eq!(told.len(), 2, "{told:?}");
        let told = told_refused(denied.iter().take(2));
        assert_eq!(told, [format!("{results} in eu-west-1: AccessDeniedException: not on config-rule-1 ({ALLOW})")]);
    }
}
