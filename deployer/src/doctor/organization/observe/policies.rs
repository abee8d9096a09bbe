//! Service control policies: what is in force for the targets, and room for ours.

use std::collections::BTreeMap;

use super::Look;
use crate::doctor::organization::forbidden::judge;
use crate::doctor::organization::{Attached, Chain, Obstacle, PolicyRoom, PolicyType};
use crate::names::Names;
use crate::observe::Read;
use crate::organization::targets::Named;
use crate::organization::{AccountState, GuardrailAsked, Organization};
use crate::scp::documents;
use crate::scp::in_force::{Chain as ReadChain, Level, Reader};
use crate::scp::quotas::QUOTAS;
use crate::scp::settings::GuardrailSettings;

/// Roots, units and accounts whose policies are read: AWS Organizations allows two such calls a second.
const MOST_LEVELS: usize = 60;
/// The same below the targets: a canary tells of the rest.
const MOST_BELOW: usize = 20;

/// Whether service control policies are on.
pub(super) fn kind(organization: &Organization) -> PolicyType {
    match organization.root.policy_types.get("SERVICE_CONTROL_POLICY").map(String::as_str) {
        Some("ENABLED") => PolicyType::Enabled,
        Some(_) => PolicyType::Pending,
        None => PolicyType::Disabled,
    }
}

/// Room for our policies at their targets; what is in force for the targets of the installation and below them; and how
/// many units and accounts there were not looked at.
pub(super) async fn read(
    look: Look<'_>,
    found: Option<(&Organization, &Named)>,
) -> (Read<Vec<PolicyRoom>>, Read<Vec<Chain>>, usize) {
    let Some((organization, named)) = found else { return (Ok(Vec::new()), Ok(Vec::new()), 0) };
    if kind(organization) != PolicyType::Enabled {
        return (Ok(Vec::new()), Ok(Vec::new()), 0);
    }
    let mut levels = Levels { reader: Reader::new(look.sdk), read: BTreeMap::new() };
    let room = match &look.asked.guardrail {
        None => Ok(Vec::new()),
        Some(guardrail) => rooms(look, organization, guardrail, &mut levels).await,
    };
    match chains(look, organization, named, &mut levels).await {
        Ok((chains, unseen)) => (room, Ok(chains), unseen),
        Err(refusal) => (room, Err(refusal), 0),
    }
}

/// Each level is read once.
struct Levels {
    reader: Reader,
    read: BTreeMap<String, Level>,
}

impl Levels {
    async fn get(&mut self, id: &str) -> Read<&Level> {
        if !self.read.contains_key(id) {
            let level = self.reader.level(id, id).await?;
            self.read.insert(id.to_owned(), level);
        }
        Ok(self.read.entry(id.to_owned()).or_insert_with(|| Level {
            id: id.to_owned(),
            name: id.to_owned(),
            policies: Vec::new(),
        }))
    }
}

async fn rooms(
    look: Look<'_>,
    organization: &Organization,
    guardrail: &GuardrailAsked,
    levels: &mut Levels,
) -> Read<Vec<PolicyRoom>> {
    let names = names(look);
    let settings = GuardrailSettings {
        targets: Vec::new(),
        break_glass: guardrail.break_glass.clone(),
        studio: guardrail.studio,
        tamper: guardrail.tamper,
    };
    let ours = documents::all(&settings, names, &look.settings.path_of_role());
    let sizes: Vec<(String, usize, usize)> =
        ours.iter().map(|one| (one.name.clone(), one.document.size(), QUOTAS.characters)).collect();
    let mut rooms = Vec::new();
    for target in &guardrail.targets {
        let Some(id) = place(organization, target) else { continue };
        let level = levels.get(&id).await?;
        let is_other = |name: &String| ours.iter().all(|one| one.name != *name);
        rooms.push(PolicyRoom {
            target: target.clone(),
            others: level.policies.iter().filter(|policy| is_other(&policy.name)).count(),
            limit: QUOTAS.attached,
            sizes: sizes.clone(),
        });
    }
    Ok(rooms)
}

/// The id of a unit, root or account that was named; what cannot be found is told by whoever plans the policies.
fn place(organization: &Organization, target: &str) -> Option<String> {
    if organization.has_unit(target) || organization.accounts.contains_key(target) {
        return Some(target.to_owned());
    }
    let mut named =
        organization.units.values().filter(|unit| unit.name == target || organization.path(&unit.id) == target);
    named.next().map(|unit| unit.id.clone())
}

