//! Reading everything in scope, in its order, some places at a time.

use futures_util::stream::{self, StreamExt as _};

use super::place::expected::of_set;
use super::place::{PlaceRead, read_of};
use super::{Aggregator, PlaceInScope, Reach, Scope, Sink, Wanted, Watch, aggregator};
use crate::failure::Failure;

/// Places that are read side by side. AWS limits rates by account and Region, so that places do not disturb each other;
/// each holds its rows until its turn.
const PLACES_AT_ONCE: usize = 8;

/// Where it is read from.
#[derive(Debug)]
pub enum Source {
    /// From the accounts themselves: the caller's own, or each with an assumed role.
    Accounts(Reach),
    /// From an aggregator of AWS Config.
    Aggregator(Aggregator),
}

impl Source {
    /// In words: `AWS Config of each account, as role Audit`, `aggregator all in eu-west-1`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Accounts(reach) => reach.words(),
            Self::Aggregator(aggregator) => aggregator.words(),
        }
    }

    /// Lets every call for compliance be seen.
    #[must_use]
    pub fn watched(self, watch: &Watch) -> Self {
        match self {
            Self::Accounts(reach) => Self::Accounts(reach.watched(watch.clone())),
            Self::Aggregator(aggregator) => Self::Aggregator(aggregator.watched(watch.clone())),
        }
    }

    /// Whether it tells of results that are exempt or do not apply.
    #[must_use]
    pub fn sees_exempt(&self) -> bool {
        matches!(self, Self::Accounts(_))
    }

    /// What it cannot tell, one sentence each, without a full stop.
    #[must_use]
    pub fn limits(&self) -> Vec<String> {
        match self {
            Self::Accounts(_) => Vec::new(),
            Self::Aggregator(_) => [
                "an aggregator tells of COMPLIANT and NON_COMPLIANT results alone: what is exempt or not applicable is not seen",
                "its notebooks are those that AWS Config recorded: where a recorder leaves them out, it has none",
                "results reach an aggregator some minutes after the account itself has them",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}

/// Reads everything in scope into the sink, in the order of the scope. `told` hears of each place that was read.
///
/// # Errors
/// The sink cannot take it, or the aggregator cannot be read at all. What cannot be read of a place is in its line.
pub async fn read(
    scope: &Scope,
    source: &Source,
    wanted: &Wanted,
    told: &dyn Fn(),
    sink: &mut dyn Sink,
) -> Result<(), Failure> {
    let reach = match source {
        Source::Accounts(reach) => reach,
        Source::Aggregator(aggregator) => {
            let set = of_set(&aggregator.reach, scope, wanted).await;
            return aggregator::read(aggregator, scope, (wanted, set.as_deref()), told, sink).await;
        }
    };
    let set = of_set(reach, scope, wanted).await;
    // The StackSet covers every account but the management account.
    let set_of = |place: &PlaceInScope| set.as_deref().filter(|_| scope.management.as_ref() != Some(&place.account));
    let mut places =
        stream::iter(&scope.places).map(|place| read_of(reach, place, wanted, set_of(place))).buffered(PLACES_AT_ONCE);
    while let Some(read) = places.next().await {
        give(&read, sink)?;
        told();
    }
    Ok(())
}

/// Gives a place to the sink.
fn give(read: &PlaceRead, sink: &mut dyn Sink) -> Result<(), Failure> {
    sink.beside(&read.beside);
    read.rules.iter().try_for_each(|rule| sink.rule(rule))?;
    read.resources.iter().try_for_each(|resource| sink.resource(resource))?;
    read.evaluations.iter().try_for_each(|row| sink.evaluation(row))?;
    sink.place(&read.place)
}
