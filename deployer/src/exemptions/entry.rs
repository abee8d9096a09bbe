//! The entries of a file: which fields each has, and where.

use rule::check::ALL;
use rule::exemption::{Exemption, Field, FieldFault};

use super::Fault;
use super::yaml::{At, Node, Value};
use crate::near::nearest;

/// One entry, its values as they were written.
#[derive(Debug)]
pub(super) struct Entry {
    /// Which one of the file, from 1.
    pub(super) number: usize,
    pub(super) at: At,
    /// Each field once, with the place of its value.
    fields: Vec<(Field, At, String)>,
    /// What is wrong with its form.
    faults: Vec<Fault>,
}

const FORM: &str = "`exemptions:` with a list of exemptions under it; `exemptions: []` for none";

/// The entries under `exemptions:`. What is wrong around them goes to `faults`.
pub(super) fn entries(root: Option<Node>, faults: &mut Vec<Fault>) -> Vec<Entry> {
    let mut list = None;
    match root {
        None => faults.push(Fault::at(At::START, "the file is empty", FORM)),
        Some(Node { value: Value::Map(members), .. }) => {
            for (key, value) in members {
                if text(&key) != Some("exemptions") {
                    let problem = format!("{} is no part of the file", shown(&key));
                    faults.push(Fault::at(key.at, problem, FORM));
                } else if list.replace(value).is_some() {
                    faults.push(Fault::at(key.at, "`exemptions` is there twice", FORM));
                }
            }
            if list.is_none() && faults.is_empty() {
                faults.push(Fault::at(At::START, "the file has no `exemptions`", FORM));
            }
        }
        Some(Node { at, .. }) => faults.push(Fault::at(at, "the file does not begin with `exemptions:`", FORM)),
    }
    match list {
        None | Some(Node { value: Value::Nothing, .. }) => Vec::new(),
        Some(Node { value: Value::List(all), .. }) => {
            all.into_iter().enumerate().map(|(index, node)| Entry::of(index + 1, node)).collect()
        }
        Some(Node { at, .. }) => {
            faults.push(Fault::at(at, "`exemptions` is no list", FORM));
            Vec::new()
        }
    }
}

impl Entry {
    fn of(number: usize, node: Node) -> Self {
        let mut entry = Self { number, at: node.at, fields: Vec::new(), faults: Vec::new() };
        let Value::Map(members) = node.value else {
            let fault = entry.fault(None, "it has no fields", names());
            entry.faults.push(fault);
            return entry;
        };
        for (key, value) in members {
            if let Err(fault) = entry.add(&key, value) {
                entry.faults.push(fault);
            }
        }
        entry
    }

    fn add(&mut self, key: &Node, value: Node) -> Result<(), Fault> {
        let Some(field) = text(key).and_then(Field::find) else {
            let meant = nearest(text(key).unwrap_or_default(), &Field::ALL.map(Field::name));
            let problem = format!("is no field of an exemption{meant}");
            return Err(self.fault(Some((text(key).unwrap_or("?"), key.at)), problem, names()));
        };
        if let Some((_, first, _)) = self.fields.iter().find(|(other, ..)| *other == field) {
            let problem = format!("is there twice, first on line {}", first.line);
            return Err(self.fault(Some((field.name(), key.at)), problem, "each field once"));
        }
        let (text, wrong) = match value.value {
            Value::Nothing => (String::new(), None),
            Value::Text(text) => (tidy(field, text), None),
            Value::List(_) => (String::new(), Some("is a list")),
            Value::Map(_) => (String::new(), Some("is a map; a text with `: ` in it needs quotes")),
        };
        self.fields.push((field, value.at, text));
        match wrong {
            Some(problem) => Err(self.fault(Some((field.name(), value.at)), problem, field.form())),
            None => Ok(()),
        }
    }

    /// The exemption, or everything that is wrong with it.
    pub(super) fn exemption(&self) -> Result<Exemption, Vec<Fault>> {
        let mut faults = self.faults.clone();
        match Exemption::of(|field| self.text(field)) {
            Ok(exemption) if faults.is_empty() => return Ok(exemption),
            Ok(_) => {}
            // Without fields it is something else altogether, and nine missing fields would say nothing more.
            Err(_) if self.fields.is_empty() && !faults.is_empty() => {}
            Err(wrong) => {
                let told = |fault: &FieldFault| {
                    self.faults.iter().any(|other| other.field.as_deref() == Some(fault.field.name()))
                };
                faults.extend(wrong.into_iter().filter(|fault| !told(fault)).map(|fault| self.field_fault(fault)));
            }
        }
        Err(faults)
    }

    /// The text of a field, as far as it has one.
    pub(super) fn text(&self, field: Field) -> Option<&str> {
        self.fields.iter().find(|(one, ..)| *one == field).map(|(.., text)| text.as_str())
    }

    fn field_fault(&self, FieldFault { field, problem }: FieldFault) -> Fault {
        let meant = match (field, self.text(field)) {
            (Field::Check, Some(id)) => nearest(id, &ALL.map(|check| check.id)),
            _ => String::new(),
        };
        self.fault(Some((field.name(), self.at_value(field.name()))), format!("{problem}{meant}"), field.form())
    }

    /// Where the value of a field is, or the entry if it has none.
    pub(super) fn at_value(&self, name: &str) -> At {
        self.fields.iter().find(|(field, ..)| field.name() == name).map_or(self.at, |(_, at, _)| *at)
    }

    /// A fault of this entry, in a field or as a whole.
    pub(super) fn fault(
        &self,
        place: Option<(&str, At)>,
        problem: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Fault {
        let (field, at) = place.unzip();
        Fault {
            entry: Some(self.number),
            field: field.map(str::to_owned),
            ..Fault::at(at.unwrap_or(self.at), problem, allowed)
        }
    }
}

/// A free text on one line: a long reason is written over several.
fn tidy(field: Field, text: String) -> String {
    match field {
        Field::Reason | Field::Owner | Field::Ticket | Field::ApprovedBy => {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        }
        Field::Account | Field::Region | Field::Notebook | Field::Check | Field::Expires => text,
    }
}

fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::Nothing | Value::List(_) | Value::Map(_) => None,
    }
}

fn shown(key: &Node) -> String {
    text(key).map_or_else(|| "a name that is no text".to_owned(), |name| format!("`{name}`"))
}

fn names() -> String {
    Field::ALL.map(Field::name).join(", ")
}
