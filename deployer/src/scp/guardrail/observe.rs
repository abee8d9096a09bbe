//! What is there: the stack, the policy type, and what is in force on the targets.

use std::collections::BTreeMap;

use aws_config::SdkConfig;

use crate::aws::Clients;
use crate::names::Names;
use crate::observe::{Read, StackState, read_stack};
use crate::organization::Organization;
use crate::organization::targets::place_name;
use crate::scp::in_force::{Level, Reader};
use crate::scp::settings::GuardrailSettings;

use super::plan::given;

/// Whether service control policies are on in the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeStatus {
    /// They are.
    Enabled,
    /// They are about to be.
    Pending,
    /// They are not.
    Off,
    /// AWS's word for something else.
    Other(String),
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardrailState {
    /// The Region of the stack.
    pub region: String,
    /// The root's id.
    pub root: String,
    /// The management account, which no policy binds.
    pub management: String,
    /// Whether all features of the organization are on.
    pub all_features: bool,
    /// Whether service control policies are on.
    pub policy_type: TypeStatus,
    /// The stack.
    pub stack: Read<Option<StackState>>,
    /// For each target what is in force on it, root first, the target last.
    pub targets: BTreeMap<String, Read<Vec<Level>>>,
    /// The policies of the stack, as AWS Organizations has them.
    pub policies: Read<Vec<OwnPolicy>>,
    /// The names of the targets, and of those that the stack has by now, by id.
    pub places: BTreeMap<String, String>,
    /// The names of the organization's policies; empty where the stack is there: then nobody looked.
    pub names: Read<Vec<String>>,
}

impl GuardrailState {
    /// A target as messages name it.
    pub(super) fn place(&self, id: &str) -> String {
        match self.places.get(id).filter(|name| *name != id) {
            Some(name) => format!("{name} ({id})"),
            None => id.to_owned(),
        }
    }
}

/// A policy that the stack made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPolicy {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// What it says; none if somebody deleted it.
    pub content: Option<String>,
}

/// Looks. Some ten calls for each target, half a second apart, fewer where targets have parents in common.
pub async fn observe(
    sdk: &SdkConfig,
    organization: &Organization,
    settings: &GuardrailSettings,
    names: Names<'_>,
    region: &str,
) -> GuardrailState {
    let clients = Clients::new(sdk, region);
    let stack = read_stack(&clients, &names.guardrail_stack()).await;
    let reader = Reader::new(&crate::session::in_region(sdk, region));
    let policy_type = type_status(organization);
    let mut targets = BTreeMap::new();
    let mut known: BTreeMap<String, Level> = BTreeMap::new();
    for target in &settings.targets {
        let places = if policy_type == TypeStatus::Enabled { places(organization, target) } else { Vec::new() };
        targets.insert(target.clone(), levels(&reader, &places, &mut known).await);
    }
    let policies = match &stack {
        Ok(Some(stack)) => own_policies(&reader, stack, names).await,
        Ok(None) | Err(_) => Ok(Vec::new()),
    };
    let former = stack.as_ref().ok().and_then(Option::as_ref).map(|stack| given(stack).targets).unwrap_or_default();
    let ids = settings.targets.iter().chain(&former);
    let places = ids.map(|id| (id.clone(), place_name(organization, id))).collect();
    let is_new = matches!(stack, Ok(None));
    let names = if is_new && policy_type == TypeStatus::Enabled { reader.names().await } else { Ok(Vec::new()) };
    GuardrailState {
        region: region.to_owned(),
        root: organization.root.id.clone(),
        management: organization.management.clone(),
        all_features: organization.all_features,
        policy_type,
        stack,
        targets,
        policies,
        places,
        names,
    }
}

/// The policies that a stack says it made.
pub(super) async fn own_policies(reader: &Reader, stack: &StackState, names: Names<'_>) -> Read<Vec<OwnPolicy>> {
    let mut found = Vec::new();
    for (output, name) in [("NetworkPolicyId", names.network_policy()), ("TamperPolicyId", names.tamper_policy())] {
        let Some(id) = stack.outputs.get(output) else { continue };
        let content = match reader.content(id).await {
            Ok(content) => Some(content),
            Err(refusal) if refusal.code.as_deref() == Some("PolicyNotFoundException") => None,
            Err(refusal) => return Err(refusal),
        };
        found.push(OwnPolicy { name, id: id.clone(), content });
    }
    Ok(found)
}

async fn levels(reader: &Reader, places: &[(String, String)], known: &mut BTreeMap<String, Level>) -> Read<Vec<Level>> {
    let mut levels = Vec::new();
    for (id, name) in places {
        let level = match known.get(id) {
            Some(level) => level.clone(),
            None => reader.level(id, name).await?,
        };
        known.insert(id.clone(), level.clone());
        levels.push(level);
    }
    Ok(levels)
}

/// A target and everything above it with their names, the root first.
fn places(organization: &Organization, target: &str) -> Vec<(String, String)> {
    let above = organization.ancestors(target);
    let ids = above.into_iter().rev().chain([target]);
    ids.map(|id| (id.to_owned(), place_name(organization, id))).collect()
}

fn type_status(organization: &Organization) -> TypeStatus {
    match organization.root.policy_types.get("SERVICE_CONTROL_POLICY").map(String::as_str) {
        Some("ENABLED") => TypeStatus::Enabled,
        Some("PENDING_ENABLE") => TypeStatus::Pending,
        None => TypeStatus::Off,
        Some(other) => TypeStatus::Other(other.to_owned()),
    }
}
