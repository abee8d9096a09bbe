//! Test equipment of Notebook Guard: the sandbox, the demo and the suites.

pub mod bench;
pub mod demo;
pub mod example;
pub mod kill;
pub mod process;
pub mod report;
pub mod sandbox;
pub mod scp;
