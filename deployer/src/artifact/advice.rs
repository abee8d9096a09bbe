//! The commands that build the function, for errors.

use super::Architecture;
use crate::failure::Failure;

/// How `cargo` builds it for the machine it runs on, if that is Linux with an old enough glibc.
const HERE: &str = "cargo build --profile lambda -p rule";

/// Adds how to build the function where and for what it is needed.
pub(super) fn how_to_build(failure: Failure, architecture: Option<Architecture>) -> Failure {
    let native = native().filter(|native| architecture.is_none_or(|wanted| wanted == *native));
    let mut failure = failure;
    if let Some(native) = native {
        failure = failure.help(format!("build it for {native} here: {HERE}"));
        failure = failure.help("then add: --code target/lambda/bootstrap");
    }
    cross(failure, architecture.unwrap_or(Architecture::Arm64), native.is_some())
}

/// Adds how to build the function against Amazon Linux 2023's glibc, whatever this machine has.
pub(super) fn how_to_build_for(failure: Failure, architecture: Architecture) -> Failure {
    cross(failure, architecture, false)
}

/// How to build the small executable.
pub(super) fn how_to_build_small() -> String {
    format!("build the small one with: {HERE}")
}

fn cross(failure: Failure, architecture: Architecture, otherwise: bool) -> Failure {
    let target = architecture.target();
    let opening = if otherwise { "or for" } else { "build it for" };
    failure
        .help(format!("{opening} {architecture} from any machine, with Zig as the linker (docs/building.md):"))
        .help("  pip install ziglang cargo-zigbuild")
        .help(format!("  rustup target add {target}"))
        .help("  cargo zigbuild --profile lambda -p rule \\")
        .help(format!("    --target {target}.2.34"))
        .help(format!("then add: --code target/{target}/lambda/bootstrap"))
}

/// The architecture of functions that plain cargo builds here.
fn native() -> Option<Architecture> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some(Architecture::X86_64),
        ("linux", "aarch64") => Some(Architecture::Arm64),
        _ => None,
    }
}