fn names(look: Look<'_>) -> Names<'_> {
    Names { prefix: &look.settings.prefix, account: &look.identity.account, partition: look.identity.partition() }
}

async fn chains(
    look: Look<'_>,
    organization: &Organization,
    named: &Named,
    levels: &mut Levels,
) -> Read<(Vec<Chain>, usize)> {
    let covered = named.targets.resolve(organization).accounts;
    let mut chains = Vec::new();
    for target in named.targets.units.iter().chain(&named.targets.accounts) {
        let active = organization.accounts.values().filter(|one| one.state == AccountState::Active);
        let under = active.filter(|one| one.id == *target || covered.get(&one.id) == Some(target));
        let accounts: Vec<&str> = under.map(|account| account.id.as_str()).collect();
        let Some(sample) = accounts.first() else { continue };
        if levels.read.len() + organization.ancestors(target).len() + 1 > MOST_LEVELS {
            break;
        }
        let chain = chain(organization, target, levels).await?;
        chains.push(judged(look, organization, (target, accounts.len(), sample), &chain));
    }
    let below = below(organization, named, &covered);
    let (near, far) = below.split_at_checked(MOST_BELOW).unwrap_or((&below, &[]));
    for (place, accounts, sample) in near {
        let chain = chain(organization, place, levels).await?;
        let mut judged = judged(look, organization, (place, *accounts, sample), &chain);
        // What the policies above forbid is told of the target.
        let is_new = |one: &Obstacle| chains.iter().all(|chain: &Chain| !tells(chain, one));
        judged.obstacles.retain(is_new);
        judged.undecided.retain(is_new);
        chains.push(judged);
    }
    Ok((chains, far.len()))
}

fn tells(chain: &Chain, obstacle: &Obstacle) -> bool {
    chain.obstacles.contains(obstacle) || chain.undecided.contains(obstacle)
}

/// What is in force for a place, from the root down.
async fn chain(organization: &Organization, place: &str, levels: &mut Levels) -> Read<Vec<Level>> {
    let mut places: Vec<&str> = organization.ancestors(place);
    places.reverse();
    places.push(place);
    let mut chain = Vec::new();
    for place in places {
        chain.push(levels.get(place).await?.clone());
    }
    Ok(chain)
}

/// The units with covered accounts, and those accounts, that are no targets themselves: each with how many accounts it
/// is about, and one of them. Units come first, because each tells of many.
fn below(
    organization: &Organization,
    named: &Named,
    covered: &BTreeMap<String, String>,
) -> Vec<(String, usize, String)> {
    let targets = &named.targets;
    let is_target = |id: &str| targets.units.iter().chain(&targets.accounts).any(|target| target == id);
    let mut units: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    let mut accounts = Vec::new();
    for account in covered.keys().filter_map(|id| organization.accounts.get(id)) {
        let unit = units.entry(&account.parent).or_insert((0, &account.id));
        unit.0 += 1;
        if !is_target(&account.id) {
            accounts.push((account.id.clone(), 1, account.id.clone()));
        }
    }
    let units = units.into_iter().filter(|(unit, _)| !is_target(unit));
    units.map(|(unit, (count, sample))| (unit.to_owned(), count, sample.to_owned())).chain(accounts).collect()
}

fn judged(
    look: Look<'_>,
    organization: &Organization,
    (target, accounts, sample): (&str, usize, &str),
    levels: &[Level],
) -> Chain {
    let attached = |level: &Level| {
        let at = level.id.clone();
        level
            .policies
            .iter()
            .map(move |policy| Attached { name: policy.name.clone(), at: at.clone() })
            .collect::<Vec<_>>()
    };
    let path = match organization.accounts.get(target) {
        Some(account) => account.name.clone(),
        None if organization.root.id == target => "the root".to_owned(),
        None => organization.path(target),
    };
    let mut chain = Chain {
        target: target.to_owned(),
        path,
        accounts,
        policies: levels.iter().flat_map(attached).collect(),
        obstacles: Vec::new(),
        asked: 0,
        undecided: Vec::new(),
    };
    let read = ReadChain::read(levels);
    let judged = judge(&read.levels, look.settings, names(look), sample, &organization.id);
    (chain.asked, chain.obstacles, chain.undecided) = (judged.asked, judged.forbidden, judged.undecided);
    chain.undecided.extend(read.unread.into_iter().map(|(policy, _)| Obstacle {
        why: format!("the text of the policy {policy} is not understood"),
        regions: look.settings.regions.clone(),
        actions: vec!["any action".to_owned()],
    }));
    chain
}
