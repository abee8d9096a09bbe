//! Text that the user hands over: a file, or standard input.

use std::io::Read as _;
use std::path::Path;

use crate::failure::Failure;

/// The text of a file; `-` is standard input.
///
/// # Errors
/// [`Failure`] if it cannot be read or is not UTF-8.
pub(crate) fn text(file: &Path) -> Result<String, Failure> {
    let read = if is_standard_input(file) {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes = read.map_err(|error| Failure::usage(format!("{} cannot be read: {error}", place(file))))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!("{} is not UTF-8 text", place(file)))
            .help("PowerShell writes UTF-16 with >: use | Out-File -Encoding utf8 FILE")
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// How messages name the file.
pub(crate) fn place(file: &Path) -> String {
    if is_standard_input(file) { "standard input".to_owned() } else { file.display().to_string() }
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}
