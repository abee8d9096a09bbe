//! An organization of six accounts, and the Regions that every account has: what several suites begin with.

use std::time::Duration;

use crate::sandbox::{AccountState, RecorderState, SandboxError, StackSetsAccess, World};

/// The management account.
pub const MANAGEMENT: &str = "111111111111";
/// In `Prod/Payments`.
pub const PAYMENTS: &str = "222222222222";
/// In `Prod`.
pub const SEARCH: &str = "333333333333";
/// In `Test`.
pub const TEST: &str = "444444444444";
/// In `Test`, and suspended.
pub const OLD: &str = "555555555555";
/// In `Test`, and a delegated administrator of StackSets.
pub const DELEGATE: &str = "666666666666";
/// The Region of the StackSets.
pub const HOME: &str = "eu-west-1";
/// Another Region.
pub const OTHER: &str = "us-east-1";
/// The Regions of the example.
pub const REGIONS: [&str; 2] = [HOME, OTHER];
/// The StackSet of an installation with the default prefix.
pub const SET: &str = "notebook-guard";
/// The ACTIVE members.
pub const ACTIVE: [&str; 4] = [PAYMENTS, SEARCH, TEST, DELEGATE];
/// The Regions that an account has without opting in.
pub const USUAL_REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];
const STACK_SETS: &str = "member.org.stacksets.cloudformation.amazonaws.com";

/// The ids of the organization's root and units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The root.
    pub root: String,
    /// `Prod`, which has `Payments` in it.
    pub prod: String,
    /// `Test`.
    pub test: String,
}

/// Founds the organization. `closed` are Regions that an account has not enabled.
///
/// # Errors
/// The world has one of the accounts already.
pub fn found(world: &World, regions: &[&str], closed: &[(&str, &str)]) -> Result<Example, SandboxError> {
    for account in [MANAGEMENT, PAYMENTS, SEARCH, TEST, OLD, DELEGATE] {
        world.add_account(account)?;
        for region in regions.iter().filter(|region| !closed.contains(&(account, **region))) {
            world.enable_region(account, region)?;
            world.set_recorder(account, region, &RecorderState::ALL)?;
        }
    }
    let root = world.create_organization(MANAGEMENT)?;
    let prod = world.add_unit(&root, "Prod")?;
    let payments = world.add_unit(&prod, "Payments")?;
    let test = world.add_unit(&root, "Test")?;
    for (account, unit) in [(PAYMENTS, &payments), (SEARCH, &prod), (TEST, &test), (OLD, &test), (DELEGATE, &test)] {
        world.join(account, unit)?;
    }
    world.set_account_state(OLD, AccountState::Suspended)?;
    world.set_stack_sets_access(StackSetsAccess::Enabled)?;
    world.delegate(DELEGATE, STACK_SETS)?;
    world.set_stack_delay(Duration::from_millis(2));
    Ok(Example { root, prod, test })
}
