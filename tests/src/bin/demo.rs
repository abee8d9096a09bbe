//! `cargo demo`: the whole story on the sandbox, without an AWS account.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match guard_tests::demo::answered(std::env::args().skip(1)) {
        Some(ended) => ended,
        None => guard_tests::demo::main().await,
    }
}
