//! Verification keeps up with the tools whose only work is hashing.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};
use deployer::evidence::{Form, Writer};

use crate::bundle::{Bundle, Files, created, subject};

/// What verification has to reach of a tool's speed.
const BAR: f64 = 0.8;

/// Files that nothing but hashing is done with: one large one, and many of a page of raw answers.
fn opaque() -> Files {
    let page: Vec<u8> = (0..256 << 10).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
    let pages = (0..128).map(|index| (format!("raw/{index}.bin"), page.clone()));
    [("large.bin".to_owned(), page.repeat(256))].into_iter().chain(pages).collect()
}

/// The best of some runs: the machine is shared.
fn best(mut run: impl FnMut()) -> Duration {
    let once = || {
        let started = Instant::now();
        run();
        started.elapsed()
    };
    std::iter::repeat_with(once).take(5).min().unwrap()
}

/// How long a tool takes for all files of a folder, if it is here.
fn tool(name: &str, arguments: &[&str], files: &[String], folder: &Path) -> Option<Duration> {
    let mut command = Command::new(name);
    command.args(arguments).args(files).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok()?;
    Some(best(|| assert!(command.status().unwrap().success())))
}

#[test]
fn a_folder_is_verified_as_fast_as_its_files_are_hashed() {
    let bundle = Bundle::of(Form::Directory, &opaque(), None);
    let names: Vec<String> = bundle.content().into_iter().map(|(name, _)| name).collect();
    let ours = best(|| {
        let verified = verify(&Source::open(&bundle.path).unwrap(), &Request::default()).unwrap();
        assert!(verified.is_verified());
    });
    let speed_of = |name: &str, arguments: &[&str]| {
        let theirs = tool(name, arguments, &names, &bundle.path)?;
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("{name}: {theirs:?}, deployer {ours:?}: {ratio:.2} of its speed");
        Some(ratio)
    };
    // Some builds of sha256sum do not know the processor's instructions; OpenSSL always does.
    speed_of("openssl", &["dgst", "-sha256"]);
    if let Some(ratio) = speed_of("sha256sum", &[]) {
        assert!(ratio >= BAR, "{ratio:.2} of the speed of sha256sum");
    }
}

/// The high-water mark of this process's memory, in KiB; each test has a process of its own.
fn high_water() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn memory_does_not_grow_with_the_files() {
    let page = vec![b'x'; 64 << 10];
    let folder = tempfile::TempDir::new().unwrap();
    let run = |target: &Path, pages: usize| {
        let mut writer = Writer::create(target, Form::of(target)).unwrap();
        let mut file = writer.file("large.bin").unwrap();
        for _ in 0..pages {
            file.write_all(&page).unwrap();
        }
        writer.close(file).unwrap();
        writer.finish(created(), subject(), None).unwrap();
        assert!(verify(&Source::open(target).unwrap(), &Request::default()).unwrap().is_verified());
    };
    for name in ["a", "a.zip"] {
        run(&folder.path().join(format!("small-{name}")), 16);
        let before = high_water();
        run(&folder.path().join(format!("large-{name}")), 1024);
        let grown = high_water() - before;
        println!("{name}: {grown} KiB more for 64 MiB than for 1 MiB");
        assert!(grown < 4 << 10, "{grown} KiB");
    }
}
