//! Template text to a value: YAML with CloudFormation's short forms, or JSON.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

/// The value that a template's text holds, short forms written out.
///
/// # Errors
/// In CloudFormation's words: the text is not well-formed.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    let mut builder = Builder { open: Vec::new(), root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            malformed(at.line(), at.col() + 1)
        })?;
        builder.take(event).map_err(|fault| match fault {
            Fault::Malformed => malformed(span.start.line(), span.start.col() + 1),
            Fault::Said(message) => message,
        })?;
    }
    builder.root.ok_or_else(|| "Template format error: unsupported structure.".to_owned())
}

fn malformed(line: usize, column: usize) -> String {
    format!("Template format error: YAML not well-formed. (line {line}, column {column})")
}

enum Fault {
    Malformed,
    Said(String),
}

enum Open {
    List(Vec<Value>, Option<String>),
    Map(Map<String, Value>, Option<String>, Option<String>),
}

struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.map(|tag| (tag.handle.clone(), tag.suffix.clone()));
                let value = match tag {
                    Some((handle, suffix)) if handle == "!" => long_form(&suffix, &Value::from(&*text))?,
                    Some((_, suffix)) if suffix == "str" => Value::from(&*text),
                    _ if style == ScalarStyle::Plain => plain(&text),
                    _ => Value::from(&*text),
                };
                self.add(value)
            }
            Event::SequenceStart(_, tag) => {
                self.open.push(Open::List(Vec::new(), tag.map(|tag| tag.suffix.clone())));
                Ok(())
            }
            Event::MappingStart(_, tag) => {
                self.open.push(Open::Map(Map::new(), None, tag.map(|tag| tag.suffix.clone())));
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (value, tag) = match self.open.pop() {
                    Some(Open::List(items, tag)) => (Value::Array(items), tag),
                    Some(Open::Map(members, _, tag)) => (Value::Object(members), tag),
                    None => return Err(Fault::Malformed),
                };
                let value = match tag {
                    Some(tag) => long_form(&tag, &value)?,
                    None => value,
                };
                self.add(value)
            }
            Event::Alias(_) => {
                Err(Fault::Said("Template error: YAML aliases are not allowed in CloudFormation templates".to_owned()))
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn add(&mut self, value: Value) -> Result<(), Fault> {
        match self.open.last_mut() {
            None if self.root.is_some() => return Err(Fault::Malformed),
            None => self.root = Some(value),
            Some(Open::List(items, _)) => items.push(value),
            Some(Open::Map(members, key, _)) => match key.take() {
                Some(name) => {
                    // AWS's parser is not documented to refuse it, but what it takes instead is not either.
                    if members.insert(name, value).is_some() {
                        return Err(Fault::Malformed);
                    }
                }
                None => *key = Some(text(&value).ok_or(Fault::Malformed)?),
            },
        }
        Ok(())
    }
}

/// `!Sub x` as `{"Fn::Sub": "x"}`.
fn long_form(tag: &str, value: &Value) -> Result<Value, Fault> {
    const FUNCTIONS: [&str; 18] = [
        "Base64",
        "Cidr",
        "And",
        "Equals",
        "If",
        "Not",
        "Or",
        "FindInMap",
        "GetAZs",
        "ImportValue",
        "Join",
        "Select",
        "Split",
        "Sub",
        "Transform",
        "Length",
        "ToJsonString",
        "GetAtt",
    ];
    match (tag, value) {
        ("Ref" | "Condition", _) => Ok(json!({tag: value})),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').ok_or_else(|| {
                let message = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource \
                               name and the resource attribute";
                Fault::Said(message.to_owned())
            })?;
            Ok(json!({"Fn::GetAtt": [resource, attribute]}))
        }
        _ if FUNCTIONS.contains(&tag) => Ok(json!({format!("Fn::{tag}"): value})),
        _ => Err(Fault::Malformed),
    }
}

/// A plain scalar by the core schema, but for dates, which CloudFormation takes as text.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let whole = text.parse::<i64>().ok().filter(|_| !text.starts_with('+'));
            // An account id with a leading zero is no number.
            let leading = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
            let number = whole.map(Value::from).or_else(|| {
                let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
                text.parse::<f64>().ok().filter(|number| numeric && number.is_finite()).map(Value::from)
            });
            number.filter(|_| !leading).unwrap_or_else(|| Value::from(text))
        }
    }
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn short_forms_are_written_out() {
        let text = "A: !Sub 'x-${B}'\nB: !GetAtt C.D.E\nC: !If [X, !Ref Y, !Ref 'AWS::NoValue']\nD: !Equals [!Ref a, '']\n\
                    E: 2012-10-17\nF: \"1\"\nG: 012\nH: {I: true, J: 1.5}\nK: !Sub |\n  a ${b}\n  c\n";
        let expected = json!({
            "A": {"Fn::Sub": "x-${B}"},
            "B": {"Fn::GetAtt": ["C", "D.E"]},
            "C": {"Fn::If": ["X", {"Ref": "Y"}, {"Ref": "AWS::NoValue"}]},
            "D": {"Fn::Equals": [{"Ref": "a"}, ""]},
            "E": "2012-10-17", "F": "1", "G": "012", "H": {"I": true, "J": 1.5},
            "K": {"Fn::Sub": "a ${b}\nc\n"},
        });
        assert_eq!(super::parse(text).unwrap(), expected);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for bad in ["a: [", "a: 1\na: 2", "a: !Bogus x", "a: &x 1\nb: *x"] {
            assert!(super::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(super::parse("{\"a\": 1}").unwrap(), json!({"a": 1}));
    }
}
