//! What is there: the stack, the policy type, and what is in force on the targets.

use std::collections::BTreeMap;

use aws_config::SdkConfig;

use crate::aws::Clients;
use crate::names::Names;
use crate::observe::{Read, StackState, read_stack};
use crate::organization::Organization;
use crate::scp::in_force::{Level, Reader};
use crate::scp::settings::GuardrailSettings;

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
    /// The names of the organization's policies; empty where the stack is there: then nobody looked.
    pub names: Read<Vec<String>>,
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
        names,
    }
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

/// How messages name a place.
pub(super) fn place_name(organization: &Organization, id: &str) -> String {
    let account = organization.accounts.get(id).map(|account| account.name.clone());
    account.unwrap_or_else(|| if id == organization.root.id { "the root".to_owned() } else { organization.path(id) })
}

fn type_status(organization: &Organization) -> TypeStatus {
    match organization.root.policy_types.get("SERVICE_CONTROL_POLICY").map(String::as_str) {
        Some("ENABLED") => TypeStatus::Enabled,
        Some("PENDING_ENABLE") => TypeStatus::Pending,
        None => TypeStatus::Off,
        Some(other) => TypeStatus::Other(other.to_owned()),
    }
}
