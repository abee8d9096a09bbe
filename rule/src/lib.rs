//! The evaluator of Notebook Guard: an AWS Config custom rule that judges SageMaker notebook instances and domains.
//!
//! Data flows one way:
//!
//! ```text
//! event JSON ─ event, parameters ─▶ Invocation + RuleParameters
//!            ─ subject, facts ────▶ what is judged, and what had to be learned about it
//!            ─ check ─────────────▶ Verdict: compliant, non-compliant, not applicable, undetermined
//!            ─ exemption ─────────▶ Verdict: a violation that somebody answers for is not applicable
//!            ─ evaluation ────────▶ Evaluation, batched for PutEvaluations
//!            ─ handler ───────────▶ Outcome, and an error if anything could not be done
//! ```
//!
//! Everything but the module `aws` is pure or works over the traits of [`port`]: without the feature `network` the
//! crate does no I/O and reads no clock, which `./check` proves. The order of dependence, roughly: [`resource`],
//! [`timestamp`], [`event`], [`subject`], [`facts`], [`verdict`], [`check`] with [`parameters`], [`exemption`],
//! [`evaluation`], [`port`], [`outcome`], [`handler`]; then `aws`, which uses [`pacer`], and `bootstrap`, which is known
//! by its [`imprint`].

pub mod check;
pub mod evaluation;
pub mod event;
pub mod exemption;
pub mod facts;
pub mod handler;
pub mod imprint;
pub mod outcome;
pub mod pacer;
pub mod parameters;
pub mod port;
pub mod resource;
pub mod subject;
pub mod timestamp;
pub mod verdict;

#[cfg(feature = "network")]
pub mod aws;
#[cfg(feature = "network")]
pub mod bootstrap;
