//! A bundle as it is found: a folder or a zip, made by anybody.

mod archive;
mod directory;
pub(crate) mod seal;
mod shared;
mod twice;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Form;
use super::finding::Finding;
use super::manifest::MOST_FILES;
use super::write::PARTIAL;
use crate::failure::Failure;
use archive::Archive;
use directory::Directory;

/// So many names are looked at before a bundle is called endless.
const MOST_NAMES: usize = 2 * MOST_FILES;

/// What there is in a bundle.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Files that can be read, with their sizes. Their names are whatever they are.
    pub(crate) files: BTreeMap<String, u64>,
    /// Folders.
    pub(crate) folders: BTreeSet<String>,
    /// What is wrong before a file is read.
    pub(crate) findings: Vec<Finding>,
    /// What is worth a word, and nothing wrong.
    pub(crate) notes: Vec<String>,
}

/// A bundle on the disk.
#[derive(Debug)]
pub struct Source {
    container: Container,
    listing: Listing,
}

#[derive(Debug)]
enum Container {
    Directory(Directory),
    Archive(Archive),
}

const WHICH: &str = "name the folder or the zip that was exported";

impl Source {
    /// Opens a bundle and lists it.
    ///
    /// # Errors
    /// There is nothing that could be a bundle, or it cannot be read. What is a bundle and broken is no error, but has
    /// findings.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let place = path.display();
        let failed = |error: io::Error| Failure::usage(format!("`{place}` cannot be read: {error}"));
        // `bundle/.` and links have another name than they show.
        let real = path.canonicalize().map_err(|error| failed(error).help(WHICH))?;
        if real.extension().is_some_and(|ending| ending == PARTIAL) {
            return Err(Failure::usage(format!("`{place}` is what an interrupted export left behind"))
                .help("it is no evidence: remove it, and export again"));
        }
        let metadata = real.metadata().map_err(failed)?;
        let (container, listing) = if metadata.is_dir() {
            let (directory, listing) = Directory::list(&real).map_err(failed)?;
            (Container::Directory(directory), listing)
        } else if metadata.is_file() && (Form::of(&real) == Form::Zip || begins_as_zip(&real).map_err(failed)?) {
            let (archive, listing) = Archive::list(&real).map_err(failed)?;
            (Container::Archive(archive), listing)
        } else {
            return Err(Failure::usage(format!("`{place}` is neither a folder nor a zip")).help(WHICH));
        };
        Ok(Self { container, listing })
    }

    /// What it is on the disk.
    #[must_use]
    pub fn form(&self) -> Form {
        match self.container {
            Container::Directory(_) => Form::Directory,
            Container::Archive(_) => Form::Zip,
        }
    }

    pub(crate) fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Reads a file that is listed. A zip may hold more than it says: whoever reads sets the limit.
    ///
    /// # Errors
    /// It cannot be read, or what reads it fails.
    pub(crate) fn read<T>(&self, path: &str, with: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        match &self.container {
            Container::Directory(directory) => directory.read(path, with),
            Container::Archive(archive) => archive.read(path, with),
        }
    }
}

fn begins_as_zip(path: &Path) -> io::Result<bool> {
    let mut magic = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut magic)?;
    Ok([b"PK\x03\x04", b"PK\x05\x06"].iter().any(|known| magic == known[..]))
}
