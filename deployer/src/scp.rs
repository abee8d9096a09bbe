//! Service control policies: what they decide, which mistakes are in them, which ones are ours, and how those get
//! onto a target.

pub mod language;
