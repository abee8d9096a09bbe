//! The forms of a report, of rows whose truth is known: every number in every form, names that want to be obeyed, and
//! sizes that stay bounded.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests may panic")]

#[path = "report_forms/bounded.rs"]
mod bounded;
#[path = "report_forms/hostile.rs"]
mod hostile;
#[path = "report_forms/numbers.rs"]
mod numbers;
#[path = "report_forms/page.rs"]
mod page;
#[path = "report_forms/rows.rs"]
mod rows;
#[path = "report_forms/shown.rs"]
mod shown;
