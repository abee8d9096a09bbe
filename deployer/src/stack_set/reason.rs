//! Why something was not done in an account and Region: CloudFormation's words, taken apart and told from others that
//! mean the same.

mod cause;
mod normal;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use cause::Cause;
pub(crate) use normal::normalized;

/// A reason. What means the same is the same value.
pub type Reason = Arc<Explained>;

/// More different reasons than this are not told apart; they still keep their causes.
const LARGEST: usize = 1_000;
/// Characters of a reason that are kept. CloudFormation's longest are cut too.
const LONGEST: usize = 1_500;

/// A reason, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explained {
    /// What is behind it.
    pub cause: Cause,
    /// The resource that failed, if a resource did.
    pub resource: Option<Resource>,
    /// The words without what differs from account to account: equal for reasons that mean the same.
    pub text: String,
    /// The words as they were first seen, without the resource in front.
    pub sample: String,
}

/// A resource of the template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// Its logical id.
    pub logical: String,
    /// Its type.
    pub kind: String,
}

/// Takes a reason apart. The grammar is
/// `ResourceLogicalId:ID, ResourceType:TYPE, ResourceStatusReason:WORDS`, or just words.
#[must_use]
pub fn explain(raw: &str) -> Explained {
    let (resource, words) = match resource_in_front(raw.trim()) {
        Some((resource, words)) => (Some(resource), words),
        None => (None, raw.trim()),
    };
    let sample: String = words.trim_end_matches('.').chars().take(LONGEST).collect();
    Explained { cause: Cause::of(raw), resource, text: normalized(&sample), sample }
}

fn resource_in_front(raw: &str) -> Option<(Resource, &str)> {
    let (_, rest) = raw.split_once("ResourceLogicalId:")?;
    let (logical, rest) = rest.split_once(',')?;
    let (_, rest) = rest.split_once("ResourceType:")?;
    let (kind, rest) = rest.split_once(',')?;
    let (_, words) = rest.split_once("ResourceStatusReason:")?;
    Some((Resource { logical: logical.trim().to_owned(), kind: kind.trim().to_owned() }, words.trim()))
}

/// The reasons that were seen, each kept once.
#[derive(Debug, Default)]
pub struct Reasons {
    known: HashMap<(Option<Resource>, String), Reason>,
    /// For what is too much to tell apart.
    others: BTreeMap<Cause, Reason>,
}

impl Reasons {
    /// The reason that CloudFormation's words give.
    pub fn intern(&mut self, raw: &str) -> Reason {
        let explained = explain(raw);
        let key = (explained.resource.clone(), explained.text.clone());
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        if self.known.len() >= LARGEST {
            let other = self.others.entry(explained.cause).or_insert_with(|| Arc::new(explained));
            return Arc::clone(other);
        }
        Arc::clone(self.known.entry(key).or_insert_with(|| Arc::new(explained)))
    }

    /// The reason of an instance whose account is suspended; CloudFormation says nothing beside the status.
    pub fn suspended(&mut self) -> Reason {
        self.intern("the account is suspended")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_is_taken_off_the_words() {
        let told = explain(
            "ResourceLogicalId:DirectInternetAccessRule, ResourceType:AWS::Config::ConfigRule, \
             ResourceStatusReason:There are no customer managed configuration recorders available.",
        );
        let resource = told.resource.unwrap();
        assert_eq!(
            (resource.logical.as_str(), resource.kind.as_str()),
            ("DirectInternetAccessRule", "AWS::Config::ConfigRule")
        );
        assert_eq!(told.sample, "There are no customer managed configuration recorders available");
        assert_eq!(told.cause, Cause::NoRecorder);
    }

    #[test]
    fn words_alone_have_no_resource() {
        let told = explain("Cancelled since failure tolerance has exceeded");
        assert_eq!((told.resource, told.cause), (None, Cause::ToleranceExceeded));
        assert_eq!(explain("").sample, "");
        // Half of the grammar is just words.
        assert_eq!(explain("ResourceLogicalId:X, something").resource, None);
    }

    #[test]
    fn what_differs_by_account_only_is_one_reason() {
        let mut reasons = Reasons::default();
        let told = |account: &str, region: &str, id: &str| {
            format!(
                "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler \
                 returned message: \"User: arn:aws:sts::{account}:assumed-role/stacksets-exec-{id}/x is not authorized \
                 to perform: lambda:CreateFunction on resource: arn:aws:lambda:{region}:{account}:function:notebook-\
                 guard-evaluator with an explicit deny in a service control policy (Service: Lambda, Status Code: 403, \
                 Request ID: 5e1c3a0e-0f0e-4f2c-9d1b-2b1f6f9c0a11)\" (RequestToken: 0a1b2c3d-0f0e-4f2c-9d1b-\
                 2b1f6f9c0a12, HandlerErrorCode: AccessDenied)"
            )
        };
        let one = reasons.intern(&told("111122223333", "eu-west-1", "0123456789abcdef0123456789abcdef"));
        let other = reasons.intern(&told("444455556666", "us-gov-west-1", "fedcba9876543210fedcba9876543210"));
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(one.cause, Cause::DeniedByScp);
        assert!(one.sample.contains("111122223333"), "{}", one.sample);
    }

    #[test]
    fn another_resource_is_another_reason() {
        let mut reasons = Reasons::default();
        let told = |logical: &str| format!("ResourceLogicalId:{logical}, ResourceType:T, ResourceStatusReason:no");
        assert_ne!(reasons.intern(&told("A")), reasons.intern(&told("B")));
    }

    #[test]
    fn endless_different_reasons_take_no_endless_memory() {
        let mut reasons = Reasons::default();
        for number in 0..3 * LARGEST {
            let reason = reasons.intern(&format!("quota q{number} is used up: LimitExceeded"));
            assert_eq!(reason.cause, Cause::Quota);
        }
        assert_eq!(reasons.known.len() + reasons.others.len(), LARGEST + 1);
    }
}
