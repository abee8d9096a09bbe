//! The Lambda function's executable, under the name that Lambda's OS-only runtimes start.

fn main() -> std::process::ExitCode {
    rule::bootstrap::main()
}
