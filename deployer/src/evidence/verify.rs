//! Finds whatever differs from what was written. It needs no network and no AWS account.

mod digests;
mod files;
mod manifest;
mod render;
mod signature;
mod subject;
mod wholeness;

use std::collections::BTreeMap;

pub use render::{json, text};
pub use signature::SignatureState;
pub use wholeness::{Lacking, Wholeness};

use super::content::{self, Content, Outcome};
use super::finding::Finding;
use super::manifest::Manifest;
use super::source::Source;
use super::{Form, VerifyingKey};
use crate::failure::Failure;

/// What is asked of a bundle.
#[derive(Debug, Default)]
pub struct Request<'a> {
    /// The key that has to have signed it.
    pub key: Option<&'a VerifyingKey>,
    /// Whether it has to be signed by anybody.
    pub requires_signature: bool,
}

/// What a bundle came to.
#[derive(Debug)]
pub struct Verification {
    /// What it is on the disk.
    pub form: Form,
    /// Its manifest, if it could be read.
    pub manifest: Option<Manifest>,
    /// What became of its signature.
    pub signature: SignatureState,
    /// What it lacks of what it is about, if that can be known. It can lack something and be as it was written.
    pub wholeness: Option<Wholeness>,
    /// Whether its files agree with each other.
    pub content: Vec<Outcome>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is worth a word, and nothing wrong.
    pub notes: Vec<String>,
}

impl Verification {
    /// Whether nothing is wrong with it.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.findings.is_empty() && self.manifest.is_some()
    }

    /// The files of the bundle, if it is verified; else none.
    pub(crate) fn content_of<'a>(&'a self, source: &'a Source) -> Content<'a> {
        let entries = self.manifest.iter().filter(|_| self.is_verified()).flat_map(|manifest| &manifest.files);
        Content::new(source, entries.map(|entry| (entry.path.as_str(), entry.size)).collect())
    }
}

/// Verifies a bundle: everything that is wrong, not only the first.
///
/// # Errors
/// The bundle is of a form that this program does not know.
pub fn verify(source: &Source, request: &Request<'_>) -> Result<Verification, Failure> {
    let listing = source.listing();
    let mut findings = listing.findings.clone();
    let read = manifest::read(source, &mut findings)?;
    let mut verification = Verification {
        form: source.form(),
        manifest: None,
        signature: SignatureState::Unknown,
        wholeness: None,
        content: Vec::new(),
        findings: Vec::new(),
        notes: listing.notes.clone(),
    };
    if let Some((bytes, manifest)) = read {
        let expected = manifest::expected(&bytes, &manifest, &mut findings);
        verification.signature = signature::judge((&bytes, &manifest), source, request, &mut findings);
        let intact = files::judge(source, &expected, &mut findings);
        let sizes: BTreeMap<&str, u64> = intact.iter().map(|(path, file)| (path.as_str(), file.size)).collect();
        let spoilt = expected.keys().map(String::as_str).filter(|path| !sizes.contains_key(path)).collect();
        let content = Content::new(source, sizes).without(spoilt);
        // The files are read once more for it, beside the others.
        let (wholeness, (outcomes, mut contradictions)) = std::thread::scope(|scope| {
            let whole = scope.spawn(|| Wholeness::of(&content));
            let held = content::run(&content, |path| expected.contains_key(path));
            (whole.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), held)
        });
        verification.wholeness = wholeness;
        findings.append(&mut contradictions);
        verification.content = outcomes;
        verification.manifest = Some(manifest);
    }
    verification.findings = findings;
    Ok(verification)
}
