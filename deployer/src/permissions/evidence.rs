//! What `evidence export` needs beside what a report and others need, too.

use super::Need::{Helpful, Required};
use super::Use::Evidence;
use super::table::on;
use super::{Permission, Resource, Use};

const EVIDENCE_ALONE: &[Use] = &[Evidence];

/// Of an account: also of the role that `evidence export --assume-role` names.
pub(super) const EVIDENCE: &[Permission] = &[
    on(Resource::Any, "config:GetResourceConfigHistory", Required, EVIDENCE_ALONE, "what happened in the period"),
    on(Resource::Any, "config:ListDiscoveredResources", Required, EVIDENCE_ALONE, "what was deleted in the period"),
    on(Resource::Any, "config:DescribeRetentionConfigurations", Required, EVIDENCE_ALONE, "how long items are kept"),
];

/// What `evidence export --org` needs beside [`super::ALL`] and what a report needs, of the management account or a
/// delegated administrator of StackSets and of policies.
pub const EVIDENCE_OF_ORGANIZATION: &[Permission] = &[
    on(Resource::StackSets, "cloudformation:ListStackInstances", Helpful, EVIDENCE_ALONE, "who is covered"),
    on(Resource::GuardrailStack, "cloudformation:DescribeStacks", Helpful, EVIDENCE_ALONE, "which policies are ours"),
    on(Resource::Any, "organizations:ListParents", Helpful, EVIDENCE_ALONE, "what is above their targets"),
    on(Resource::Any, "organizations:ListPoliciesForTarget", Helpful, EVIDENCE_ALONE, "what is in force there"),
    on(Resource::Any, "organizations:DescribePolicy", Helpful, EVIDENCE_ALONE, "what the policies say"),
];
