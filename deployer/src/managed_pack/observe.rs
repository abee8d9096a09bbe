//! What organization packs there are in a Region, and how ours stands.

use std::collections::BTreeSet;

use aws_sdk_config::types::{ConformancePackInputParameter, OrganizationConformancePack};

use super::model::{Mark, Observed, Overall, Pack};
use super::{PRINCIPAL, Service};
use crate::aws::{AwsRefusal, refused};
use crate::observe::Read;
use crate::stack_set::patience::{Patience, patiently};

const LIST: &str = "config:DescribeOrganizationConformancePacks";
const STATUSES: &str = "config:DescribeOrganizationConformancePackStatuses";
const MISSING: &str = "NoSuchOrganizationConformancePackException";

/// Looks for the pack of our name. `is_trusted` says whether the organization trusts AWS Config's
/// `config-multiaccountsetup`, if that is known: where it does not, a refused look means that there is no pack.
///
/// # Errors
/// Whatever AWS Config refuses.
pub async fn observe(service: Service<'_>, name: &str, is_trusted: Option<bool>) -> Read<Observed> {
    let region = service.region.to_owned();
    let packs = match list(service).await {
        Ok(packs) => packs,
        Err(refusal) if is_trusted == Some(false) && is_no_access(&refusal) => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let pack = match packs.iter().find(|pack| pack.organization_conformance_pack_name() == name) {
        Some(found) => Some(read(found, patiently(Patience::OF_READS, || overall(service, name)).await?)),
        None => None,
    };
    Ok(Observed { region, pack, packs: packs.len() })
}

async fn list(service: Service<'_>) -> Read<Vec<OrganizationConformancePack>> {
    let mut packs = Vec::new();
    let mut next = None;
    loop {
        let answer = patiently(Patience::OF_READS, || async {
            let call = service.config.describe_organization_conformance_packs().set_next_token(next.clone());
            call.send().await.map_err(|error| refused(LIST, service.region, &error))
        });
        let answer = answer.await?;
        packs.extend(answer.organization_conformance_packs.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(packs);
        }
    }
}

fn read(pack: &OrganizationConformancePack, overall: Option<Overall>) -> Pack {
    let excluded: BTreeSet<&String> = pack.excluded_accounts().iter().collect();
    let ours = |input: &&ConformancePackInputParameter| input.parameter_name() == Mark::PARAMETER;
    let input = pack.conformance_pack_input_parameters().iter().find(ours);
    Pack {
        arn: pack.organization_conformance_pack_arn().to_owned(),
        mark: input.and_then(|input| Mark::parse(input.parameter_value())),
        excluded: excluded.into_iter().cloned().collect(),
        overall,
    }
}

/// How the pack stands in the organization; nothing if AWS Config knows none of that name.
pub(super) async fn overall(service: Service<'_>, name: &str) -> Read<Option<Overall>> {
    let call = service.config.describe_organization_conformance_pack_statuses();
    let answer = match call.organization_conformance_pack_names(name).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let refusal = refused(STATUSES, service.region, &error);
            return if is_missing(&refusal) { Ok(None) } else { Err(refusal) };
        }
    };
    Ok(answer.organization_conformance_pack_statuses().first().map(|status| Overall {
        word: status.status().as_str().to_owned(),
        code: status.error_code().map(str::to_owned),
        message: status.error_message().map(str::to_owned),
        updated: status.last_update_time().and_then(|time| time.to_millis().ok()),
    }))
}

pub(super) fn is_missing(refusal: &AwsRefusal) -> bool {
    refusal.code.as_deref() == Some(MISSING)
}

fn is_no_access(refusal: &AwsRefusal) -> bool {
    refusal.code.as_deref() == Some("OrganizationAccessDeniedException")
}

/// What to do about a refusal of a call for organization packs.
#[must_use]
pub(super) fn advice(refusal: &AwsRefusal) -> String {
    match refusal.code.as_deref() {
        Some("OrganizationAccessDeniedException") => format!(
            "run deployer in the management account, or let it make this account a delegated administrator for AWS \
             Config: aws organizations register-delegated-administrator --service-principal {PRINCIPAL} --account-id ID"
        ),
        Some("OrganizationAllFeaturesNotEnabledException") => {
            "enable all features of the organization: aws organizations enable-all-features".to_owned()
        }
        Some("NoAvailableOrganizationException") => "run deployer in an account of an organization".to_owned(),
        _ => refusal.advice(),
    }
}
