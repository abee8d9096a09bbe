//! What is there, read and never judged: the stacks, the artifact, the function, the rules and the recorder of each
//! Region. Everything of all Regions is asked for side by side.

mod account;
mod artifact;
mod damage;
pub(crate) mod function;
mod headroom;
mod recorder;
pub(crate) mod rules;
mod stack;

pub use account::{AccountState, BoundaryState, Denied, Denier, RolesQuota, Simulation};
pub use artifact::{BucketState, ObjectState};
pub use damage::damage;
pub(crate) use damage::stack_damage;
pub use function::FunctionState;
pub use headroom::Headroom;
pub use recorder::{DeliveryState, RecordedTypes, Recorder, RecorderState, Recording};
pub use rules::RuleState;
pub(crate) use stack::find as find_stack;
pub use stack::{StackState, Standing};

use aws_config::SdkConfig;
use futures_util::future::join_all;
use futures_util::join;

use crate::aws::{AwsRefusal, Clients};
use crate::names::Names;

/// What a call brought.
pub type Read<T> = Result<T, AwsRefusal>;

/// One Region as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionState {
    /// The Region.
    pub region: String,
    /// The stack with the artifact bucket.
    pub artifacts: Read<Option<StackState>>,
    /// The stack with function, rules and alarms.
    pub member: Read<Option<StackState>>,
    /// The artifact bucket.
    pub bucket: Read<BucketState>,
    /// The artifact in it.
    pub artifact: Read<ObjectState>,
    /// The function by its name, whoever made it.
    pub function: Read<Option<FunctionState>>,
    /// The configuration recorder.
    pub recorder: Read<RecorderState>,
    /// Where the recorder delivers to.
    pub delivery: Read<DeliveryState>,
    /// All Config rules of the Region.
    pub rules: Read<Vec<RuleState>>,
    /// What Lambda and CloudFormation still have room for.
    pub headroom: Read<Headroom>,
}

/// Reads every Region.
pub(crate) async fn regions(sdk: &SdkConfig, regions: &[String], names: Names<'_>, key: &str) -> Vec<RegionState> {
    join_all(regions.iter().map(|region| async move { read(&Clients::new(sdk, region), names, key).await })).await
}

/// Reads one Region. `key` is the artifact's key; empty if no artifact is looked for.
pub(crate) async fn read(clients: &Clients, names: Names<'_>, key: &str) -> RegionState {
    let bucket_name = names.bucket(&clients.region);
    let (artifact_stack, member_stack) = (names.artifact_stack(), names.member_stack());
    let function_name = names.function();
    let (artifacts, member, (bucket, artifact), function, (recorder, delivery), rules, headroom) = join!(
        stack::read(clients, &artifact_stack),
        stack::read(clients, &member_stack),
        artifact::read(clients, &bucket_name, key, names.account),
        function::read(clients, &function_name),
        recorder::read(clients),
        rules::read(clients),
        headroom::read(clients),
    );
    RegionState {
        region: clients.region.clone(),
        artifacts,
        member,
        bucket,
        artifact,
        function,
        recorder,
        delivery,
        rules,
        headroom,
    }
}
