//! The real function process under AWS Config's whole cycle, under recorded input, and under faults.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests may panic")]

#[path = "process/cycle.rs"]
mod cycle;
#[path = "process/exemptions.rs"]
mod exemptions;
#[path = "process/faults.rs"]
mod faults;
#[path = "process/recorded.rs"]
mod recorded;
#[path = "process/stage.rs"]
mod stage;
