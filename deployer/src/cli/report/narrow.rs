//! A report on some notebooks alone.

use std::collections::{BTreeSet, HashMap};

use rule::exemption::Pattern;
use rule::resource::ResourceId;

use crate::compliance::{Beside, Sink};
use crate::evidence::rows::{ACCOUNT_TYPE, EvaluationRow, Known, Place, Resource, RuleRow};
use crate::failure::Failure;
use crate::near::Nearest;

/// As many names are told to whoever mistook one.
const FEW: usize = 5;

/// Lets the rows of the wanted notebooks and domains pass.
pub(super) struct Narrowed<'a> {
    patterns: &'a [Pattern],
    sink: &'a mut dyn Sink,
    /// How many listed resources passed, and how many of them no check judges, by account and Region.
    passed: HashMap<(String, String), (u64, u64)>,
    /// What is known of each pattern, in their order.
    asked: Vec<Wanted<'a>>,
    /// The first names in alphabetical order, for whoever mistook one.
    names: BTreeSet<String>,
    has_more: bool,
}

/// A pattern, until something matches it.
struct Wanted<'a> {
    pattern: &'a Pattern,
    is_found: bool,
    near: Nearest,
}

/// What of a pattern is compared with names: the end of an ARN, and no stars.
fn name_of(pattern: &Pattern) -> String {
    let text = pattern.as_str();
    text.rsplit_once('/').map_or(text, |(_, name)| name).replace('*', "")
}

impl<'a> Narrowed<'a> {
    /// All pass where there is no pattern.
    pub(super) fn new(patterns: &'a [Pattern], sink: &'a mut dyn Sink) -> Self {
        let wanted = |pattern: &'a Pattern| Wanted { pattern, is_found: false, near: Nearest::new(&name_of(pattern)) };
        let asked = patterns.iter().map(wanted).collect();
        Self { patterns, sink, passed: HashMap::new(), asked, names: BTreeSet::new(), has_more: false }
    }

    /// Tells of each pattern that nothing matched, with what may be meant and what there is.
    pub(super) fn unmatched(&self) -> Vec<String> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let there = match (names.as_slice(), self.has_more) {
            ([], _) => "there is none in what was read".to_owned(),
            (all, false) => format!("there are: {}", all.join(", ")),
            (first, true) => format!("there are {} and more", first.join(", ")),
        };
        let missed = self.asked.iter().filter(|one| !one.is_found);
        let words = |one: &Wanted<'_>| {
            let meant = one.near.meant();
            let end = if meant.is_empty() { "; " } else { " " };
            format!("--notebook {} matches no notebook or domain{meant}{end}{there}", one.pattern)
        };
        missed.map(words).collect()
    }

    fn passes(&mut self, name: Option<&str>, id: &str) -> bool {
        if self.patterns.is_empty() {
            return true;
        }
        let Ok(parsed) = id.parse::<ResourceId>() else { return false };
        let name = name.unwrap_or(id);
        let mut passes = false;
        for one in &mut self.asked {
            let matches = one.pattern.matches(name, &parsed);
            passes |= matches;
            one.is_found |= matches;
            if !one.is_found {
                one.near.look(name);
            }
        }
        if !passes {
            self.keep(name);
        }
        passes
    }

    fn keep(&mut self, name: &str) {
        if self.names.contains(name) {
            return;
        }
        self.names.insert(name.to_owned());
        if self.names.len() > FEW {
            self.names.pop_last();
            self.has_more = true;
        }
    }
}

impl Sink for Narrowed<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        if !self.passes(resource.name.as_deref(), &resource.resource_id) {
            return Ok(());
        }
        if !self.patterns.is_empty() && resource.known == Known::Listed {
            let passed = self.passed.entry((resource.account.clone(), resource.region.clone())).or_default();
            passed.0 += 1;
            passed.1 += u64::from(resource.not_judged.is_some());
        }
        self.sink.resource(resource)
    }

    fn beside(&mut self, beside: &Beside) {
        self.sink.beside(beside);
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.sink.rule(rule)
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        // That of an account without notebooks is no notebook's.
        let is_wanted = self.patterns.is_empty()
            || (row.resource_type != ACCOUNT_TYPE && self.passes(row.notebook.as_deref(), &row.resource_id));
        if is_wanted { self.sink.evaluation(row) } else { Ok(()) }
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        if self.patterns.is_empty() {
            return self.sink.place(place);
        }
        let (resources, not_judged) =
            self.passed.remove(&(place.account.clone(), place.region.clone())).unwrap_or_default();
        self.sink.place(&Place { resources, not_judged, ..place.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Sink for Nothing {
        fn resource(&mut self, _: &Resource) -> Result<(), Failure> {
            Ok(())
        }

        fn evaluation(&mut self, _: &EvaluationRow) -> Result<(), Failure> {
            Ok(())
        }

        fn place(&mut self, _: &Place) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn told(patterns: &[&str], names: &[&str]) -> Vec<String> {
        let patterns: Vec<Pattern> = patterns.iter().map(|one| one.parse().unwrap()).collect();
        let mut nothing = Nothing;
        let mut narrowed = Narrowed::new(&patterns, &mut nothing);
        for name in names {
            let id = format!("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/{name}");
            let one = serde_json::json!({"account": "111122223333", "region": "eu-west-1", "resourceId": id,
                "resourceType": "AWS::SageMaker::NotebookInstance", "name": name, "known": "listed"});
            narrowed.resource(&serde_json::from_value(one).unwrap()).unwrap();
        }
        narrowed.unmatched()
    }

    #[test]
    fn a_pattern_that_nothing_matches_is_told_with_what_there_is() {
        let names = ["fraud", "ledger", "vendor"];
        assert_eq!(told(&["fraud", "l*"], &names), Vec::<String>::new());
        assert_eq!(
            told(&["fraud", "fruad"], &names),
            ["--notebook fruad matches no notebook or domain; did you mean `fraud`? there are: ledger, vendor"]
        );
        assert_eq!(told(&["x*"], &[]), ["--notebook x* matches no notebook or domain; there is none in what was read"]);
        let many = ["a1", "a2", "a3", "a4", "a5", "a6"];
        let end = "matches no notebook or domain; there are a1, a2, a3, a4, a5 and more";
        assert_eq!(told(&["nothing-like-it"], &many), [format!("--notebook nothing-like-it {end}")]);
    }
}
