//! The results on the pages of AWS Config against the evaluations.

use std::collections::{HashMap, HashSet};
use std::io;

use serde::Deserialize;

use super::super::{Content, Inconsistencies};
use crate::evidence::rows::{Compliance, EVALUATIONS, EvaluationRow, Keys, Place, RULES, Text};

/// The calls that answer with results.
const OWN: &str = "config:GetComplianceDetailsByConfigRule";
const AGGREGATED: &str = "config:GetAggregateComplianceDetailsByConfigRule";

/// Whether a call answers with results.
pub(super) fn is_of_results(call: &str) -> bool {
    [OWN, AGGREGATED].contains(&call)
}

/// What was answered for a rule and a resource.
#[derive(Debug, Clone, Copy, Default)]
struct Answered {
    /// The results, one bit for each: pages overlap while a rule runs.
    words: u8,
    is_told: bool,
}

/// The results on all pages, in some 20 bytes for each rule and resource.
#[derive(Default)]
pub(super) struct Results {
    keys: Keys,
    all: HashMap<u64, Answered>,
    /// By account, Region and rule how many of `all` no evaluation told yet.
    rules: HashMap<(String, String, String), u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Question<'a> {
    #[serde(borrow)]
    config_rule_name: Text<'a>,
    account_id: Option<Text<'a>>,
    aws_region: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    #[serde(borrow, alias = "AggregateEvaluationResults", default = "Vec::new")]
    evaluation_results: Vec<One<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct One<'a> {
    #[serde(borrow)]
    evaluation_result_identifier: Option<Identifier<'a>>,
    compliance_type: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifier<'a> {
    #[serde(borrow)]
    evaluation_result_qualifier: Option<Qualifier<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Qualifier<'a> {
    #[serde(borrow)]
    config_rule_name: Option<Text<'a>>,
    resource_type: Option<Text<'a>>,
    resource_id: Option<Text<'a>>,
}

impl Results {
    /// Takes a page. `of` is the account and the Region that were asked; an aggregator was asked about others.
    pub(super) fn page(&mut self, of: (&str, &str), request: &str, body: &str) {
        let question = serde_json::from_str::<Question<'_>>(request).ok();
        let page = serde_json::from_str::<Page<'_>>(body).ok();
        let (Some(question), Some(page)) = (question, page) else { return };
        let account = question.account_id.as_ref().map_or(of.0, AsRef::as_ref);
        let region = question.aws_region.as_ref().map_or(of.1, AsRef::as_ref);
        let asked = question.config_rule_name.as_ref();
        for one in &page.evaluation_results {
            let qualifier = one.evaluation_result_identifier.as_ref();
            let qualifier = qualifier.and_then(|identifier| identifier.evaluation_result_qualifier.as_ref());
            let Some(Qualifier { config_rule_name, resource_type: Some(kind), resource_id: Some(id) }) = qualifier
            else {
                continue;
            };
            let rule = config_rule_name.as_ref().map_or(asked, AsRef::as_ref);
            let resource = self.keys.resource(account, region, (kind.as_ref(), id.as_ref()));
            let key = self.keys.result(resource, rule);
            let word = word(one.compliance_type.as_ref().map_or("", AsRef::as_ref));
            let is_first = !self.all.contains_key(&key);
            self.all.entry(key).or_default().words |= bit(word);
            if is_first {
                let of = (account.to_owned(), region.to_owned(), rule.to_owned());
                *self.rules.entry(of).or_default() += 1;
            }
        }
    }

    /// Holds them against the evaluations, which are of accounts × Regions that were asked for results.
    pub(super) fn compare(
        mut self,
        content: &Content<'_>,
        places: &[Place],
        told: &mut Inconsistencies,
    ) -> io::Result<()> {
        let has_asked = |place: &&Place| place.asked.iter().any(|asked| is_of_results(&asked.call));
        let asked: HashSet<(&str, &str)> =
            places.iter().filter(has_asked).map(|place| (place.account.as_str(), place.region.as_str())).collect();
        // A bundle of an export has it; a part of one may lack the questions too.
        let (mut unasked, is_whole) = (HashSet::new(), content.has(RULES));
        content.lines(EVALUATIONS, &mut Inconsistencies::default(), |line, _| {
            let row: EvaluationRow<Text<'_>> = serde_json::from_slice(line)?;
            let place = (row.account.as_ref(), row.region.as_ref());
            if asked.contains(&place) {
                self.row(&row, told);
            } else if is_whole && unasked.insert((place.0.to_owned(), place.1.to_owned())) {
                let (account, region) = place;
                let message = format!("has results in account {account} in {region}, which was not asked for any");
                told.tell(EVALUATIONS, message);
            }
            Ok(())
        })?;
        for ((account, region, rule), more) in self.rules.iter().filter(|(_, count)| **count > 0) {
            told.tell(
                EVALUATIONS,
                format!("lacks {more} results of `{rule}` in account {account} in {region} that AWS Config answered"),
            );
        }
        Ok(())
    }

    fn row(&mut self, row: &EvaluationRow<Text<'_>>, told: &mut Inconsistencies) {
        let (account, region, rule) = (row.account.as_ref(), row.region.as_ref(), row.rule.as_ref());
        let (kind, id) = (row.resource_type.as_ref(), row.resource_id.as_ref());
        let key = self.keys.result(self.keys.resource(account, region, (kind, id)), rule);
        let says = row.compliance_type;
        let Some(answered) = self.all.get_mut(&key) else {
            told.tell(EVALUATIONS, format!("has a result of `{rule}` for `{id}` that AWS Config did not answer"));
            return;
        };
        if answered.words & bit(says) == 0 {
            let word = says.as_str();
            told.tell(EVALUATIONS, format!("says {word} of `{rule}` for `{id}`, and AWS Config answered otherwise"));
        } else if answered.words & bit(Compliance::NonCompliant) != 0 && says != Compliance::NonCompliant {
            let word = says.as_str();
            told.tell(EVALUATIONS, format!("says {word} of `{rule}` for `{id}`, and AWS Config told of a violation"));
        }
        if !std::mem::replace(&mut answered.is_told, true)
            && let Some(count) = self.rules.get_mut(&(account.to_owned(), region.to_owned(), rule.to_owned()))
        {
            *count = count.saturating_sub(1);
        }
    }
}

fn bit(word: Compliance) -> u8 {
    match word {
        Compliance::Compliant => 1,
        Compliance::NonCompliant => 2,
        Compliance::NotApplicable => 4,
        Compliance::InsufficientData => 8,
    }
}

/// A word of AWS Config; what is none of the others says nothing.
fn word(text: &str) -> Compliance {
    match text {
        "COMPLIANT" => Compliance::Compliant,
        "NON_COMPLIANT" => Compliance::NonCompliant,
        "NOT_APPLICABLE" => Compliance::NotApplicable,
        _ => Compliance::InsufficientData,
    }
}
