//! What the files of a bundle say that this program reads again: one JSON object a line, and the totals of the report.
//!
//! Members that are not known here are passed over, so that a bundle may say more.

mod evaluation;
mod keys;
mod population;
mod provenance;
mod remediation;
mod report;
mod rule;
mod standing;
mod tally;
mod text;
mod timeline;

pub use evaluation::{Compliance, EvaluationRow, Exempt};
pub(crate) use keys::Keys;
pub use population::{Asked, Known, Place, PopulationRow, Reading, Resource};
pub use provenance::{ExemptionRow, FunctionRow, FunctionTotals, HeldAgainst, Ledger, StackRow};
pub use remediation::{Remediation, RemediationRow, RemediationTotals};
pub use report::{Bounds, CheckResources, Counts, PlaceTotals, Report, ResourceTotals, Totals};
pub use rule::RuleRow;
pub use tally::Tally;
pub(crate) use text::Text;
pub use timeline::{Event, GapReason, TimelineRow};

/// The accounts × Regions in scope and what is there: [`PopulationRow`]s.
pub const POPULATION: &str = "population.jsonl";
/// What AWS Config held: [`EvaluationRow`]s.
pub const EVALUATIONS: &str = "evaluations.jsonl";
/// The rules that judge: [`RuleRow`]s.
pub const RULES: &str = "rules.jsonl";
/// What happened in the period: [`TimelineRow`]s.
pub const TIMELINE: &str = "timeline.jsonl";
/// How long violations lasted: [`RemediationRow`]s.
pub const REMEDIATION: &str = "remediation.jsonl";
/// The functions that judge: [`FunctionRow`]s.
pub const FUNCTIONS: &str = "functions.jsonl";
/// The stacks that made them: [`StackRow`]s.
pub const STACKS: &str = "stacks.jsonl";
/// The ledger of exemptions: [`ExemptionRow`]s.
pub const EXEMPTIONS: &str = "exemptions.jsonl";
/// What it comes to: a [`Report`].
pub const REPORT: &str = "report.json";

/// The type under which AWS Config keeps the result of an account that has no notebooks.
pub const ACCOUNT_TYPE: &str = "AWS::::Account";
