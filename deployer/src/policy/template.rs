//! Parts of a template as CloudFormation would work them out. It knows the intrinsic functions that lead to the role's
//! policy and refuses every other, so that nothing is ever printed that the stack would not have.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// A template with the values of its parameters, pseudo parameters and attributes.
#[derive(Debug)]
pub(super) struct Resolver {
    template: Value,
    values: BTreeMap<String, String>,
}

impl Resolver {
    /// Reads a template. `values` are found by the names that `!Ref`, `!Sub` and `!GetAtt` use.
    pub(super) fn new(text: &str, values: BTreeMap<String, String>) -> Result<Self, String> {
        Ok(Self { template: parse(text)?, values })
    }

    /// What stands at a path, worked out.
    pub(super) fn at(&self, path: &[&str]) -> Result<Value, String> {
        let none = || format!("there is nothing at {}", path.join("."));
        let found = self.find(path).ok_or_else(none)?;
        self.resolved(found)?.ok_or_else(none)
    }

    fn find(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.template, |value, key| match value.as_array() {
            Some(items) => items.get(key.parse::<usize>().ok()?),
            None => value.get(*key),
        })
    }

    /// Nothing for `AWS::NoValue`, which takes its member or item away.
    fn resolved(&self, value: &Value) -> Result<Option<Value>, String> {
        match value {
            Value::Array(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.resolved(item)).collect();
                Ok(Some(Value::Array(items?.into_iter().flatten().collect())))
            }
            Value::Object(members) => match function(members) {
                Some((name, argument)) => self.called(name, argument),
                None => self.members(members).map(Some),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Some(value.clone())),
        }
    }

    fn members(&self, members: &Map<String, Value>) -> Result<Value, String> {
        let mut out = Map::new();
        for (key, value) in members {
            if let Some(value) = self.resolved(value)? {
                out.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(out))
    }

    fn called(&self, name: &str, argument: &Value) -> Result<Option<Value>, String> {
        match (name, argument) {
            ("!Ref", Value::String(target)) if target == "AWS::NoValue" => Ok(None),
            ("!Ref" | "!GetAtt", Value::String(target)) => self.value(target).map(|text| Some(Value::from(text))),
            ("!Sub", Value::String(text)) => self.substituted(text).map(|text| Some(Value::from(text))),
            ("!If", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(condition), yes, no] => self.resolved(if self.condition(condition)? { yes } else { no }),
                _ => Err("an !If has three parts".to_owned()),
            },
            _ => Err(format!("{name} is not known here")),
        }
    }

    fn value(&self, name: &str) -> Result<&str, String> {
        self.values.get(name).map(String::as_str).ok_or_else(|| format!("the value of {name} is not known here"))
    }

    fn substituted(&self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text} has no end of a name"))?;
            out.push_str(before);
            out.push_str(self.value(name)?);
            rest = after;
        }
        Ok(out + rest)
    }

    fn condition(&self, name: &str) -> Result<bool, String> {
        let unknown = || format!("the condition {name} is not known here");
        let Some(Value::Object(members)) = self.find(&["Conditions", name]) else { return Err(unknown()) };
        let Some(("!Equals", Value::Array(sides))) = function(members) else { return Err(unknown()) };
        match sides.as_slice() {
            [left, right] => Ok(self.resolved(left)? == self.resolved(right)?),
            _ => Err(unknown()),
        }
    }
}

/// A function that a value is, if it is one: the only member of an object whose name begins like a tag.
fn function(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next()?;
    (members.len() == 1 && name.starts_with('!')).then_some((name.as_str(), argument))
}

/// YAML to a value. Scalars are texts, and what has a tag becomes an object of the tag and the value.
fn parse(text: &str) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let done = match event {
            Event::Scalar(text, _, _, tag) => tagged(tag.map(|tag| tag.to_string()), Value::from(&*text)),
            Event::SequenceStart(_, tag) => {
                open.push(Open { tag: tag.map(|tag| tag.to_string()), items: Vec::new(), is_map: false });
                continue;
            }
            Event::MappingStart(_, tag) => {
                open.push(Open { tag: tag.map(|tag| tag.to_string()), items: Vec::new(), is_map: true });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().ok_or("an end without a beginning")?.closed()?,
            Event::Alias(_) => return Err("aliases are not known here".to_owned()),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        match open.last_mut() {
            Some(outer) => outer.items.push(done),
            None => root = Some(done),
        }
    }
    root.ok_or_else(|| "it is empty".to_owned())
}

/// A list, or the keys and values of a map in turn.
struct Open {
    tag: Option<String>,
    items: Vec<Value>,
    is_map: bool,
}

impl Open {
    fn closed(self) -> Result<Value, String> {
        if !self.is_map {
            return Ok(tagged(self.tag, Value::Array(self.items)));
        }
        let mut members = Map::new();
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let Value::String(key) = key else { return Err("a key is no text".to_owned()) };
            members.insert(key, value);
        }
        Ok(tagged(self.tag, Value::Object(members)))
    }
}

fn tagged(tag: Option<String>, value: Value) -> Value {
    match tag {
        Some(tag) => Value::Object(Map::from_iter([(tag, value)])),
        None => value,
    }
}
