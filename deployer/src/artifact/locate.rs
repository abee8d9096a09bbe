//! Where the function's executable is found.

use std::path::{Path, PathBuf};

use super::{Architecture, Bootstrap, VERSION, advice};
use crate::failure::Failure;

/// Finds the function's executable: the file that is named, else beside this program.
///
/// Beside this program `bootstrap-arm64` comes first, then `bootstrap-x86_64` (so a release is laid out), then
/// `bootstrap` (so cargo builds it); with an architecture only what is for it. What is found and unfit is refused, never
/// passed over for the next. Nothing is built and nothing is downloaded.
///
/// # Errors
/// Nothing is found, or what is found is refused: see [`Bootstrap::read`]. An executable beside this program also has
/// to be of its version.
pub fn locate(code: Option<&Path>, architecture: Option<Architecture>) -> Result<Bootstrap, Failure> {
    match code {
        Some(path) => named(path, architecture),
        None => beside(&own_folder()?, architecture),
    }
}

fn named(path: &Path, architecture: Option<Architecture>) -> Result<Bootstrap, Failure> {
    let bootstrap = Bootstrap::read(path)?;
    match architecture {
        Some(wanted) if wanted != bootstrap.architecture => Err(wrong(path, bootstrap.architecture, wanted)),
        _ => Ok(bootstrap),
    }
}

fn beside(folder: &Path, architecture: Option<Architecture>) -> Result<Bootstrap, Failure> {
    let wanted = architecture.map_or_else(|| Architecture::ALL.to_vec(), |one| vec![one]);
    for architecture in wanted {
        let path = folder.join(format!("bootstrap-{architecture}"));
        if path.exists() {
            return current(named(&path, Some(architecture))?);
        }
    }
    let plain = [folder.join("bootstrap"), folder.join("bootstrap.exe")];
    match plain.iter().find(|path| path.exists()) {
        Some(path) => current(named(path, architecture)?),
        None => Err(nothing(folder, architecture)),
    }
}

/// Another version would be installed with templates and exemptions that it does not know.
fn current(bootstrap: Bootstrap) -> Result<Bootstrap, Failure> {
    if bootstrap.is_current() {
        return Ok(bootstrap);
    }
    let path = bootstrap.path.display();
    let message = format!("`{path}` is version {}, and this deployer is {VERSION}", bootstrap.version);
    Err(Failure::usage(message)
        .help("take both from one release, or build both: cargo build --release")
        .help(format!("to take it all the same, name it: --code {path}")))
}

fn own_folder() -> Result<PathBuf, Failure> {
    // A link to this program leads to where its function is.
    let own = std::env::current_exe().and_then(|path| path.canonicalize());
    let folder = own.map(|path| path.parent().map(Path::to_owned)).unwrap_or_default();
    folder.ok_or_else(|| {
        Failure::usage("this program cannot tell where it is, and so where its function is")
            .help("name the function's executable: --code FILE")
    })
}

fn wrong(path: &Path, is: Architecture, wanted: Architecture) -> Failure {
    let failure = Failure::usage(format!("`{}` is for {is}, and {wanted} is wanted", path.display()));
    advice::how_to_build(failure, Some(wanted))
}

fn nothing(folder: &Path, architecture: Option<Architecture>) -> Failure {
    let names = match architecture {
        Some(one) => format!("bootstrap-{one} and no bootstrap"),
        None => "bootstrap-arm64, bootstrap-x86_64 or bootstrap".to_owned(),
    };
    let failure =
        Failure::usage(format!("the function's executable is missing: there is no {names} in `{}`", folder.display()))
            .help("a release has it beside deployer: keep the files of its archive together");
    advice::how_to_build(failure, architecture)
}
