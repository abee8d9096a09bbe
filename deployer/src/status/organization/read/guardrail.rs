//! The deny-SCPs: their stack, and what they are attached to.

use std::collections::BTreeMap;

use crate::observe::Read;
use crate::organization::site::Site;
use crate::scp::guardrail::{GuardrailStatus, read_status};
use crate::status::organization::Guardrail;

/// The guardrail, if there is one.
pub(super) async fn read(site: &Site) -> Read<Option<Guardrail>> {
    let Some(status) = read_status(&site.sdk, site.names(), &site.home).await? else { return Ok(None) };
    if !status.is_ours {
        return Ok(None);
    }
    let path = |id: &str, name: &str| {
        if site.organization.has_unit(id) { site.organization.path(id) } else { format!("{name} ({id})") }
    };
    let policies: BTreeMap<String, Vec<String>> = status
        .policies
        .iter()
        .map(|policy| (policy.name.clone(), policy.targets.iter().map(|(id, name)| path(id, name)).collect()))
        .collect();
    let troubles = troubles(&status, &|id| path(id, id));
    Ok(Some(Guardrail { region: status.region, status: status.status, policies, troubles }))
}

fn troubles(status: &GuardrailStatus, path: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if !status.status.ends_with("_COMPLETE") || status.status.starts_with("ROLLBACK") {
        found.push((
            format!("the stack {} in {} is in {}", status.stack, status.region, status.status),
            "look at its events, then install again".to_owned(),
        ));
    }
    for (policy, target) in status.detached() {
        found.push((
            format!("the policy {policy} was detached from {}", path(target)),
            "find out who did it (CloudTrail: DetachPolicy), then install again".to_owned(),
        ));
    }
    found
}
