//! What grows with an organization, and what must not.

use std::process::Command;

const FORMATS: [&str; 6] = ["table", "json", "csv", "html", "ocsf", "asff"];

struct Ran {
    out: Vec<u8>,
    /// The most memory that it had, in KiB.
    peak: u64,
}

fn sample(format: &str, accounts: u32, notebooks: u32) -> Ran {
    let flags = [("--format", format.to_owned()), ("--accounts", accounts.to_string()), ("--regions", "4".to_owned())];
    let mut command = Command::new(env!("CARGO_BIN_EXE_report-sample"));
    for (flag, value) in flags {
        command.args([flag, &value]);
    }
    let ran = command.args(["--notebooks", &notebooks.to_string(), "--peak"]).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    let peak = said.trim().parse().unwrap_or_else(|_| panic!("{format}: {said}"));
    Ran { out: ran.stdout, peak }
}

fn lines(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count().saturating_sub(1)
}

/// 1,000 accounts × 4 Regions, more than 100,000 evaluations.
#[test]
#[cfg(target_os = "linux")]
fn a_large_organization_takes_little_memory() {
    for format in FORMATS {
        let Ran { out, peak } = sample(format, 1_000, 10);
        if format == "csv" {
            let count = lines(&out);
            assert!(count > 100_000, "{count} lines");
        }
        assert!(peak < 32 * 1024, "{format} took {peak} KiB");
    }
}

/// Ten times as many evaluations in as many places: what counts them keeps some bytes for each resource.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_evaluations() {
    for format in FORMATS {
        let (few, many) = (sample(format, 100, 3), sample(format, 100, 40));
        let grown = many.peak.saturating_sub(few.peak);
        assert!(grown < 4 * 1024, "{format} grew from {} to {} KiB", few.peak, many.peak);
    }
}

#[test]
fn what_people_read_stays_small() {
    let page = sample("html", 10_000, 1).out;
    assert!(page.len() < 400_000, "{} bytes", page.len());
    let count = lines(&sample("table", 10_000, 1).out);
    assert!(count < 120, "{count} lines");
}
