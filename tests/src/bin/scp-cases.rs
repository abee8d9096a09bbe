//! `scp-cases`: requests to service control policies with what our evaluator decides, as JSON, for the second opinion.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;
use guard_tests::scp::{drawn, table};
use serde_json::json;

#[derive(Debug, Parser)]
#[command(about = "Requests to service control policies with our decisions, for another evaluator", version)]
struct Arguments {
    /// Folder with policies.
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/scp"))]
    policies: PathBuf,
    /// Where the requests begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many requests to draw.
    #[arg(long, default_value_t = 1_000)]
    count: usize,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let drawn = drawn(&arguments.policies, arguments.seed, arguments.count)?;
    let cases: Vec<_> = table().iter().chain(&drawn).map(guard_tests::scp::Case::to_json).collect();
    let text = json!({"seed": arguments.seed, "cases": cases}).to_string();
    writeln!(std::io::stdout().lock(), "{text}")
}
