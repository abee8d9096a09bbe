//! Keys that sign bundles, and keys that signatures are checked with, in the files that OpenSSL reads and writes: PKCS#8
//! (RFC 8410) and `SubjectPublicKeyInfo`, both as PEM.
//!
//! A key in a file is an Ed25519 key (RFC 8032). A key that stays in AWS KMS is one of the curve P-256: KMS signs no more
//! than 4096 bytes with Ed25519, and a manifest is longer; of the two ways to sign a digest that it has, ECDSA is the one
//! that every OpenSSL checks (<https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>).

mod file;
pub(crate) mod kms;

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use serde::{Deserialize, Serialize};

use super::Digest;
use crate::failure::Failure;
pub use file::{Generated, generate};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 over the bytes of the manifest; 64 bytes.
    Ed25519,
    /// ECDSA with the curve P-256 over the SHA-256 of the manifest; about 70 bytes of DER.
    #[serde(rename = "ECDSA-P256-SHA256")]
    EcdsaP256,
}

impl Algorithm {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 => "ECDSA-P256-SHA256",
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Ed25519 => &ED25519,
            Self::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
        }
    }
}

/// A signature, as its algorithm writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// No signature is longer, in bytes; a larger file is none.
    pub const LONGEST: u64 = 4096;

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Signature {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// The SHA-256 of a public key (its `SubjectPublicKeyInfo` as DER), which names the key: `sha256:…`.
///
/// `openssl pkey -pubin -in KEY.pub -outform DER | sha256sum` gives the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

/// Why a file or a text is no key of ours, in words that go after a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Neither kind of PEM is in it.
    #[error("it is no PEM file with a key")]
    NoKey,
    /// The private key, where the public one is asked for.
    #[error("it is a private key; the public one is asked for")]
    Private,
    /// The public key, where the private one is asked for.
    #[error("it is a public key; the private one is asked for")]
    Public,
    /// A key that is locked with a password.
    #[error("it is locked with a password; take it off with `openssl pkey -in KEY -out OPEN`")]
    Locked,
    /// A key of another algorithm, or a broken one.
    #[error("it is no Ed25519 key, and no public key of the curve P-256")]
    Other,
}

/// A private key.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: VerifyingKey,
}

impl SigningKey {
    /// Reads a private key from the text of its file.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyFault> {
        let der = section(pem, SectionKind::PrivateKey)?;
        Self::from_pair(Ed25519KeyPair::from_pkcs8(&der).map_err(|_| KeyFault::Other)?)
    }

    fn from_pair(pair: Ed25519KeyPair) -> Result<Self, KeyFault> {
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| KeyFault::Other)?;
        let public = VerifyingKey::from_der(der.as_ref())?;
        Ok(Self { pair, public })
    }

    /// The public key to it.
    #[must_use]
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// Signs a manifest.
    ///
    /// # Errors
    /// The library cannot, in words for people.
    pub fn sign(&self, manifest: &[u8]) -> Result<Signature, String> {
        let signature = self.pair.try_sign(manifest).map_err(|_| "the bundle cannot be signed with it".to_owned())?;
        Ok(Signature(signature.as_ref().to_vec()))
    }
}

impl fmt::Debug for SigningKey {
    /// Nothing of the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    /// Its `SubjectPublicKeyInfo`.
    der: Vec<u8>,
}

