//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It was written.
    Written,
    /// It was there, with the same bytes, and was not touched.
    Unchanged,
}

/// Writes a file: into another one beside it, which then takes its name, so that nobody ever reads half of it.
///
/// # Errors
/// It cannot be written; or it is there with other bytes, and `force` does not allow to replace it.
pub fn save(path: &Path, bytes: &[u8], force: bool) -> Result<Saved, Failure> {
    match holds(path, bytes) {
        Ok(true) => return Ok(Saved::Unchanged),
        Ok(false) if !force => {
            let message = format!("`{}` is there already and is different", path.display());
            let refused = Failure { exit: Exit::Refused, ..Failure::usage(message) };
            return Err(refused.help("replace it with --force, or choose another name"));
        }
        Ok(false) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unwritten(path, &error)),
    }
    let beside = beside(path).ok_or_else(|| Failure::usage(format!("`{}` is no name of a file", path.display())))?;
    let written = write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.map(|()| Saved::Written).map_err(|error| {
        // What is left over has a name that says so; that it stays is not worth another error.
        let _ = fs::remove_file(&beside);
        unwritten(path, &error)
    })
}

/// A file that is written bit by bit, beside its name. Until [`Saving::commit`] nothing has the name, and what is dropped
/// before is removed.
#[derive(Debug)]
pub(crate) struct Saving {
    path: PathBuf,
    beside: PathBuf,
    file: File,
    force: bool,
}

impl Saving {
    /// Begins.
    ///
    /// # Errors
    /// The file is there already, and `force` does not allow to replace it; or it cannot be written.
    pub(crate) fn begin(path: &Path, force: bool) -> Result<Self, Failure> {
        if path.is_dir() {
            return Err(Failure::usage(format!("`{}` is a folder", path.display())).help("name a file in it"));
        }
        if !force && path.exists() {
            return Err(is_there(path));
        }
        let beside =
            beside(path).ok_or_else(|| Failure::usage(format!("`{}` is no name of a file", path.display())))?;
        let file = OpenOptions::new().write(true).create_new(true).open(&beside);
        let file = file.map_err(|error| unwritten(path, &error))?;
        Ok(Self { path: path.to_owned(), beside, file, force })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// It cannot be written, or another has the name meanwhile.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| unwritten(&self.path, &error))?;
        if self.force {
            return fs::rename(&self.beside, &self.path).map_err(|error| unwritten(&self.path, &error));
        }
        // A second name is never given over a file that is there; not every file system knows second names.
        match fs::hard_link(&self.beside, &self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(is_there(&self.path)),
            Err(_) => fs::rename(&self.beside, &self.path).map_err(|error| unwritten(&self.path, &error)),
        }
    }
}

impl io::Write for Saving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        // What took its name is not there any more; that something stays over is not worth an error.
        let _ = fs::remove_file(&self.beside);
    }
}

fn is_there(path: &Path) -> Failure {
    let refused = Failure { exit: Exit::Refused, ..Failure::usage(format!("`{}` is there already", path.display())) };
    refused.help("replace it with --force, or choose another name")
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::usage(format!("`{}` cannot be written: {error}", path.display()));
    match path.parent() {
        Some(folder) if error.kind() == io::ErrorKind::NotFound => {
            failure.help(format!("make the folder first: mkdir -p {}", folder.display()))
        }
        _ => failure,
    }
}

/// Whether a file holds exactly these bytes. Only one of the same length is read.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    Ok(metadata.len() == bytes.len() as u64 && fs::read(path)? == bytes)
}

/// A name in the same folder: a file takes another's name only on its own file system.
fn beside(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    Some(path.with_file_name(name))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
