//! What the image `provided.al2023` has, against what a program needs.
//!
//! The image is a minimal Amazon Linux 2023: glibc 2.34 and GCC 11's run-time library, which got newer in the
//! distribution in 2025 but need not be newer in Lambda's image
//! (<https://aws.amazon.com/blogs/compute/introducing-the-amazon-linux-2023-runtime-for-aws-lambda/>,
//! <https://github.com/amazonlinux/container-images/issues/132>). What else it has is not promised anywhere, so only
//! these two may be needed.

use std::fmt;
use std::str::FromStr;

use super::{Dynamic, Unfit};
use crate::artifact::Architecture;

/// A version of glibc, such as 2.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc(u16, u16, u16);

impl Glibc {
    /// What Lambda has.
    pub const OF_LAMBDA: Self = Self(2, 34, 0);
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)?;
        if self.2 == 0 { Ok(()) } else { write!(f, ".{}", self.2) }
    }
}

impl FromStr for Glibc {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.split('.').map(|number| number.parse::<u16>().map_err(|_| ()));
        let version = Self(numbers.next().ok_or(())??, numbers.next().ok_or(())??, numbers.next().unwrap_or(Ok(0))?);
        if numbers.next().is_none() { Ok(version) } else { Err(()) }
    }
}

/// The newest version of GCC's run-time library that may be needed.
const GCC: u16 = 11;

/// glibc's libraries and GCC's, by the names that the loader looks for; the loader itself is one of them.
const LIBRARIES: [&str; 8] = [
    "libc.so.6",
    "libm.so.6",
    "libgcc_s.so.1",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libresolv.so.2",
    "libutil.so.1",
];

fn loader_of(architecture: Architecture) -> (&'static str, &'static str) {
    match architecture {
        Architecture::X86_64 => ("/lib64/ld-linux-x86-64.so.2", "ld-linux-x86-64.so.2"),
        Architecture::Arm64 => ("/lib/ld-linux-aarch64.so.1", "ld-linux-aarch64.so.1"),
    }
}

/// Refuses a program that names a loader which is not there: of musl, or of a system with paths of its own.
pub(super) fn loader(path: &[u8], architecture: Architecture) -> Result<(), Unfit> {
    if path == loader_of(architecture).0.as_bytes() {
        return Ok(());
    }
    let path = shown(path);
    let musl = if path.contains("musl") { " of musl" } else { "" };
    Err(Unfit::Needs(architecture, format!("the loader{musl} `{path}`")))
}

/// The newest glibc that a program needs.
pub(super) fn glibc(dynamic: &Dynamic<'_>, architecture: Architecture) -> Result<Option<Glibc>, Unfit> {
    let lacks = |what: String| Err(Unfit::Needs(architecture, what));
    let from_versions = dynamic.versions.iter().map(|(library, _)| library);
    for &library in dynamic.libraries.iter().chain(from_versions) {
        let known = |name: &&str| name.as_bytes() == library;
        if !LIBRARIES.iter().any(known) && loader_of(architecture).1.as_bytes() != library {
            return lacks(format!("the library `{}`", shown(library)));
        }
    }
    let mut newest = None;
    for (library, version) in &dynamic.versions {
        match Version::read(version) {
            Version::Glibc(version) => newest = newest.max(Some(version)),
            Version::Gcc(version) if version <= GCC => {}
            Version::Gcc(_) | Version::Other => {
                return lacks(format!("`{}` of the library `{}`", shown(version), shown(library)));
            }
        }
    }
    match newest {
        Some(newest) if newest > Glibc::OF_LAMBDA => lacks(format!("glibc {newest}")),
        _ if dynamic.packed_relocations => {
            lacks("packed relocations (DT_RELR), which glibc knows since 2.36".to_owned())
        }
        newest => Ok(newest),
    }
}

enum Version {
    Glibc(Glibc),
    Gcc(u16),
    Other,
}

impl Version {
    fn read(name: &[u8]) -> Self {
        let name = std::str::from_utf8(name).unwrap_or_default();
        let glibc = || name.strip_prefix("GLIBC_")?.parse().ok().map(Self::Glibc);
        let gcc = || name.strip_prefix("GCC_")?.split('.').next()?.parse().ok().map(Self::Gcc);
        glibc().or_else(gcc).unwrap_or(Self::Other)
    }
}

/// A name out of a file, without what a terminal would obey.
fn shown(name: &[u8]) -> String {
    name.escape_ascii().to_string().chars().take(120).collect()
}
