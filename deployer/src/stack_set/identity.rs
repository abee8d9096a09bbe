//! The ids of our operations. CloudFormation begins an operation once for each id, so that the id is what keeps a run
//! that was interrupted from doing the same twice.
//!
//! An id is `ng-KIND-WHAT-SINCE`: WHAT is a digest of what the operation does, SINCE one of the operation that had ended
//! last. The same command comes to the same id as long as its operation did not end, and to another afterwards.

use sha2::{Digest as _, Sha256};

use super::ID_PREFIX;
use super::task::Task;
use crate::digest::hexadecimal;
use crate::organization::plan::Filter;

/// Hexadecimal digits of each digest.
const DIGITS: usize = 16;

/// What operations are about besides what they do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The administrator account.
    pub(crate) administrator: &'a str,
    /// The StackSet.
    pub(crate) set: &'a str,
    /// The digest of template and parameters that the StackSet has, or gets.
    pub(crate) settings: &'a str,
}

/// The first part of an id: the same for all operations that do the same.
pub(super) fn what(subject: Subject<'_>, task: &Task<'_>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    for part in [subject.administrator, subject.set, subject.settings, task.kind()] {
        add(part);
    }
    add(match task {
        Task::AutoDeployment { on: true, .. } => "on",
        Task::Remove { retains_stacks: true, .. } => "retain",
        Task::AutoDeployment { .. } | Task::Remove { .. } | Task::Update { .. } | Task::Add(_) => "",
    });
    if let Some(place) = task.place() {
        add(match place.chunk.filter {
            Filter::None => "none",
            Filter::Intersection => "intersection",
            Filter::Difference => "difference",
        });
        for list in [place.regions, &place.chunk.units, &place.chunk.accounts] {
            add(&list.len().to_string());
            for part in list {
                add(part);
            }
        }
    }
    format!("{ID_PREFIX}{}-{}-", task.kind(), short(hash))
}

/// The whole id.
pub(super) fn id(what: &str, since: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update(since.unwrap_or_default());
    format!("{what}{}", short(hash))
}

fn short(hash: Sha256) -> String {
    hexadecimal(&hash.finalize()).chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::task::Where;
    use super::*;
    use crate::organization::plan::Chunk;

    const SUBJECT: Subject<'_> =
        Subject { administrator: "111122223333", set: "notebook-guard", settings: "0123456789abcdef" };

    fn chunk(units: &[&str], accounts: &[&str], filter: Filter) -> Chunk {
        let list = |list: &[&str]| list.iter().map(|id| (*id).to_owned()).collect();
        Chunk { units: list(units), accounts: list(accounts), filter }
    }

    fn add(chunk: &Chunk, regions: &[&str]) -> String {
        let regions: Vec<String> = regions.iter().map(|region| (*region).to_owned()).collect();
        what(SUBJECT, &Task::Add(Where { chunk, regions: &regions }))
    }

    #[test]
    fn an_id_is_what_cloudformation_takes() {
        let id = id(&add(&chunk(&["ou-1"], &[], Filter::None), &["eu-west-1"]), Some("x"));
        assert!(id.len() <= 128 && id.starts_with("ng-add-"), "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{id}");
    }

    #[test]
    fn the_same_is_the_same_until_something_ended() {
        let one = add(&chunk(&["ou-1"], &[], Filter::None), &["eu-west-1"]);
        assert_eq!(one, add(&chunk(&["ou-1"], &[], Filter::None), &["eu-west-1"]));
        assert_eq!(id(&one, Some("a")), id(&one, Some("a")));
        assert_ne!(id(&one, Some("a")), id(&one, Some("b")));
        assert_ne!(id(&one, None), id(&one, Some("b")));
    }

    #[test]
    fn whatever_differs_in_the_work_differs_in_the_id() {
        let some = [
            add(&chunk(&["ou-1"], &[], Filter::None), &["eu-west-1"]),
            add(&chunk(&["ou-1", "ou-2"], &[], Filter::None), &["eu-west-1"]),
            add(&chunk(&["ou-1"], &["1"], Filter::Intersection), &["eu-west-1"]),
            add(&chunk(&["ou-1"], &["1"], Filter::Difference), &["eu-west-1"]),
            add(&chunk(&["ou-1"], &[], Filter::None), &["eu-west-1", "us-east-1"]),
            // A Region is no unit, however the lists are cut.
            add(&chunk(&["us-east-1", "ou-1"], &[], Filter::None), &["eu-west-1"]),
        ];
        let different: std::collections::BTreeSet<&String> = some.iter().collect();
        assert_eq!(different.len(), some.len());
        let list = vec!["eu-west-1".to_owned()];
        let chunk = chunk(&["ou-1"], &[], Filter::None);
        let from = Where { chunk: &chunk, regions: &list };
        assert_ne!(
            what(SUBJECT, &Task::Remove { from, retains_stacks: false }),
            what(SUBJECT, &Task::Remove { from, retains_stacks: true })
        );
        assert_ne!(what(SUBJECT, &Task::Add(from)), what(Subject { settings: "other", ..SUBJECT }, &Task::Add(from)));
    }
}
