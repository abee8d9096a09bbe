//! What an aggregator of AWS Config holds of an organization.

use super::{Reach, Scope, Sink, Wanted};
use crate::failure::Failure;

/// An aggregator, and how its account is reached.
#[derive(Debug)]
pub struct Aggregator {
    /// Its name.
    pub name: String,
    /// The Region that it is in.
    pub region: String,
    pub(super) reach: Reach,
}

impl Aggregator {
    /// In words: `aggregator all in eu-west-1`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("aggregator {} in {}", self.name, self.region)
    }
}

pub(super) async fn read(
    aggregator: &Aggregator,
    _: &Scope,
    _: &Wanted,
    _: &dyn Fn(),
    _: &mut dyn Sink,
) -> Result<(), Failure> {
    let caller = aggregator.reach.caller();
    Err(Failure::usage(format!("{} of account {caller} cannot be read by this version", aggregator.words()))
        .help("read account by account: --assume-role NAME"))
}
