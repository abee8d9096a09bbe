//! Takes a pack of ours away, from all accounts.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::Service;
use super::apply::{PackEvent, is_busy};
use super::model::{Deployment, Overall, Phase, Waits};
use super::observe::{is_missing, observe, overall};
use super::status::status;
use super::wait::{Watch, until_idle};
use crate::aws::refused;
use crate::observe::Read;
use crate::stack_set::patience::{Patience, patiently};

const DELETE: &str = "config:DeleteOrganizationConformancePack";

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// There is no such pack.
    Nothing,
    /// There is one, and it is not ours: it was left alone.
    Foreign,
    /// It is gone.
    Removed,
    /// It is still there, at least in some accounts.
    Left(Box<Deployment>),
}

/// Removes the pack of our name, if it is ours. Trusted access stays as it is: others may need it.
///
/// # Errors
/// Whatever AWS Config refuses; also that the pack is in use for longer than we wait.
pub async fn remove(
    service: Service<'_>,
    name: &str,
    is_trusted: Option<bool>,
    waits: Waits,
    tell: &mut dyn FnMut(PackEvent),
) -> Read<Removal> {
    match observe(service, name, is_trusted).await?.pack {
        None => return Ok(Removal::Nothing),
        Some(pack) if pack.mark.is_none() => return Ok(Removal::Foreign),
        Some(_) => (),
    }
    let Some(before) = delete(service, name, waits, tell).await? else { return Ok(Removal::Removed) };
    if is_gone(service, name, &before, waits, tell).await? {
        return Ok(Removal::Removed);
    }
    status(service, name, &BTreeSet::new()).await.map(Box::new).map(Removal::Left)
}

/// Asks for the deletion once AWS Config is not at the pack. Gives how it stood before;
/// nothing if there is nothing to delete any more.
async fn delete(
    service: Service<'_>,
    name: &str,
    waits: Waits,
    tell: &mut dyn FnMut(PackEvent),
) -> Read<Option<Overall>> {
    let began = Instant::now();
    let mut watch = Watch::new(waits);
    loop {
        let waiting = &mut |now: &Overall| tell(PackEvent::Waiting { word: now.word.clone() });
        let Some(before) = until_idle(service, name, waits, waiting).await? else { return Ok(None) };
        let call = service.config.delete_organization_conformance_pack();
        let refusal = match call.organization_conformance_pack_name(name).send().await {
            Ok(_) => return Ok(Some(before)),
            Err(error) => refused(DELETE, service.region, &error),
        };
        if is_missing(&refusal) {
            return Ok(None);
        }
        if !is_busy(&refusal) || began.elapsed() >= waits.operation {
            return Err(refusal);
        }
        watch.rest().await;
    }
}

/// Waits until the pack is gone, its deletion has failed, or for as long as it may take.
async fn is_gone(
    service: Service<'_>,
    name: &str,
    before: &Overall,
    waits: Waits,
    tell: &mut dyn FnMut(PackEvent),
) -> Read<bool> {
    let mut watch = Watch::new(waits);
    let mut has_begun = false;
    loop {
        let told = patiently(Patience::OF_FOLLOWERS, || overall(service, name)).await?;
        let Some(now) = told else { return Ok(true) };
        let phase = now.phase();
        has_begun |= now != *before;
        if phase == Phase::Deleted {
            return Ok(true);
        }
        let limit = if phase == Phase::InProgress { waits.operation } else { waits.settling };
        if (has_begun && phase == Phase::Failed) || watch.is_over(limit) {
            return Ok(false);
        }
        tell(PackEvent::Progress { word: now.word });
        watch.rest().await;
    }
}
