//! The guardrail: the stack with our service control policies, observed, planned, made, removed.
//!
//! Nothing is attached before everything that can be known beforehand is known to be in order: the quotas, the policy
//! type, names, and the decision table on every target together with what else is in force there.

mod apply;
mod observe;
mod plan;
mod problem;
mod status;

pub use apply::{Removed, apply, remove};
pub use observe::{GuardrailState, OwnPolicy, TypeStatus, observe};
pub use plan::{Drift, Wanted, plan, warnings};
pub use problem::GuardrailProblem;

pub use crate::stacks::RemoveFirst;
pub use status::{GuardrailStatus, PolicyStatus, left_alone, read_status};

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::plan::{Deploy, Detail, deploy_text};

pub use super::settings::{Agreed, GuardrailSettings};

/// What will be done for the guardrail, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use = "a step changes nothing until it is applied"]
pub struct GuardrailStep {
    /// The Region of the stack.
    pub region: String,
    /// The root for which service control policies have to be switched on first, or are about to be.
    pub policy_type: Option<EnableType>,
    /// A stack of ours that is of no use and goes first.
    pub remove: Option<RemoveFirst>,
    /// The stack. Without changes it stays as it is.
    pub deploy: Deploy,
    /// What somebody has changed behind the stack's back. It is mended after the stack is as it should be.
    pub drift: Vec<Drift>,
    /// What is bound or protected now and will not be, in words.
    pub given_up: Vec<String>,
    /// The policies as they will be, minified.
    pub policies: Vec<PolicyText>,
    /// What they will be attached to, with names: `Prod/Payments (ou-abcd-12345678)`.
    pub targets: Vec<String>,
}

/// The policy type is not on yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnableType {
    /// The root's id.
    pub root: String,
    /// Whether somebody has asked for it already, so that it only has to be waited for.
    pub is_pending: bool,
}

/// A policy's name and text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyText {
    /// Its name.
    pub name: String,
    /// Its text, minified.
    pub content: String,
}

impl GuardrailStep {
    /// The root, if it is one of the targets: then every account is bound, and whoever asks for confirmation should have
    /// this id typed.
    #[must_use]
    pub fn root(&self) -> Option<&str> {
        let targets = self.deploy.parameters.get("Targets")?;
        targets.split(',').find(|target| target.starts_with("r-"))
    }

    /// Whether CloudFormation has something to do.
    #[must_use]
    pub fn changes_stack(&self) -> bool {
        self.deploy.is_new || !self.deploy.changes.is_empty()
    }

    /// A target with its name.
    fn place(&self, id: &str) -> String {
        let named = self.targets.iter().find(|name| name.ends_with(&format!("({id})")));
        named.cloned().unwrap_or_else(|| id.to_owned())
    }

    /// The step as people read it: some lines, indented like the steps of a Region, with a line feed at the end.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut out = String::new();
        if let Some(enable) = &self.policy_type {
            let what = if enable.is_pending {
                "wait until service control policies are on"
            } else {
                "switch service control policies on; AWS attaches FullAWSAccess everywhere"
            };
            let _ = writeln!(out, "  + root {}: {what}", enable.root);
        }
        if let Some(remove) = &self.remove {
            let _ = writeln!(out, "  - stack {}: {}", remove.stack, remove.why);
        }
        if self.changes_stack() {
            out.push_str(&deploy_text(&self.deploy, Detail::Full));
        }
        for line in plan::drift_lines(&self.drift, &|id| self.place(id)) {
            let _ = writeln!(out, "  ~ {line}");
        }
        for line in &self.given_up {
            let _ = writeln!(out, "  ! {line}");
        }
        for policy in &self.policies {
            let _ = writeln!(out, "      policy {}: {} characters", policy.name, super::quotas::size(&policy.content));
        }
        let _ = writeln!(out, "      on {}", self.targets.join(", "));
        out
    }
}
