//! Keys in files.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Fingerprint, KeyFault, SigningKey, VerifyingKey};
use crate::evidence::private;
use crate::exit::Exit;
use crate::failure::Failure;

/// The largest file that may be a key, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A new pair of keys.
#[derive(Debug)]
pub struct Generated {
    /// The file of the private key.
    pub private: PathBuf,
    /// The file of the public key.
    pub public: PathBuf,
    /// The name of the key.
    pub fingerprint: Fingerprint,
}

/// Makes a pair of keys: the private one in a file that only its owner may read, the public one in `PATH.pub`.
///
/// # Errors
/// One of the files is there already ([`Exit::Refused`]), or cannot be written.
pub fn generate(path: &Path) -> Result<Generated, Failure> {
    let key = new_key().map_err(|fault| Failure::internal(&format!("no key can be made: {fault}")))?;
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    let public = PathBuf::from(name);
    for file in [path, &public] {
        if fs::symlink_metadata(file).is_ok() {
            return Err(is_there(file));
        }
    }
    let (private_text, public_text) = texts(&key).map_err(|fault| Failure::internal(&fault))?;
    write(path, &private_text, true)?;
    write(&public, &public_text, false).inspect_err(|_| {
        // Without its other half the private key only stands in the way of the next attempt.
        let _ = fs::remove_file(path);
    })?;
    Ok(Generated { private: path.to_owned(), fingerprint: key.public().fingerprint(), public })
}

fn new_key() -> Result<SigningKey, KeyFault> {
    SigningKey::from_pair(Ed25519KeyPair::generate().map_err(|_| KeyFault::Other)?)
}

/// The private and the public key as PEM.
fn texts(key: &SigningKey) -> Result<(String, String), KeyFault> {
    // Version 1 has no public key in it, and is what OpenSSL writes.
    let der: Pkcs8V1Der<'_> = key.pair.as_der().map_err(|_| KeyFault::Other)?;
    Ok((pem("PRIVATE KEY", der.as_ref()), pem("PUBLIC KEY", &key.public.der)))
}

fn pem(label: &str, der: &[u8]) -> String {
    // RFC 7468: 64 characters a line. Base64 is ASCII, so no chunk splits a character.
    let encoded = STANDARD.encode(der);
    let lines: Vec<_> = encoded.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn write(path: &Path, text: &str, is_private: bool) -> Result<(), Failure> {
    let made = if is_private { private::create_file(path) } else { File::create_new(path) };
    let written = made.and_then(|mut file| {
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.inspect_err(|_| {
            let _ = fs::remove_file(path);
        })
    });
    written.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return is_there(path);
        }
        Failure::usage(format!("`{}` cannot be written: {error}", path.display()))
    })
}

fn is_there(path: &Path) -> Failure {
    let message = format!("`{}` is there already, and a key is never replaced", path.display());
    let refused = Failure { exit: Exit::Refused, ..Failure::usage(message) };
    refused.help("choose another name, or move it away: what was signed with it stays checkable with its public key")
}

impl SigningKey {
    /// Reads a private key, and warns if others may read it.
    ///
    /// # Errors
    /// The file cannot be read, or is no private Ed25519 key.
    pub fn read(path: &Path) -> Result<(Self, Option<String>), Failure> {
        const MAKE: &str = "make one with `deployer evidence keygen --out KEY`";
        let (file, text) = content(path).map_err(|failure| failure.help(MAKE))?;
        let key = Self::from_pem(&text).map_err(|fault| refused(path, &fault).help(MAKE))?;
        let is_shared = private::is_shared(&file).unwrap_or(false);
        let place = path.display();
        Ok((key, is_shared.then(|| format!("others can read the private key `{place}`: chmod 600 {place}"))))
    }
}

impl VerifyingKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// The file cannot be read, or is no public Ed25519 key.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let (_, text) = content(path)?;
        Self::from_pem(&text).map_err(|fault| {
            let failure = refused(path, &fault);
            if fault == KeyFault::Private { failure.help("it is beside it, with `.pub` at its end") } else { failure }
        })
    }
}

fn refused(path: &Path, fault: &KeyFault) -> Failure {
    Failure::usage(format!("`{}` is no key for this: {fault}", path.display()))
}

fn content(path: &Path) -> Result<(File, Vec<u8>), Failure> {
    let failed = |error: io::Error| Failure::usage(format!("`{}` cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(failed)?;
    let mut text = Vec::new();
    (&file).take(LARGEST).read_to_end(&mut text).map_err(failed)?;
    Ok((file, text))
}
