//! What runs on AWS: the function's executable, found and judged, and the zip that is made of it.
//!
//! [`locate()`] finds a [`Bootstrap`] and refuses what Lambda cannot run; [`Artifact::build`] packs it. The same bytes
//! go in, the same zip comes out, so that its SHA-256 names the object in S3 and proves what runs.

mod advice;
mod architecture;
mod bootstrap;
mod elf;
mod exempt;
mod locate;
mod pack;

pub use architecture::Architecture;
pub use bootstrap::Bootstrap;
pub use elf::{Glibc, Linkage};
pub use exempt::exemptions_for;
pub use locate::locate;
pub use pack::{Artifact, Packed, unpack};

/// What Lambda takes of a function's files together, in bytes: 250 MB unzipped, layers included. There is no other
/// limit for a zip that comes from S3; 50 MB is the limit of an upload to Lambda itself.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const LARGEST: u64 = 262_144_000;

/// The version of Notebook Guard that this program installs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
