//! How large the function's package is.

use std::io::{Cursor, Write as _};
use std::path::Path;

use super::{BenchError, Row};

pub(super) fn zipped(bootstrap: &Path) -> Result<Row, BenchError> {
    const BAR: f64 = 3.0;
    let bytes = std::fs::read(bootstrap)?;
    let failed = |error: zip::result::ZipError| BenchError::Unexpected(error.to_string());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_level(Some(9));
    zip.start_file("bootstrap", options).map_err(failed)?;
    zip.write_all(&bytes)?;
    let zipped = zip.finish().map_err(failed)?.into_inner().len();
    #[expect(clippy::cast_precision_loss, reason = "file sizes are far below 2^52")]
    let (raw, zipped) = (bytes.len() as f64 / 1e6, zipped as f64 / 1e6);
    Ok(Row {
        what: "size of the zipped bootstrap",
        measured: format!("{zipped:.2} MB ({raw:.2} MB unzipped)"),
        bar: format!("<= {BAR:.0} MB"),
        holds: zipped <= BAR,
    })
}
