//! A setting as it was seen: a value, or the exact way in which there was none.

use std::fmt;

use serde_json::Value;

/// A single setting. Absent, null and of another kind stay apart, so that an annotation can say what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The member is not there at all.
    NotReported,
    /// The member is there and null.
    Null,
    /// A text.
    Text(String),
    /// Some other JSON value, as text.
    Other(String),
}

impl Seen {
    /// The member of a JSON object. Anything that is no object has no members.
    #[must_use]
    pub fn member(json: &Value, name: &str) -> Self {
        match json.get(name) {
            None => Self::NotReported,
            Some(Value::Null) => Self::Null,
            Some(Value::String(text)) => Self::Text(text.clone()),
            Some(other) => Self::Other(other.to_string()),
        }
    }

    /// The text, if it is one and not empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::NotReported | Self::Null | Self::Text(_) | Self::Other(_) => None,
        }
    }

    /// Whether it is exactly this text, letter for letter.
    #[must_use]
    pub fn is(&self, expected: &str) -> bool {
        self.text() == Some(expected)
    }
}

impl From<Option<&str>> for Seen {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::NotReported, |text| Self::Text(text.to_owned()))
    }
}

/// How an annotation says it: `is "Enabled"`, `is not reported`, `is null`, `is 5`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReported => f.write_str("is not reported"),
            Self::Null => f.write_str("is null"),
            Self::Text(text) => write!(f, "is \"{text}\""),
            Self::Other(json) => write!(f, "is {json}"),
        }
    }
}

/// A setting that holds a list of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeenList {
    /// The member is missing or null.
    NotReported,
    /// The texts, in the order in which they were reported; perhaps none.
    Texts(Vec<String>),
    /// Something that is not a list of texts, as JSON.
    Other(String),
}

impl SeenList {
    /// The member of a JSON object.
    #[must_use]
    pub fn member(json: &Value, name: &str) -> Self {
        let Some(value) = json.get(name) else { return Self::NotReported };
        match value {
            Value::Null => Self::NotReported,
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .map_or_else(|| Self::Other(value.to_string()), Self::Texts),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Self::Other(value.to_string()),
        }
    }

    /// The texts, if it is a list of texts.
    #[must_use]
    pub fn texts(&self) -> Option<&[String]> {
        match self {
            Self::Texts(texts) => Some(texts),
            Self::NotReported | Self::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_seen_is_said_as_it_was() {
        let json = json!({"a": "Enabled", "b": null, "c": 5, "d": ""});
        let says = |name| Seen::member(&json, name).to_string();
        assert_eq!(says("a"), "is \"Enabled\"");
        assert_eq!(says("b"), "is null");
        assert_eq!(says("c"), "is 5");
        assert_eq!(says("d"), "is \"\"");
        assert_eq!(says("e"), "is not reported");
    }

    #[test]
    fn only_the_exact_text_matches() {
        assert!(Seen::Text("Disabled".into()).is("Disabled"));
        for other in [Seen::Text("disabled".into()), Seen::Text(String::new()), Seen::Null, Seen::NotReported] {
            assert!(!other.is("Disabled"), "{other:?}");
            assert!(!other.is(""), "{other:?}");
        }
    }

    #[test]
    fn a_list_with_anything_but_texts_is_not_a_list_of_texts() {
        let json = json!({"a": ["sg-1", "sg-2"], "b": ["sg-1", null], "c": "sg-1", "d": null, "e": [], "f": [""]});
        let read = |name| SeenList::member(&json, name);
        assert_eq!(read("a").texts().unwrap().len(), 2);
        assert_eq!(read("b"), SeenList::Other("[\"sg-1\",null]".into()));
        assert_eq!(read("c"), SeenList::Other("\"sg-1\"".into()));
        assert_eq!(read("d"), SeenList::NotReported);
        assert_eq!(read("e"), SeenList::Texts(vec![]));
        assert_eq!(read("f").texts(), None);
    }
}
