//! The deny-SCPs: their stack, and what they are attached to.

use std::collections::BTreeMap;

use crate::observe::Read;
use crate::organization::Organization;
use crate::organization::site::Site;
use crate::scp::guardrail::{GuardrailStatus, read_status};
use crate::status::organization::Guardrail;

/// The policy type's name at the root.
const SCP: &str = "SERVICE_CONTROL_POLICY";
/// What the status of a stack that is not there is called.
const NOT_THERE: &str = "NOT_THERE";

/// The guardrail, if there is one or should be one.
pub(super) async fn read(site: &Site) -> Read<Option<Guardrail>> {
    let status = read_status(&site.sdk, site.names(), &site.home).await?.filter(|status| status.is_ours);
    let Some(status) = status else { return Ok(missing(site)) };
    let path = |id: &str, name: &str| named(&site.organization, id, name);
    let policies: BTreeMap<String, Vec<String>> = status
        .policies
        .iter()
        .map(|policy| (policy.name.clone(), policy.targets.iter().map(|(id, name)| path(id, name)).collect()))
        .collect();
    let is_on = site.organization.root.policy_types.get(SCP).is_some_and(|status| status == "ENABLED");
    let troubles = troubles(&status, is_on, &|id| path(id, ""));
    Ok(Some(Guardrail { region: status.region, status: status.status, policies, troubles }))
}

/// Asked for, and not attached: too few stacks were well, or the run did not get that far.
fn missing(site: &Site) -> Option<Guardrail> {
    site.record.as_ref().filter(|record| record.policies)?;
    let (stack, region) = (site.names().guardrail_stack(), site.home.clone());
    let trouble = (
        format!("service control policies were asked for and are not attached: no stack {stack} in {region}"),
        "they come last, and only where at least 95 % of the stacks are well: get those well first (deployer retry \
         --org), then install again with the same flags"
            .to_owned(),
    );
    Some(Guardrail { region, status: NOT_THERE.to_owned(), troubles: vec![trouble], ..Guardrail::default() })
}

/// A root, unit or account with its name.
fn named(organization: &Organization, id: &str, name: &str) -> String {
    let account = organization.accounts.get(id).map(|account| account.name.as_str());
    match account.unwrap_or(name) {
        _ if id == organization.root.id => format!("the root ({id})"),
        _ if organization.has_unit(id) => organization.path(id),
        "" => id.to_owned(),
        name => format!("{name} ({id})"),
    }
}

fn troubles(status: &GuardrailStatus, is_on: bool, place: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if !status.status.ends_with("_COMPLETE") || status.status.starts_with("ROLLBACK") {
        found.push((
            format!("the stack {} in {} is in {}", status.stack, status.region, status.status),
            "look at its events, then install again".to_owned(),
        ));
    }
    let who = |call: &str| format!("find out who did it (CloudTrail: {call}), then install again with the same flags");
    for policy in &status.gone {
        found.push((format!("the policy {policy} was deleted"), who("DeletePolicy")));
    }
    for policy in &status.edited {
        found
            .push((format!("the policy {policy} was edited: it does not say what was installed"), who("UpdatePolicy")));
    }
    if !is_on {
        let message = "service control policies are switched off in the organization, which detached all of them";
        found.push((message.to_owned(), format!("{} and --enable-policy-type", who("DisablePolicyType"))));
        return found;
    }
    for (policy, target) in status.detached() {
        found.push((format!("the policy {policy} was detached from {}", place(target)), who("DetachPolicy")));
    }
    found
}
