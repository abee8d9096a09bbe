//! Where a report goes: standard output, or a file that is there whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anstream::adapter::StripBytes;

use clap::ValueEnum as _;

use crate::failure::Failure;
use crate::report::Format;
use crate::save::Saving;

/// An open report.
pub(super) enum Out {
    Stdout(BufWriter<anstream::AutoStream<io::Stdout>>),
    /// What only a terminal understands is left out of it.
    File(StripBytes, BufWriter<Saving>),
}

impl Out {
    /// Opens it. A file that must not be replaced is told before anything is read.
    pub(super) fn open(file: Option<&Path>, format: Format, force: bool) -> Result<Self, Failure> {
        file.map_or(Ok(()), |file| check_ending(file, format))?;
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

/// A name that says another form than the report has misleads whoever opens it.
fn check_ending(file: &Path, format: Format) -> Result<(), Failure> {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let has = |format: &Format| format.endings().contains(&ending.as_str());
    let Some(other) = Format::value_variants().iter().find(|format| has(format)) else { return Ok(()) };
    if has(&format) || *other == Format::Table {
        return Ok(());
    }
    let (named, asked) = (other.word(), format.word());
    Err(Failure::usage(format!("--out {} is a name for {named}, and the format is {asked}", file.display()))
        .help(format!("add --format {named}, or choose another name")))
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
