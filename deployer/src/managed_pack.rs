//! `--managed-rules-pack`: an organization conformance pack of AWS's own rules on SageMaker notebooks and Studio
//! domains, in every Region those of them that exist there.
//!
//! It is put with the API and not by a stack: one account without a configuration recorder would let the stack roll
//! back, and take the pack from all others. AWS Config makes the member accounts' packs itself, with a service-linked
//! role, so that members cannot change them
//! (<https://docs.aws.amazon.com/config/latest/developerguide/conformance-pack-organization-apis.html>).

mod apply;
mod body;
mod catalogue;
mod group;
mod model;
mod observe;
mod plan;
mod remove;
mod settings;
mod status;
mod text;
mod wait;

pub use apply::{PackEvent, apply};
pub use body::{Body, body};
pub use catalogue::{Catalogue, ManagedRule, Parameter, Trigger, catalogue};
pub use group::{PackCause, PackGroup, group};
pub use model::{
    AccountStatus, Deployment, LARGEST_EXCLUSION, MOST_PACKS, Mark, Observed, Overall, Pack, PackAction, PackError,
    PackPlan, PackStep, Phase, Waits,
};
pub use observe::observe;
pub use plan::plan;
pub use remove::{Removal, remove};
pub use settings::{PackReach, PackSettings, refuse_partition};
pub use status::status;
pub use text::{PlanLine, outcome_lines, plan_lines};

/// AWS Config's client for one Region, and the Region's name.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// The client.
    pub config: &'a aws_sdk_config::Client,
    /// The Region.
    pub region: &'a str,
}

/// The principal that has to be trusted for organization packs, and whose delegated administrators may put them.
/// `PutOrganizationConformancePack` enables the access itself.
pub const PRINCIPAL: &str = "config-multiaccountsetup.amazonaws.com";
