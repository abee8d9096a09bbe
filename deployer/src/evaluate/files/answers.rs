//! What a saved file holds: answers of Describe calls, alone, in an array, or in the envelope of a recording.

use rule::facts::{Ingress, SecurityGroups};
use rule::resource::ResourceType;
use rule::subject::{Shape, Subject};
use serde_json::Value;

use crate::failure::Failure;

/// One answer.
pub(super) enum Answer {
    /// A notebook or a domain.
    Subject(Box<Subject>),
    /// What security groups admit.
    SecurityGroups(SecurityGroups),
}

/// Why a file is of no use.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AnswerError {
    /// It is not JSON.
    #[error("it is not JSON (line {line}, column {column})")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It holds a list of notebooks, which lacks their settings.
    #[error("{place} is an answer of a List call, which lacks the settings to judge")]
    List {
        /// Where in the file.
        place: String,
    },
    /// It holds something else.
    #[error("{place} is no answer of describe-notebook-instance, describe-domain or describe-security-groups")]
    Unknown {
        /// Where in the file.
        place: String,
    },
    /// It holds nothing.
    #[error("it holds no answer at all")]
    Empty,
}

impl AnswerError {
    pub(super) fn into_failure(self, file: &str) -> Failure {
        Failure::usage(format!("{file} cannot be used: {self}"))
            .help("make one: aws sagemaker describe-notebook-instance --notebook-instance-name NAME > FILE")
            .help("several in one file: put them in a JSON array, for instance with jq --slurp")
    }
}

/// Reads all answers of a file. Several JSON documents one after the other are read as if they were an array.
pub(super) fn read(text: &str) -> Result<Vec<Answer>, AnswerError> {
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let documents = documents.map_err(|error| AnswerError::NotJson { line: error.line(), column: error.column() })?;
    let items: Vec<&Value> = documents
        .iter()
        .flat_map(|document| match document {
            Value::Array(items) => items.iter().collect(),
            single @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                vec![single]
            }
        })
        .collect();
    if items.is_empty() {
        return Err(AnswerError::Empty);
    }
    let single = items.len() == 1;
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            let place = if single { "it".to_owned() } else { format!("item {}", index + 1) };
            answer(unwrapped(item), place)
        })
        .collect()
}

/// A recording keeps the answer under `data`, beside the status code.
fn unwrapped(item: &Value) -> &Value {
    match (item.get("status_code"), item.get("data")) {
        (Some(_), Some(data)) => data,
        _ => item,
    }
}

fn answer(item: &Value, place: String) -> Result<Answer, AnswerError> {
    let has = |name| item.get(name).is_some();
    if has("NotebookInstances") || has("Domains") {
        return Err(AnswerError::List { place });
    }
    let subject = if has("NotebookInstanceName") || has("NotebookInstanceArn") {
        subject(item, &ResourceType::NOTEBOOK_INSTANCE, ["NotebookInstanceArn", "NotebookInstanceName"])
    } else if has("DomainId") {
        subject(item, &ResourceType::DOMAIN, ["DomainId", "DomainArn"])
    } else {
        None
    };
    if let Some(subject) = subject {
        return Ok(Answer::Subject(Box::new(subject)));
    }
    match item.get("SecurityGroups") {
        Some(Value::Array(groups)) => groups
            .iter()
            .map(|group| Some((group.get("GroupId")?.as_str()?.to_owned(), ingress(group))))
            .collect::<Option<_>>()
            .map(|ingress| Answer::SecurityGroups(SecurityGroups { ingress }))
            .ok_or(AnswerError::Unknown { place }),
        _ => Err(AnswerError::Unknown { place }),
    }
}

fn subject(item: &Value, resource_type: &ResourceType, ids: [&str; 2]) -> Option<Subject> {
    let id = ids.into_iter().find_map(|name| item.get(name)?.as_str()?.parse().ok())?;
    Subject::read(resource_type, id, Shape::Describe, item)
}

fn ingress(group: &Value) -> Vec<Ingress> {
    let list = |object: &Value, name: &str| object.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut all = Vec::new();
    for permission in list(group, "IpPermissions") {
        let port = |name: &str| permission.get(name)?.as_i64().and_then(|port| i32::try_from(port).ok());
        let ports = port("FromPort").zip(port("ToPort"));
        let protocol = permission.get("IpProtocol").and_then(Value::as_str).unwrap_or("-1").to_owned();
        for (ranges, member) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
            for range in list(&permission, ranges) {
                if let Some(cidr) = range.get(member).and_then(Value::as_str) {
                    all.push(Ingress { cidr: cidr.to_owned(), protocol: protocol.clone(), ports });
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match read(text) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(error("{\n  \"a\": }"), "it is not JSON (line 2, column 8)");
        assert!(error("{\"NotebookInstances\": []}").contains("List call"));
        assert!(error("[{\"NotebookInstanceName\": \"a\"}, {\"Name\": \"b\"}]").starts_with("item 2 is no answer"));
        assert_eq!(error("[]"), "it holds no answer at all");
        assert_eq!(error(""), "it holds no answer at all");
        assert!(error("5").contains("no answer of"));
    }

    #[test]
    fn one_an_array_and_a_stream_are_read_alike() {
        let one = "{\"NotebookInstanceName\": \"a\"}";
        assert_eq!(read(one).unwrap().len(), 1);
        assert_eq!(read(&format!("[{one}, {one}]")).unwrap().len(), 2);
        assert_eq!(read(&format!("{one}\n{one}")).unwrap().len(), 2);
        assert_eq!(read(&format!("{{\"status_code\": 200, \"data\": {one}}}")).unwrap().len(), 1);
    }
}
