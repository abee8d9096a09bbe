//! `cargo demo`: the whole story on the sandbox, without an AWS account.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    guard_tests::demo::main().await
}
