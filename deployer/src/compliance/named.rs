//! Which rules are ours: a name says so, whoever made the rule.

use rule::check::{ALL, Check};

use crate::names::{Names, is_prefix};

/// What a conformance pack puts between a rule's name and an id
/// (<https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html>).
const OF_PACK: &str = "-conformance-pack-";

/// The check of a rule of this name, if it is of the installation with this prefix.
pub(crate) fn check_of(rule: &str, prefix: &str) -> Option<&'static Check> {
    let names = Names { prefix, account: "", partition: "" };
    let is_named = |check: &&Check| {
        rule.strip_prefix(&names.rule(check)).is_some_and(|rest| rest.is_empty() || rest.starts_with(OF_PACK))
    };
    ALL.into_iter().filter(is_named).max_by_key(|check| check.id.len())
}

/// The prefix of a rule that is named as ours are, whatever the prefix.
pub(super) fn other_prefix(rule: &str) -> Option<&str> {
    let bare = rule.rsplit_once(OF_PACK).map_or(rule, |(bare, _)| bare);
    let prefix = |check: &Check| bare.strip_suffix(check.id)?.strip_suffix('-');
    ALL.into_iter().find_map(prefix).filter(|prefix| is_prefix(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_check() {
        let check = |rule: &str| check_of(rule, "guard").map(|check| check.id);
        assert_eq!(check("guard-root-access"), Some("root-access"));
        assert_eq!(check("guard-root-access-conformance-pack-ab12cd34e"), Some("root-access"));
        for foreign in ["guard-root-accessible", "notebook-guard-root-access", "guard-everything", "guard-"] {
            assert_eq!(check(foreign), None, "{foreign}");
        }
    }
}
