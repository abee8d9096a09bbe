//! `deployer package`: the file it writes, what it prints, and what it does not touch.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use deployer::artifact::unpack;
use serde_json::Value;
use tempfile::TempDir;

use crate::elf::Elf;
use crate::runner::{Ran, command, run, too_wide};

/// A folder with an executable, in which `deployer` runs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("function"), Elf::good().bytes()).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&[&["package"], arguments].concat());
        command.current_dir(self.0.path());
        command
    }

    fn package(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// Everything that a new version of the project changes.
fn assert_shown(name: &str, ran: &Ran) {
    let filters = [
        (r"\b[0-9a-f]{64}\b", "[SHA-256]"),
        (r"[A-Za-z0-9+/]{43}=", "[CODE SHA-256]"),
        (r"\d+ bytes, \d+ unzipped", "[SIZE] bytes, [SIZE] unzipped"),
        (r#""size": \d+"#, r#""size": [SIZE]"#),
        (concat!(r"\b", env!("CARGO_PKG_VERSION"), r"\b"), "[VERSION]"),
    ];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!(name, ran.shown());
    });
}

#[test]
fn the_zip_is_written_and_described() {
    let folder = Folder::new();
    let ran = folder.package(&["--code", "function"]);
    assert_shown("written", &ran);
    let name = format!("notebook-guard-{}-x86_64.zip", env!("CARGO_PKG_VERSION"));
    assert_eq!(folder.names(), ["function", &name]);
    // The key is one word, for whoever copies it.
    assert!(too_wide(&ran.stdout).iter().all(|line| line.starts_with("  S3 key ")), "{}", ran.stdout);
    let again = folder.package(&["--code", "function"]);
    assert_shown("unchanged", &again);
}

#[test]
fn machines_get_everything_as_json() {
    let folder = Folder::new();
    let ran = folder.package(&["--code", "function", "--out", "guard.zip", "--format", "json"]);
    assert_shown("json", &ran);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let zip = fs::read(folder.path("guard.zip")).unwrap();
    assert_eq!(json["size"], zip.len());
    // An independent implementation of the hash, where the machine has one.
    if let Ok(output) = Command::new("sha256sum").arg(folder.path("guard.zip")).output() {
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.split_whitespace().next(), json["sha256"].as_str());
    }
}

#[test]
fn help_fits_80_columns() {
    let ran = run(&["package", "--help"]);
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(ran.shown());
}

#[test]
fn a_different_file_is_not_overwritten_unless_forced() {
    let folder = Folder::new();
    fs::write(folder.path("guard.zip"), "precious").unwrap();
    let arguments = ["--code", "function", "--out", "guard.zip"];
    let refused = folder.package(&arguments);
    insta::assert_snapshot!(refused.shown());
    assert_eq!(fs::read(folder.path("guard.zip")).unwrap(), b"precious");
    assert_eq!(folder.package(&[&arguments[..], &["--force"]].concat()).code, 0);
    assert!(unpack(&fs::read(folder.path("guard.zip")).unwrap()).is_ok());
    assert_eq!(folder.names(), ["function", "guard.zip"], "nothing is left over");
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    for out in ["folder", "missing/guard.zip", "function/guard.zip", "/", ".."] {
        let ran = folder.package(&["--code", "function", "--out", out, "--force"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{out}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("`{out}`")), "{out}: {}", ran.stderr);
    }
    assert_eq!(folder.names(), ["folder", "function"]);
}

