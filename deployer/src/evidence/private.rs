//! Files and folders that only their owner may read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};

/// Makes a file that was not there, for reading and writing (mode 0600).
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path)
}

/// Makes a folder that was not there (mode 0700).
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path)
}

/// Makes what a folder holds outlive a crash: names are part of the folder, not of the files.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows opens no folders as files.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Whether others than the owner may read or change a file.
#[cfg(unix)]
pub(crate) fn is_shared(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

/// Where there are no modes, nobody can tell.
#[cfg(not(unix))]
pub(crate) fn is_shared(_: &File) -> io::Result<bool> {
    Ok(false)
}
