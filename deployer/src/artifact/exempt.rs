//! Which exemptions go into the zip.

use std::path::Path;

use rule::exemption::Exemptions;

use super::Bootstrap;
use crate::exemptions::{load, today};
use crate::failure::Failure;
use crate::output::Printer;

/// Those of the file; without one, those of the zip that the executable came from, so that a zip which was reviewed is
/// installed as it is; else none.
///
/// # Errors
/// The file has faults, or the zip holds exemptions that the function could not read.
pub fn exemptions_for(bootstrap: &Bootstrap, file: Option<&Path>, printer: Printer) -> Result<Exemptions, Failure> {
    if let Some(file) = file {
        return load(file, today(), printer).map(|exemptions| exemptions.all().clone());
    }
    let Some(packed) = &bootstrap.packed_exemptions else { return Ok(Exemptions::default()) };
    let path = bootstrap.path.display();
    let exemptions = Exemptions::read(packed).map_err(|error| {
        Failure::usage(format!("`exemptions.json` in `{path}` cannot be used: {error}"))
            .help("give the exemptions again: --exemptions FILE")
    })?;
    if !exemptions.as_slice().is_empty() {
        printer.note(&format!("the exemptions are those of `{path}`; --exemptions FILE would replace them"));
    }
    Ok(exemptions)
}
