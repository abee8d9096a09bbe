//! Verification keeps up with the tools whose only work is hashing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use deployer::evidence::Form;
use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};

use crate::bundle::{Bundle, Files};

/// What verification has to reach of a tool's speed.
const BAR: f64 = 0.8;

/// Files that nothing but hashing is done with: one large one, and many of a page of raw answers.
fn opaque() -> Files {
    let byte = |at: usize| u8::try_from(at * 31 % 251).unwrap();
    let large: Vec<u8> = (0..96 << 20).map(byte).collect();
    let page = |index: usize| (format!("raw/{index}.bin"), large[index..index + (256 << 10)].to_vec());
    let pages: Vec<_> = (0..128).map(page).collect();
    [vec![("large.bin".to_owned(), large.clone())], pages].concat()
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
    let tools = [("sha256sum", &[][..]), ("openssl", &["dgst", "-sha256"])];
    for (name, arguments) in tools {
        let Some(theirs) = tool(name, arguments, &names, &bundle.path) else { continue };
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("{name}: {theirs:?}, deployer {ours:?}: {ratio:.2} of its speed");
        assert!(ratio >= BAR, "{ratio:.2} of the speed of {name}: {ours:?} against {theirs:?}");
    }
}
