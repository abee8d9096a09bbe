//! What is installed besides what is wanted: it tells whoever mistook a check or the prefix what there is.

use std::collections::BTreeSet;

use rule::check::{ALL, Check};

use super::Wanted;
use super::named::{check_of, other_prefix};

/// The most other prefixes that are kept: rules of other people may look like ours.
const MOST: usize = 5;

/// Rules of ours that are not wanted, and rules that look like ours under another prefix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// The checks that have a rule of this installation and are not wanted, by id.
    checks: BTreeSet<&'static str>,
    /// Other prefixes.
    prefixes: BTreeSet<String>,
}

impl Beside {
    /// Looks at the name of a rule.
    pub(super) fn look(&mut self, rule: &str, wanted: &Wanted) {
        match check_of(rule, &wanted.prefix) {
            Some(check) if wanted.checks.iter().all(|wanted| wanted.id != check.id) => {
                self.checks.insert(check.id);
            }
            Some(_) => {}
            None => self.prefixes.extend(other_prefix(rule).filter(|_| self.prefixes.len() < MOST).map(str::to_owned)),
        }
    }

    /// Adds what is somewhere else.
    pub(crate) fn add(&mut self, other: &Self) {
        self.checks.extend(&other.checks);
        self.prefixes.extend(other.prefixes.iter().cloned());
        while self.prefixes.len() > MOST {
            self.prefixes.pop_last();
        }
    }

    /// The checks that are there and not wanted, in the order of the registry.
    pub(crate) fn checks(&self) -> Vec<&'static Check> {
        ALL.into_iter().filter(|check| self.checks.contains(check.id)).collect()
    }

    /// `rules of the prefix guard are there (--prefix guard)`, if there are such rules and none of this prefix.
    pub(crate) fn prefixes(&self) -> Option<String> {
        let names: Vec<&str> = self.prefixes.iter().map(String::as_str).collect();
        match names.as_slice() {
            [] => None,
            _ if !self.checks.is_empty() => None,
            [only] => Some(format!("rules of the prefix {only} are there (--prefix {only})")),
            [first, ..] => Some(format!("rules of the prefixes {} are there (--prefix {first})", names.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use rule::check::{IMDS_V2, ROOT_ACCESS};
    use time::macros::date;

    use super::*;

    fn beside(rules: &[&str]) -> Beside {
        let mut beside = Beside::default();
        let wanted = Wanted { checks: vec![&IMDS_V2], ..Wanted::all("guard", date!(2026 - 11 - 23)) };
        for rule in rules {
            beside.look(rule, &wanted);
        }
        beside
    }

    #[test]
    fn rules_that_are_not_wanted_are_known_by_their_checks() {
        let beside = beside(&["guard-root-access", "guard-imds-v2", "other-root-access"]);
        assert_eq!(beside.checks().iter().map(|check| check.id).collect::<Vec<_>>(), [ROOT_ACCESS.id]);
        assert_eq!(beside.prefixes(), None, "it is the check that is missing, and not the installation");
    }

    #[test]
    fn rules_of_another_prefix_are_told_where_there_are_none_of_this() {
        let prefixes = |rules: &[&str]| beside(rules).prefixes();
        assert_eq!(
            prefixes(&["nbg-root-access", "nbg-imds-v2-conformance-pack-abc", "s3-public"]).as_deref(),
            Some("rules of the prefix nbg are there (--prefix nbg)")
        );
        assert_eq!(
            prefixes(&["a1-root-access", "b1-imds-v2"]).as_deref(),
            Some("rules of the prefixes a1, b1 are there (--prefix a1)")
        );
        assert_eq!(prefixes(&["sagemaker-notebook-instance-root-access", "s3-public"]), None);
    }
}
