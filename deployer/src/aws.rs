//! The edge: one account's services in one Region, and what AWS says when it refuses.

mod clients;
mod denied;
mod refusal;

pub(crate) use clients::{Clients, cloudformation, resilient};
pub(crate) use denied::{Denied, kind};
pub use refusal::AwsRefusal;
pub(crate) use refusal::{OF_SCP, refused};
