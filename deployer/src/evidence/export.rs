//! `evidence export`: reads compliance and what it rests on, and writes a bundle.
//!
//! Rows go to the disk as they come. What is read of an account × Region beside its results follows its rows; the report,
//! OSCAL, OCSF and CSV are made of the rows once more, so that no two files of a bundle can tell different things.

mod desk;
mod detail;
mod documents;
mod gaps;
mod guardrail;
mod history;
mod ledger;
mod maker;
pub(super) mod oscal;
mod provenance;
mod raw;
mod replay;
mod run;
mod sink;
mod summary;
mod tape;
pub(crate) mod timeline;
mod unjudged;
pub(crate) mod upload;

pub(crate) use run::{Done, Request, export};
pub(crate) use tape::Tape;
pub(crate) use unjudged::NotEvaluated;
