//! Whether Lambda could start a package's `bootstrap`.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Why it could not, in Lambda's words; nothing if it could.
pub(super) fn obstacle(program: &Path, architecture: &str) -> Option<String> {
    let Ok(metadata) = fs::metadata(program) else {
        return Some("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned());
    };
    let failed = |reason: &str| Some(format!("fork/exec /var/task/bootstrap: {reason}"));
    if metadata.permissions().mode() & 0o111 == 0 {
        return failed("permission denied");
    }
    // A script runs on either processor.
    machine(program).filter(|machine| *machine != architecture).and_then(|_| failed("exec format error"))
}

/// The processor that an ELF executable is for; nothing if it is none.
fn machine(program: &Path) -> Option<&'static str> {
    let mut header = [0; 20];
    File::open(program).and_then(|mut file| file.read_exact(&mut header)).ok()?;
    if !header.starts_with(b"\x7fELF") {
        return None;
    }
    Some(match header.get(18..20) {
        Some([0x3e, 0]) => "x86_64",
        Some([0xb7, 0]) => "arm64",
        _ => "another",
    })
}
