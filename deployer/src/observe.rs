//! What is there, read and never judged: the stacks, the artifact, the function, the rules and the recorder of each
//! Region. Everything of all Regions is asked for side by side.

mod account;
mod alarms;
pub(crate) mod artifact;
mod damage;
pub(crate) mod function;
mod headroom;
pub(crate) mod pack;
pub(crate) mod recorder;
pub(crate) mod rules;
mod set_stack;
mod stack;

pub use account::{AccountState, BoundaryState, Denied, Denier, RolesQuota, Simulation};
pub(crate) use account::{enabled_regions, open_regions, read_account, survey};
pub use alarms::AlarmState;
pub(crate) use alarms::read as read_alarms;
pub use artifact::{BucketState, ObjectState};
pub use damage::damage;
pub(crate) use damage::{function_damage, is_rule_of, rules_damage, stack_damage};
pub use function::FunctionState;
pub use headroom::{Headroom, StackRoom};
pub use pack::PackState;
pub use recorder::{DeliveryState, RecordedTypes, Recorder, RecorderState, Recording};
pub use rules::RuleState;
pub(crate) use set_stack::STACK_TAG;
pub use set_stack::SetStack;
pub(crate) use set_stack::read as read_set_stack;
pub(crate) use stack::find as find_stack;
pub(crate) use stack::find_with as find_stack_with;
pub(crate) use stack::identify as identify_stack;
pub(crate) use stack::read as read_stack;
pub use stack::{StackState, Standing};

use aws_config::SdkConfig;
use futures_util::future::join_all;
use futures_util::join;

use crate::aws::{AwsRefusal, Clients};
use crate::names::Names;
use crate::settings::Delivery;

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
    /// The stack of a StackSet that made the function; looked for only where there is a function without a stack of our
    /// own.
    pub set_stack: Read<Option<SetStack>>,
    /// The configuration recorder.
    pub recorder: Read<RecorderState>,
    /// Where the recorder delivers to.
    pub delivery: Read<DeliveryState>,
    /// All Config rules of the Region.
    pub rules: Read<Vec<RuleState>>,
    /// The conformance packs; empty where the rules are no pack: then nobody looked.
    pub packs: Read<Vec<String>>,
    /// What Lambda still has room for.
    pub headroom: Read<Headroom>,
    /// Room for our stacks.
    pub stack_room: Read<StackRoom>,
}

/// What is looked for in a Region. Twelve calls at most, unless there are hundreds of things to list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The names of the installation.
    pub(crate) names: Names<'a>,
    /// The artifact's key; empty if no artifact is looked for.
    pub(crate) key: &'a str,
    /// How the rules are delivered: packs are looked at for a pack only.
    pub(crate) delivery: Delivery,
}

/// Reads every Region.
pub(crate) async fn regions(sdk: &SdkConfig, regions: &[String], wanted: Wanted<'_>) -> Vec<RegionState> {
    join_all(regions.iter().map(|region| async move { read(&Clients::new(sdk, region), wanted).await })).await
}

/// Reads one Region.
pub(crate) async fn read(clients: &Clients, wanted: Wanted<'_>) -> RegionState {
    let Wanted { names, key, delivery } = wanted;
    let (bucket_name, function_name) = (names.bucket(&clients.region), names.function());
    let packs = async {
        match delivery {
            Delivery::ConformancePack => rules::packs(clients).await,
            Delivery::Rules => Ok(Vec::new()),
        }
    };
    // Boxed: what the SDK keeps of a call in flight is big, and this is eleven of them.
    let (stacks, (bucket, artifact), function, (recorder, delivery), rules, packs, headroom) = join!(
        Box::pin(stacks(clients, names)),
        Box::pin(artifact::read(clients, &bucket_name, key, names.account)),
        Box::pin(function::read(clients, &function_name)),
        Box::pin(recorder::read(clients)),
        Box::pin(rules::read(clients)),
        Box::pin(packs),
        Box::pin(headroom::read(clients)),
    );
    let (artifacts, member, stack_room) = stacks;
    let bucket = marked(clients, names, &artifacts, bucket).await;
    let set_stack = match (&member, &function) {
        (Ok(None), Ok(Some(function))) => set_stack::read(clients, function).await,
        _ => Ok(None),
    };
    RegionState {
        region: clients.region.clone(),
        artifacts,
        member,
        bucket,
        artifact,
        function,
        set_stack,
        recorder,
        delivery,
        rules,
        packs,
        headroom,
        stack_room,
    }
}

/// A bucket that no settled stack of ours has may be anybody's, whatever its name.
async fn marked(
    clients: &Clients,
    names: Names<'_>,
    artifacts: &Read<Option<StackState>>,
    bucket: Read<BucketState>,
) -> Read<BucketState> {
    let has_it = |stack: &StackState| matches!(stack.standing(), Standing::Settled | Standing::Busy);
    let in_stack = matches!(artifacts, Ok(Some(stack)) if has_it(stack)) || artifacts.is_err();
    match bucket {
        Ok(BucketState::Present) if !in_stack => {
            let is_marked = artifact::is_marked(clients, &names.bucket(&clients.region), names).await?;
            Ok(if is_marked { BucketState::Present } else { BucketState::Unmarked })
        }
        other => other,
    }
}

type Stacks = (Read<Option<StackState>>, Read<Option<StackState>>, Read<StackRoom>);

/// Our stacks; the others are counted only where both of ours are still to be made.
async fn stacks(clients: &Clients, names: Names<'_>) -> Stacks {
    let (artifact_stack, member_stack) = (names.artifact_stack(), names.member_stack());
    let (artifacts, member) = join!(stack::read(clients, &artifact_stack), stack::read(clients, &member_stack));
    let room = match (&artifacts, &member) {
        (Ok(None), Ok(None)) => headroom::stacks(clients).await,
        _ => Ok(StackRoom::NotNeeded),
    };
    (artifacts, member, room)
}
