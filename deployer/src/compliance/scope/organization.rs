//! The accounts of an organization × the Regions of the installation.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Watch;
use super::super::aggregator::Aggregator;
use super::super::open::Asked;
use super::{PlaceInScope, Scope};
use crate::aws::{AwsRefusal, cloudformation, resilient};
use crate::failure::Failure;
use crate::names::Names;
use crate::near::nearest;
use crate::observe::{StackState, find_stack_with};
use crate::organization::targets::Asked as AskedTargets;
use crate::organization::{AccountState, Membership, Noted, Organization, Record};
use crate::session::Session;

/// What is known of the organization.
pub(in crate::compliance) enum Known {
    /// All of it.
    Tree(Organization),
    /// Accounts alone, because the caller may not list the organization's.
    Accounts(Vec<String>, AwsRefusal),
}

/// What the scope is made of.
#[derive(Clone, Copy)]
pub(in crate::compliance) struct Narrow<'a> {
    pub(in crate::compliance) session: &'a Session,
    pub(in crate::compliance) asked: &'a Asked,
    pub(in crate::compliance) membership: &'a Membership,
    pub(in crate::compliance) aggregator: Option<&'a Aggregator>,
    pub(in crate::compliance) watch: Option<&'a Watch>,
}

/// An account of the scope.
struct Member {
    name: Option<String>,
    excluded: Option<String>,
}

/// Puts the scope together.
pub(in crate::compliance) async fn of_organization(narrow: Narrow<'_>, known: &Known) -> Result<Scope, Failure> {
    let (record, mut limits) = recorded(narrow).await;
    limits.extend(known.limit());
    let members = match known {
        Known::Tree(organization) => of_tree(organization, narrow.asked, record.as_ref().map(|(_, record)| record))?,
        Known::Accounts(accounts, refusal) => of_accounts(accounts, narrow.asked, refusal)?,
    };
    let regions = regions(narrow, record.as_ref().map(|(_, record)| record))?;
    let mut places = Vec::with_capacity(members.len() * regions.len());
    for (account, Member { name, excluded }) in &members {
        places.extend(regions.iter().map(|region| PlaceInScope {
            account: account.clone(),
            region: region.clone(),
            account_name: name.clone(),
            excluded: excluded.clone(),
        }));
    }
    Ok(Scope {
        organization: Some(narrow.membership.id.clone()),
        management: Some(narrow.membership.management.clone()),
        caller: narrow.session.identity.account.clone(),
        home: record.map(|(home, _)| home),
        places,
        regions: regions.into_iter().collect(),
        limits,
    })
}

impl Known {
    /// What is not known.
    fn limit(&self) -> Option<String> {
        match self {
            Self::Tree(_) => None,
            Self::Accounts(_, refusal) => Some(format!(
                "the accounts are those of the aggregator or of --account: others that the organization may have are \
                 not told of, because its accounts cannot be listed: {refusal}"
            )),
        }
    }
}

fn of_tree(
    organization: &Organization,
    asked: &Asked,
    record: Option<&Record>,
) -> Result<BTreeMap<String, Member>, Failure> {
    let wanted = wanted(organization, asked)?;
    let why = |account: &crate::organization::Account| {
        if account.state != AccountState::Active {
            return Some(format!("the account is {}", account.state.as_str()));
        }
        record.and_then(|record| no_target(organization, record, &account.id))
    };
    let accounts = organization.accounts.values();
    let accounts = accounts.filter(|account| wanted.as_ref().is_none_or(|wanted| wanted.contains(account.id.as_str())));
    let member = |account: &crate::organization::Account| Member {
        name: Some(account.name.clone()).filter(|name| !name.is_empty()),
        excluded: why(account),
    };
    Ok(accounts.map(|account| (account.id.clone(), member(account))).collect())
}

/// The accounts that were asked for; none if all are wanted.
fn wanted<'a>(organization: &'a Organization, asked: &'a Asked) -> Result<Option<BTreeSet<&'a str>>, Failure> {
    if asked.accounts.is_empty() && asked.units.is_empty() {
        return Ok(None);
    }
    let unknown = asked.accounts.iter().filter(|id| !organization.accounts.contains_key(*id));
    let known: Vec<&str> = organization.accounts.keys().map(String::as_str).collect();
    let mut faults: Vec<String> = unknown
        .map(|id| format!("--account {id} is not in the organization {}{}", organization.id, nearest(id, &known)))
        .collect();
    let units = AskedTargets { units: asked.units.clone(), ..AskedTargets::default() };
    let units = match units.find(organization) {
        Ok(named) if asked.units.is_empty() => {
            drop(named);
            Vec::new()
        }
        Ok(named) => named.targets.units,
        Err(wrong) => {
            faults.extend(wrong);
            Vec::new()
        }
    };
    if !faults.is_empty() {
        return Err(Failure::faults(faults));
    }
    let mut wanted: BTreeSet<&str> = asked.accounts.iter().map(String::as_str).collect();
    for account in organization.accounts.values() {
        let above = organization.ancestors(&account.id);
        if units.iter().any(|unit| above.contains(&unit.as_str())) {
            wanted.insert(&account.id);
        }
    }
    if wanted.is_empty() {
        return Err(Failure::usage(format!("there is no account in --ou {}", asked.units.join(", --ou "))));
    }
    Ok(Some(wanted))
}

