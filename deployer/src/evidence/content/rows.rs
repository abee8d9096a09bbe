//! Reads the lines of a file one by one.

use std::io::{self, BufRead as _, BufReader, Read as _};

use serde::de::DeserializeOwned;

use super::{Content, Inconsistencies};

/// The longest line, in bytes: AWS Config's largest items have some hundred thousand.
const LONGEST: u64 = 8 * 1024 * 1024;

impl Content<'_> {
    /// Gives each line of a file to `with`; a line that it cannot read is told.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn lines(
        &self,
        path: &'static str,
        told: &mut Inconsistencies,
        mut with: impl FnMut(&[u8], &mut Inconsistencies) -> Result<(), serde_json::Error>,
    ) -> io::Result<()> {
        self.read(path, |reader| {
            let mut reader = BufReader::with_capacity(128 * 1024, reader);
            let (mut line, mut number) = (Vec::new(), 0_u64);
            loop {
                line.clear();
                number += 1;
                if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                    return Ok(());
                }
                if line.last() != Some(&b'\n') {
                    told.tell(path, format!("has a line {number} that does not end"));
                    return Ok(());
                }
                if let Err(error) = with(&line, told) {
                    told.tell(path, format!("has a line {number} that cannot be read: {error}"));
                }
            }
        })
    }

    /// Gives each row of a file to `with`; a line that is no such row is told.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn rows<T: DeserializeOwned>(
        &self,
        path: &'static str,
        told: &mut Inconsistencies,
        mut with: impl FnMut(T, &mut Inconsistencies),
    ) -> io::Result<()> {
        self.lines(path, told, |line, told| {
            with(serde_json::from_slice(line)?, told);
            Ok(())
        })
    }

    /// Reads a file of one JSON value; one that is none is told, and gives nothing.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn json<T: DeserializeOwned>(&self, path: &'static str, told: &mut Inconsistencies) -> io::Result<Option<T>> {
        self.read(path, |reader| match serde_json::from_reader(BufReader::new(reader)) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_io() => Err(error.into()),
            Err(error) => {
                told.tell(path, format!("cannot be read: {error}"));
                Ok(None)
            }
        })
    }
}
