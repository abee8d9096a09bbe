//! What tells resources and results apart, in 8 bytes.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

/// Makes keys. They are keyed anew for each bundle that is read, so nobody can choose ids that come to the same; that
/// two of a million come to the same by chance happens once in 40 million bundles.
#[derive(Debug, Default)]
pub(crate) struct Keys(RandomState);

impl Keys {
    /// The key of a resource. Ids that differ in letter case alone are one resource.
    pub(crate) fn resource(&self, account: &str, region: &str, (kind, id): (&str, &str)) -> u64 {
        self.0.hash_one((account, region, kind, id.to_ascii_lowercase()))
    }

    /// The key of a rule's result for a resource.
    pub(crate) fn result(&self, resource: u64, rule: &str) -> u64 {
        self.0.hash_one((resource, rule))
    }
}
