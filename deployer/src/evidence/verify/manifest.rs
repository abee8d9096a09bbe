//! Whether the manifest can be read and agrees with itself.

use std::collections::BTreeMap;
use std::io::Read as _;

use crate::evidence::finding::{Finding, Kind};
use crate::evidence::manifest::{LARGEST, MANIFEST, MOST_FILES, Manifest, ManifestFault, SIGNATURE};
use crate::evidence::path::{Clash, Taken};
use crate::evidence::rows::{EVALUATIONS, FUNCTIONS, POPULATION, RULES, TIMELINE};
use crate::evidence::source::Source;
use crate::evidence::{BundlePath, Digest, Form};
use crate::failure::Failure;

/// What a file has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) size: u64,
    pub(super) digest: Digest,
}

/// Reads the manifest: its bytes and what they say. Nothing if it cannot be read, which is then found.
pub(super) fn read(source: &Source, findings: &mut Vec<Finding>) -> Result<Option<(Vec<u8>, Manifest)>, Failure> {
    let is_broken = source.listing().files.is_empty() && findings.iter().any(|found| found.kind == Kind::Container);
    if is_broken {
        // Of a zip that cannot be listed nobody knows whether it has one.
        return Ok(None);
    }
    let no_bundle = |why: &str| {
        Failure::usage(format!("this is no bundle: {why}, and no file that a bundle has"))
            .help("name the folder or the zip that `deployer evidence export` wrote")
    };
    let is_one = resembles(source);
    let mut found = |message: String| findings.push(Finding::about(Kind::Manifest, MANIFEST, message));
    if !is_one && !source.listing().files.contains_key(MANIFEST) {
        return Err(no_bundle(&format!("it has no `{MANIFEST}`")));
    }
    if !source.listing().files.contains_key(MANIFEST) {
        found("is missing: somebody took it away".to_owned());
        return Ok(None);
    }
    let read = source.read(MANIFEST, |reader| {
        let mut bytes = Vec::new();
        reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) => {
            found(format!("cannot be read: {error}"));
            return Ok(None);
        }
    };
    let manifest = if bytes.len() as u64 > LARGEST { Err(ManifestFault::Large) } else { Manifest::read(&bytes) };
    match manifest {
        Ok(manifest) => Ok(Some((bytes, manifest))),
        Err(fault @ ManifestFault::Version(_)) => Err(Failure::usage(format!("the bundle cannot be judged: {fault}"))
            .help("use the deployer that wrote it, or a newer one")),
        Err(fault @ (ManifestFault::Json(_) | ManifestFault::Foreign)) if !is_one => {
            Err(no_bundle(&format!("`{MANIFEST}` cannot be read as one: {fault}")))
        }
        Err(fault @ (ManifestFault::Large | ManifestFault::Json(_) | ManifestFault::Foreign)) => {
            found(format!("cannot be read: {fault}"));
            Ok(None)
        }
    }
}

/// Whether anything in it makes it likely that it was a bundle: what other folders and zips do not have by chance.
fn resembles(source: &Source) -> bool {
    let listing = source.listing();
    let has = |path: &str| listing.files.contains_key(path);
    [SIGNATURE, POPULATION, EVALUATIONS, TIMELINE, RULES, FUNCTIONS].into_iter().any(has)
        || listing.files.keys().any(|path| path.starts_with("raw/"))
        || (source.form() == Form::Zip && !listing.findings.is_empty())
}

/// Holds the manifest against itself, and gives the files that it has entries for.
pub(super) fn expected(bytes: &[u8], manifest: &Manifest, findings: &mut Vec<Finding>) -> BTreeMap<String, Expected> {
    let entries = entries(manifest, findings);
    let mut found = |message: &str| findings.push(Finding::about(Kind::Manifest, MANIFEST, message));
    let totals = manifest.totals();
    let says = &manifest.bundle;
    if totals.sha256 != says.sha256 {
        found(&format!("was changed: the digest of the bundle is {}, and it says {}", totals.sha256, says.sha256));
    }
    if (totals.files, totals.size) != (says.files, says.size) {
        found(&format!(
            "says {} files with {} bytes, and has entries for {} with {}",
            says.files, says.size, totals.files, totals.size
        ));
    }
    if !manifest.files.is_sorted_by(|one, other| one.path <= other.path) {
        found("was changed: its entries are not in order");
    }
    if !manifest.has_form(bytes) {
        found("was changed: it is not written as deployer writes it");
    }
    entries
}

/// The entries that can be of a file, each path once.
fn entries(manifest: &Manifest, findings: &mut Vec<Finding>) -> BTreeMap<String, Expected> {
    let mut expected = BTreeMap::new();
    let mut taken = Taken::default();
    if manifest.files.len() > MOST_FILES {
        let message = format!("has more than {MOST_FILES} entries");
        findings.push(Finding::about(Kind::Manifest, MANIFEST, message));
        return expected;
    }
    for entry in &manifest.files {
        let mut found = |kind, message: String| findings.push(Finding::about(kind, &entry.path, message));
        let path: BundlePath = match entry.path.parse() {
            Ok(path) => path,
            Err(fault) => {
                found(Kind::Path, format!("cannot be the name of a file in a bundle: {fault}"));
                continue;
            }
        };
        if [MANIFEST, SIGNATURE].contains(&path.as_str()) {
            found(Kind::Manifest, "has an entry in the manifest, which says nothing about itself".to_owned());
            continue;
        }
        match taken.claim(&path) {
            Ok(()) => {}
            Err(Clash::Twice) => {
                found(Kind::Duplicate, "has two entries in the manifest".to_owned());
                continue;
            }
            Err(Clash::With(other)) => {
                found(Kind::Path, format!("and `{other}` are one where letter case does not count"));
                continue;
            }
        }
        match entry.sha256.parse() {
            Ok(digest) => {
                expected.insert(path.to_string(), Expected { size: entry.size, digest });
            }
            Err(_) => found(Kind::Manifest, "has an entry in the manifest whose SHA-256 is none".to_owned()),
        }
    }
    expected
}
