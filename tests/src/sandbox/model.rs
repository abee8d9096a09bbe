//! AWS's own service models: which operations there are, and what their members may hold.
//!
//! The models in `model/*.json` are cut out of botocore; see `model/README.md`.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use regex::Regex;
use serde::Deserialize;

mod check;

pub(crate) use check::{Violation, check};

/// One service's model.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

/// What holds for the service as a whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) protocol: Protocol,
    /// The protocols of a service that takes several, in the order of its preference.
    #[serde(default)]
    pub(crate) protocols: Vec<String>,
    #[serde(default)]
    pub(crate) json_version: String,
    #[serde(default)]
    pub(crate) target_prefix: String,
    #[serde(default)]
    pub(crate) xml_namespace: String,
}

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// JSON 1.1, the operation in `X-Amz-Target`.
    Json,
    /// A form in, XML out, the operation in `Action`.
    Query,
    /// EC2's dialect of [`Protocol::Query`].
    Ec2,
    /// JSON, the operation in method and path.
    #[serde(rename = "rest-json")]
    RestJson,
    /// XML or bytes, the operation in method, path and query.
    #[serde(rename = "rest-xml")]
    RestXml,
    /// CBOR, the operation in the path. Spoken with services that have another protocol too.
    #[serde(rename = "smithy-rpc-v2-cbor")]
    Cbor,
}

impl Protocol {
    /// Whether method and path say what is asked.
    pub(crate) fn is_rest(self) -> bool {
        matches!(self, Self::RestJson | Self::RestXml)
    }
}

/// How a REST operation is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Option<Http>,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
}

/// A use of a shape, by a member, a list or an operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    pub(crate) result_wrapper: Option<String>,
    /// Where a REST request or answer carries it, if not in the body.
    pub(crate) location: Option<String>,
}

/// One shape. Which fields mean something depends on the kind.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) members: BTreeMap<String, Reference>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) member: Option<Reference>,
    pub(crate) value: Option<Reference>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    #[serde(rename = "enum")]
    pub(crate) values: Option<Vec<String>>,
    pub(crate) pattern: Option<Pattern>,
    #[serde(default)]
    pub(crate) flattened: bool,
    /// How a time is written, if not as its protocol writes them.
    #[serde(rename = "timestampFormat")]
    pub(crate) time_format: Option<String>,
    /// The member that is the body of a REST request or answer.
    pub(crate) payload: Option<String>,
}

/// The kinds of shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A pattern that a whole string must match; compiled when first used.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }
}

impl Pattern {
    /// The pattern as AWS quotes it.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole text matches. A pattern that does not compile matches everything; a test excludes that.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(text))
    }

    fn regex(&self) -> Option<&Regex> {
        // The patterns are Java's: `\d` and `\w` mean ASCII there, and the whole string has to match.
        let ascii = |source: &str| source.replace(r"\d", "[0-9]").replace(r"\w", "[0-9A-Za-z_]");
        let compile = || Regex::new(&format!("^(?:{})$", ascii(&self.source))).ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl Metadata {
    /// Whether the service takes a protocol beside its own.
    pub(crate) fn takes(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|name| name == protocol)
    }
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// The text is not one.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The operation of that name.
    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// All operations, by name.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.operations.iter().map(|(name, operation)| (name.as_str(), operation))
    }

    /// The shape that a reference means.
    pub(crate) fn shape(&self, reference: &Reference) -> Option<&Shape> {
        self.shapes.get(&reference.shape)
    }

    /// The values that an enumeration has.
    pub(crate) fn values(&self, shape: &str) -> &[String] {
        self.shapes.get(shape).and_then(|shape| shape.values.as_deref()).unwrap_or_default()
    }

    /// The member names of an operation's output.
    pub(crate) fn output_members(&self, operation: &str) -> Vec<&str> {
        let output = self.operation(operation).and_then(|operation| operation.output.as_ref());
        let shape = output.and_then(|reference| self.shape(reference));
        shape.map(|shape| shape.members.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    /// How many operations the model has.
    #[cfg(test)]
    pub(crate) fn operation_count(&self) -> usize {
        self.operations.len()
    }

    #[cfg(test)]
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.shapes.values().filter_map(|shape| shape.pattern.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::Model;

    #[test]
    fn every_pattern_of_every_model_compiles() {
        for service in crate::sandbox::service::SERVICES {
            let model = Model::parse(service.model_text).unwrap();
            for pattern in model.patterns() {
                assert!(pattern.regex().is_some(), "{}: {}", service.name, pattern.source());
            }
        }
    }

    #[test]
    fn patterns_match_the_whole_text() {
        let name = super::Pattern::from("[a-zA-Z0-9](-*[a-zA-Z0-9])*".to_owned());
        assert!(name.matches("my-notebook"));
        assert!(!name.matches("my_notebook"));
        assert!(!name.matches("-my"));
    }
}
