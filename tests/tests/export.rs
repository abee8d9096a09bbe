//! `deployer evidence export` against the sandbox: every number of a bundle against what is known to be true, and what
//! becomes of an export that is interrupted, refused or hampered.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a suite stops at what it did not expect")]

#[path = "cli/runner.rs"]
#[expect(dead_code, reason = "the suite of the command line uses all of it")]
mod runner;

#[path = "export/bundle.rs"]
mod bundle;
#[path = "export/ends.rs"]
mod ends;
#[path = "export/hampered.rs"]
mod hampered;
#[path = "export/keys.rs"]
mod keys;
#[path = "report/stage.rs"]
#[expect(dead_code, reason = "the suite of reports uses all of it")]
mod stage;
#[path = "export/tampered.rs"]
mod tampered;
#[path = "report/truth.rs"]
mod truth;
#[path = "export/uploads.rs"]
mod uploads;
#[path = "export/whole.rs"]
mod whole;
