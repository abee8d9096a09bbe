//! Names of files in a bundle. They mean the same file on every system, whatever unpacks them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The longest name of a file with its folders, in bytes: Windows takes 260 with the folder that it is unpacked into.
const LONGEST: usize = 200;

/// Names that are devices on Windows, with any extension.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The name of a file in a bundle: parts of ASCII letters, digits, `.`, `_` and `-`, with `/` between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath(String);

/// Why a text cannot name a file in a bundle, in words that go after a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Nothing, or nothing between two `/`.
    #[error("a part of it is empty")]
    Empty,
    /// More than 200 bytes.
    #[error("it has more than {LONGEST} bytes")]
    Long,
    /// It begins with `/` or a drive.
    #[error("it is absolute")]
    Absolute,
    /// It has a part `.` or `..`.
    #[error("it leads out of its folder")]
    Leads,
    /// What some systems read as `/`.
    #[error("it has a backslash")]
    Backslash,
    /// Any other character.
    #[error("it has the character {0:?}")]
    Character(char),
    /// A part begins with `.` or `-`, or ends with `.`.
    #[error("`{0}` begins with `.` or `-`, or ends with `.`")]
    Edge(String),
    /// A part is a device on Windows.
    #[error("`{0}` is a device on Windows")]
    Device(String),
}

impl BundlePath {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it is in, the outermost first: `a` and `a/b` of `a/b/c`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').filter_map(|(at, _)| self.0.get(..at))
    }

    /// What the file holds, by the end of its name.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.0.rsplit_once('.').map(|(_, end)| end) {
            Some("json") => "application/json",
            Some("jsonl") => "application/jsonl",
            Some("csv") => "text/csv",
            Some("html") => "text/html",
            Some("md") => "text/markdown",
            Some("txt") => "text/plain",
            Some("yaml") => "application/yaml",
            Some("zip") => "application/zip",
            _ => "application/octet-stream",
        }
    }
}

impl FromStr for BundlePath {
    type Err = PathFault;

    fn from_str(text: &str) -> Result<Self, PathFault> {
        if text.len() > LONGEST {
            return Err(PathFault::Long);
        }
        let has_drive = text.as_bytes().get(1) == Some(&b':');
        if text.starts_with('/') || text.starts_with("\\\\") || has_drive {
            return Err(PathFault::Absolute);
        }
        if text.contains('\\') {
            return Err(PathFault::Backslash);
        }
        text.split('/').try_for_each(part)?;
        Ok(Self(text.to_owned()))
    }
}

fn part(part: &str) -> Result<(), PathFault> {
    match part {
        "" => return Err(PathFault::Empty),
        "." | ".." => return Err(PathFault::Leads),
        _ => {}
    }
    if let Some(other) = part.chars().find(|one| !(one.is_ascii_alphanumeric() || ['.', '_', '-'].contains(one))) {
        return Err(PathFault::Character(other));
    }
    if part.starts_with(['.', '-']) || part.ends_with('.') {
        return Err(PathFault::Edge(part.to_owned()));
    }
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    if DEVICES.contains(&stem.as_str()) { Err(PathFault::Device(part.to_owned())) } else { Ok(()) }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for BundlePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The names that are taken, so that no two are one where letter case does not count, and none is a file and a folder.
#[derive(Debug, Default)]
pub(crate) struct Taken(BTreeMap<String, Name>);

#[derive(Debug)]
struct Name {
    spelling: String,
    is_folder: bool,
}

/// Two names that cannot be in one bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clash {
    /// The same file again.
    Twice,
    /// The other name, which differs in letter case alone, or is a folder where this is a file.
    With(String),
}

impl Taken {
    /// Takes a name.
    pub(crate) fn claim(&mut self, path: &BundlePath) -> Result<(), Clash> {
        for folder in path.folders() {
            self.take(folder, true)?;
        }
        self.take(path.as_str(), false)
    }

    fn take(&mut self, name: &str, is_folder: bool) -> Result<(), Clash> {
        let folded = name.to_ascii_lowercase();
        match self.0.get(&folded) {
            None => {
                self.0.insert(folded, Name { spelling: name.to_owned(), is_folder });
                Ok(())
            }
            Some(other) if other.spelling == name && other.is_folder == is_folder => {
                if is_folder {
                    Ok(())
                } else {
                    Err(Clash::Twice)
                }
            }
            Some(other) => Err(Clash::With(other.spelling.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_the_same_everywhere() {
        for good in ["a", "raw/111122223333/eu-west-1.jsonl", "Report_1.html", "a..b", "console/x", "com10.txt"] {
            assert_eq!(good.parse::<BundlePath>().unwrap().as_str(), good);
        }
        let long = "a".repeat(201);
        for (bad, fault) in [
            ("", PathFault::Empty),
            ("a//b", PathFault::Empty),
            ("a/", PathFault::Empty),
            ("/a", PathFault::Absolute),
            ("C:/a", PathFault::Absolute),
            ("\\\\host\\a", PathFault::Absolute),
            ("../a", PathFault::Leads),
            ("a/./b", PathFault::Leads),
            ("a\\b", PathFault::Backslash),
            ("a b", PathFault::Character(' ')),
            ("a\nb", PathFault::Character('\n')),
            ("caf\u{e9}", PathFault::Character('\u{e9}')),
            (".hidden", PathFault::Edge(".hidden".to_owned())),
            ("-rf", PathFault::Edge("-rf".to_owned())),
            ("a./b", PathFault::Edge("a.".to_owned())),
            ("a/NUL.txt", PathFault::Device("NUL.txt".to_owned())),
            (long.as_str(), PathFault::Long),
        ] {
            assert_eq!(bad.parse::<BundlePath>(), Err(fault), "{bad}");
        }
    }

    #[test]
    fn names_that_are_one_somewhere_clash() {
        let mut taken = Taken::default();
        let mut claim = |name: &str| taken.claim(&name.parse().unwrap());
        assert_eq!((claim("raw/a"), claim("raw/b"), claim("c")), (Ok(()), Ok(()), Ok(())));
        assert_eq!(claim("raw/a"), Err(Clash::Twice));
        assert_eq!(claim("raw/A"), Err(Clash::With("raw/a".to_owned())));
        assert_eq!(claim("RAW/d"), Err(Clash::With("raw".to_owned())));
        assert_eq!(claim("c/d"), Err(Clash::With("c".to_owned())));
        assert_eq!(claim("raw"), Err(Clash::With("raw".to_owned())));
    }
}
