//! The service control policies that are in force on a target, from the root down, as AWS Organizations has them.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_organizations::types::{PolicySummary, PolicyType};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::language::{ParseError, Policy};
use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;

/// `DescribePolicy` may be called twice a second
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>). The other calls here are
/// kept to the same: they are few.
const BETWEEN_CALLS: Duration = Duration::from_millis(500);
/// Calls that may come at once before that.
const BURST: u32 = 2;

/// What AWS attaches everywhere when service control policies are switched on
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>).
pub const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// One of the places that policies are attached to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Level {
    /// The id of the root, unit or account.
    pub id: String,
    /// Its name; the id again where nobody asked.
    pub name: String,
    /// What is attached to it.
    pub policies: Vec<Attached>,
}

/// A policy that is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attached {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// Policies with their names, level by level from the root down: what [`super::language::decide_chain`] takes.
pub type Levels = Vec<Vec<(String, Policy)>>;
/// Policies that cannot be read, by name.
pub type Unread = Vec<(String, Vec<ParseError>)>;

/// The policies of these levels, if all of them can be read.
///
/// # Errors
/// Those that cannot.
pub fn parsed(levels: &[Level]) -> Result<Levels, Unread> {
    let chain = Chain::read(levels);
    if chain.unread.is_empty() { Ok(chain.levels) } else { Err(chain.unread) }
}

/// Levels with their policies read, root first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// The policies that can be read.
    pub levels: Levels,
    /// Those that cannot: they could deny whatever the others allow.
    pub unread: Unread,
}

impl Chain {
    /// Reads the policies of these levels.
    #[must_use]
    pub fn read(levels: &[Level]) -> Self {
        let mut chain = Self::default();
        for level in levels {
            let mut policies = Vec::new();
            for attached in &level.policies {
                match Policy::parse(&attached.content) {
                    Ok(policy) => policies.push((attached.name.clone(), policy)),
                    Err(errors) => chain.unread.push((attached.name.clone(), errors)),
                }
            }
            chain.levels.push(policies);
        }
        chain
    }
}

/// Reads policies, each only once, and no faster than AWS Organizations allows.
#[derive(Debug)]
pub(crate) struct Reader {
    client: aws_sdk_organizations::Client,
    region: String,
    cache: Mutex<BTreeMap<String, String>>,
    /// When the next call may be made, counted as if all so far had kept their distance.
    next: Mutex<Option<Instant>>,
}

impl Reader {
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        Self {
            client: aws_sdk_organizations::Client::new(sdk),
            region: sdk.region().map(ToString::to_string).unwrap_or_default(),
            cache: Mutex::new(BTreeMap::new()),
            next: Mutex::new(None),
        }
    }

    /// The same, with every call seen.
    pub(crate) fn watched(sdk: &SdkConfig, watch: SharedInterceptor) -> Self {
        let config = aws_sdk_organizations::config::Builder::from(sdk).interceptor(watch).build();
        Self { client: aws_sdk_organizations::Client::from_conf(config), ..Self::new(sdk) }
    }

    /// What is attached to one root, unit or account itself.
    pub(crate) async fn level(&self, id: &str, name: &str) -> Read<Level> {
        self.turn().await;
        let mut policies = Vec::new();
        let mut pages = self
            .client
            .list_policies_for_target()
            .target_id(id)
            .filter(PolicyType::ServiceControlPolicy)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused("organizations:ListPoliciesForTarget", &self.region, &error))?;
            for summary in page.policies() {
                policies.push(self.attached(summary).await?);
            }
        }
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Level { id: id.to_owned(), name: name.to_owned(), policies })
    }

    /// The levels of these places, in the same order.
    pub(crate) async fn levels(&self, places: &[(String, String)]) -> Read<Vec<Level>> {
        let mut levels = Vec::new();
        for (id, name) in places {
            levels.push(self.level(id, name).await?);
        }
        Ok(levels)
    }

    /// The ids of a unit or account and of everything above it, the root first. For the root, itself.
    pub(crate) async fn above(&self, id: &str) -> Read<Vec<(String, String)>> {
        let mut found = vec![(id.to_owned(), id.to_owned())];
        let mut next = id.to_owned();
        // Five levels of units and an account, says the quota; a circle must not keep us.
        while !next.starts_with("r-") && found.len() < 16 {
            self.turn().await;
            let answer = self.client.list_parents().child_id(&next).send().await;
            let answer = answer.map_err(|error| refused("organizations:ListParents", &self.region, &error))?;
            let Some(parent) = answer.parents().first().and_then(|parent| parent.id()) else { break };
            found.push((parent.to_owned(), parent.to_owned()));
            parent.clone_into(&mut next);
        }
        found.reverse();
        Ok(found)
    }

    /// The names of all service control policies of the organization.
    pub(crate) async fn names(&self) -> Read<Vec<String>> {
        self.turn().await;
        let mut names = Vec::new();
        let mut pages = self.client.list_policies().filter(PolicyType::ServiceControlPolicy).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused("organizations:ListPolicies", &self.region, &error))?;
            names.extend(page.policies().iter().filter_map(|policy| policy.name().map(str::to_owned)));
        }
        Ok(names)
    }

    /// The places that a policy is attached to: ids and names.
    pub(crate) async fn targets_of(&self, policy: &str) -> Read<Vec<(String, String)>> {
        self.turn().await;
        let mut targets = Vec::new();
        let mut pages = self.client.list_targets_for_policy().policy_id(policy).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refused("organizations:ListTargetsForPolicy", &self.region, &error))?;
            for target in page.targets() {
                let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
                targets.push((text(target.target_id()), text(target.name())));
            }
        }
        targets.sort();
        Ok(targets)
    }

    async fn attached(&self, summary: &PolicySummary) -> Read<Attached> {
        let (id, name) = (summary.id().unwrap_or_default(), summary.name().unwrap_or_default());
        let content = self.content(id).await?;
        Ok(Attached { id: id.to_owned(), name: name.to_owned(), content })
    }

    /// What a policy says.
    pub(crate) async fn content(&self, id: &str) -> Read<String> {
        if let Some(content) = self.cache.lock().await.get(id) {
            return Ok(content.clone());
        }
        self.turn().await;
        let answer = self.client.describe_policy().policy_id(id).send().await;
        let answer = answer.map_err(|error| refused("organizations:DescribePolicy", &self.region, &error))?;
        let content = answer.policy.and_then(|policy| policy.content).ok_or_else(|| AwsRefusal {
            call: "organizations:DescribePolicy".to_owned(),
            region: self.region.clone(),
            code: None,
            message: format!("the answer for {id} has no text of the policy"),
            request_id: None,
        })?;
        self.cache.lock().await.insert(id.to_owned(), content.clone());
        Ok(content)
    }

    /// Waits for its turn: two calls at once, then two a second.
    async fn turn(&self) {
        let until = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let earliest = now.checked_sub(BETWEEN_CALLS * (BURST - 1)).unwrap_or(now);
            let mine = next.map_or(earliest, |next| next.max(earliest));
            *next = Some(mine + BETWEEN_CALLS);
            mine
        };
        sleep_until(until).await;
    }
}
