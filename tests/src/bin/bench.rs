//! `./bench`: measures the function as it is deployed, against its bars. `docs/performance.md` explains the figures.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    guard_tests::bench::main().await
}
