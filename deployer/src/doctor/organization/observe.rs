//! Reading what an examination of an organization goes by.

mod policies;
mod sets;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use futures_util::future::join_all;
use futures_util::join;

use super::{Caller, Inside, Membership, Observed, PackRoom, Place, Role, StackSetAccess, TargetFact, Tree, Wishes};
use crate::aggregator::AggregatorProblem;
use crate::aws::{AwsRefusal, Clients, refused};
use crate::names::Names;
use crate::observe::{BucketState, Read, StackState, artifact, enabled_regions, find_stack};
use crate::organization::caller::STACK_SETS_PRINCIPAL;
use crate::organization::read::trusted_access;
use crate::organization::targets::{Named, Targets};
use crate::organization::{self, AccountState, CallAs, OrgAsked, Organization, Reader, Skip, Standing, TrustedAccess};
use crate::session::Identity;
use crate::settings::Settings;

/// What is asked for, and who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    pub(crate) sdk: &'a SdkConfig,
    pub(crate) identity: &'a Identity,
    pub(crate) settings: &'a Settings,
    pub(crate) asked: &'a OrgAsked,
    /// The Region of the StackSets.
    pub(crate) home: &'a str,
}

/// What whoever looks has to know of the organization first.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) membership: Read<Option<organization::Membership>>,
    /// None without a membership.
    pub(crate) standing: Option<Standing>,
    /// None for whoever is no administrator.
    pub(crate) organization: Option<Read<Organization>>,
}

/// Reads the organization with few calls.
pub(crate) async fn know(sdk: &SdkConfig, account: &str) -> Known {
    let reader = Reader::new(sdk);
    let membership = reader.membership().await;
    let Ok(Some(found)) = &membership else { return Known { membership, standing: None, organization: None } };
    let standing = reader.standing(found, account).await;
    let organization = match standing {
        Standing::Administrator(_) => Some(reader.organization(found).await),
        Standing::Member | Standing::Untold(_) => None,
    };
    Known { standing: Some(standing), organization, membership }
}

impl Known {
    pub(crate) fn call_as(&self) -> Option<CallAs> {
        match &self.standing {
            Some(Standing::Administrator(call_as)) => Some(*call_as),
            Some(Standing::Member | Standing::Untold(_)) | None => None,
        }
    }

    fn role(&self) -> Role {
        match &self.standing {
            Some(Standing::Administrator(CallAs::Own)) => Role::Management,
            Some(Standing::Administrator(CallAs::DelegatedAdministrator)) => Role::DelegatedAdministrator,
            Some(Standing::Member) => Role::Member,
            Some(Standing::Untold(_)) | None => Role::Unknown,
        }
    }
}

/// Reads the rest.
pub(crate) async fn observe(look: Look<'_>, known: &Known) -> Observed {
    let Look { sdk, identity, settings, asked, home } = look;
    let membership = known.membership.clone().map(|membership| {
        membership.map(|found| Membership {
            id: found.id,
            management: found.management,
            all_features: found.all_features,
            role: known.role(),
        })
    });
    let inside = async {
        match (known.call_as(), &known.organization) {
            (Some(call_as), Some(organization)) => Some(Box::pin(inside(look, call_as, organization)).await),
            _ => None,
        }
    };
    let (inside, enabled) = join!(inside, enabled_regions(sdk, settings));
    let policies = asked.guardrail.as_ref().map_or(0, |guardrail| 1 + usize::from(guardrail.tamper));
    Observed {
        prefix: settings.prefix.clone(),
        caller: Caller {
            arn: identity.arn.clone(),
            account: identity.account.clone(),
            partition: identity.partition().to_owned(),
        },
        wishes: Wishes {
            enable_trusted_access: asked.enable_trusted_access,
            managed_pack: asked.managed_pack,
            policies,
            enable_policy_type: asked.guardrail.as_ref().is_some_and(|guardrail| guardrail.enable_policy_type),
        },
        home: home.to_owned(),
        regions: settings.regions.clone(),
        enabled,
        membership,
        inside,
    }
}

async fn inside(look: Look<'_>, call_as: CallAs, organization: &Read<Organization>) -> Inside {
    let Look { sdk, asked, home, .. } = look;
    let reader = Reader::new(sdk);
    let named = organization.as_ref().map_err(Clone::clone).map(|tree| (tree, asked.targets.find(tree)));
    let found = named.as_ref().ok().and_then(|(tree, named)| Some((*tree, named.as_ref().ok()?)));
    let (access, delegates, services, sets, places, packs, aggregator, (room, chains, unseen)) = join!(
        trusted_access(sdk, home, call_as),
        reader.delegates(STACK_SETS_PRINCIPAL),
        services(sdk, home),
        sets::read(look, call_as),
        places(look, organization.as_ref().ok()),
        packs(look),
        aggregator(look, named.as_ref().ok().map(|(tree, _)| *tree)),
        policies::read(look, found),
    );
    let (sets, other_names) = match sets {
        Ok((sets, all)) => (Ok(sets), all),
        Err(refusal) => (Err(refusal), Vec::new()),
    };
    Inside {
        access: access.map(|access| match access {
            TrustedAccess::Enabled => StackSetAccess::Enabled,
            TrustedAccess::Disabled => StackSetAccess::Disabled,
            TrustedAccess::DisabledPermanently => StackSetAccess::DisabledPermanently,
            TrustedAccess::Unknown => StackSetAccess::Other,
        }),
        services,
        delegates,
        tree: named.map(|(tree, named)| self::tree(tree, named, asked, call_as, &other_names)),
        sets,
        places,
        packs,
        aggregator,
        policy_type: organization.as_ref().map(policies::kind).map_err(Clone::clone),
        policy_room: room,
        chains,
        unseen,
    }
}

