//! What a part of a template refers to, and the order that follows from it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A mention of a parameter, a resource, or an attribute of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    pub(super) name: String,
    pub(super) attribute: Option<String>,
}

/// Everything that a value mentions, pseudo parameters left out.
pub(super) fn mentions(value: &Value) -> BTreeSet<Mention> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found.retain(|mention| !mention.name.starts_with("AWS::"));
    found
}

fn collect(value: &Value, found: &mut BTreeSet<Mention>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (name, inner) in members {
                match (name.as_str(), inner) {
                    ("Ref", Value::String(name)) if members.len() == 1 => {
                        found.insert(Mention { name: name.clone(), attribute: None });
                    }
                    ("Fn::GetAtt", _) => {
                        found.extend(attribute(inner));
                        collect(inner, found);
                    }
                    ("Fn::Sub", _) => {
                        found.extend(substituted(inner));
                        collect(inner, found);
                    }
                    _ => collect(inner, found),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The resource and attribute of a `Fn::GetAtt`, in either of its forms.
pub(super) fn attribute(value: &Value) -> Option<Mention> {
    let (name, attribute) = match value {
        Value::String(path) => path.split_once('.')?,
        Value::Array(parts) => (parts.first()?.as_str()?, parts.get(1)?.as_str()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    Some(Mention { name: name.to_owned(), attribute: Some(attribute.to_owned()) })
}

fn substituted(value: &Value) -> Vec<Mention> {
    let (text, own) = match value {
        Value::String(text) => (text.as_str(), None),
        Value::Array(parts) => (parts.first().and_then(Value::as_str).unwrap_or_default(), parts.get(1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Vec::new(),
    };
    let mine = |name: &str| own.and_then(|own| own.get(name)).is_some();
    let names = pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Variable(name) if !mine(&name) => Some(name),
        Piece::Variable(_) | Piece::Text(_) => None,
    });
    names
        .map(|name| match name.split_once('.') {
            Some((resource, attribute)) => Mention { name: resource.to_owned(), attribute: Some(attribute.to_owned()) },
            None => Mention { name, attribute: None },
        })
        .collect()
}

/// A part of the text of a `Fn::Sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable(String),
}

/// The text of a `Fn::Sub`, taken apart. `${!Literal}` is the text `${Literal}`.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pieces.push(Piece::Text(before.to_owned()));
        let Some((name, after)) = after.split_once('}') else {
            pieces.push(Piece::Text(format!("${{{after}")));
            return pieces;
        };
        pieces.push(match name.strip_prefix('!') {
            Some(literal) => Piece::Text(format!("${{{literal}}}")),
            None => Piece::Variable(name.trim().to_owned()),
        });
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

/// What each resource waits for.
pub(super) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The resources of a graph in waves: each wave waits only for those before it.
///
/// # Errors
/// The resources that wait for each other.
pub(super) fn waves(graph: &Graph) -> Result<Vec<Vec<String>>, Vec<String>> {
    let mut left: Graph = graph.clone();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let waits = |names: &BTreeSet<String>| names.iter().any(|name| left.contains_key(name));
        let wave: Vec<String> = left.iter().filter(|(_, names)| !waits(names)).map(|(name, _)| name.clone()).collect();
        if wave.is_empty() {
            return Err(circle(&left));
        }
        left.retain(|name, _| !wave.contains(name));
        waves.push(wave);
    }
    Ok(waves)
}

/// Those of a graph without a first wave that are in a circle, not only behind one.
fn circle(left: &Graph) -> Vec<String> {
    let mut left = left.clone();
    loop {
        let needed: BTreeSet<String> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|name, _| needed.contains(name));
        if left.len() == before {
            return left.into_keys().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_forms_of_mentions_are_found() {
        let value = json!({
            "a": {"Ref": "P"}, "b": {"Fn::GetAtt": ["R", "Arn"]}, "c": {"Fn::GetAtt": "S.Arn"},
            "d": {"Fn::Sub": "${T}-${U.Arn}-${!V}-${AWS::Region}"},
            "e": {"Fn::Sub": ["${W}${X}", {"W": {"Ref": "Y"}}]},
        });
        let names: Vec<String> = mentions(&value).into_iter().map(|mention| mention.name).collect();
        assert_eq!(names, ["P", "R", "S", "T", "U", "X", "Y"]);
    }

    #[test]
    fn waves_follow_and_circles_are_named() {
        let graph = |pairs: &[(&str, &[&str])]| -> Graph {
            let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            pairs.iter().map(|(name, names)| ((*name).to_owned(), set(names))).collect()
        };
        let ordered = waves(&graph(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])])).unwrap();
        assert_eq!(ordered, [["a"], ["b"], ["c"]]);
        let circular = waves(&graph(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &[])])).unwrap_err();
        assert_eq!(circular, ["a", "b"]);
    }
}
