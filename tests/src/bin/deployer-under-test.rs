//! `deployer` for the suites: cargo builds it before they run, so that it is never stale.

fn main() -> std::process::ExitCode {
    deployer::main()
}
