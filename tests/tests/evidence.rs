//! Evidence: what is written verifies, and whatever is changed afterwards is found.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "helpers of tests may panic"
)]

#[path = "evidence/bundle.rs"]
mod bundle;
#[path = "evidence/command.rs"]
mod command;
#[path = "evidence/container.rs"]
mod container;
#[path = "evidence/content.rs"]
mod content;
#[path = "evidence/keys.rs"]
mod keys;
#[path = "evidence/kills.rs"]
mod kills;
#[path = "evidence/manifests.rs"]
mod manifests;
#[path = "evidence/neighbours.rs"]
mod neighbours;
#[path = "evidence/properties.rs"]
mod properties;
#[path = "evidence/show.rs"]
mod show;
#[path = "evidence/speed.rs"]
mod speed;
#[path = "evidence/tampering.rs"]
mod tampering;
#[path = "evidence/writing.rs"]
mod writing;
