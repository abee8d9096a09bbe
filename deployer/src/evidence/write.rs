//! Writes a bundle: whole or not at all.
//!
//! Files are staged in a folder beside the target whose name ends in `.partial`; several may be open at a time. The
//! manifest comes last, then everything takes its name at once. What an interrupted run leaves has the ending still,
//! and [`super::verify()`] refuses whatever has it. A zip is made of the staged files in the order of their names with
//! fixed times, so that the same files give the same zip, whatever the order in which they were written.

mod pack;
mod staging;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::hash::{CHUNK, Hashing, SoFar};
use super::key::{SignedBy, SigningKey};
use super::manifest::{Entry, LARGEST, MANIFEST, MOST_FILES, Manifest, SIGNATURE};
use super::path::{Clash, Taken};
use super::{BundlePath, Moment, Signature, private};
use crate::exit::Exit;
use crate::failure::Failure;
use staging::Staging;

/// The ending of what is not finished.
pub(crate) const PARTIAL: &str = "partial";

/// What a bundle is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A folder with files.
    Directory,
    /// A zip.
    Zip,
}

impl Form {
    /// A zip if the name ends in `.zip`, else a folder.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let is_zip = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
        if is_zip { Self::Zip } else { Self::Directory }
    }

    /// It in a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Zip => "zip",
        }
    }
}

/// A bundle that is being written. Dropped before [`Sealed::commit`], it takes away what it wrote.
#[derive(Debug)]
pub struct Writer {
    target: PathBuf,
    form: Form,
    staging: Staging,
    taken: Taken,
    folders: BTreeSet<PathBuf>,
    entries: Vec<Entry>,
    open: usize,
}

/// A file of a bundle that is being written. What is written is hashed on the way.
#[derive(Debug)]
pub struct OpenFile {
    path: BundlePath,
    sink: BufWriter<Hashing<File>>,
}

/// A file that is laid aside.
#[derive(Debug)]
pub(crate) struct Parked {
    path: BundlePath,
    so_far: SoFar,
}

impl Write for OpenFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl Writer {
    /// Begins a bundle at `target`, which must not be there; an empty folder may.
    ///
    /// # Errors
    /// [`Exit::Refused`] if something is there; [`Exit::Usage`] if nothing can be written there.
    pub fn create(target: &Path, form: Form) -> Result<Self, Failure> {
        must_be_free(target, form)?;
        let staging = Staging::create(target).map_err(|error| {
            Failure::usage(format!("`{}` cannot be written: {error}", target.display()))
                .help("the folder that it is in has to be there, and you have to be allowed to write to it")
        })?;
        let target = target.to_owned();
        let (taken, folders, entries) = (Taken::default(), BTreeSet::new(), Vec::new());
        Ok(Self { target, form, staging, taken, folders, entries, open: 0 })
    }

    /// Begins a file. It has to be given back to [`Self::close`].
    ///
    /// # Errors
    /// The path cannot be one in a bundle or is taken, or the disk says no.
    pub fn file(&mut self, path: &str) -> Result<OpenFile, Failure> {
        let refused = |why: &str| Failure::internal(&format!("`{path}` cannot be in a bundle: {why}"));
        let path: BundlePath = path.parse().map_err(|fault: super::path::PathFault| refused(&fault.to_string()))?;
        if [MANIFEST, SIGNATURE].contains(&path.as_str()) {
            return Err(refused("the name is the bundle's own"));
        }
        if self.entries.len() + self.open >= MOST_FILES {
            return Err(refused(&format!("it has {MOST_FILES} files already")));
        }
        self.taken.claim(&path).map_err(|clash| match clash {
            Clash::Twice => refused("it is there already"),
            Clash::With(other) => refused(&format!("where letter case does not count it is `{other}`")),
        })?;
        for folder in path.folders() {
            let folder = self.staging.path(folder);
            if !self.folders.contains(&folder) {
                private::create_folder(&folder).map_err(|error| self.failed(&error))?;
                self.folders.insert(folder);
            }
        }
        let file = private::create_file(&self.staging.path(path.as_str())).map_err(|error| self.failed(&error))?;
        self.open += 1;
        // Many may be open side by side, so each keeps little.
        Ok(OpenFile { path, sink: BufWriter::with_capacity(CHUNK / 8, Hashing::new(file)) })
    }

