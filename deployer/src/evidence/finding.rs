//! What is wrong with a bundle.

use serde::Serialize;

use super::plain::plain;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// The file that it is about, if it is about one. Characters that no name in a bundle has are escaped.
    pub path: Option<String>,
    /// What is wrong, as a sentence that goes after the path. It may quote the bundle; nothing in it is obeyed by a
    /// terminal.
    pub message: String,
}

/// Kinds of findings. Their names never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The manifest is missing, cannot be read, or contradicts itself.
    Manifest,
    /// The signature is missing, wrong, or another's.
    Signature,
    /// The zip itself is broken, or says two things.
    Container,
    /// A name that could mean another file elsewhere.
    Path,
    /// Something that is no file: a link, a device.
    NotAFile,
    /// A name that is there twice.
    Duplicate,
    /// A file with other bytes.
    Changed,
    /// A file that is not there.
    Missing,
    /// A file or folder that the manifest does not know.
    Added,
    /// A file under another name.
    Renamed,
    /// A file that cannot be read.
    Unreadable,
    /// Files that contradict each other.
    Inconsistent,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Manifest,
        Self::Signature,
        Self::Container,
        Self::Path,
        Self::NotAFile,
        Self::Duplicate,
        Self::Changed,
        Self::Missing,
        Self::Added,
        Self::Renamed,
        Self::Unreadable,
        Self::Inconsistent,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Signature => "signature",
            Self::Container => "container",
            Self::Path => "path",
            Self::NotAFile => "not-a-file",
            Self::Duplicate => "duplicate",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::Renamed => "renamed",
            Self::Unreadable => "unreadable",
            Self::Inconsistent => "inconsistent",
        }
    }
}

impl Finding {
    /// A finding about a file. The name may be anything that a hostile bundle says.
    pub(crate) fn about(kind: Kind, path: &str, message: impl Into<String>) -> Self {
        Self { kind, path: Some(path.escape_debug().collect()), message: plain(&message.into()) }
    }

    /// A finding about the bundle.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, path: None, message: plain(&message.into()) }
    }
}
