//! `manifest.json`: what a bundle is about, and the size and SHA-256 of each of its files.
//!
//! Its text has one form only, so that no byte of it can change unnoticed. The digest of the bundle is the SHA-256 of
//! the manifest without its member `bundle`, as JSON without white space, with sorted members, and a line break:
//! `jq -cS 'del(.bundle)' manifest.json | sha256sum`.

use std::io::{self, Write};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::hash::Hashing;
use super::key::SignedBy;
use super::{BundlePath, Digest, Moment};

/// The name of the manifest in a bundle.
pub const MANIFEST: &str = "manifest.json";
/// The name of its signature.
pub const SIGNATURE: &str = "manifest.json.sig";
/// What a manifest says that it is.
pub const FORMAT: &str = "notebook-guard-evidence";
/// The version of the form of bundles.
pub const FORMAT_VERSION: u32 = 1;
/// The most files of a bundle, beside the manifest and its signature. Some hundred bytes are kept for each while a
/// bundle is written or verified: what is told of many resources belongs into few files.
pub const MOST_FILES: usize = 100_000;
/// The largest manifest that is read, in bytes: more than `MOST_FILES` files need.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The manifest of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// What wrote the bundle.
    pub tool: Tool,
    /// When it was written.
    pub created: Moment,
    /// What it is about: scope, period, who exported it. Texts, whole numbers, truth values, lists and objects.
    pub subject: Map<String, Value>,
    /// Who signs it, if anybody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignedBy>,
    /// Its files, by path.
    pub files: Vec<Entry>,
    /// What the files come to.
    pub bundle: Bundle,
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Its [`BundlePath`], as a text: a manifest may say anything.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its [`Digest`], as a text.
    pub sha256: String,
    /// What it holds.
    pub media_type: String,
}

impl Entry {
    /// The entry of a file.
    #[must_use]
    pub fn of(path: &BundlePath, size: u64, sha256: Digest) -> Self {
        let media_type = path.media_type().to_owned();
        Self { path: path.to_string(), size, sha256: sha256.to_string(), media_type }
    }
}

/// What the files come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// How many files there are, beside the manifest and its signature.
    pub files: u64,
    /// How many bytes they have.
    pub size: u64,
    /// The digest of the bundle, as a text.
    pub sha256: String,
}

impl Bundle {
    /// What some files come to, without their digest.
    fn count(files: &[Entry]) -> (u64, u64) {
        (files.len() as u64, files.iter().fold(0, |size, entry| size.saturating_add(entry.size)))
    }
}

/// Why some bytes are no manifest, in words that go after a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestFault {
    /// It has more than [`LARGEST`] bytes.
    #[error("it has more than {LARGEST} bytes")]
    Large,
    /// It is no JSON, or lacks a member, or has one too many.
    #[error("{0}")]
    Json(String),
    /// It is JSON of something else.
    #[error("it is no manifest of evidence by Notebook Guard")]
    Foreign,
    /// Another version of the form.
    #[error("it is of form {0}, and this deployer reads form {FORMAT_VERSION}")]
    Version(u64),
}

impl Manifest {
    /// The manifest of some files, which are put in order.
    #[must_use]
    pub fn of(
        created: Moment,
        subject: Map<String, Value>,
        signature: Option<SignedBy>,
        mut files: Vec<Entry>,
    ) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let (count, size) = Bundle::count(&files);
        let tool = Tool { name: "deployer".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
        let bundle = Bundle { files: count, size, sha256: String::new() };
        let (format, subject) = (FORMAT.to_owned(), sorted(subject));
        let mut manifest =
            Self { format, format_version: FORMAT_VERSION, tool, created, subject, signature, files, bundle };
        manifest.bundle.sha256 = manifest.digest().to_string();
        manifest
    }

    /// Reads a manifest. Whether it agrees with itself is another question: [`Self::has_form`], [`Self::totals`].
    ///
    /// # Errors
    /// [`ManifestFault`].
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestFault> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Probe {
            format: Option<Value>,
            format_version: Option<Value>,
        }
        let broken = |error: serde_json::Error| ManifestFault::Json(error.to_string());
        let probe: Probe = serde_json::from_slice(bytes).map_err(broken)?;
        if probe.format.as_ref().and_then(Value::as_str) != Some(FORMAT) {
            return Err(ManifestFault::Foreign);
        }
        match probe.format_version.as_ref().and_then(Value::as_u64) {
            Some(version) if version != u64::from(FORMAT_VERSION) => return Err(ManifestFault::Version(version)),
            Some(_) | None => {}
        }
        let mut manifest: Self = serde_json::from_slice(bytes).map_err(broken)?;
        manifest.subject = sorted(manifest.subject);
        Ok(manifest)
    }

    /// The text of it.
    ///
    /// # Errors
    /// Nothing in it can fail to be JSON; the library's signature says otherwise.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether these bytes are the text of it.
    #[must_use]
    pub fn has_form(&self, bytes: &[u8]) -> bool {
        let mut rest = Same(bytes);
        let is_same = serde_json::to_writer_pretty(&mut rest, self).is_ok();
        is_same && rest.0 == b"\n"
    }

    /// What its files come to, by themselves.
    #[must_use]
    pub fn totals(&self) -> Bundle {
        let (files, size) = Bundle::count(&self.files);
        Bundle { files, size, sha256: self.digest().to_string() }
    }

    /// The digest of the bundle.
    fn digest(&self) -> Digest {
        let mut sink = Hashing::new(io::sink());
        let canonical = Canonical {
            created: self.created,
            files: Files(&self.files),
            format: &self.format,
            format_version: self.format_version,
            signature: self.signature.as_ref(),
            subject: &self.subject,
            tool: &self.tool,
        };
        // Hashing cannot fail, and nothing in a manifest can fail to be JSON.
        let _ = serde_json::to_writer(&mut sink, &canonical);
        let _ = sink.write_all(b"\n");
        sink.finish().1
    }
}

/// The manifest without `bundle`. Members are in the order of their names: that is the order that they are written in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Canonical<'a> {
    created: Moment,
    files: Files<'a>,
    format: &'a str,
    format_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a SignedBy>,
    subject: &'a Map<String, Value>,
    tool: &'a Tool,
}

struct Files<'a>(&'a [Entry]);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|Entry { path, size, sha256, media_type }| Line {
            media_type,
            path,
            sha256,
            size: *size,
        }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    media_type: &'a str,
    path: &'a str,
    sha256: &'a str,
    size: u64,
}

/// An object with its members in the order of their names, in all depths.
fn sorted(object: Map<String, Value>) -> Map<String, Value> {
    let mut members: Vec<(String, Value)> = object.into_iter().collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.into_iter().map(|(name, value)| (name, sorted_value(value))).collect()
}

fn sorted_value(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(sorted(object)),
        Value::Array(values) => Value::Array(values.into_iter().map(sorted_value).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// What is still to come of the bytes that are expected.
struct Same<'a>(&'a [u8]);

impl Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or_else(|| io::Error::other("it differs"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
