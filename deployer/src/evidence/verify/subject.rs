//! What a bundle is about, in words.

use serde_json::{Map, Value};

use crate::evidence::plain::short;
use crate::evidence::words::of_name;

/// The longest line.
const LONGEST: usize = 300;

/// What the manifest says that the bundle is about, a line for each thing. What `deployer` writes has an order and
/// words; whatever else is there follows with the words of its name.
pub(super) fn lines(subject: &Map<String, Value>) -> Vec<String> {
    const KNOWN: [(&str, &str); 6] = [
        ("scope", "scope"),
        ("source", "read through"),
        ("asked", "asked for"),
        ("limits", "not seen"),
        ("exportedBy", "exported by"),
        ("exemptions", "exemptions of"),
    ];
    let mut lines = Vec::new();
    for (name, words) in KNOWN {
        match subject.get(name) {
            Some(Value::Array(all)) if all.is_empty() && name == "asked" => {
                lines.push(format!("{words}: everything in scope"));
            }
            Some(value) => leaves(&mut lines, words, value),
            None => {}
        }
    }
    lines.extend(span(subject.get("period"), ("from", "to")).map(|period| format!("period: {period}")));
    lines.extend(span_of(subject, ("began", "ended")).map(|read| format!("read: {read}")));
    let is_told = |name: &str| {
        KNOWN.iter().any(|(known, _)| *known == name)
            || (name == "period" && span(subject.get(name), ("from", "to")).is_some())
            || (["began", "ended"].contains(&name) && span_of(subject, ("began", "ended")).is_some())
    };
    for (name, value) in subject.iter().filter(|(name, _)| !is_told(name)) {
        leaves(&mut lines, &of_name(name), value);
    }
    lines
}

fn span(value: Option<&Value>, names: (&str, &str)) -> Option<String> {
    span_of(value?.as_object()?, names)
}

fn span_of(members: &Map<String, Value>, (from, to): (&str, &str)) -> Option<String> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    Some(short(&format!("from {} to {}", text(from)?, text(to)?), LONGEST))
}

fn leaves(lines: &mut Vec<String>, words: &str, value: &Value) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                leaves(lines, &format!("{words}, {}", of_name(member)), value);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| leaves(lines, words, value)),
        Value::Null => {}
        Value::String(text) => lines.push(short(&format!("{words}: {text}"), LONGEST)),
        Value::Bool(_) | Value::Number(_) => lines.push(short(&format!("{words}: {value}"), LONGEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(subject: &Value) -> Vec<String> {
        lines(subject.as_object().unwrap())
    }

    #[test]
    fn what_an_export_is_about_is_told_in_words() {
        let subject = json!({"scope": "organization o-1, 2 accounts × eu-west-1", "source": "role Audit", "asked": [],
            "limits": [], "exportedBy": "arn", "exemptions": "the artifact a.zip", "began": "A", "ended": "B",
            "period": {"from": "C", "to": "D"}});
        assert_eq!(
            told(&subject),
            [
                "scope: organization o-1, 2 accounts × eu-west-1",
                "read through: role Audit",
                "asked for: everything in scope",
                "exported by: arn",
                "exemptions of: the artifact a.zip",
                "period: from C to D",
                "read: from A to B",
            ]
        );
        let narrow = json!({"asked": ["check root-access", "account 1"], "limits": ["one", "two"]});
        let expected = ["asked for: check root-access", "asked for: account 1", "not seen: one", "not seen: two"];
        assert_eq!(told(&narrow), expected);
    }

    #[test]
    fn what_nobody_knows_is_told_with_the_words_of_its_name() {
        let subject = json!({"scope": {"organization": "o-1", "accountCount": 2}, "writtenFor": "x", "period": "all",
            "empty": [], "none": null});
        let expected = ["scope, organization: o-1", "scope, account count: 2", "period: all", "written for: x"];
        let mut told = told(&subject);
        told.sort_by_key(|line| expected.iter().position(|one| one == line));
        assert_eq!(told, expected);
    }
}
