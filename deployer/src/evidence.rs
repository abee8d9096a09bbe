//! Evidence that an auditor can take away: files, a manifest with the SHA-256 of each, and a signature over it.
//!
//! [`Writer`] makes a bundle, [`verify()`] finds whatever differs from what was written, offline, and [`story()`] tells
//! one notebook's part of it. What the files say is described by [`rows`]; whether they agree with each other is asked
//! by the checks in [`content`]. `docs/evidence.md` describes the form, so that it can be checked without this program.

pub mod content;
pub(crate) mod export;
pub mod finding;
pub mod hash;
pub mod key;
pub mod manifest;
mod moment;
pub mod path;
pub(crate) mod plain;
mod private;
pub mod rows;
pub mod source;
pub mod story;
pub mod verify;
mod violations;
pub(crate) mod words;
pub mod write;

pub use hash::Digest;
pub use key::{Signature, Signer, SigningKey, VerifyingKey};
pub use manifest::Manifest;
pub use moment::Moment;
pub use path::BundlePath;
pub use story::story;
pub use verify::verify;
pub use write::{Form, Writer};
