//! The stack that made a function, whatever its name is: in the account of a member it is one of a StackSet.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;

use super::desk::Desk;
use super::raw;
use crate::aws::{cloudformation, refused};
use crate::names::Names;
use crate::observe::{StackState, find_stack_with};
use crate::session::in_region;

/// CloudFormation's tag on what a stack makes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>).
const STACK: &str = "aws:cloudformation:stack-name";
/// Our template's tag on the function: the SHA-256 of its artifact.
const DIGEST: &str = "notebook-guard:artifact-sha256";

/// Who is asked: an account and a Region, with its credentials.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) desk: &'a Arc<Desk>,
    pub(super) sdk: &'a SdkConfig,
    pub(super) prefix: &'a str,
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

/// What the tags of a function lead to.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The stack that made it.
    pub(super) stack: Option<StackState>,
    /// The digest in its own tag.
    pub(super) digest: Option<String>,
    /// What could not be read.
    pub(super) why: Option<String>,
}

impl At<'_> {
    /// The stack of ours by its name.
    pub(super) async fn stack(self, name: &str) -> crate::observe::Read<Option<StackState>> {
        let watch = raw::recorder(self.desk, self.prefix, (self.account, self.region));
        let client = cloudformation(self.sdk, self.region, Some(watch));
        find_stack_with(&client, self.region, name).await
    }

    /// The stack in the tags of a function.
    pub(super) async fn made(self, function: &str) -> Made {
        let config = aws_sdk_lambda::config::Builder::from(&in_region(self.sdk, self.region));
        let config = config.interceptor(raw::recorder(self.desk, self.prefix, (self.account, self.region)));
        let client = aws_sdk_lambda::Client::from_conf(config.build());
        let answer = match client.list_tags().resource(function).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let why = refused("lambda:ListTags", self.region, &error).to_string();
                return Made { why: Some(why), ..Made::default() };
            }
        };
        let tag = |name: &str| answer.tags().and_then(|tags| tags.get(name)).cloned();
        let digest = tag(DIGEST);
        let Some(name) = tag(STACK) else { return Made { digest, ..Made::default() } };
        match self.stack(&name).await {
            Ok(stack) => Made { stack, digest, why: None },
            Err(refusal) => Made { digest, why: Some(refusal.to_string()), ..Made::default() },
        }
    }

    /// The parameters of the caller's own installation, by the stack of our name or by the function's. Why not, in words.
    pub(super) async fn parameters(self, names: Names<'_>) -> Result<BTreeMap<String, String>, String> {
        let (own, region) = (names.member_stack(), self.region);
        if let Some(stack) = self.stack(&own).await.map_err(|refusal| refusal.to_string())? {
            return Ok(stack.parameters);
        }
        let Names { partition, account, .. } = names;
        let function = format!("arn:{partition}:lambda:{region}:{account}:function:{}", names.function());
        let Made { stack, why, .. } = self.made(&function).await;
        let why = why.map_or_else(String::new, |why| format!("; the function that a StackSet made: {why}"));
        stack.map(|stack| stack.parameters).ok_or_else(|| format!("there is no stack {own} in {region}{why}"))
    }
}
