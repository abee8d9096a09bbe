//! The exemptions that came with the function: `exemptions.json` beside `bootstrap`, read once at start.
//!
//! A file that is missing means that there are none, as in a zip that was made by hand. A file that cannot be used
//! ends every invocation in an error before any call, like rule parameters that cannot be used. The results would be
//! wrong without the exemptions (violations that somebody answers for, and whatever is set off by them), and wrong with
//! half of them; and with nothing but the good results, AWS Config would look better than the account is. So the
//! results stay as they were, and the alarms on errors and on missing sweeps say so.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::exemption::{Exemptions, MAX_BYTES};
use crate::outcome::InvocationError;

const FILE: &str = "exemptions.json";

/// The exemptions of this function.
///
/// # Errors
/// `InvalidExemptions`, for every invocation alike.
pub(super) fn read() -> Result<Exemptions, InvocationError> {
    folder(std::env::var_os("LAMBDA_TASK_ROOT")).map_or_else(|| Ok(Exemptions::default()), |folder| from(&folder))
}

/// Lambda says where it unpacked the zip; elsewhere it is the folder of the program.
fn folder(task_root: Option<OsString>) -> Option<PathBuf> {
    task_root
        .filter(|root| !root.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::current_exe().ok()?.parent().map(Path::to_owned))
}

fn from(folder: &Path) -> Result<Exemptions, InvocationError> {
    let error = |why: &dyn std::fmt::Display| InvocationError {
        error_type: "InvalidExemptions",
        message: format!("nothing was judged, because {FILE} cannot be used: {why}; install the guard again"),
    };
    match bytes(&folder.join(FILE)) {
        Ok(bytes) => Exemptions::read(&bytes).map_err(|why| error(&why)),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(Exemptions::default()),
        Err(why) => Err(error(&why)),
    }
}

/// The file, but no more than is needed to see that it is too large.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_root_comes_before_the_programs_folder() {
        assert_eq!(folder(Some("/var/task".into())), Some("/var/task".into()));
        let own = std::env::current_exe().unwrap().parent().map(Path::to_owned);
        assert_eq!(folder(None), own);
        assert_eq!(folder(Some(OsString::new())), own);
    }
}
