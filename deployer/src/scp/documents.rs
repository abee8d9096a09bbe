//! Our policies: what they deny, to whom they do not apply. `cfn/guardrail.yaml` says the same; a test holds the two
//! against each other.
//!
//! Each insecure setting has a statement of its own: conditions in one statement all have to hold, which lets pass what has
//! only one of the faults. On `Create` a negated operator also denies the setting that is left out, because SageMaker's
//! defaults are the insecure ones; on `Update` a setting that is left out stays as it is, so that the operator there is
//! a positive one.

mod tamper;

use std::collections::BTreeMap;

use serde::Serialize;

use super::settings::GuardrailSettings;
use crate::names::Names;

/// A policy of ours, in the order in which it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    statement: Vec<Deny>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Deny {
    sid: &'static str,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>,
}

impl Deny {
    fn new(sid: &'static str, actions: &[&'static str], resources: Vec<String>) -> Self {
        Self { sid, effect: "Deny", action: actions.to_vec(), resource: resources, condition: BTreeMap::new() }
    }

    fn when(mut self, operator: &'static str, key: &'static str, value: &str) -> Self {
        self.condition.insert(operator, BTreeMap::from([(key, vec![value.to_owned()])]));
        self
    }

    /// Binds everybody but these.
    fn except(mut self, principals: &[String]) -> Self {
        if !principals.is_empty() {
            self.condition.insert("ArnNotLike", BTreeMap::from([("aws:PrincipalArn", principals.to_vec())]));
        }
        self
    }
}

impl Document {
    fn new(statement: Vec<Deny>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// The policy's text: on one line, as it is attached, or on many.
    #[must_use]
    pub fn text(&self, is_pretty: bool) -> String {
        let text = if is_pretty { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        // Texts and lists of texts always have a form in JSON.
        text.unwrap_or_default()
    }

    /// Its size as AWS Organizations counts it, in characters.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text(false).chars().count()
    }
}

/// One of our policies with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The policy's name in the organization.
    pub name: String,
    /// What it says.
    pub document: Document,
}

/// The policies that these settings ask for. `role_path` is the path of the function's role.
#[must_use]
pub fn all(settings: &GuardrailSettings, names: Names<'_>, role_path: &str) -> Vec<Named> {
    let network = Named { name: names.network_policy(), document: network(settings, names.partition) };
    let tamper = || Named { name: names.tamper_policy(), document: tamper(settings, names, role_path) };
    std::iter::once(network).chain(settings.tamper.then(tamper)).collect()
}

/// The policy on network and root access.
#[must_use]
pub fn network(settings: &GuardrailSettings, partition: &str) -> Document {
    const CREATE: &[&str] = &["sagemaker:CreateNotebookInstance"];
    const UPDATE: &[&str] = &["sagemaker:UpdateNotebookInstance"];
    let any = || vec!["*".to_owned()];
    let mut statements = vec![
        Deny::new("DirectInternet", CREATE, any()).when(
            "StringNotEquals",
            "sagemaker:DirectInternetAccess",
            "Disabled",
        ),
        Deny::new("MissingSubnet", CREATE, any()).when("Null", "sagemaker:VpcSubnets", "true"),
        Deny::new("RootOnCreate", CREATE, any()).when("StringNotEquals", "sagemaker:RootAccess", "Disabled"),
        Deny::new("RootOnUpdate", UPDATE, any()).when("StringEquals", "sagemaker:RootAccess", "Enabled"),
    ];
    if settings.studio {
        let key = "sagemaker:AppNetworkAccessType";
        statements.push(Deny::new("DomainOnCreate", &["sagemaker:CreateDomain"], any()).when(
            "StringNotEquals",
            key,
            "VpcOnly",
        ));
        statements.push(Deny::new("DomainOnUpdate", &["sagemaker:UpdateDomain"], any()).when(
            "StringEquals",
            key,
            "PublicInternetOnly",
        ));
    }
    let principals = settings.principals(partition);
    let mut statements: Vec<Deny> = statements.into_iter().map(|one| one.except(&principals)).collect();
    if !principals.is_empty() {
        // Without it, whoever may create roles could make one of an exempted name: of a break-glass role, or of a role
        // that may make those.
        let makers: Vec<String> = tamper::execution_roles(partition).into_iter().chain(principals).collect();
        statements.push(Deny::new("BreakGlassRoles", &tamper::BECOME_ROLE, makers.clone()).except(&makers));
    }
    Document::new(statements)
}

/// The policy that protects the guard.
#[must_use]
pub fn tamper(settings: &GuardrailSettings, names: Names<'_>, role_path: &str) -> Document {
    Document::new(tamper::statements(&settings.principals(names.partition), names, role_path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For those who attach by hand: `deployer render scp-network` and `scp-tamper` without flags.
    #[test]
    fn the_documents_in_cfn_are_the_rendered_ones() {
        let names = Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
        let settings = GuardrailSettings { tamper: true, ..GuardrailSettings::default() };
        for (one, file) in all(&settings, names, "/notebook-guard/").iter().zip(["scp-network.json", "scp-tamper.json"])
        {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../cfn").join(file);
            assert_eq!(std::fs::read_to_string(path).unwrap(), one.document.text(true) + "\n", "{file}");
        }
    }
}
