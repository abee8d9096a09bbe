//! A bundle as a zip.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFileEntry;
use zip::result::ZipError;

use super::shared::Shared;
use super::{Listing, MOST_NAMES, seal, twice};
use crate::evidence::BundlePath;
use crate::evidence::finding::{Finding, Kind};
use crate::evidence::path::{Clash, Taken};

/// The end of a zip without its comment, in bytes.
const END: u64 = 22;

#[derive(Debug)]
pub(super) struct Archive {
    /// Nothing if the zip is broken.
    zip: Option<ZipArchive<Shared>>,
}

impl Archive {
    /// Lists a zip. What is wrong with it is found, not an error.
    pub(super) fn list(path: &Path) -> io::Result<(Self, Listing)> {
        let shared = Shared::new(File::open(path)?)?;
        let mut listing = Listing::default();
        match opened(shared, &mut listing) {
            Ok(zip) => Ok((Self { zip: Some(zip) }, listing)),
            // What the system says is no fault of the zip.
            Err(ZipError::Io(error)) if error.raw_os_error().is_some() => Err(error),
            Err(error) => {
                let message = format!("the zip is broken or cut off: {error}");
                listing.findings.push(Finding::new(Kind::Container, message));
                Ok((Self { zip: None }, listing))
            }
        }
    }

    pub(super) fn read<T>(&self, path: &str, with: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        let mut zip = self.zip.clone().ok_or(io::ErrorKind::NotFound)?;
        let index = zip.index_for_name_raw(path.as_bytes()).ok_or(io::ErrorKind::NotFound)?;
        with(&mut zip.by_index(index)?)
    }
}

fn opened(shared: Shared, listing: &mut Listing) -> Result<ZipArchive<Shared>, ZipError> {
    let mut zip = ZipArchive::new(shared.clone())?;
    if zip.len() > MOST_NAMES {
        return Err(ZipError::InvalidArchive(format!("it has more than {MOST_NAMES} names").into()));
    }
    let mut taken = Taken::default();
    for index in 0..zip.len() {
        let entry = zip.by_index_data(index)?;
        if let Some(path) = judged(&entry, &mut taken, listing) {
            // Folders need no entry of their own.
            listing.folders.extend(path.folders().map(str::to_owned));
            listing.files.insert(path.to_string(), entry.size());
        }
    }
    if zip.has_duplicate_names() {
        let names = twice::names(&mut shared.clone(), zip.central_directory_start())?;
        listing.findings.extend(names.iter().map(|name| Finding::about(Kind::Duplicate, name, "is in the zip twice")));
    }
    consistency(&mut zip, shared, listing)?;
    Ok(zip)
}

/// The name of an entry, if it is a file that can be in a bundle.
fn judged(entry: &ZipFileEntry<'_>, taken: &mut Taken, listing: &mut Listing) -> Option<BundlePath> {
    let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
    let mut found = |kind, message: String| listing.findings.push(Finding::about(kind, &name, message));
    let path: BundlePath = match name.strip_suffix('/').unwrap_or(&name).parse() {
        Ok(path) => path,
        Err(fault) => {
            found(Kind::Path, format!("cannot be the name of a file in a bundle: {fault}"));
            return None;
        }
    };
    if entry.is_dir() {
        listing.folders.insert(path.to_string());
        return None;
    }
    match taken.claim(&path) {
        Err(Clash::Twice) => found(Kind::Duplicate, "is in the zip twice".to_owned()),
        Err(Clash::With(other)) => {
            found(Kind::Path, format!("and `{other}` are one where letter case does not count"));
        }
        Ok(()) if entry.is_symlink() => {
            found(Kind::NotAFile, "is a symbolic link; a bundle has files alone".to_owned());
        }
        Ok(()) if entry.encrypted() => found(Kind::Container, "is encrypted".to_owned()),
        Ok(()) => return Some(path),
    }
    None
}

/// Whether the zip says the same everywhere, so that every program that unpacks it finds the same files.
fn consistency(zip: &mut ZipArchive<Shared>, mut file: Shared, listing: &mut Listing) -> io::Result<()> {
    let mut found = |message: String| listing.findings.push(Finding::new(Kind::Container, message));
    if !zip.has_duplicate_names()
        && let Err(error) = zip.validate_header_consistency()
    {
        found(format!("the zip contradicts itself: {error}"));
    }
    if zip.offset() > 0 {
        found(format!("the zip has {} bytes before its beginning", zip.offset()));
    }
    let mut end = [0; 4];
    file.seek(SeekFrom::Start(file.size().saturating_sub(END + zip.comment().len() as u64)))?;
    file.read_exact(&mut end)?;
    if end != *b"PK\x05\x06" {
        found("the zip has bytes after its end".to_owned());
    }
    match seal::check(&mut file, zip.comment())? {
        Some(true) => {}
        Some(false) => found("the zip is not as deployer wrote it: the digest in its comment differs".to_owned()),
        None => listing.notes.push("the zip was packed by another program: its files alone are judged".to_owned()),
    }
    Ok(())
}
