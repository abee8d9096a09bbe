//! The policy language as far as service control policies use it, evaluated without a guess.
//!
//! What is not known (a condition key that the request says nothing about, an operator of another year) is a third
//! truth value. It only comes out if the decision depends on it, and then with the reason.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod condition;
mod context;
mod decide;
mod json;
mod parse;
mod pattern;
mod policy;
mod truth;

pub use condition::{Base, Operator, Quantifier};
pub use context::{Context, Lookup, Request};
pub(in crate::scp) use decide::like;
pub use decide::{Cited, Decision, action_matches, decide_chain, is_bound};
pub(in crate::scp) use json::Json;
pub use parse::ParseError;
pub use policy::{Actions, Condition, Effect, Policy, Resources, Statement, Version};
pub use truth::Truth;

#[cfg(test)]
mod tests;
