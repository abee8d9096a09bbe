//! What an aggregator of AWS Config holds of an organization. The account that has it is asked, and no other.

mod disabled;
pub(super) mod find;
mod place;
mod population;
mod rules;
pub(super) mod sources;

use std::collections::BTreeSet;

use futures_util::future::join;
use futures_util::stream::{self, StreamExt as _};
use rule::check::Check;

use super::judging::Judging;
use super::{Clients, Reach, Scope, Sink, Wanted};
use crate::failure::Failure;

/// Places whose results are asked for side by side. All of them count against the limits of one account.
const PLACES_AT_ONCE: usize = 8;

/// An aggregator, and how its account is reached.
#[derive(Debug)]
pub struct Aggregator {
    /// Its name.
    pub name: String,
    /// The Region that it is in.
    pub region: String,
    /// The Regions that it collects from; none if it collects from all.
    pub regions: Option<Vec<String>>,
    pub(super) reach: Reach,
}

impl Aggregator {
    /// In words: `aggregator all in eu-west-1`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("aggregator {} in {}", self.name, self.region)
    }

    /// Lets every call be seen.
    #[must_use]
    pub fn watched(mut self, watch: super::Watch) -> Self {
        self.reach = self.reach.watched(watch);
        self
    }

    async fn clients(&self) -> Result<Clients, Failure> {
        let clients = self.reach.clients(self.reach.caller(), &self.region).await;
        clients.map_err(|unreached| Failure::aws(unreached.to_string()))
    }
}

/// What is asked once for all places.
struct Common {
    sources: sources::Sources,
    population: population::Population,
    rules: rules::Rules,
    /// The places whose Region is not enabled.
    disabled: BTreeSet<usize>,
    /// The checks that have to have judged everything.
    expected: Vec<&'static Check>,
    /// The same, as far as they are known.
    judging: Judging,
}

/// The checks that are to judge. Where it is not known, those are that have results anywhere.
fn judging(rules: &rules::Rules, wanted: &Wanted) -> Judging {
    match &wanted.expected {
        Some(expected) => Judging::these(expected.iter().copied().chain(rules.checks())),
        None if rules.gap.is_some() || rules.found.is_empty() => Judging::UNKNOWN,
        None => Judging::seen(rules.checks()),
    }
}

/// Reads the places of the scope, in their order. Of all results nothing is kept but one small entry for each rule of
/// an account × Region, and a key for each resource.
pub(super) async fn read(
    aggregator: &Aggregator,
    scope: &Scope,
    wanted: &Wanted,
    told: &dyn Fn(),
    sink: &mut dyn Sink,
) -> Result<(), Failure> {
    let clients = aggregator.clients().await?;
    let (sources, rules) =
        join(sources::read(&clients, aggregator, scope), rules::read(&clients, aggregator, scope, wanted)).await;
    let (sources, rules) = (sources, rules?);
    let expected = wanted.expected.clone().unwrap_or_else(|| rules.checks());
    let judging = judging(&rules, wanted);
    sink.beside(&rules.beside);
    let population = population::read(&clients, aggregator, scope, (wanted, &judging), sink).await?;
    let disabled = disabled::read(&clients, aggregator, (scope, wanted), &sources).await;
    let mut common = Common { sources, population, rules, disabled, expected, judging };
    let asked = place::Question { clients: &clients, aggregator, wanted };
    let places: Vec<usize> = (0..scope.places.len()).collect();
    let all_rules = std::mem::take(&mut common.rules.found);
    let mut reads = stream::iter(places)
        .map(|index| place::results(asked, scope.places.get(index), rules::of_place(&all_rules, index)))
        .buffered(PLACES_AT_ONCE)
        .enumerate();
    while let Some((index, results)) = reads.next().await {
        if let Some(place) = scope.places.get(index) {
            place::give(asked, place, (index, results), &mut common, sink)?;
        }
        told();
    }
    Ok(())
}
