//! The zip of a bundle.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::evidence::hash::{CHUNK, Hashing};
use crate::evidence::manifest::Entry;
use crate::evidence::source::seal;

/// Packs some bytes and the files of a manifest, and closes with the [`seal`] over all of it.
pub(super) fn pack<'a, R: Read>(
    file: File,
    own: impl Iterator<Item = (&'a str, &'a [u8])>,
    files: &[Entry],
    open: impl Fn(&str) -> io::Result<R>,
) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::with_capacity(CHUNK, file));
    for (name, bytes) in own {
        zip.start_file(name, options(bytes.len() as u64))?;
        zip.write_all(bytes)?;
    }
    for entry in files {
        zip.start_file(&entry.path, options(entry.size))?;
        let mut sink = Hashing::new(&mut zip);
        io::copy(&mut open(&entry.path)?, &mut sink)?;
        let (_, digest, _) = sink.finish();
        if digest.to_string() != entry.sha256 {
            return Err(io::Error::other(format!("`{}` was changed while it was staged", entry.path)));
        }
    }
    zip.set_raw_comment(seal::empty().into())?;
    let mut file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    seal::set(&mut file)?;
    file.sync_all()
}

/// All that would otherwise come from the clock or the system is set.
fn options(size: u64) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .unix_permissions(0o600)
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        // What does not compress may come out a little larger than it went in.
        .large_file(size >= u64::from(u32::MAX) - 16 * 1024 * 1024)
}