impl VerifyingKey {
    /// Reads a public key from the text of its file.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyFault> {
        Self::from_der(&section(pem, SectionKind::PublicKey)?)
    }

    /// Reads a public key from the `SubjectPublicKeyInfo`, which says of which algorithm it is.
    fn from_der(der: &[u8]) -> Result<Self, KeyFault> {
        // The bare bytes of a key would be taken too, but say nothing about what they are.
        let is_bare = der.len() <= 32 || der.first() != Some(&SEQUENCE);
        let fits = |algorithm: &Algorithm| UnparsedPublicKey::new(algorithm.verification(), der).parse().is_ok();
        let algorithm = [Algorithm::Ed25519, Algorithm::EcdsaP256].into_iter().find(fits);
        match algorithm {
            Some(algorithm) if !is_bare => Ok(Self { algorithm, der: der.to_vec() }),
            Some(_) | None => Err(KeyFault::Other),
        }
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Digest::of(&self.der))
    }

    /// Whether a signature over a message was made with the private key to this one.
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &Signature) -> bool {
        let key = UnparsedPublicKey::new(self.algorithm.verification(), &self.der);
        key.verify(message, signature.as_bytes()).is_ok()
    }
}

/// How a `SubjectPublicKeyInfo` begins in DER.
const SEQUENCE: u8 = 0x30;

/// The first section of a PEM file, if it is of a kind.
fn section(pem: &[u8], wanted: SectionKind) -> Result<Vec<u8>, KeyFault> {
    // The library leaves sections out whose kind it does not know.
    let is_locked = memchr::memmem::find(pem, b"BEGIN ENCRYPTED PRIVATE KEY").is_some();
    match <(SectionKind, Vec<u8>)>::from_pem_slice(pem) {
        Ok((kind, der)) if kind == wanted => Ok(der),
        Ok((SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey, _)) => {
            Err(if wanted == SectionKind::PublicKey { KeyFault::Private } else { KeyFault::Other })
        }
        Ok((SectionKind::PublicKey, _)) => Err(KeyFault::Public),
        Ok(_) => Err(KeyFault::Other),
        Err(_) if is_locked => Err(KeyFault::Locked),
        Err(_) => Err(KeyFault::NoKey),
    }
}

/// What a manifest says about its signature, before it is signed: so it shows when the signature is taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedBy {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The [`Fingerprint`] of the key.
    pub fingerprint: String,
    /// The `SubjectPublicKeyInfo` of the key, in Base64. That a bundle brings it along says nothing about whose it is.
    pub public_key: String,
}

impl SignedBy {
    /// The statement of a key.
    #[must_use]
    pub fn of(key: &VerifyingKey) -> Self {
        let (fingerprint, public_key) = (key.fingerprint().to_string(), STANDARD.encode(&key.der));
        Self { algorithm: key.algorithm, fingerprint, public_key }
    }

    /// The key, if the statement agrees with itself.
    ///
    /// # Errors
    /// Why it does not, in words that go after a colon.
    pub fn key(&self) -> Result<VerifyingKey, String> {
        let der = STANDARD.decode(&self.public_key).map_err(|_| "the public key is no Base64".to_owned())?;
        let key = VerifyingKey::from_der(&der).map_err(|_| "the public key is none that is known".to_owned())?;
        if key.algorithm != self.algorithm {
            return Err(format!("it says {}, and the key is of {}", self.algorithm.as_str(), key.algorithm.as_str()));
        }
        let says = &self.fingerprint;
        if key.fingerprint().to_string() == *says {
            Ok(key)
        } else {
            Err(format!("it says that the key is {says}, and holds {}", key.fingerprint()))
        }
    }
}

/// Who signs.
#[derive(Debug)]
pub enum Signer {
    /// A key in a file.
    Key(SigningKey),
    /// A key that stays in AWS KMS.
    Kms(kms::KmsKey),
}

impl Signer {
    /// What the manifest says about the signature.
    #[must_use]
    pub fn statement(&self) -> SignedBy {
        match self {
            Self::Key(key) => SignedBy::of(key.public()),
            Self::Kms(key) => SignedBy::of(key.public()),
        }
    }

    /// Signs a manifest.
    ///
    /// # Errors
    /// The library or AWS KMS cannot.
    pub async fn sign(&self, manifest: &[u8]) -> Result<Signature, Failure> {
        match self {
            Self::Key(key) => key.sign(manifest).map_err(|why| Failure::internal(&why)),
            Self::Kms(key) => key.sign(manifest).await,
        }
    }
}
