//! Whether a newer version could be installed.

use super::{Aspect, Case, Finding, note};

/// The version of this program.
const OWN: &str = env!("CARGO_PKG_VERSION");

pub(super) fn newer(case: Case<'_>) -> Option<Finding> {
    let installed = case.parameter("Version");
    let is_newer = matches!((numbers(OWN), numbers(installed)), (Some(own), Some(there)) if own > there);
    is_newer.then(|| {
        let fix = format!("{} (and your --exemptions, if you gave any)", case.install(""));
        note(Aspect::Stack, format!("version {installed} is installed; this deployer has {OWN}"), Some(fix))
    })
}

/// What is no version is not compared.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split(['-', '+']).next()?.split('.').map(|number| number.parse().ok()).collect()
}
