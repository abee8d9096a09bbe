//! Names that are in a zip twice. Whoever unpacks it gets one of the two; which one differs from program to program.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

/// A central directory header without its name, in bytes (APPNOTE 4.3.12).
const HEADER: usize = 46;

/// The names that the zip's directory has twice. The directory is known to be readable.
pub(super) fn names(file: &mut (impl Read + Seek), directory: u64) -> io::Result<BTreeSet<String>> {
    file.seek(SeekFrom::Start(directory))?;
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    let mut header = [0; HEADER];
    loop {
        match file.read_exact(&mut header) {
            Ok(()) if header.starts_with(b"PK\x01\x02") => {}
            Ok(()) => return Ok(twice),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(twice),
            Err(error) => return Err(error),
        }
        let mut name = vec![0; length(&header, 28)];
        file.read_exact(&mut name)?;
        let rest = length(&header, 30) + length(&header, 32);
        file.seek(SeekFrom::Current(i64::try_from(rest).unwrap_or(i64::MAX)))?;
        if !once.insert(name.clone()) {
            twice.insert(String::from_utf8_lossy(&name).into_owned());
        }
    }
}

fn length(header: &[u8; HEADER], at: usize) -> usize {
    match header.get(at..at + 2) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    }
}
