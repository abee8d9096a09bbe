//! Accounts that are nearly full, and AWS Config that is set up in other ways.

use serde_json::json;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::cloudformation::{self, StackSpec};
use crate::sandbox::config;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, Region, State};

/// What an account has so much of, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Rules of AWS Config: 1,000 in a Region, for good.
    ConfigRules,
    /// Conformance packs: 50 in a Region, for good. Each of others has one rule.
    ConformancePacks,
    /// Bytes of function code: 75 GiB in a Region unless raised.
    LambdaCode,
    /// IAM roles: 1,000 in an account unless raised.
    Roles,
    /// Stacks: 2,000 in a Region unless raised.
    Stacks,
}

const PACK: &str = "Resources: {R: {Type: 'AWS::Config::ConfigRule', Properties: {ConfigRuleName: filler, \
                    Source: {Owner: AWS, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}}}}";

impl World {
    /// Lets others in the account use so much of a quota, beside what is there. The rules, packs and stacks are real,
    /// and called `filler-0001` and so on.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`]: it is more than AWS allows.
    pub fn use_up(&self, account: &str, region: &str, quota: Quota, count: usize) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        if !self.has(&place) {
            return Err(SandboxError::unknown(&place));
        }
        self.change(|state| fill(state, &place, quota, count)).map_err(SandboxError::Refused)
    }

    /// Raises or lowers a quota. Those of AWS Config cannot be changed.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`].
    pub fn set_quota(&self, account: &str, region: &str, quota: Quota, limit: usize) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        self.change(|state| {
            let known = state.accounts.get_mut(account).zip(state.regions.get_mut(&place));
            let (owner, here) = known.ok_or_else(|| SandboxError::unknown(&place))?;
            match quota {
                Quota::Roles => owner.most_roles = limit,
                Quota::Stacks => here.cloudformation.most = Some(limit),
                Quota::LambdaCode => here.code.limit = limit as u64,
                Quota::ConfigRules | Quota::ConformancePacks => {
                    let refusal = Refusal::new("QuotaExceededException", "the quota is not adjustable");
                    return Err(SandboxError::Refused(refusal));
                }
            }
            Ok(())
        })
    }

    /// Takes the delivery channel away, whatever the recorder does.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn remove_delivery_channel(&self, account: &str, region: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| region.config.channel = None)
    }

    /// Gives the Region a recorder that belongs to an AWS service (its principal, such as
    /// `securityhub.amazonaws.com`), or takes it away. Customers' rules do not see what it records.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn set_service_linked_recorder(
        &self,
        account: &str,
        region: &str,
        principal: Option<&str>,
    ) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        let set = |region: &mut Region| config::set_service_linked(region, principal);
        self.in_region(&place, |region, _| set(region))
    }
}

fn fill(state: &mut State, place: &Place, quota: Quota, count: usize) -> Result<(), Refusal> {
    let names = (1..=count).map(|at| format!("filler-{at:04}"));
    match quota {
        Quota::ConfigRules => {
            for name in names {
                let source = json!({"Owner": "AWS", "SourceIdentifier": "ROOT_ACCOUNT_MFA_ENABLED"});
                config::put_rule(state, place, json!({"ConfigRuleName": name, "Source": source}))?;
            }
        }
        Quota::ConformancePacks => {
            for name in names {
                config::put_pack(state, place, &name, PACK, &[])?;
            }
        }
        Quota::Stacks => {
            for name in names {
                cloudformation::put_in_state(state, place, &StackSpec::new(&name, "CREATE_COMPLETE"))?;
            }
        }
        Quota::LambdaCode => {
            if let Some(region) = state.regions.get_mut(place) {
                region.code.others = count as u64;
            }
        }
        Quota::Roles => {
            if let Some(account) = state.accounts.get_mut(&place.account) {
                account.other_roles = count;
            }
        }
    }
    Ok(())
}
