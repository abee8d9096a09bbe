//! Carries a step out: puts the pack, waits for AWS Config, and reads what came of it in every account.

use std::collections::BTreeSet;

use aws_sdk_config::types::ConformancePackInputParameter;
use tokio::time::Instant;

use super::Service;
use super::model::{Deployment, Mark, Overall, PackAction, PackStep, Waits};
use super::status::settled;
use super::wait::{Watch, until_ended, until_idle};
use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;

const PUT: &str = "config:PutOrganizationConformancePack";

/// What happens meanwhile, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackEvent {
    /// AWS Config is at the pack for somebody else, or for a run of ours that was ended: it is waited for.
    Waiting {
        /// AWS Config's word.
        word: String,
    },
    /// The pack was put.
    Put,
    /// AWS Config is at it.
    Progress {
        /// AWS Config's word.
        word: String,
    },
}

/// Carries a step out. An account in which the pack fails is no error: [`Deployment`] tells of it.
///
/// # Errors
/// Whatever AWS Config refuses; also that the pack is in use for longer than we wait.
pub async fn apply(
    service: Service<'_>,
    step: &PackStep,
    expected: &BTreeSet<String>,
    waits: Waits,
    tell: &mut dyn FnMut(PackEvent),
) -> Read<Deployment> {
    let before = match step.action {
        PackAction::Follow => {
            until_idle(service, &step.name, waits, &mut |now| tell(progress(now))).await?;
            None
        }
        PackAction::Make | PackAction::Update { .. } | PackAction::Repeat { .. } => {
            let before = put(service, step, waits, tell).await?;
            until_ended(service, &step.name, before.as_ref(), waits, &mut |now| tell(progress(now))).await?;
            before
        }
    };
    let deployment = settled(service, &step.name, expected, waits).await?;
    let is_stale = before.is_some() && deployment.overall == before;
    Ok(Deployment { is_stale, ..deployment })
}

fn progress(now: &Overall) -> PackEvent {
    PackEvent::Progress { word: now.word.clone() }
}

/// Puts the pack once AWS Config is not at it. Gives how it stood before.
async fn put(
    service: Service<'_>,
    step: &PackStep,
    waits: Waits,
    tell: &mut dyn FnMut(PackEvent),
) -> Read<Option<Overall>> {
    let began = Instant::now();
    let mut watch = Watch::new(waits);
    // Of what is not there yet nothing can be asked: without trusted access AWS Config refuses to tell.
    let mut may_look = step.action != PackAction::Make;
    loop {
        let waiting = &mut |now: &Overall| tell(PackEvent::Waiting { word: now.word.clone() });
        let before = if may_look { until_idle(service, &step.name, waits, waiting).await? } else { None };
        match put_once(service, step).await {
            Ok(()) => {
                tell(PackEvent::Put);
                return Ok(before);
            }
            Err(refusal) if is_busy(&refusal) && began.elapsed() < waits.operation => watch.rest().await,
            Err(refusal) => return Err(refusal),
        }
        may_look = true;
    }
}

async fn put_once(service: Service<'_>, step: &PackStep) -> Read<()> {
    let call = service.config.put_organization_conformance_pack();
    let mark = ConformancePackInputParameter::builder()
        .parameter_name(Mark::PARAMETER)
        .parameter_value(step.mark.to_string())
        .build()
        .map_err(|error| AwsRefusal {
            call: PUT.to_owned(),
            region: service.region.to_owned(),
            code: None,
            message: error.to_string(),
            request_id: None,
        })?;
    let call = call
        .organization_conformance_pack_name(&step.name)
        .template_body(&step.body)
        .conformance_pack_input_parameters(mark)
        .set_excluded_accounts(Some(step.excluded.clone()));
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(refused(PUT, service.region, &error)),
    }
}

/// Whether AWS Config is at the pack, or deletes one of its name.
pub(super) fn is_busy(refusal: &AwsRefusal) -> bool {
    refusal.code.as_deref() == Some("ResourceInUseException")
}
