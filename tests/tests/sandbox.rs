//! The sandbox's own suite: it is only worth as much as it is like AWS.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests; clippy allows them in the tests themselves only"
)]

mod sandbox {
    mod accounts;
    mod aggregators;
    mod buckets;
    mod change_sets;
    mod client;
    mod control;
    mod ec2;
    mod evaluations;
    mod faults;
    mod function;
    mod history;
    mod holds;
    mod keys;
    mod lags;
    mod lambda;
    mod lifecycle;
    mod locks;
    mod notebooks;
    mod notifications;
    mod organization_packs;
    mod packaged;
    mod packs;
    mod provisioned;
    mod results;
    mod rollbacks;
    mod rules;
    mod rust_sdk;
    mod signature;
    mod stack_sets;
    mod stacks;
    mod sts;
    mod templates;
}
