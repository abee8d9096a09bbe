//! The notebooks and domains that SageMaker lists.

use std::collections::HashSet;

use rule::resource::ResourceType;

use super::super::pages::{Pages, pages};
use super::super::result::{key, moment};
use super::{Clients, Wanted};
use crate::aws::refused;
use crate::evidence::rows::{Known, Resource};

/// The most resources on a page
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListNotebookInstances.html>).
const PAGE: i32 = 100;

/// Lists the resources of each type that a wanted check judges. Pages may overlap while notebooks come and go.
pub(super) async fn read(clients: &Clients, wanted: &Wanted) -> Vec<Pages<Resource>> {
    let is_judged =
        |resource_type: &ResourceType| wanted.checks.iter().any(|check| check.resource_type() == *resource_type);
    let mut lists = Vec::new();
    if is_judged(&ResourceType::NOTEBOOK_INSTANCE) {
        lists.push(notebooks(clients).await);
    }
    if is_judged(&ResourceType::DOMAIN) {
        lists.push(domains(clients).await);
    }
    for list in &mut lists {
        let mut known = HashSet::new();
        list.items.retain(|one| known.insert(key(&one.resource_type, &one.resource_id)));
    }
    lists
}

async fn notebooks(clients: &Clients) -> Pages<Resource> {
    let call = "sagemaker:ListNotebookInstances";
    pages(call, &clients.region, |token| async {
        let list = clients.sagemaker.list_notebook_instances().max_results(PAGE).set_next_token(token);
        let page = list.send().await.map_err(|error| refused(call, &clients.region, &error))?;
        let resource = |one: &aws_sdk_sagemaker::types::NotebookInstanceSummary| Resource {
            resource_id: one.notebook_instance_arn().unwrap_or_default().to_owned(),
            name: one.notebook_instance_name().map(str::to_owned),
            status: one.notebook_instance_status().map(|status| status.as_str().to_owned()),
            created: one.creation_time().and_then(moment),
            ..of_type(clients, &ResourceType::NOTEBOOK_INSTANCE)
        };
        Ok((page.notebook_instances().iter().map(resource).collect(), page.next_token))
    })
    .await
}

async fn domains(clients: &Clients) -> Pages<Resource> {
    let call = "sagemaker:ListDomains";
    pages(call, &clients.region, |token| async {
        let list = clients.sagemaker.list_domains().max_results(PAGE).set_next_token(token);
        let page = list.send().await.map_err(|error| refused(call, &clients.region, &error))?;
        let resource = |one: &aws_sdk_sagemaker::types::DomainDetails| Resource {
            resource_id: one.domain_id().unwrap_or_default().to_owned(),
            name: one.domain_name().map(str::to_owned),
            status: one.status().map(|status| status.as_str().to_owned()),
            created: one.creation_time().and_then(moment),
            ..of_type(clients, &ResourceType::DOMAIN)
        };
        Ok((page.domains().iter().map(resource).collect(), page.next_token))
    })
    .await
}

fn of_type(clients: &Clients, resource_type: &ResourceType) -> Resource {
    Resource {
        account: clients.account.clone(),
        region: clients.region.clone(),
        resource_type: resource_type.as_str().to_owned(),
        resource_id: String::new(),
        name: None,
        status: None,
        created: None,
        known: Known::Listed,
        not_judged: None,
    }
}
