//! Every result is by a rule that is told of, and every rule's function is held against its artifact.

use std::collections::HashSet;
use std::io;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{EVALUATIONS, EvaluationRow, FUNCTIONS, FunctionRow, RULES, RuleRow, Text};

/// Results, rules and functions are about the same. An aggregator tells of no rules: then there is nothing to hold.
#[derive(Debug)]
pub(super) struct Judges;

impl ContentCheck for Judges {
    fn name(&self) -> &'static str {
        "judges"
    }

    fn promise(&self) -> &'static str {
        "every result is by a rule that is told of, and every rule's function is held against its artifact"
    }

    fn about(&self) -> &'static [&'static str] {
        &[FUNCTIONS]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[FUNCTIONS, RULES, EVALUATIONS]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let (mut rules, mut due) = (HashSet::new(), HashSet::new());
        content.rows(RULES, told, |row: RuleRow, told| {
            let place = format!("account {} in {}", row.account, row.region);
            if !row.function.is_empty() {
                due.insert((row.account.clone(), row.region.clone(), row.function));
            }
            if !rules.insert((row.account, row.region, row.rule.clone())) {
                told.tell(RULES, format!("has the rule `{}` of {place} twice", row.rule));
            }
        })?;
        content.rows(FUNCTIONS, told, |row: FunctionRow, told| {
            if row.agrees != row.agreement() {
                told.tell(FUNCTIONS, format!("says of `{}` what its two digests do not", row.function));
            }
            if !due.remove(&(row.account, row.region, row.function.clone())) {
                told.tell(
                    FUNCTIONS,
                    format!("has the function `{}`, which no rule there invokes, or has it twice", row.function),
                );
            }
        })?;
        for (account, region, function) in due {
            told.tell(FUNCTIONS, format!("lacks the function `{function}` of account {account} in {region}"));
        }
        if rules.is_empty() {
            return Ok(());
        }
        // Lines that cannot be read are told by the reconciliation.
        let mut foreign: HashSet<(String, String, String)> = HashSet::new();
        content.lines(EVALUATIONS, &mut Inconsistencies::default(), |line, _| {
            let row: EvaluationRow<Text<'_>> = serde_json::from_slice(line)?;
            let text = |text: &Text<'_>| text.as_ref().to_owned();
            let by = (text(&row.account), text(&row.region), text(&row.rule));
            if !rules.contains(&by) {
                foreign.insert(by);
            }
            Ok(())
        })?;
        for (account, region, rule) in foreign {
            told.tell(
                EVALUATIONS,
                format!("has results by `{rule}` of account {account} in {region}, which is no rule there"),
            );
        }
        Ok(())
    }
}
