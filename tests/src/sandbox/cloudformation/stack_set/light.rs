//! Instances without stacks, for organizations of ten thousand accounts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::model::{Deployed, Instance, Key};
use super::operation::Ended;

/// How instances without stacks fare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LightStackSets {
    /// For so many of a million instances, told by account and Region, making and changing them fails for this reason.
    failing: Vec<(u64, Arc<str>)>,
}

impl LightStackSets {
    /// The same with one more reason for failures: `per_million` of a million instances fail for it, always the same.
    #[must_use]
    pub fn failing(mut self, per_million: u64, reason: &str) -> Self {
        self.failing.push((per_million, reason.into()));
        self
    }

    /// Why an instance fails, if it does.
    fn failure(&self, key: &Key) -> Option<&Arc<str>> {
        let mut hasher = DefaultHasher::new();
        (&*key.account, &*key.region).hash(&mut hasher);
        let mut left = hasher.finish() % 1_000_000;
        for (share, reason) in &self.failing {
            if left < *share {
                return Some(reason);
            }
            left -= share;
        }
        None
    }
}

/// How an operation ends for an instance.
pub(super) fn ended(light: &LightStackSets, key: &Key, instance: &Instance, deletes: bool) -> Ended {
    match light.failure(key) {
        _ if deletes => Ended::Good(None),
        Some(reason) => Ended::Bad(Arc::clone(reason)),
        None if instance.status == super::model::Status::Current && instance.deployed == Deployed::Light => {
            Ended::Good(Some(super::deploy::UNCHANGED.into()))
        }
        None => Ended::Good(None),
    }
}

/// The id of a stack that is only said to be there.
pub(super) fn stack_id(set: &str, key: &Key) -> String {
    let digits = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, set, &*key.account, &*key.region).hash(&mut hasher);
        hasher.finish()
    };
    let (Key { account, region }, name, id) = (key, digits(0), digits(1));
    let uuid = |number: u64| {
        format!("{:08x}-{:04x}-4000-8000-{number:012x}", number >> 32, number & 0xffff, number = number >> 16)
    };
    format!("arn:aws:cloudformation:{region}:{account}:stack/StackSet-{set}-{}/{}", uuid(name), uuid(id))
}
