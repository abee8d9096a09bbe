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
    due: Due,
}

/// Which checks are to judge where.
struct Due {
    /// The management account, if a StackSet says what is to judge in all others.
    beside: Option<String>,
    there: Judging,
    elsewhere: Judging,
}

impl Due {
    /// An aggregator does not show rules without results: only who installed, or who asks, knows all of them.
    fn new(rules: &rules::Rules, scope: &Scope, (wanted, set): (&Wanted, Option<&[&'static Check]>)) -> Self {
        let all = |checks: &[&'static Check]| Judging::these(checks.iter().copied().chain(rules.checks()));
        let elsewhere = wanted.expected.as_deref().or(set).map_or(Judging::UNKNOWN, all);
        let beside = scope.management.clone().filter(|_| wanted.expected.is_none());
        Self { beside, there: Judging::UNKNOWN, elsewhere }
    }

    fn of(&self, account: &str) -> &Judging {
        if self.beside.as_deref() == Some(account) { &self.there } else { &self.elsewhere }
    }
}

/// Reads the places of the scope, in their order. Of all results nothing is kept but one small entry for each rule of
/// an account × Region, and a key for each resource. `set` is what the StackSet has on in the members' accounts.
pub(super) async fn read(
    aggregator: &Aggregator,
    scope: &Scope,
    (wanted, set): (&Wanted, Option<&[&'static Check]>),
    told: &dyn Fn(),
    sink: &mut dyn Sink,
) -> Result<(), Failure> {
    let clients = aggregator.clients().await?;
    let (sources, rules) =
        join(sources::read(&clients, aggregator, scope), rules::read(&clients, aggregator, scope, wanted)).await;
    let (sources, rules) = (sources, rules?);
    let expected = wanted.expected.as_deref().or(set).map_or_else(|| rules.checks(), <[_]>::to_vec);
    let due = Due::new(&rules, scope, (wanted, set));
    sink.beside(&rules.beside);
    let population = population::read(&clients, aggregator, scope, (wanted, &due), sink).await?;
    let disabled = disabled::read(&clients, aggregator, (scope, wanted), &sources).await;
    let mut common = Common { sources, population, rules, disabled, expected, due };
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
