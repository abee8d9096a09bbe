//! Service control policies: what they decide, which mistakes are in them, which ones are ours, and how those get
//! onto a target.

pub mod documents;
pub mod guardrail;
pub mod in_force;
pub mod intent;
pub mod language;
pub mod lint;
pub mod quotas;
pub mod settings;
pub mod table;
