//! The comment at the end of a zip: the SHA-256 of everything before it.
//!
//! A zip has bytes that no file in it depends on, such as times and the padding of compressed data. With the seal they
//! cannot change unnoticed either. A zip that somebody packed anew has no comment; its files are judged all the same.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};

use crate::evidence::{Digest, hash};

const LABEL: &str = "notebook-guard-evidence sha256:";
const LENGTH: usize = LABEL.len() + 64;

/// A seal that is still to be set, of the right length.
pub(crate) fn empty() -> Vec<u8> {
    text(&"0".repeat(64)).into_bytes()
}

fn text(digest: &str) -> String {
    format!("{LABEL}{digest}")
}

/// Sets the seal of a finished zip whose comment is [`empty`].
pub(crate) fn set(file: &mut File) -> io::Result<()> {
    let digest = over(file)?;
    // All but the comment was read: this is where it begins.
    file.write_all(text(&digest.to_string()).as_bytes())
}

/// Whether a zip is as it was when its seal was set; nothing if it has none.
pub(crate) fn check(file: &mut (impl Read + Seek), comment: &[u8]) -> io::Result<Option<bool>> {
    if comment.is_empty() {
        return Ok(None);
    }
    // Only a comment of the right length is the one that is left out of the digest.
    Ok(Some(comment.len() == LENGTH && text(&over(file)?.to_string()).as_bytes() == comment))
}

/// The digest of all but the comment.
fn over(file: &mut (impl Read + Seek)) -> io::Result<Digest> {
    let end = file.seek(SeekFrom::End(0))?;
    let size = end.saturating_sub(LENGTH as u64);
    file.seek(SeekFrom::Start(0))?;
    Ok(hash::read(&mut file.take(size), size)?.0)
}
