//! The driver of `./bench` at small sizes: what it measures runs to its end, and each bar holds.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::io::Write as _;
use std::process::Command;

use self::elf::Elf;

#[path = "artifact/elf.rs"]
#[expect(dead_code, reason = "other suites need more of it")]
mod elf;

/// The names of the lines, each with what is measured.
fn measured(only: &str, flags: &[&str]) -> Vec<(String, String)> {
    let mut bootstrap = tempfile::NamedTempFile::new().unwrap();
    bootstrap.write_all(&Elf::good().bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args(["--only", only, "--floor", "/nonexistent", "--bootstrap"]).arg(bootstrap.path()).args(flags);
    command.args(["--deployer", env!("CARGO_BIN_EXE_deployer-under-test")]);
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}{err}", output.status);
    let lines = out.lines().skip(2).map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let row = |cells: Vec<&str>| {
        assert_eq!(cells.get(4), Some(&"holds"), "{out}");
        (cells.get(1).copied().unwrap_or_default().to_owned(), cells.get(2).copied().unwrap_or_default().to_owned())
    };
    lines.map(row).collect()
}

#[test]
fn reports_and_evidence_of_an_organization() {
    // So many that one call more for each account × Region is over the bar.
    let rows = measured("report", &["--report-accounts", "20"]);
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let all = ["report --assume-role", "report --aggregator", "evidence export --assume-role", "evidence verify"];
    assert_eq!(names, all);
    for (name, what) in &rows {
        assert!(what.starts_with("20 accounts x 4, 2100 evaluations: "), "{name}: {what}");
    }
}

#[test]
fn installations_into_an_organization() {
    let rows = measured("organization", &["--accounts", "5"]);
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["install --org", "retry --dry-run"]);
    for (name, what) in &rows {
        assert!(what.starts_with("5 accounts x "), "{name}: {what}");
    }
}
