//! Where the executable is looked for when none is named: beside `deployer`.

use std::path::Path;
use std::process::Command;

use guard_tests::process::words;
use tempfile::TempDir;

use crate::elf::{Elf, mark};
use crate::runner::{Ran, command};

/// A folder as a release has it: `deployer` and what else is given.
fn release(files: &[(&str, Elf)]) -> TempDir {
    // In cargo's folder, because a hard link stays on its file system; a copy would be 50 MB for each test.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::hard_link(env!("CARGO_BIN_EXE_deployer-under-test"), folder.path().join("deployer")).unwrap();
    for (name, elf) in files {
        std::fs::write(folder.path().join(name), elf.bytes()).unwrap();
    }
    folder
}

fn package_with(deployer: &Path, more: &[&str]) -> Ran {
    let elsewhere = TempDir::new().unwrap();
    let clean = command(&[]);
    let mut own = Command::new(deployer);
    own.args(["package", "--format", "json"]).args(more).current_dir(elsewhere.path()).env_clear();
    own.envs(clean.get_envs().filter_map(|(name, value)| Some((name, value?))));
    own.output().unwrap().into()
}

fn package(folder: &TempDir, more: &[&str]) -> Ran {
    package_with(&folder.path().join("deployer"), more)
}

/// The name and the processor of what was taken.
fn taken(ran: &Ran) -> (String, String) {
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let path = Path::new(json["bootstrap"]["path"].as_str().unwrap());
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    (name, json["architecture"].as_str().unwrap().to_owned())
}

fn said(ran: &Ran) -> String {
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
    words(&ran.stderr)
}

#[test]
fn arm64_is_preferred_and_the_other_is_there_when_asked_for() {
    let folder =
        release(&[("bootstrap-arm64", Elf::arm64()), ("bootstrap-x86_64", Elf::good()), ("bootstrap", Elf::good())]);
    assert_eq!(taken(&package(&folder, &[])), ("bootstrap-arm64".into(), "arm64".into()));
    assert_eq!(taken(&package(&folder, &["--architecture", "arm64"])), ("bootstrap-arm64".into(), "arm64".into()));
    assert_eq!(taken(&package(&folder, &["--architecture", "x86_64"])), ("bootstrap-x86_64".into(), "x86_64".into()));
}

#[test]
fn what_cargo_builds_beside_deployer_is_found() {
    let folder = release(&[("bootstrap", Elf::good())]);
    assert_eq!(taken(&package(&folder, &[])), ("bootstrap".into(), "x86_64".into()));
    assert_eq!(taken(&package(&folder, &["--architecture", "x86_64"])), ("bootstrap".into(), "x86_64".into()));
    let other = said(&package(&folder, &["--architecture", "arm64"]));
    assert!(other.contains("bootstrap` is for x86_64, and arm64 is wanted"), "{other}");
    assert!(
        other.contains("cargo zigbuild --profile lambda -p rule \\ --target aarch64-unknown-linux-gnu.2.34"),
        "{other}"
    );
    let mixed = release(&[("bootstrap", Elf::good()), ("bootstrap-arm64", Elf::arm64())]);
    assert_eq!(taken(&package(&mixed, &["--architecture", "x86_64"])), ("bootstrap".into(), "x86_64".into()));
}

#[cfg(unix)]
#[test]
fn a_link_to_deployer_leads_to_its_folder() {
    let folder = release(&[("bootstrap", Elf::good())]);
    let links = TempDir::new().unwrap();
    let link = links.path().join("deployer");
    std::os::unix::fs::symlink(folder.path().join("deployer"), &link).unwrap();
    assert_eq!(taken(&package_with(&link, &[])).0, "bootstrap");
}

#[test]
fn what_is_found_and_unfit_is_not_passed_over() {
    let foreign = Elf { mark: String::new(), ..Elf::arm64() };
    let folder = release(&[("bootstrap-arm64", foreign), ("bootstrap-x86_64", Elf::good())]);
    let refused = said(&package(&folder, &[]));
    assert!(refused.contains("bootstrap-arm64` is not Notebook Guard's function"), "{refused}");
    assert_eq!(taken(&package(&folder, &["--architecture", "x86_64"])).0, "bootstrap-x86_64");
    let misnamed = release(&[("bootstrap-arm64", Elf::good())]);
    let refused = said(&package(&misnamed, &[]));
    assert!(refused.contains("bootstrap-arm64` is for x86_64, and arm64 is wanted"), "{refused}");
}

#[test]
fn another_version_beside_deployer_is_refused_and_taken_when_named() {
    let old = Elf { mark: mark("0.0.9", "optimized"), ..Elf::good() };
    let folder = release(&[("bootstrap", old)]);
    let refused = said(&package(&folder, &[]));
    assert!(refused.contains("bootstrap` is version 0.0.9, and this deployer is"), "{refused}");
    assert!(refused.contains("--code"), "{refused}");
    let path = folder.path().join("bootstrap").display().to_string();
    let named = package(&folder, &["--code", &path]);
    assert_eq!(taken(&named).0, "bootstrap");
    assert!(named.stderr.contains("warning: ") && named.stderr.contains("0.0.9"), "{}", named.stderr);
    let json: serde_json::Value = serde_json::from_str(&named.stdout).unwrap();
    assert!(json["s3Key"].as_str().unwrap().starts_with("notebook-guard/0.0.9/"), "{json}");
}

#[test]
fn nothing_beside_deployer_is_told_with_the_commands() {
    let folder = release(&[]);
    let mut ran = package(&folder, &[]);
    assert!(said(&ran).contains("bootstrap-arm64, bootstrap-x86_64 or bootstrap"));
    // The path is the machine's; where the lines break depends on it.
    ran.stderr = ran.stderr.split_once("\n  a release").unwrap().1.to_owned();
    insta::with_settings!({filters => vec![("(?s)^.*build it for (arm64|x86_64) here", "[...] build it for [THIS PROCESSOR] here")]}, {
        insta::assert_snapshot!(ran.stderr);
    });
    let wanted = said(&package(&folder, &["--architecture", "x86_64"]));
    assert!(wanted.contains("no bootstrap-x86_64 and no bootstrap in"), "{wanted}");
}
