//! The zip that Lambda runs: made, and read back.

use std::io::{Cursor, Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use super::{Architecture, Bootstrap, LARGEST};
use crate::digest::hexadecimal;
use crate::failure::Failure;
use crate::names::Names;
use crate::templates::ArtifactName;

/// The executable, under the name that Lambda's OS-only runtimes start.
const BOOTSTRAP: &str = "bootstrap";
/// The exemptions, which the executable reads beside itself.
const EXEMPTIONS: &str = "exemptions.json";

/// The zip that Lambda runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The zip.
    pub zip: Vec<u8>,
    /// Its SHA-256, in hexadecimal and lower case, as in the template's parameter `ArtifactSha256`.
    pub sha256: String,
    /// Its SHA-256 in Base64, as Lambda shows it in `CodeSha256`.
    pub code_sha256: String,
    /// The processor that it is for.
    pub architecture: Architecture,
    /// The version of Notebook Guard that is in it.
    pub version: String,
}

impl Artifact {
    /// Packs an executable and its exemptions. The same input gives the same bytes, on any machine and at any time;
    /// another version of this program may compress differently.
    ///
    /// # Errors
    /// Both together are larger than Lambda takes.
    pub fn build(bootstrap: &Bootstrap, exemptions: &[u8]) -> Result<Self, Failure> {
        let size = (bootstrap.bytes.len() + exemptions.len()) as u64;
        if size > LARGEST {
            return Err(Failure::usage(format!(
                "`{}` and the exemptions have {size} bytes together; Lambda takes {LARGEST}",
                bootstrap.path.display()
            )));
        }
        let zip = pack(&bootstrap.bytes, exemptions).map_err(|error| Failure::internal(&error))?;
        let hash = Sha256::digest(&zip);
        let sha256 = hexadecimal(&hash);
        let code_sha256 = STANDARD.encode(hash);
        Ok(Self { zip, sha256, code_sha256, architecture: bootstrap.architecture, version: bootstrap.version.clone() })
    }

    /// What plans and templates know of it.
    #[must_use]
    pub fn name(&self) -> ArtifactName {
        ArtifactName {
            version: self.version.clone(),
            sha256: self.sha256.clone(),
            code_sha256: self.code_sha256.clone(),
            architecture: self.architecture.to_string(),
            size: self.zip.len() as u64,
        }
    }

    /// The key of the object in S3, which `cfn/member.yaml` builds from the same parts.
    #[must_use]
    pub fn key(&self, prefix: &str) -> String {
        let names = Names { prefix, account: "", partition: "" };
        names.key(&self.version, &self.sha256, self.architecture.as_str())
    }
}

fn pack(bootstrap: &[u8], exemptions: &[u8]) -> Result<Vec<u8>, ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // All that would otherwise come from the clock or the system is set.
    let fixed = SimpleFileOptions::default()
        .last_modified_time(DateTime::DEFAULT)
        .system(System::Unix)
        .compression_method(CompressionMethod::Deflated)
        // Level 9 takes twice the time for 3 % less, and every plan packs.
        .compression_level(Some(6));
    for (name, mode, content) in [(BOOTSTRAP, 0o755, bootstrap), (EXEMPTIONS, 0o644, exemptions)] {
        zip.start_file(name, fixed.unix_permissions(mode))?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// What a zip of ours holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The executable.
    pub bootstrap: Vec<u8>,
    /// The exemptions.
    pub exemptions: Vec<u8>,
}

/// Reads a zip that [`Artifact::build`] made.
///
/// # Errors
/// Why it is none, in words that go after a colon.
pub fn unpack(zip: &[u8]) -> Result<Packed, String> {
    let broken = |error: ZipError| error.to_string();
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(broken)?;
    let (mut bootstrap, mut exemptions, mut left) = (None, None, LARGEST);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let content = match name.as_str() {
            BOOTSTRAP => &mut bootstrap,
            EXEMPTIONS => &mut exemptions,
            other => return Err(format!("it holds `{}`", other.escape_debug())),
        };
        let mut bytes = Vec::new();
        entry.take(left + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        left =
            left.checked_sub(bytes.len() as u64).ok_or_else(|| format!("unzipped it has more than {LARGEST} bytes"))?;
        *content = Some(bytes);
    }
    let missing = |name: &str| format!("it holds no `{name}`");
    Ok(Packed {
        bootstrap: bootstrap.ok_or_else(|| missing(BOOTSTRAP))?,
        exemptions: exemptions.ok_or_else(|| missing(EXEMPTIONS))?,
    })
}
