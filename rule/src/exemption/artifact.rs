//! The wire form of exemptions: `exemptions.json`, beside `bootstrap` in the artifact.
//!
//! Strict, because a half-understood exemption is worse than none: an unknown member may be a condition that narrows
//! it.

use serde_json::{Map, Value, json};

use super::field::quoted;
use super::{Exemption, Exemptions, Field};

/// The version of the form. It rises when a reader of the old one would misunderstand.
const VERSION: u64 = 1;
/// The most exemptions: reading them takes the function a few milliseconds at start, and an auditor longer.
pub const MAX_COUNT: usize = 2000;
/// The largest file, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Why `exemptions.json` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExemptionsError {
    /// It is larger than [`MAX_BYTES`].
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// It has more than [`MAX_COUNT`] exemptions.
    #[error("it has {0} exemptions, more than {MAX_COUNT}")]
    TooMany(usize),
    /// It is not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// It has another form than this code knows.
    #[error("it has not the form {{\"version\": {VERSION}, \"exemptions\": [...]}}: {0}")]
    Form(String),
    /// An exemption is wrong.
    #[error("exemption {number}{}: {faults}", ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default())]
    Entry {
        /// Which one, from 1.
        number: usize,
        /// Its ticket, if it has one.
        ticket: Option<String>,
        /// What is wrong, by field.
        faults: String,
    },
}

impl Exemptions {
    /// Reads `exemptions.json`.
    ///
    /// # Errors
    /// [`ExemptionsError`], naming the exemption and its fields. Nothing is skipped and nothing is guessed.
    pub fn read(json: &[u8]) -> Result<Self, ExemptionsError> {
        if json.len() > MAX_BYTES {
            return Err(ExemptionsError::TooLarge);
        }
        let whole: Value = serde_json::from_slice(json).map_err(|error| ExemptionsError::NotJson(error.to_string()))?;
        let all = entries(&whole)?;
        if all.len() > MAX_COUNT {
            return Err(ExemptionsError::TooMany(all.len()));
        }
        all.iter().enumerate().map(|(index, entry)| exemption(index + 1, entry)).collect()
    }

    /// The text of `exemptions.json`: the same bytes for the same exemptions, whatever order they came in.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let all: Vec<Value> = self
            .as_slice()
            .iter()
            .map(|one| {
                let members = Field::ALL.map(|field| (field.name().to_owned(), Value::from(one.text(field))));
                Value::Object(members.into_iter().collect())
            })
            .collect();
        let mut text = json!({"version": VERSION, "exemptions": all}).to_string();
        text.push('\n');
        text.into_bytes()
    }
}

fn entries(whole: &Value) -> Result<&[Value], ExemptionsError> {
    let form = |why: String| ExemptionsError::Form(why);
    let whole = whole.as_object().ok_or_else(|| form("it is no object".to_owned()))?;
    // First, so that a newer form is named as such, and not by its first new member.
    match whole.get("version") {
        Some(version) if version.as_u64() == Some(VERSION) => {}
        Some(version) => return Err(form(format!("its version is {}", quoted(&version.to_string())))),
        None => return Err(form("it has no version".to_owned())),
    }
    if let Some(name) = whole.keys().find(|name| !["version", "exemptions"].contains(&name.as_str())) {
        return Err(form(format!("it has an unknown member {}", quoted(name))));
    }
    match whole.get("exemptions") {
        Some(Value::Array(all)) => Ok(all),
        _ => Err(form("`exemptions` is no list".to_owned())),
    }
}

fn exemption(number: usize, entry: &Value) -> Result<Exemption, ExemptionsError> {
    let nothing = Map::new();
    let members = entry.as_object().unwrap_or(&nothing);
    let text = |field: Field| members.get(field.name()).and_then(Value::as_str);
    let mut faults = Vec::new();
    if !entry.is_object() {
        faults.push("it is no object".to_owned());
    }
    for (name, value) in members {
        match Field::find(name) {
            None => faults.push(format!("{} is no field of an exemption", quoted(name))),
            Some(field) if !value.is_string() => faults.push(format!("`{field}` is no text")),
            Some(_) => {}
        }
    }
    let made = if faults.is_empty() { Exemption::of(text) } else { Err(Vec::new()) };
    made.map_err(|wrong| {
        faults.extend(wrong.iter().map(ToString::to_string));
        let ticket = text(Field::Ticket).map(quoted);
        ExemptionsError::Entry { number, ticket, faults: faults.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Value {
        json!({"account": "111122223333", "region": "eu-west-1", "notebook": "legacy-*", "check": "root-access",
            "reason": "the vendor's driver needs it", "owner": "research", "ticket": "SEC-1", "approved_by": "ciso",
            "expires": "2027-01-31"})
    }

    fn read(whole: &Value) -> Result<Exemptions, ExemptionsError> {
        Exemptions::read(whole.to_string().as_bytes())
    }

    fn changed(change: impl FnOnce(&mut Map<String, Value>)) -> String {
        let mut changed = entry();
        change(changed.as_object_mut().unwrap());
        read(&json!({"version": 1, "exemptions": [entry(), changed]})).unwrap_err().to_string()
    }

    #[test]
    fn the_same_exemptions_are_the_same_bytes_in_any_order() {
        let mut other = entry();
        other["notebook"] = json!("another");
        let one = read(&json!({"version": 1, "exemptions": [entry(), other.clone()]})).unwrap();
        let two = read(&json!({"exemptions": [other, entry()], "version": 1})).unwrap();
        assert_eq!(one.to_json(), two.to_json());
        assert_eq!(Exemptions::read(&one.to_json()).unwrap(), one);
        assert_eq!(Exemptions::default().to_json(), b"{\"exemptions\":[],\"version\":1}\n");
    }

    #[test]
    fn a_fault_is_named_with_its_exemption_and_field() {
        for (error, says) in [
            (changed(|entry| _ = entry.insert("until".into(), json!("x"))), "`until` is no field"),
            (changed(|entry| _ = entry.remove("owner")), "`owner` is missing"),
            (changed(|entry| _ = entry.insert("account".into(), json!(111_122_223_333_u64))), "`account` is no text"),
            (changed(|entry| _ = entry.insert("expires".into(), json!("2027-02-30"))), "`expires` is `2027-02-30`"),
            (changed(|entry| _ = entry.insert("notebook".into(), json!("a/b"))), "`notebook` is `a/b`"),
        ] {
            assert!(error.starts_with("exemption 2 (`SEC-1`): ") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn another_form_is_refused() {
        for (text, says) in [
            ("", "not JSON"),
            ("{\"version\": 1, \"exemptions\": [", "not JSON"),
            ("[]", "no object"),
            ("{\"exemptions\": []}", "no version"),
            ("{\"version\": 2, \"exemptions\": [], \"scopes\": []}", "its version is `2`"),
            ("{\"version\": 1}", "no list"),
            ("{\"version\": 1, \"exemptions\": {}}", "no list"),
            ("{\"version\": 1, \"exemptions\": [], \"default\": \"exempt\"}", "unknown member `default`"),
            ("{\"version\": 1, \"exemptions\": [5]}", "exemption 1: it is no object"),
        ] {
            let error = Exemptions::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn the_limits_are_kept() {
        let many = json!({"version": 1, "exemptions": vec![json!({}); MAX_COUNT + 1]});
        assert_eq!(read(&many), Err(ExemptionsError::TooMany(MAX_COUNT + 1)));
        assert_eq!(Exemptions::read(&vec![b' '; MAX_BYTES + 1]), Err(ExemptionsError::TooLarge));
    }
}
