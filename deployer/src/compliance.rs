//! Compliance as AWS Config holds it, in one account or in an organization, as a stream.
//!
//! What is read of an account × Region goes to a [`Sink`] line by line, so that memory does not grow with the
//! organization. Reports and evidence bundles are sinks.

mod aggregator;
mod beside;
mod exempt;
mod judging;
mod lacking;
mod named;
pub(crate) mod open;
mod pages;
mod place;
mod reach;
mod read;
mod result;
mod scope;
mod wanted;

pub use aggregator::Aggregator;
pub use beside::Beside;
pub(crate) use exempt::entry as ledger_entry;
pub(crate) use named::check_of;
pub use place::{PlaceRead, read as read_place};
pub use reach::{Clients, Reach, Unreached, Watch};
pub use read::{Source, read};
pub use scope::{PlaceInScope, Scope};
pub use wanted::Wanted;

use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow};
use crate::failure::Failure;

/// Takes what was read. The lines of an account × Region come before [`Sink::place`], which ends it; its evaluations
/// and rules come together, one account × Region after the other in the order of the scope. Resources may come before
/// the evaluations of other places, because an aggregator is asked for all of them at once.
pub trait Sink {
    /// A resource of the population.
    ///
    /// # Errors
    /// It cannot be written.
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure>;

    /// A rule as AWS Config has it. An aggregator does not tell of rules.
    ///
    /// # Errors
    /// It cannot be written.
    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        let _ = rule;
        Ok(())
    }

    /// What is installed there besides what is wanted: it explains why something is missing.
    fn beside(&mut self, beside: &Beside) {
        let _ = beside;
    }

    /// A result.
    ///
    /// # Errors
    /// It cannot be written.
    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure>;

    /// The end of an account × Region: how far it was read. Each in scope comes once, also those without data.
    ///
    /// # Errors
    /// It cannot be written.
    fn place(&mut self, place: &Place) -> Result<(), Failure>;
}
