//! Which checks did not judge all that they are there for.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

use rule::check::Check;
use rule::resource::ResourceType;

/// The most checks that are told of one by one.
const MOST: usize = 3;

/// What there is in a place, and what of it each check judged.
#[derive(Debug)]
pub(super) struct Judged<'a, K> {
    /// The notebooks and domains that are listed.
    pub(super) listed: Counts,
    /// Those of them with a result, by check.
    pub(super) results: BTreeMap<&'a str, HashSet<K>>,
}

/// How many notebooks and domains there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) notebooks: u32,
    pub(super) domains: u32,
    /// Those of them that no check judges.
    pub(super) not_judged: u32,
}

impl Counts {
    pub(super) fn add(&mut self, resource_type: &str, is_beyond: bool) {
        self.not_judged += u32::from(is_beyond);
        if resource_type == ResourceType::DOMAIN.as_str() {
            self.domains += 1;
        } else {
            self.notebooks += 1;
        }
    }

    pub(super) fn sum(self) -> u32 {
        self.notebooks + self.domains
    }

    /// How many of what a check judges, and its name.
    fn of(self, check: &Check) -> (usize, &'static str) {
        let (count, one, many) = if check.resource_type() == ResourceType::DOMAIN {
            (self.domains, "Studio domain", "Studio domains")
        } else {
            (self.notebooks, "notebook", "notebooks")
        };
        (usize::try_from(count).unwrap_or(usize::MAX), if count == 1 { one } else { many })
    }
}

impl<K: Eq + Hash> Judged<'_, K> {
    /// Tells of these checks, one sentence for those that lack as many: `no result of imds-v2, root-access for 1 of 3
    /// notebooks`.
    pub(super) fn lacking<'c>(&self, checks: impl Iterator<Item = &'c Check>) -> Vec<String> {
        let mut groups: BTreeMap<(usize, usize, &str), Vec<&str>> = BTreeMap::new();
        for check in checks {
            let (all, noun) = self.listed.of(check);
            let lack = all.saturating_sub(self.results.get(check.id).map_or(0, HashSet::len));
            if lack > 0 {
                groups.entry((lack, all, noun)).or_default().push(check.id);
            }
        }
        let words = |((lack, all, noun), checks): ((usize, usize, &str), Vec<&str>)| {
            format!("no result of {} for {lack} of {all} {noun}", named(&checks))
        };
        groups.into_iter().rev().map(words).collect()
    }
}

/// The first of the names, and how many more there are.
pub(super) fn named(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().copied().take(MOST).collect();
    let more = names.len().saturating_sub(MOST);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use rule::check::{IMDS_V2, INSIDE_VPC, ROOT_ACCESS, STUDIO_VPC_ONLY};

    use super::*;

    #[test]
    fn each_check_has_to_have_judged_everything() {
        let results = [("root-access", vec![1, 2, 3]), ("inside-vpc", vec![2])];
        let results = results.map(|(check, of)| (check, of.into_iter().collect::<HashSet<i32>>()));
        let judged = Judged {
            listed: Counts { notebooks: 3, domains: 1, not_judged: 0 },
            results: results.into_iter().collect(),
        };
        assert_eq!(judged.lacking([&ROOT_ACCESS].into_iter()), [""; 0]);
        assert_eq!(
            judged.lacking([&ROOT_ACCESS, &INSIDE_VPC, &IMDS_V2, &STUDIO_VPC_ONLY].into_iter()),
            [
                "no result of imds-v2 for 3 of 3 notebooks",
                "no result of inside-vpc for 2 of 3 notebooks",
                "no result of studio-vpc-only for 1 of 1 Studio domain",
            ]
        );
    }
}
