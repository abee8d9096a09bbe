//! Whether the manifest is signed, and by whom.

use std::io::Read as _;

use super::Request;
use crate::evidence::Signature;
use crate::evidence::finding::{Finding, Kind};
use crate::evidence::manifest::{MANIFEST, Manifest, SIGNATURE};
use crate::evidence::plain::short;
use crate::evidence::source::Source;

/// What became of a signature. A fingerprint is that of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureState {
    /// The manifest cannot be read.
    Unknown,
    /// Nobody signed it.
    Unsigned,
    /// The signature is that of the key that the bundle itself names. Whose key that is, nobody said.
    Unchecked(String),
    /// The signature is that of the key that was given.
    Checked(String),
    /// It is missing, wrong, or another's.
    Bad,
}

impl SignatureState {
    /// It in a word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unsigned => "unsigned",
            Self::Unchecked(_) => "unchecked",
            Self::Checked(_) => "checked",
            Self::Bad => "bad",
        }
    }
}

/// Judges the signature of a manifest.
pub(super) fn judge(
    (bytes, manifest): (&[u8], &Manifest),
    source: &Source,
    request: &Request<'_>,
    findings: &mut Vec<Finding>,
) -> SignatureState {
    match judged((bytes, manifest), source, request) {
        Ok(state) => state,
        Err(message) => {
            findings.push(Finding::about(Kind::Signature, SIGNATURE, message));
            // That nobody signed it is no signature that does not hold.
            let is_unsigned = manifest.signature.is_none() && !source.listing().files.contains_key(SIGNATURE);
            if is_unsigned { SignatureState::Unsigned } else { SignatureState::Bad }
        }
    }
}

fn judged(
    (bytes, manifest): (&[u8], &Manifest),
    source: &Source,
    request: &Request<'_>,
) -> Result<SignatureState, String> {
    let is_there = source.listing().files.contains_key(SIGNATURE);
    let given = request.key.map(|key| key.fingerprint().to_string());
    let Some(statement) = &manifest.signature else {
        return match (is_there, given) {
            (true, _) => Err(format!("is there, and `{MANIFEST}` names no key: it was added")),
            (false, Some(key)) => Err(format!("is missing: the bundle is not signed, and not by your key {key}")),
            (false, None) if request.requires_signature => Err("is missing: the bundle is not signed".to_owned()),
            (false, None) => Ok(SignatureState::Unsigned),
        };
    };
    if !is_there {
        return Err(format!("is missing: `{MANIFEST}` says that {} signed it", short(&statement.fingerprint, 80)));
    }
    let key = statement.key().map_err(|why| format!("cannot be checked: {why}"))?;
    let signature = read(source).map_err(|error| format!("cannot be read: {error}"))?;
    let signer = key.fingerprint().to_string();
    if !key.has_signed(bytes, &signature) {
        return Err(format!("is wrong: it is not a signature by {signer} over `{MANIFEST}`"));
    }
    match given {
        None => Ok(SignatureState::Unchecked(signer)),
        Some(given) if given == signer => Ok(SignatureState::Checked(signer)),
        Some(given) => Err(format!("is another's: it is by {signer}, and not by your key {given}")),
    }
}

fn read(source: &Source) -> std::io::Result<Signature> {
    source.read(SIGNATURE, |reader| {
        let mut bytes = Vec::new();
        reader.take(Signature::LONGEST).read_to_end(&mut bytes)?;
        Ok(Signature::from(bytes))
    })
}