#[test]
fn a_zip_of_ours_gives_the_same_zip() {
    let folder = Folder::new();
    assert_eq!(folder.package(&["--code", "function", "--out", "one.zip"]).code, 0);
    let ran = folder.package(&["--code", "one.zip", "--out", "two.zip"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read(folder.path("one.zip")).unwrap(), fs::read(folder.path("two.zip")).unwrap());
    let wrong = folder.package(&["--code", "one.zip", "--architecture", "arm64", "--out", "three.zip"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("is for x86_64, and arm64 is wanted"), "{}", wrong.stderr);
}

/// One exemption, as a customer keeps it.
const EXEMPTIONS: &str = "\
exemptions:
  - account: \"111122223333\"
    region: eu-west-1
    notebook: legacy-*
    check: root-access
    reason: the driver of the microscope needs root
    owner: research
    ticket: SEC-1
    approved_by: ciso
    expires: 2020-01-31
";

#[test]
fn exemptions_are_packed_and_stay_in_the_zip() {
    let folder = Folder::new();
    fs::write(folder.path("exemptions.yaml"), EXEMPTIONS).unwrap();
    let ran = folder.package(&["--code", "function", "--exemptions", "exemptions.yaml", "--out", "one.zip"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("  exemptions    1\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("SEC-1 no longer holds"), "{}", ran.stderr);
    let packed = unpack(&fs::read(folder.path("one.zip")).unwrap()).unwrap();
    let read = rule::exemption::Exemptions::read(&packed.exemptions).unwrap();
    assert_eq!(read.as_slice()[0].ticket, "SEC-1");

    let again = folder.package(&["--code", "one.zip", "--out", "two.zip", "--format", "json"]);
    assert!(again.stdout.contains("\"exemptions\": 1") && again.stderr.contains("those of `one.zip`"), "{again:?}");
    assert_eq!(fs::read(folder.path("one.zip")).unwrap(), fs::read(folder.path("two.zip")).unwrap());
    fs::write(folder.path("none.yaml"), "exemptions: []").unwrap();
    let none = folder.package(&["--code", "one.zip", "--exemptions", "none.yaml", "--out", "three.zip"]);
    assert!(none.stdout.contains("  exemptions    0\n"), "{none:?}");
}

#[test]
fn exemptions_with_a_fault_make_no_zip() {
    let folder = Folder::new();
    fs::write(folder.path("exemptions.yaml"), EXEMPTIONS.replace("root-access", "root-acess")).unwrap();
    let ran = folder.package(&["--code", "function", "--exemptions", "exemptions.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("exemptions.yaml has a fault") && ran.stderr.contains("line 5"), "{}", ran.stderr);
    assert_eq!(folder.names(), ["exemptions.yaml", "function"]);
}

#[cfg(unix)]
#[test]
fn the_bytes_do_not_depend_on_time_place_and_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::{Duration, SystemTime};

    let one = Folder::new();
    assert_eq!(one.package(&["--code", "function", "--out", "guard.zip"]).code, 0);

    let other = Folder::new();
    fs::create_dir(other.path("deep")).unwrap();
    let file = fs::File::options().write(true).open(other.path("function")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 12_345)).unwrap();
    fs::set_permissions(other.path("function"), fs::Permissions::from_mode(0o400)).unwrap();
    // A shell, because only that sets the file mode mask of a process that it starts.
    let program = env!("CARGO_BIN_EXE_deployer-under-test");
    let line = format!("umask 077; exec '{program}' package --code ../function --out ../guard.zip");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &line]).current_dir(other.path("deep")).env_clear();
    shell.envs([("TZ", "Asia/Kathmandu"), ("LC_ALL", "tr_TR.UTF-8"), ("SOURCE_DATE_EPOCH", "1700000000")]);
    assert!(shell.output().unwrap().status.success());

    let bytes = |folder: &Folder| fs::read(folder.path("guard.zip")).unwrap();
    assert_eq!(bytes(&one), bytes(&other));
}

#[test]
fn the_real_function_is_packed_and_its_debug_build_is_noticed() {
    let folder = Folder::new();
    let real = env!("CARGO_BIN_EXE_bootstrap-under-test");
    let ran = folder.package(&["--code", real, "--out", "guard.zip"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr.contains("debug build"), cfg!(debug_assertions), "{}", ran.stderr);
    let packed = unpack(&fs::read(folder.path("guard.zip")).unwrap()).unwrap();
    assert!(packed.bootstrap == fs::read(Path::new(real)).unwrap());
}