    /// Ends a file.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn close(&mut self, file: OpenFile) -> Result<(), Failure> {
        let hashing = file.sink.into_inner().map_err(|error| self.failed(error.error()))?;
        let (_, digest, size) = hashing.finish();
        self.open = self.open.saturating_sub(1);
        self.entries.push(Entry::of(&file.path, size, digest));
        Ok(())
    }

    /// Lays a file aside that goes on later: it stays begun, and is not open.
    pub(crate) fn park(&self, file: OpenFile) -> Result<Parked, Failure> {
        let sink = file.sink.into_inner().map_err(|error| self.failed(error.error()))?;
        Ok(Parked { path: file.path, so_far: sink.lay_aside() })
    }

    /// Goes on with a file.
    pub(crate) fn unpark(&self, Parked { path, so_far }: Parked) -> Result<OpenFile, Failure> {
        let file = File::options().append(true).open(self.staging.path(path.as_str()));
        let sink = so_far.go_on(file.map_err(|error| self.failed(&error))?);
        Ok(OpenFile { path, sink: BufWriter::with_capacity(CHUNK / 8, sink) })
    }

    /// Ends a file that was laid aside.
    pub(crate) fn close_parked(&mut self, Parked { path, so_far }: Parked) {
        let (_, digest, size) = so_far.go_on(io::sink()).finish();
        self.open = self.open.saturating_sub(1);
        self.entries.push(Entry::of(&path, size, digest));
    }

    /// Reads a file that was ended.
    pub(crate) fn read(&self, path: &str) -> Result<File, Failure> {
        File::open(self.staging.path(path)).map_err(|error| self.failed(&error))
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// As [`Self::file`] and [`Self::close`].
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let mut file = self.file(path)?;
        file.write_all(bytes).map_err(|error| self.failed(&error))?;
        self.close(file)
    }

    /// Makes the manifest. From here on nothing is added; whoever signs does so over [`Sealed::manifest`].
    ///
    /// # Errors
    /// A file was not closed.
    pub fn seal(
        self,
        created: Moment,
        subject: Map<String, Value>,
        signed_by: Option<SignedBy>,
    ) -> Result<Sealed, Failure> {
        if self.open > 0 {
            return Err(Failure::internal(&format!("{} files of the bundle were not closed", self.open)));
        }
        let Self { target, form, staging, folders, entries, .. } = self;
        let manifest = Manifest::of(created, subject, signed_by, entries);
        let bytes = manifest.to_bytes().map_err(|error| Failure::internal(&error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Failure::internal(&format!("the manifest has more than {LARGEST} bytes")));
        }
        Ok(Sealed { target, form, staging, folders, manifest, bytes })
    }

    /// Makes the manifest, signs it with a key in a file if there is one, and finishes the bundle.
    ///
    /// # Errors
    /// As [`Self::seal`] and [`Sealed::commit`].
    pub fn finish(
        self,
        created: Moment,
        subject: Map<String, Value>,
        key: Option<&SigningKey>,
    ) -> Result<Written, Failure> {
        let sealed = self.seal(created, subject, key.map(|key| SignedBy::of(key.public())))?;
        let signature = key.map(|key| key.sign(sealed.manifest())).transpose();
        let signature = signature.map_err(|why| Failure::internal(&why))?;
        sealed.commit(signature.as_ref())
    }

    fn failed(&self, error: &io::Error) -> Failure {
        failed(&self.target, error)
    }
}

/// A bundle that lacks nothing but its signature and its name.
#[derive(Debug)]
pub struct Sealed {
    target: PathBuf,
    form: Form,
    staging: Staging,
    folders: BTreeSet<PathBuf>,
    manifest: Manifest,
    bytes: Vec<u8>,
}

/// A bundle that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Sealed {
    /// The bytes to sign.
    #[must_use]
    pub fn manifest(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bundle its name.
    ///
    /// # Errors
    /// The signature is not what the manifest announces, something is at the target meanwhile, or the disk fails.
    pub fn commit(self, signature: Option<&Signature>) -> Result<Written, Failure> {
        let announced = self.manifest.signature.as_ref().map(SignedBy::key).transpose();
        let announced = announced.map_err(|why| Failure::internal(&why))?;
        match (announced, signature) {
            (None, None) => {}
            (Some(key), Some(signature)) if key.has_signed(&self.bytes, signature) => {}
            _ => return Err(Failure::internal(&"the signature is not the one that the manifest announces")),
        }
        let placed = match self.form {
            Form::Directory => self.place_folder(signature),
            Form::Zip => self.place_zip(signature),
        };
        placed?;
        Ok(Written { path: self.target, manifest: self.manifest })
    }

    fn place_folder(&self, signature: Option<&Signature>) -> Result<(), Failure> {
        let failed = |error| failed(&self.target, &error);
        let own = [(MANIFEST, Some(self.bytes.as_slice())), (SIGNATURE, signature.map(Signature::as_bytes))];
        for (name, bytes) in own {
            let Some(bytes) = bytes else { continue };
            let mut file = private::create_file(&self.staging.path(name)).map_err(failed)?;
            file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        let files: Vec<_> = self.manifest.files.iter().map(|entry| self.staging.path(&entry.path)).collect();
        staging::sync_files(&files).map_err(failed)?;
        // The innermost first, so that no name is safe before what it names.
        for folder in self.folders.iter().rev() {
            private::sync_folder(folder).map_err(failed)?;
        }
        private::sync_folder(self.staging.folder()).map_err(failed)?;
        must_be_free(&self.target, self.form)?;
        fs::rename(self.staging.folder(), &self.target).map_err(failed)?;
        staging::sync_parent(&self.target).map_err(failed)
    }

    fn place_zip(&self, signature: Option<&Signature>) -> Result<(), Failure> {
        let failed = |error| failed(&self.target, &error);
        let zip = self.staging.zip();
        let own = [(MANIFEST, Some(self.bytes.as_slice())), (SIGNATURE, signature.map(Signature::as_bytes))];
        let own = own.into_iter().filter_map(|(name, bytes)| bytes.map(|bytes| (name, bytes)));
        let file = private::create_file(&zip).map_err(failed)?;
        pack::pack(file, own, &self.manifest.files, |path| File::open(self.staging.path(path))).map_err(failed)?;
        must_be_free(&self.target, self.form)?;
        fs::rename(&zip, &self.target).map_err(failed)?;
        staging::sync_parent(&self.target).map_err(failed)
    }
}

fn failed(target: &Path, error: &io::Error) -> Failure {
    Failure::internal(&format!("the bundle `{}` cannot be written: {error}", target.display()))
}

/// Nothing is ever replaced: what is there may be the only evidence of its time.
pub(crate) fn must_be_free(target: &Path, form: Form) -> Result<(), Failure> {
    let is_free = match fs::symlink_metadata(target) {
        Err(_) => true,
        Ok(metadata) if metadata.is_dir() && form == Form::Directory => {
            fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none())
        }
        Ok(_) => false,
    };
    if is_free {
        return Ok(());
    }
    let refused = Failure { exit: Exit::Refused, ..Failure::usage(format!("`{}` is there already", target.display())) };
    Err(refused.help("evidence is never replaced: choose another name, or move it away"))
}
