//! The conformance pack of an installation, and the names that its rules got.

use super::Read;
use crate::aws::{AwsRefusal, Clients, refused};

/// A conformance pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackState {
    /// Its name.
    pub name: String,
    /// `CREATE_COMPLETE`, `CREATE_FAILED`, `DELETE_FAILED`, …
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Finds a pack by its name.
pub(crate) async fn read(clients: &Clients, name: &str) -> Read<Option<PackState>> {
    match clients.config.describe_conformance_pack_status().conformance_pack_names(name).send().await {
        Ok(answer) => Ok(answer.conformance_pack_status_details().first().map(|pack| PackState {
            name: pack.conformance_pack_name().to_owned(),
            state: pack.conformance_pack_state().as_str().to_owned(),
            reason: pack.conformance_pack_status_reason().map(str::to_owned),
        })),
        Err(error) => {
            let refusal = refused("config:DescribeConformancePackStatus", &clients.region, &error);
            if is_missing(&refusal) { Ok(None) } else { Err(refusal) }
        }
    }
}

/// Not every operation's model names this error.
fn is_missing(refusal: &AwsRefusal) -> bool {
    refusal.code.as_deref() == Some("NoSuchConformancePackException")
}

/// The names of a pack's rules, with the suffix that AWS Config appended; none if there is no such pack.
pub(crate) async fn rule_names(clients: &Clients, name: &str) -> Read<Vec<String>> {
    let mut names = Vec::new();
    let mut next = None;
    loop {
        let call = clients.config.describe_conformance_pack_compliance().conformance_pack_name(name);
        match call.set_next_token(next).send().await {
            Ok(answer) => {
                let rules = answer.conformance_pack_rule_compliance_list();
                names.extend(rules.iter().filter_map(|rule| rule.config_rule_name().map(str::to_owned)));
                next = answer.next_token;
            }
            Err(error) => {
                let refusal = refused("config:DescribeConformancePackCompliance", &clients.region, &error);
                return if is_missing(&refusal) { Ok(names) } else { Err(refusal) };
            }
        }
        if next.is_none() {
            return Ok(names);
        }
    }
}
