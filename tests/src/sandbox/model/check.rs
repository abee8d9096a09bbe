//! Checks a request against its shape, and words what is wrong as AWS does.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{Kind, Model, Reference, Shape};
use crate::sandbox::refusal::Refusal;

/// One broken constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where, as AWS writes it: `evaluations.1.member.annotation`.
    pub(crate) path: String,
    /// The value, for the message.
    pub(crate) value: String,
    /// What the member must do: `Member must not be null`.
    pub(crate) constraint: String,
}

impl Violation {
    /// Whether a required member is missing.
    pub(crate) fn is_missing(&self) -> bool {
        self.constraint == "Member must not be null"
    }

    /// The constraint as a reason of `InvalidInputException`.
    pub(crate) fn reason(&self) -> &'static str {
        let of = [
            ("must not be null", "INPUT_REQUIRED"),
            ("enum value set", "INVALID_ENUM"),
            ("regular expression", "INVALID_PATTERN"),
            ("length less than", "MAX_LENGTH_EXCEEDED"),
            ("length greater than", "MIN_LENGTH_EXCEEDED"),
            ("value less than", "MAX_VALUE_EXCEEDED"),
            ("value greater than", "MIN_VALUE_EXCEEDED"),
        ];
        of.iter().find(|(words, _)| self.constraint.contains(words)).map_or("INVALID_PATTERN", |(_, reason)| reason)
    }

    /// The refusal for a set of violations, in the words of AWS's common request validation.
    pub(crate) fn refusal(code: &str, violations: &[Self]) -> Refusal {
        let plural = if violations.len() == 1 { "error" } else { "errors" };
        let texts: Vec<String> = violations.iter().map(Self::text).collect();
        Refusal::new(code, format!("{} validation {plural} detected: {}", violations.len(), texts.join("; ")))
    }

    fn text(&self) -> String {
        format!("Value {} at '{}' failed to satisfy constraint: {}", self.value, self.path, self.constraint)
    }
}

/// All broken constraints of a value.
///
/// # Errors
/// `SerializationException`: a value is of the wrong type, so that AWS could not even read it.
pub(crate) fn check(model: &Model, shape: &Shape, value: &Value) -> Result<Vec<Violation>, Refusal> {
    let mut checker = Checker { model, violations: Vec::new() };
    checker.value(shape, value, "")?;
    Ok(checker.violations)
}

struct Checker<'a> {
    model: &'a Model,
    violations: Vec<Violation>,
}

