//! An export that is killed leaves nothing that verifies.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};
use deployer::evidence::{Form, Writer};
use tempfile::TempDir;

use crate::bundle::{created, subject};

const TARGET: &str = "EVIDENCE_TEST_TARGET";
/// The files of the bundle that is killed: enough that the end, when the manifest is written, is a small part.
const FILES: usize = 60;

/// Runs in a process of its own, which is then killed.
#[test]
#[ignore = "it is the process that the other test kills"]
fn writes_until_it_is_killed() {
    let target = std::env::var_os(TARGET).unwrap();
    let target = Path::new(&target);
    let mut writer = Writer::create(target, Form::of(target)).unwrap();
    for index in 0..FILES {
        writer.put(&format!("raw/{index}.json"), format!("{index}\n").repeat(2000).as_bytes()).unwrap();
    }
    writer.finish(created(), subject(), None).unwrap();
}

fn start(target: &Path) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kills::writes_until_it_is_killed", "--ignored"]).env(TARGET, target);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Whatever in a folder could be taken for a bundle and verifies.
fn verifying(folder: &Path) -> Vec<String> {
    let verifies = |path: &Path| {
        Source::open(path).is_ok_and(|source| verify(&source, &Request::default()).is_ok_and(|told| told.is_verified()))
    };
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| verifies(path)).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_killed_export_leaves_nothing_that_verifies() {
    for name in ["evidence", "evidence.zip"] {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join(name);
        let started = Instant::now();
        assert!(start(&target).wait().unwrap().success());
        let whole = started.elapsed();
        assert_eq!(verifying(folder.path()), [name]);
        let mut killed = 0;
        for step in 1..=24_u32 {
            let folder = TempDir::new().unwrap();
            let mut child = start(&folder.path().join(name));
            std::thread::sleep((whole * step / 24).max(Duration::from_millis(1)));
            child.kill().unwrap();
            let has_ended = child.wait().unwrap().success();
            killed += u32::from(!has_ended);
            let there: Vec<String> = verifying(folder.path());
            let is_there = folder.path().join(name).exists();
            // The name is given last: either nothing has it, or the whole bundle.
            assert_eq!(there.len(), usize::from(is_there), "{name}: {there:?}");
            assert!(is_there || !has_ended);
        }
        assert!(killed > 0, "none was killed in time");
    }
}
