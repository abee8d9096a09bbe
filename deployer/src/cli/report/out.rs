//! Where a report goes: standard output, or a file that is there whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anstream::adapter::StripBytes;

use crate::failure::Failure;
use crate::save::Saving;

/// An open report.
pub(super) enum Out {
    Stdout(BufWriter<anstream::AutoStream<io::Stdout>>),
    /// What only a terminal understands is left out of it.
    File(StripBytes, BufWriter<Saving>),
}

impl Out {
    /// Opens it. A file that must not be replaced is told before anything is read.
    pub(super) fn open(file: Option<&Path>, force: bool) -> Result<Self, Failure> {
        Ok(match file {
            None => Self::Stdout(BufWriter::new(anstream::stdout())),
            Some(file) => Self::File(StripBytes::new(), BufWriter::new(Saving::begin(file, force)?)),
        })
    }

    /// Ends it: the file takes its name.
    pub(super) fn close(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut out) => unread(out.flush()).map_err(|error| Failure::internal(&error)),
            Self::File(_, out) => {
                let file = out.into_inner().map_err(|error| Failure::internal(error.error()))?;
                file.commit()
            }
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => unread(out.write_all(bytes)).map(|()| bytes.len()),
            Self::File(strip, out) => {
                strip.strip_next(bytes).try_for_each(|piece| out.write_all(piece)).map(|()| bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => unread(out.flush()),
            Self::File(_, out) => out.flush(),
        }
    }
}

/// A reader that has seen enough (`| head`) ends the output, not the run.
fn unread(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}
