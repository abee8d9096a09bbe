//! The function's executable.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rule::imprint::Imprint;

use super::elf::{self, Executable, Unfit};
use super::{Architecture, LARGEST, Linkage, Packed, VERSION, advice, unpack};
use crate::failure::Failure;

/// More than the profile `lambda` makes of the function, in bytes; less than any other profile does.
const LARGE: usize = 10_000_000;

/// An executable of the function that Lambda can start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// The executable.
    pub bytes: Vec<u8>,
    /// Where it was found: a file, or the zip that holds it.
    pub path: PathBuf,
    /// The processor that it is for.
    pub architecture: Architecture,
    /// What it needs of the system.
    pub linkage: Linkage,
    /// The version of Notebook Guard that it is.
    pub version: String,
    /// Whether it was built without optimization.
    pub debug: bool,
    /// The `exemptions.json` that the zip holds, if it came from a zip.
    pub packed_exemptions: Option<Vec<u8>>,
}

impl Bootstrap {
    /// Reads an executable, or the one in a zip that `deployer package` made, and judges it.
    ///
    /// # Errors
    /// The file cannot be read, Lambda cannot run it, or it is not Notebook Guard's function.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = content(path)?;
        if !bytes.starts_with(b"PK\x03\x04") {
            return Self::judge(bytes, None, path, &format!("`{}`", path.display()));
        }
        let Packed { bootstrap, exemptions } = unpack(&bytes).map_err(|why| {
            Failure::usage(format!("`{}` is no zip that `deployer package` made: {why}", path.display()))
                .help("make one with `deployer package`, or name the executable itself")
        })?;
        Self::judge(bootstrap, Some(exemptions), path, &format!("`bootstrap` in `{}`", path.display()))
    }

    fn judge(bytes: Vec<u8>, exemptions: Option<Vec<u8>>, path: &Path, name: &str) -> Result<Self, Failure> {
        let Executable { architecture, linkage } = elf::judge(&bytes).map_err(|unfit| refused(name, unfit))?;
        let Some(imprint) = Imprint::find(&bytes) else {
            let failure = Failure::usage(format!("{name} is not Notebook Guard's function"))
                .help("it lacks the mark that every executable of the function carries");
            return Err(advice::how_to_build(failure, Some(architecture)));
        };
        let Imprint { version, debug } = imprint;
        let path = path.to_owned();
        Ok(Self { bytes, path, architecture, linkage, version, debug, packed_exemptions: exemptions })
    }

    /// Whether it is of the version that this program installs.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.version == VERSION
    }

    /// What speaks against it without forbidding it.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let path = self.path.display();
        if !self.is_current() {
            warnings.push(format!("`{path}` is version {}, and this deployer is {VERSION}", self.version));
        }
        let megabytes = format!("{}.{} MB", self.bytes.len() / 1_000_000, self.bytes.len() / 100_000 % 10);
        if self.debug {
            warnings.push(format!(
                "`{path}` is a debug build of {megabytes}: slow to start and to run; {}",
                advice::how_to_build_small()
            ));
        } else if self.bytes.len() > LARGE {
            warnings.push(format!("`{path}` has {megabytes}, more than it needs: {}", advice::how_to_build_small()));
        }
        warnings
    }
}

/// Reads a file that may be the function, and no more than Lambda would take.
fn content(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: &io::Error| Failure::usage(format!("`{}` cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    let metadata = file.metadata().map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(Failure::usage(format!("`{}` is not a file", path.display()))
            .help("name the executable itself, such as target/lambda/bootstrap"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LARGEST {
        let failure = Failure::usage(format!("`{}` is larger than the {LARGEST} bytes Lambda takes", path.display()));
        return Err(advice::how_to_build(failure, None));
    }
    Ok(bytes)
}

fn refused(name: &str, unfit: Unfit) -> Failure {
    match unfit {
        Unfit::Is(what) => {
            advice::how_to_build(Failure::usage(format!("{name} is {what}; Lambda cannot run it")), None)
        }
        Unfit::Needs(architecture, what) => {
            let message = format!("{name} needs {what}; Lambda has Amazon Linux 2023 with glibc 2.34 and nothing more");
            advice::how_to_build_for(Failure::usage(message), architecture)
        }
    }
}
