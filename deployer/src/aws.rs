//! The edge: one account's services in one Region, and what AWS says when it refuses.

mod clients;
mod refusal;

pub(crate) use clients::{Clients, resilient};
pub use refusal::AwsRefusal;
pub(crate) use refusal::refused;