impl Checker<'_> {
    fn value(&mut self, shape: &Shape, value: &Value, path: &str) -> Result<(), Refusal> {
        match (shape.kind, value) {
            (_, Value::Null) | (Kind::Timestamp, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => {}
            (Kind::Structure, Value::Object(object)) => self.structure(shape, object, path)?,
            (Kind::List, Value::Array(items)) => self.list(shape, items, path)?,
            (Kind::Map, Value::Object(object)) => self.map(shape, object, path)?,
            (Kind::String | Kind::Blob, Value::String(text)) => self.string(shape, text, path),
            (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                self.number(shape, number.as_f64().unwrap_or_default(), value, path);
            }
            (Kind::Float | Kind::Double, Value::Number(number)) => {
                self.number(shape, number.as_f64().unwrap_or_default(), value, path);
            }
            (kind, other) => return Err(unreadable(kind, other)),
        }
        Ok(())
    }

    fn structure(&mut self, shape: &Shape, object: &serde_json::Map<String, Value>, path: &str) -> Result<(), Refusal> {
        for (name, reference) in &shape.members {
            let member = object.get(name).unwrap_or(&Value::Null);
            let path = joined(path, &lower_camel(name));
            if member.is_null() && shape.required.contains(name) {
                self.violate(path, "null".to_owned(), "Member must not be null".to_owned());
            } else {
                self.referred(reference, member, &path)?;
            }
        }
        Ok(())
    }

    fn list(&mut self, shape: &Shape, items: &[Value], path: &str) -> Result<(), Refusal> {
        self.length(shape, items.len(), || format!("'{}'", rendered(items)), path);
        let Some(reference) = &shape.member else { return Ok(()) };
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}.{}.member", at + 1);
            if item.is_null() {
                self.violate(path, "null".to_owned(), "Member must not be null".to_owned());
            } else {
                self.referred(reference, item, &path)?;
            }
        }
        Ok(())
    }

    fn map(&mut self, shape: &Shape, object: &serde_json::Map<String, Value>, path: &str) -> Result<(), Refusal> {
        self.length(shape, object.len(), || "'{...}'".to_owned(), path);
        let Some(reference) = &shape.value else { return Ok(()) };
        object.iter().try_for_each(|(key, value)| self.referred(reference, value, &format!("{path}.{key}.member")))
    }

    fn referred(&mut self, reference: &Reference, value: &Value, path: &str) -> Result<(), Refusal> {
        let model = self.model;
        model.shape(reference).map_or(Ok(()), |shape| self.value(shape, value, path))
    }

    fn string(&mut self, shape: &Shape, text: &str, path: &str) {
        if let Some(values) = &shape.values
            && !values.iter().any(|value| value == text)
        {
            let constraint = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.violate(path.to_owned(), format!("'{text}'"), constraint);
        }
        // AWS counts UTF-16 code units: its services are written in Java. Of bytes, it counts what the text stands for.
        let length = if shape.kind == Kind::Blob {
            STANDARD.decode(text).map_or(text.len(), |bytes| bytes.len())
        } else {
            text.encode_utf16().count()
        };
        self.length(shape, length, || format!("'{text}'"), path);
        if let Some(pattern) = shape.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            let constraint = format!("Member must satisfy regular expression pattern: {}", pattern.source());
            self.violate(path.to_owned(), format!("'{text}'"), constraint);
        }
    }

    fn length(&mut self, shape: &Shape, length: usize, value: impl Fn() -> String, path: &str) {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
        let length = length as f64;
        self.bounds(shape, length, value, path, "length");
    }

    fn number(&mut self, shape: &Shape, number: f64, value: &Value, path: &str) {
        self.bounds(shape, number, || format!("'{value}'"), path, "value");
    }

    fn bounds(&mut self, shape: &Shape, size: f64, value: impl Fn() -> String, path: &str, what: &str) {
        if let Some(max) = shape.max.filter(|max| size > *max) {
            let constraint = format!("Member must have {what} less than or equal to {max}");
            self.violate(path.to_owned(), value(), constraint);
        }
        if let Some(min) = shape.min.filter(|min| size < *min) {
            let constraint = format!("Member must have {what} greater than or equal to {min}");
            self.violate(path.to_owned(), value(), constraint);
        }
    }

    fn violate(&mut self, path: String, value: String, constraint: String) {
        self.violations.push(Violation { path, value, constraint });
    }
}

fn unreadable(kind: Kind, value: &Value) -> Refusal {
    let (token, wanted) = (token(value), wanted(kind));
    let message = match value {
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        Value::Array(_) => "Start of list found where not expected".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            format!("{token} can not be converted to {wanted}")
        }
    };
    Refusal::new("SerializationException", message)
}

fn token(value: &Value) -> &'static str {
    match value {
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Null | Value::Array(_) | Value::Object(_) => "VALUE",
    }
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "a structure",
        Kind::List => "a list",
        Kind::Map => "a map",
        Kind::String => "a String",
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "milliseconds since epoch",
        Kind::Blob => "a ByteBuffer",
    }
}

/// A list as Java prints it; long ones are cut, as nobody reads the rest.
fn rendered(items: &[Value]) -> String {
    let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned);
    let shown: Vec<String> = items.iter().take(10).map(text).collect();
    let more = if items.len() > 10 { ", ..." } else { "" };
    format!("[{}{more}]", shown.join(", "))
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn lower_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
