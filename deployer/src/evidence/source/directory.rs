//! A bundle as a folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Listing, MOST_NAMES};
use crate::evidence::finding::{Finding, Kind};

#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Lists a folder and what is in it. Links are not followed: what they lead to is not in the bundle.
    pub(super) fn list(root: &Path) -> io::Result<(Self, Listing)> {
        let mut listing = Listing::default();
        let mut folders = vec![(root.to_owned(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if prefix.is_empty() => return Err(error),
                Err(error) => {
                    let message = format!("cannot be read: {error}");
                    listing.findings.push(Finding::about(Kind::Unreadable, &prefix, message));
                    continue;
                }
            };
            for entry in entries {
                let entry = entry?;
                if listing.files.len() + listing.folders.len() >= MOST_NAMES {
                    let message = format!("it has more than {MOST_NAMES} names; the rest was not looked at");
                    listing.findings.push(Finding::new(Kind::Container, message));
                    return Ok((Self { root: root.to_owned() }, listing));
                }
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let is_text = entry.file_name().to_str().is_some();
                if let Some(folder) = listing.take(&entry, name, is_text)? {
                    folders.push((entry.path(), format!("{folder}/")));
                }
            }
        }
        Ok((Self { root: root.to_owned() }, listing))
    }

    pub(super) fn read<T>(&self, path: &str, with: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        with(&mut File::open(self.root.join(path))?)
    }
}

impl Listing {
    /// Takes a name into the list; a folder that is to be looked into comes back.
    fn take(&mut self, entry: &fs::DirEntry, name: String, is_text: bool) -> io::Result<Option<String>> {
        let kind = entry.file_type()?;
        if !is_text {
            // It could not be opened by this name, which is not quite its own.
            self.findings.push(Finding::about(Kind::Added, &name, "is not in the manifest, and its name is no UTF-8"));
            return Ok(None);
        }
        if kind.is_dir() {
            self.folders.insert(name.clone());
            return Ok(Some(name));
        }
        if kind.is_file() {
            self.files.insert(name, entry.metadata()?.len());
        } else {
            let what = if kind.is_symlink() { "a symbolic link" } else { "a device, a pipe or a socket" };
            let message = format!("is {what}; a bundle has files alone");
            self.findings.push(Finding::about(Kind::NotAFile, &name, message));
        }
        Ok(None)
    }
}