/// Why the installation leaves an account out, if it does.
fn no_target(organization: &Organization, record: &Record, account: &str) -> Option<String> {
    if account == organization.management {
        return (!record.management).then(|| "the installation leaves the management account out".to_owned());
    }
    if record.targets.excluded.iter().any(|id| id == account) {
        return Some("the installation leaves it out (--exclude-account)".to_owned());
    }
    let is_covered = record.targets.unit_of(organization, account).is_some();
    (!is_covered).then(|| "it is no target of the installation".to_owned())
}

fn of_accounts(accounts: &[String], asked: &Asked, refusal: &AwsRefusal) -> Result<BTreeMap<String, Member>, Failure> {
    if !asked.units.is_empty() || accounts.is_empty() {
        let advice = refusal.advice();
        return Err(Failure::usage(format!("the accounts of the organization cannot be listed: {refusal}"))
            .help(advice)
            .help("or run it in the management account or in a delegated administrator")
            .help("or name the accounts: --account ACCOUNT, repeated for more"));
    }
    let is_wanted = |id: &&String| asked.accounts.is_empty() || asked.accounts.contains(id);
    // Nobody tells their names and states; an account that was named is read or told of as unread.
    let all = accounts.iter().filter(is_wanted).chain(&asked.accounts);
    Ok(all.map(|id| (id.clone(), Member { name: None, excluded: None })).collect())
}

fn regions(narrow: Narrow<'_>, record: Option<&Record>) -> Result<BTreeSet<String>, Failure> {
    let asked = narrow.asked.regions.iter().cloned().collect::<BTreeSet<_>>();
    if !asked.is_empty() {
        return Ok(asked);
    }
    let recorded = record.map(|record| record.regions.iter().cloned().collect::<BTreeSet<_>>());
    let aggregated = || narrow.aggregator.and_then(|one| one.regions.clone()).map(|all| all.into_iter().collect());
    recorded.filter(|regions| !regions.is_empty()).or_else(aggregated).ok_or_else(|| {
        Failure::usage("which Regions the installation covers is recorded nowhere that can be read")
            .help("name them: --region eu-west-1, repeated for more, or --region all")
            .help("or name the Region of the StackSets: --home-region REGION, as the account that installed")
    })
}

/// The record of targets and its Region, and what could not be looked at. Only the account that installed has it, so
/// that it is no fault that there is none.
async fn recorded(narrow: Narrow<'_>) -> (Option<(String, Record)>, Vec<String>) {
    let configured = narrow.session.sdk.region().map(ToString::to_string);
    let candidates = narrow.asked.home.iter().chain(&configured).chain(&narrow.asked.regions);
    let (mut seen, mut unread) = (BTreeSet::new(), Vec::new());
    for region in candidates.filter(|region| seen.insert((*region).clone())) {
        let home = match noted(narrow, region, &mut unread).await {
            Some(Noted::Here(record)) => return (Some((region.clone(), record)), unread),
            Some(Noted::Elsewhere(home)) => home,
            None => continue,
        };
        if let Some(Noted::Here(record)) = noted(narrow, &home, &mut unread).await {
            return (Some((home, record)), unread);
        }
    }
    (None, unread)
}

async fn noted(narrow: Narrow<'_>, region: &str, unread: &mut Vec<String>) -> Option<Noted> {
    let identity = &narrow.session.identity;
    let names = Names { prefix: &narrow.asked.prefix, account: &identity.account, partition: identity.partition() };
    let watch = narrow.watch.map(|watch| watch(&identity.account, region));
    let client = cloudformation(&resilient(&narrow.session.sdk), region, watch);
    let why = match find_stack_with(&client, region, &names.artifact_stack()).await {
        Ok(None) => return None,
        Ok(Some(stack)) if !StackState::is_ours(&stack) => return None,
        Ok(Some(stack)) => match stack.outputs.get("Targets")?.parse::<Noted>() {
            Ok(noted) => return Some(noted),
            Err(fault) => fault.to_string(),
        },
        Err(refusal) => refusal.to_string(),
    };
    unread.push(format!(
        "which accounts and Regions the installation covers is not known from {region}: those that it leaves out are \
         counted as well ({why})"
    ));
    None
}
