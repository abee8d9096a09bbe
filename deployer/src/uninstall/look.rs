//! What of ours is in a Region.

use futures_util::{join, try_join};

use super::bucket::{self, Contents};
use super::{Leftover, proof};
use crate::aws::{Clients, refused};
use crate::names::Names;
use crate::observe::{BucketState, Read, SetStack, StackState, artifact, function, identify_stack, read_set_stack};

/// What of ours is in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) member: StackFound,
    pub(super) artifacts: StackFound,
    pub(super) bucket: BucketFound,
    /// What is there although no stack holds it; looked for only where there is no member stack.
    pub(super) leftovers: Vec<Leftover>,
    /// Whether the artifact bucket and its stack stay.
    pub(super) keeps_artifacts: bool,
}

/// A stack by one of our names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StackFound {
    /// There is none.
    Missing,
    /// It is not ours.
    Foreign,
    /// A StackSet of the organization made what has our names.
    OfOrganization(SetStack),
    /// Nobody looked: in a delegated administrator's account it would be a StackSet's.
    NotLookedFor,
    /// It is ours.
    Ours {
        /// The stack.
        state: Box<StackState>,
        /// Its resources that are there.
        resources: Vec<ResourceFound>,
    },
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceFound {
    pub(super) kind: String,
    pub(super) physical: String,
}

/// The artifact bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BucketFound {
    /// There is none.
    Missing,
    /// A bucket of our name is in this account, and nothing says that we made it.
    Foreign {
        /// Its name.
        name: String,
    },
    /// It is ours.
    Ours {
        /// Its name.
        name: String,
        /// What is in it.
        contents: Contents,
    },
}

impl Found {
    /// Whether there is anything to remove.
    pub(super) fn has_work(&self) -> bool {
        matches!(self.member, StackFound::Ours { .. }) || (self.has_artifacts() && !self.keeps_artifacts)
    }

    /// Whether there is a bucket or an artifact stack.
    pub(super) fn has_artifacts(&self) -> bool {
        matches!(self.artifacts, StackFound::Ours { .. }) || matches!(self.bucket, BucketFound::Ours { .. })
    }
}

/// Looks for the stacks, the bucket, and what no stack holds.
pub(super) async fn look(
    clients: &Clients,
    iam: &aws_sdk_iam::Client,
    names: Names<'_>,
    keeps_artifacts: bool,
) -> Read<Found> {
    let (member_stack, artifact_stack) = (names.member_stack(), names.artifact_stack());
    let (member, artifacts) = try_join!(stack(clients, &member_stack), stack(clients, &artifact_stack))?;
    let member = if member == StackFound::Missing { of_organization(clients, names).await? } else { member };
    let orphans = async {
        // What a foreign stack of our name made may have our names, too.
        match member {
            StackFound::Missing => proof::of_member(clients, iam, names).await,
            StackFound::Foreign
            | StackFound::OfOrganization(_)
            | StackFound::NotLookedFor
            | StackFound::Ours { .. } => Ok(Vec::new()),
        }
    };
    let (bucket, leftovers) = join!(find_bucket(clients, names, &artifacts), orphans);
    Ok(Found { bucket: bucket?, leftovers: leftovers?, member, artifacts, keeps_artifacts })
}

/// A stack of a StackSet has another name than ours.
async fn of_organization(clients: &Clients, names: Names<'_>) -> Read<StackFound> {
    let Some(function) = function::read(clients, &names.function()).await? else { return Ok(StackFound::Missing) };
    Ok(read_set_stack(clients, &function).await?.map_or(StackFound::Missing, StackFound::OfOrganization))
}

async fn stack(clients: &Clients, name: &str) -> Read<StackFound> {
    match identify_stack(clients, name).await? {
        None => Ok(StackFound::Missing),
        Some(stack) if !stack.is_ours() => Ok(StackFound::Foreign),
        Some(state) => {
            let resources = resources(clients, &state).await?;
            let resources = resources.into_iter().filter(|(status, _)| status != "DELETE_COMPLETE");
            let resources = resources.map(|(_, resource)| resource).filter(|resource| !resource.physical.is_empty());
            Ok(StackFound::Ours { state: Box::new(state), resources: resources.collect() })
        }
    }
}

/// The resources of a stack with CloudFormation's words for their states, also of one that is deleted.
pub(super) async fn resources(clients: &Clients, stack: &StackState) -> Read<Vec<(String, ResourceFound)>> {
    let mut found = Vec::new();
    let mut pages = clients.cloudformation.list_stack_resources().stack_name(&stack.id).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match page.map_err(|error| refused("cloudformation:ListStackResources", &clients.region, &error)) {
            // A stack that never got beyond its change set leaves nothing to be asked for.
            Err(refusal) if refusal.message.contains("does not exist") => return Ok(found),
            other => other?,
        };
        found.extend(page.stack_resource_summaries().iter().map(|resource| {
            let status = resource.resource_status().map_or("", |status| status.as_str()).to_owned();
            let kind = resource.resource_type().unwrap_or_default().to_owned();
            (status, ResourceFound { kind, physical: resource.physical_resource_id().unwrap_or_default().to_owned() })
        }));
    }
    Ok(found)
}

/// The bucket of the artifact stack, or one that an interrupted run left: without a stack, but with our tag.
async fn find_bucket(clients: &Clients, names: Names<'_>, artifacts: &StackFound) -> Read<BucketFound> {
    let in_stack = match artifacts {
        StackFound::Ours { resources, .. } => {
            resources.iter().find(|resource| resource.kind == "AWS::S3::Bucket").map(|bucket| bucket.physical.clone())
        }
        StackFound::Missing | StackFound::Foreign | StackFound::OfOrganization(_) | StackFound::NotLookedFor => None,
    };
    let is_in_stack = in_stack.is_some();
    let own = names.bucket(&clients.region);
    // The second is the name in the account's own name space (cfn/artifacts.yaml, Namespace).
    let candidates = in_stack.map_or_else(|| vec![own.clone(), format!("{own}-an")], |name| vec![name]);
    for name in candidates {
        if artifact::read_bucket(clients, &name, names.account).await? != BucketState::Present {
            continue;
        }
        let is_ours =
            is_in_stack || (*artifacts != StackFound::Foreign && artifact::is_marked(clients, &name, names).await?);
        if !is_ours {
            return Ok(BucketFound::Foreign { name });
        }
        let contents = bucket::contents(clients, &name, names).await?;
        return Ok(BucketFound::Ours { name, contents });
    }
    Ok(BucketFound::Missing)
}
