//! The notebooks and domains that AWS Config saw go.

use std::collections::HashSet;

use aws_sdk_config::types::{ResourceIdentifier, ResourceType as Recorded};
use rule::resource::ResourceType;

use super::super::pages::{Pages, pages};
use super::super::result::{key, moment, name_in};
use super::{Clients, Wanted};
use crate::aws::refused;
use crate::evidence::Moment;
use crate::evidence::rows::{Known, Reading, Resource};

/// The most resources on a page
/// (<https://docs.aws.amazon.com/config/latest/APIReference/API_ListDiscoveredResources.html>).
const PAGE: i32 = 100;
/// Where nothing was ever recorded; the gaps of the account × Region tell of it.
const NO_RECORDER: &str = "NoAvailableConfigurationRecorderException";

/// Lists what was deleted after the wanted time, of each type that a wanted check judges. What is listed exists again.
pub(super) async fn read(clients: &Clients, wanted: &Wanted, listed: &[Pages<Resource>]) -> Vec<Pages<Resource>> {
    let Some(since) = wanted.deleted_since else { return Vec::new() };
    let mut known: HashSet<_> =
        listed.iter().flat_map(|list| &list.items).map(|one| key(&one.resource_type, &one.resource_id)).collect();
    let mut lists = Vec::new();
    for kind in [ResourceType::NOTEBOOK_INSTANCE, ResourceType::DOMAIN] {
        if !wanted.checks.iter().any(|check| check.resource_type() == kind) {
            continue;
        }
        let mut list = of_type(clients, &kind, since).await;
        if list.refusal.as_ref().and_then(|refusal| refusal.code.as_deref()) == Some(NO_RECORDER) {
            break;
        }
        list.items.retain(|one| known.insert(key(&one.resource_type, &one.resource_id)));
        lists.push(list);
    }
    lists
}

async fn of_type(clients: &Clients, kind: &ResourceType, since: Moment) -> Pages<Resource> {
    let call = "config:ListDiscoveredResources";
    pages(call, &clients.region, |token| async {
        let list = clients.config.list_discovered_resources().resource_type(Recorded::from(kind.as_str()));
        let list = list.include_deleted_resources(true).limit(PAGE).set_next_token(token);
        let page = list.send().await.map_err(|error| refused(call, &clients.region, &error))?;
        let gone = page.resource_identifiers().iter().filter(|one| is_gone(one, since));
        Ok((gone.filter_map(|one| resource(clients, kind, one)).collect(), page.next_token))
    })
    .await
}

fn is_gone(one: &ResourceIdentifier, since: Moment) -> bool {
    one.resource_deletion_time().and_then(moment).is_some_and(|at| at > since)
}

fn resource(clients: &Clients, kind: &ResourceType, one: &ResourceIdentifier) -> Option<Resource> {
    let id = one.resource_id()?;
    Some(Resource {
        account: clients.account.clone(),
        region: clients.region.clone(),
        resource_type: kind.as_str().to_owned(),
        resource_id: id.to_owned(),
        name: one.resource_name().or_else(|| name_in(kind.as_str(), id)).map(str::to_owned),
        status: None,
        created: None,
        known: Known::Deleted,
        not_judged: None,
    })
}

/// How far the place was read, with these lists.
pub(super) fn reading(reading: Reading, deleted: &[Pages<Resource>]) -> Reading {
    let lacks: Vec<String> =
        deleted.iter().filter_map(|list| list.refusal.as_ref()).map(crate::aws::AwsRefusal::words).collect();
    match reading {
        Reading::Read if !lacks.is_empty() => Reading::Incomplete { why: lacks.join("; ") },
        Reading::Incomplete { why } if !lacks.is_empty() => {
            Reading::Incomplete { why: format!("{why}; {}", lacks.join("; ")) }
        }
        // What is gone was there: something is known of the place.
        Reading::Unread { why } if deleted.iter().any(|list| !list.items.is_empty()) => Reading::Incomplete { why },
        other @ (Reading::Read | Reading::Incomplete { .. } | Reading::Unread { .. } | Reading::Excluded { .. }) => {
            other
        }
    }
}