/// What stands in the way of the aggregator, if one is wanted.
async fn aggregator(look: Look<'_>, tree: Option<&Organization>) -> Option<Vec<AggregatorProblem>> {
    let Look { sdk, identity, settings, asked, home } = look;
    let tree = tree.filter(|_| asked.aggregator)?;
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let state = crate::aggregator::observe(sdk, &tree.management, names, home).await;
    // Whether it would be older than what is there is asked when it is known what is installed.
    let wanted = crate::aggregator::Wanted { settings, names, version: "", allow_downgrade: true };
    Some(crate::aggregator::plan(wanted, &state).err().unwrap_or_default())
}

/// The services with trusted access.
pub(crate) async fn services(sdk: &SdkConfig, region: &str) -> Read<Vec<String>> {
    let client = aws_sdk_organizations::Client::new(sdk);
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let page = client.list_aws_service_access_for_organization().set_next_token(token).send().await;
        let page =
            page.map_err(|error| refused("organizations:ListAWSServiceAccessForOrganization", region, &error))?;
        let principals = page.enabled_service_principals().iter().filter_map(|one| one.service_principal());
        found.extend(principals.map(str::to_owned));
        token = page.next_token;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// The artifact buckets, and whose organization the artifact stacks let read.
async fn places(look: Look<'_>, organization: Option<&Organization>) -> Vec<Place> {
    let Look { sdk, identity, settings, .. } = look;
    let names = Names { prefix: &settings.prefix, account: &identity.account, partition: identity.partition() };
    let work = settings.regions.iter().map(|region| async move {
        let clients = Clients::new(sdk, region);
        let bucket = names.bucket(region);
        let stack_name = names.artifact_stack();
        let (stack, state) =
            join!(find_stack(&clients, &stack_name), artifact::read_bucket(&clients, &bucket, names.account));
        let stack = stack.ok().flatten().filter(StackState::is_ours);
        let is_held = stack.as_ref().is_some_and(|stack| !stack.status.starts_with("ROLLBACK"));
        let state = match state {
            Ok(BucketState::Present) if !is_held => artifact::is_marked(&clients, &bucket, names)
                .await
                .map(|is_marked| if is_marked { BucketState::Present } else { BucketState::Unmarked }),
            other => other,
        };
        let reads = stack.and_then(|stack| stack.parameters.get("OrgId").cloned()).unwrap_or_default();
        let is_other = |id: &str| !id.is_empty() && organization.is_some_and(|own| own.id != id);
        let other_organization = Some(reads).filter(|id| is_other(id));
        Place { region: region.clone(), bucket, state, other_organization }
    });
    join_all(work).await
}

/// Organization packs, if one is wanted. Without trusted access there are none.
async fn packs(look: Look<'_>) -> Vec<PackRoom> {
    let Look { sdk, settings, asked, .. } = look;
    if !asked.managed_pack {
        return Vec::new();
    }
    let work = settings.regions.iter().map(|region| async move {
        let clients = Clients::new(sdk, region);
        PackRoom { region: region.clone(), names: pack_names(&clients).await }
    });
    join_all(work).await
}

async fn pack_names(clients: &Clients) -> Read<Vec<String>> {
    const CALL: &str = "config:DescribeOrganizationConformancePacks";
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let call = clients.config.describe_organization_conformance_packs().set_next_token(token);
        let page = match call.send().await.map_err(|error| refused(CALL, &clients.region, &error)) {
            Err(AwsRefusal { code: Some(code), .. }) if code == "OrganizationAccessDeniedException" => {
                return Ok(names);
            }
            other => other?,
        };
        let packs = page.organization_conformance_packs();
        names.extend(packs.iter().map(|pack| pack.organization_conformance_pack_name().to_owned()));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

fn tree(
    organization: &Organization,
    named: Result<Named, Vec<String>>,
    asked: &OrgAsked,
    call_as: CallAs,
    sets: &[String],
) -> Tree {
    let mut tree = Tree {
        covers_management: asked.include_management && call_as == CallAs::Own,
        landing_zone: sets
            .iter()
            .filter(|name| name.starts_with("AWSControlTower") || name.starts_with("AWSAccelerator"))
            .map(|name| format!("the StackSet {name}"))
            .collect(),
        ..Tree::default()
    };
    for account in organization.accounts.values() {
        *tree.states.entry(account.state.as_str().to_owned()).or_default() += 1;
    }
    match named {
        Err(faults) => tree.faults = faults,
        Ok(named) => {
            let scope = named.targets.resolve(organization);
            tree.in_scope = scope.accounts.len();
            for skipped in &scope.skipped {
                if let Skip::State { state } = &skipped.why {
                    *tree.skipped.entry(state.clone()).or_default() += 1;
                }
            }
            tree.targets = targets(organization, &named.targets, &scope.accounts);
        }
    }
    tree
}

fn targets(organization: &Organization, targets: &Targets, covered: &BTreeMap<String, String>) -> Vec<TargetFact> {
    let unit = |id: &String| TargetFact {
        id: id.clone(),
        path: if *id == organization.root.id { "the whole organization".to_owned() } else { organization.path(id) },
        active: covered.values().filter(|unit| *unit == id).count(),
    };
    let account = |id: &String| TargetFact {
        id: id.clone(),
        path: organization.accounts.get(id).map_or_else(|| id.clone(), |account| account.name.clone()),
        active: usize::from(organization.accounts.get(id).is_some_and(|one| one.state == AccountState::Active)),
    };
    targets.units.iter().map(unit).chain(targets.accounts.iter().map(account)).collect()
}
