//! Where a bundle is before it has its name.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;

use super::PARTIAL;
use crate::evidence::private;

/// A folder beside the target, and the name of a zip beside it. Whatever of both is there goes with this value.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    zip: PathBuf,
}

impl Staging {
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        let name = target.file_name().ok_or_else(|| io::Error::other("it is no name of a file or folder"))?;
        let beside = |ending: &str| {
            let mut name = name.to_owned();
            name.push(format!(".{}.{ending}{PARTIAL}", std::process::id()));
            target.with_file_name(name)
        };
        let (folder, zip) = (beside(""), beside("zip."));
        private::create_folder(&folder)?;
        Ok(Self { folder, zip })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn zip(&self) -> PathBuf {
        self.zip.clone()
    }

    /// Where a file of the bundle is staged.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a commit one or both have another name by now. What stays has a name that says so.
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.zip);
    }
}

/// Makes what files hold outlive a crash. Side by side, because each waits for the disk and they can wait together.
pub(super) fn sync_files(files: &[PathBuf]) -> io::Result<()> {
    const AT_ONCE: usize = 16;
    let sync = |files: &[PathBuf]| files.iter().try_for_each(|file| File::open(file)?.sync_all());
    let share = files.len().div_ceil(AT_ONCE).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = files.chunks(share).map(|files| scope.spawn(move || sync(files))).collect();
        let join = |thread: ScopedJoinHandle<'_, io::Result<()>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().try_for_each(join)
    })
}

/// Makes the name of a file or folder outlive a crash.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        None => Ok(()),
        Some(parent) if parent.as_os_str().is_empty() => private::sync_folder(Path::new(".")),
        Some(parent) => private::sync_folder(parent),
    }
}
