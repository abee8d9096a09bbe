//! A file that many read at different places.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// Reads shorter than this go through a buffer of this size.
const SMALL: usize = 8 * 1024;

/// A place in a file. Clones share the file, and nothing else.
#[derive(Debug)]
pub(super) struct Shared {
    file: Arc<Mutex<File>>,
    size: u64,
    position: u64,
    /// What was read ahead, and where in the file it begins.
    ahead: Vec<u8>,
    ahead_at: u64,
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        Self { file: Arc::clone(&self.file), size: self.size, position: 0, ahead: Vec::new(), ahead_at: 0 }
    }
}

impl Shared {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file: Arc::new(Mutex::new(file)), size, position: 0, ahead: Vec::new(), ahead_at: 0 })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // Somebody who panicked has left the file at another place, which is set here anyway.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(position))?;
        file.read(buffer)
    }

    /// What was read ahead from here on.
    fn ahead(&self) -> &[u8] {
        let passed = self.position.checked_sub(self.ahead_at).and_then(|passed| usize::try_from(passed).ok());
        passed.and_then(|passed| self.ahead.get(passed..)).unwrap_or_default()
    }
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ahead().is_empty() && buffer.len() < SMALL {
            let mut ahead = std::mem::take(&mut self.ahead);
            ahead.resize(SMALL, 0);
            let count = self.read_at(self.position, &mut ahead)?;
            ahead.truncate(count);
            (self.ahead, self.ahead_at) = (ahead, self.position);
        }
        let mut ahead = self.ahead();
        let count = if ahead.is_empty() && buffer.len() >= SMALL {
            self.read_at(self.position, buffer)?
        } else {
            ahead.read(buffer)?
        };
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
