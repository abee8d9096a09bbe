//! One notebook's whole story, out of a bundle.

mod collect;
mod render;
mod settings;
mod spans;

pub use render::{json, text};
pub use spans::Span;

use super::Moment;
use super::rows::{Bounds, EvaluationRow, Place, Resource, TimelineRow};
pub use collect::{Ambiguous, collect as story};

/// What is asked for: an ARN, or a name, of an account and a Region if they are named.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The notebook's or domain's ARN or name.
    pub name: String,
    /// Its account.
    pub account: Option<String>,
    /// Its Region.
    pub region: Option<String>,
}

/// What a bundle tells of one notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The notebook.
    pub resource: Resource,
    /// Its account × Region.
    pub place: Option<Place>,
    /// Its results, by check.
    pub evaluations: Vec<EvaluationRow>,
    /// What happened, in the order of time, with the gaps of its account × Region.
    pub timeline: Vec<TimelineRow>,
    /// When it violated which check.
    pub violations: Vec<Span>,
    /// The period of the bundle; none if it is of a moment.
    pub period: Option<Bounds>,
    /// Whether the bundle has a timeline at all.
    pub has_timeline: bool,
    /// When the bundle was written.
    pub created: Moment,
}
