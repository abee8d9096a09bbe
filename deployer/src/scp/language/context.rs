//! What is asked: an action on a resource, with the keys that conditions look at.

use std::collections::{BTreeMap, BTreeSet};

/// One request, as AWS would put it to the policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// `service:Action`. Letter case does not matter.
    pub action: String,
    /// The ARN, or `*` where the action knows no resource.
    pub resource: String,
    /// The condition keys.
    pub context: Context,
}

/// The condition keys of a request with their values. The names' letter case does not matter.
///
/// A key that is not set is absent from the request, unless it is said to be unknown: the two are decided differently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
    unknown: BTreeSet<String>,
}

/// What a request says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// At least one value.
    Values(&'a [String]),
    /// The key is not in the request, or without a value, which is the same to every operator.
    Absent,
    /// Nobody knows.
    Unknown,
}

impl Context {
    /// Sets a key to one value.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_all(key, vec![value.into()])
    }

    /// Sets a key to several values.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: Vec<String>) -> Self {
        self.values.insert(key.to_lowercase(), values);
        self
    }

    /// Says that nothing is known of the keys that begin like this and are not set: `aws:` for all global keys.
    #[must_use]
    pub fn with_unknown(mut self, prefix: &str) -> Self {
        self.unknown.insert(prefix.to_lowercase());
        self
    }

    /// Says that a key is not in the request, whatever else is unknown.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.with_all(key, Vec::new())
    }

    /// What is known of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Lookup<'_> {
        let key = key.to_lowercase();
        match self.values.get(&key) {
            Some(values) if values.is_empty() => Lookup::Absent,
            Some(values) => Lookup::Values(values),
            None if self.unknown.iter().any(|prefix| key.starts_with(prefix.as_str())) => Lookup::Unknown,
            None => Lookup::Absent,
        }
    }

    /// All keys that are set, in lower case, with their values; none means absent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}
