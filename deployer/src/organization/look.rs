//! What is there before an installation into an organization: the organization, the administrator account, the
//! StackSets with all of their instances.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use futures_util::future::join_all;
use futures_util::{TryStreamExt as _, join, pin_mut};

use super::caller::{CallAs, Standing, not_administrator};
use super::home::home;
use super::model::{Membership, Organization, TrustedAccess};
use super::plan::{OrgPlanError, SetState};
use super::read::{Reader, trusted_access};
use super::record::Noted;
use super::settings::OrgAsked;
use super::site::{check_installer, has_prefix, is_set_name, noted_in, set_names};
use crate::aws::{AwsRefusal, Clients, resilient};
use crate::display::Display;
use crate::failure::Failure;
use crate::install::look::{Look, look, look_at};
use crate::names::Names;
use crate::observe::{AccountState, Read, RegionState, StackState, find_stack};
use crate::session::Session;
use crate::settings::Settings;
use crate::stack_set::{Interner, Of, Operation, Sets, StackSet};
use crate::templates::ArtifactName;

/// What was seen.
pub(super) struct Seen {
    pub(super) organization: Organization,
    pub(super) call_as: CallAs,
    pub(super) access: TrustedAccess,
    pub(super) account: AccountState,
    pub(super) regions: Vec<RegionState>,
    pub(super) home: String,
    /// By their numbers from 1.
    pub(super) sets: BTreeMap<usize, SetState>,
    /// The settings with the Regions that are covered: those that were asked for, and those that are there already.
    pub(super) settings: Settings,
    /// Operations of ours that run and were not waited for.
    pub(super) running: Vec<(String, Operation)>,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) settings: &'a Settings,
    pub(super) asked: &'a OrgAsked,
    pub(super) artifact: &'a ArtifactName,
    pub(super) session: &'a Session,
    /// Whether operations of ours that run are followed to their ends.
    pub(super) waits: bool,
}

/// Looks at everything. Nothing but the caller's own organization is asked for before it is known that the caller may
/// install.
pub(super) async fn see(question: Question<'_>, display: &Display) -> Result<Seen, Failure> {
    let sdk = resilient(&question.session.sdk);
    let reader = Reader::new(&sdk);
    display.say("looking at the organization");
    let (membership, call_as) = display.beside(administrator(&reader, question.session)).await?;
    let Question { settings, artifact, session, .. } = question;
    let here = Look { settings, artifact, session };
    let access_region = sdk.region().map(ToString::to_string).unwrap_or_default();
    let everything = async {
        join!(
            Box::pin(reader.organization(&membership)),
            Box::pin(trusted_access(&sdk, &access_region, call_as)),
            Box::pin(look(here, display)),
        )
    };
    let (organization, access, looked) = display.beside(everything).await;
    let (organization, access) = (organization?, access?);
    let mut regions = looked.regions;
    let configured = session.sdk.region().map(ToString::to_string);
    let mut noted = noted(&regions, question)?;
    if noted.is_empty() {
        noted = display.beside(noted_elsewhere(&sdk, question, &looked.account)).await?;
    }
    let home = home(question.asked.home_region.as_deref(), configured.as_deref(), &settings.regions, &noted)
        .map_err(|error| failure(&error))?;
    let enabled = looked.account.regions.as_ref();
    if enabled.is_ok_and(|enabled| !enabled.contains(&home)) {
        let account = &session.identity.account;
        return Err(Failure::usage(format!("the Region {home} is not enabled in account {account}, or there is none"))
            .help(format!("name another, or enable it first: aws account enable-region --region-name {home}")));
    }
    display.say("looking at the StackSets");
    let sets = Sets::new(&sdk, &home, call_as);
    let (sets, running) = display.beside(read_sets(&sdk, &sets, question, display)).await?;
    let settings = with_regions(settings, &sets);
    let known: Vec<&String> = regions.iter().map(|region| &region.region).collect();
    let more = settings.regions.iter().chain([&home]).filter(|region| !known.contains(region));
    // A Region that is not enabled was not read, and is told of as such.
    let more = more.filter(|region| !question.settings.regions.contains(region));
    let more: Vec<String> = more.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    regions.extend(display.beside(look_at(here, &more, display)).await);
    Ok(Seen { organization, call_as, access, account: looked.account, regions, home, sets, settings, running })
}

/// What only administrators can do.
const INSTALL: &str = "install into it";

/// Makes sure that the caller may install at all.
async fn administrator(reader: &Reader, session: &Session) -> Result<(Membership, CallAs), Failure> {
    let account = &session.identity.account;
    let membership = reader.membership().await.map_err(|refusal| {
        let advice = refusal.advice();
        let message = format!("the organization of account {account} is not known: {refusal}");
        if refusal.is_denied() { Failure::usage(message).help(advice) } else { Failure::aws(message).help(advice) }
    })?;
    let Some(membership) = membership else {
        return Err(Failure::usage(format!("account {account} is in no organization; nothing was changed"))
            .help("leave --org out to install into this account alone")
            .help("or use credentials of the organization's management account: --profile NAME"));
    };
    let management = &membership.management;
    if !membership.all_features {
        return Err(Failure::usage(format!(
            "organization {} has consolidated billing alone: no StackSets and no policies work in it; nothing was changed",
            membership.id
        ))
        .help(format!(
            "enable all features in account {management}: AWS Organizations, Settings, Begin process to enable all features"
        )));
    }
    match reader.standing(&membership, account).await {
        Standing::Administrator(call_as) => Ok((membership, call_as)),
        Standing::Member => Err(not_administrator(account, &membership, INSTALL)),
        Standing::Untold(refusal) if refusal.is_denied() => Err(not_administrator(account, &membership, INSTALL)
            .help("if it is a delegated administrator, its caller lacks organizations:ListDelegatedAdministrators")),
        Standing::Untold(refusal) => Err(refusal.into()),
    }
}

/// A reason why there is no plan, as a failure of its own.
pub(super) fn failure(error: &OrgPlanError) -> Failure {
    Failure::usage(format!("{error}; nothing was changed")).help(error.advice())
}

/// What the artifact stacks of the Regions that were asked for note of the home Region.
fn noted(regions: &[RegionState], question: Question<'_>) -> Result<Vec<(String, Noted)>, Failure> {
    let read = regions.iter().map(|region| (region.region.as_str(), region.artifacts.clone()));
    notes(read, question.asked.home_region.as_deref())
}

/// What is noted in the Regions that were not asked for, if anything: an installation that is to have another Region has
/// its home already.
async fn noted_elsewhere(
    sdk: &SdkConfig,
    question: Question<'_>,
    account: &AccountState,
) -> Result<Vec<(String, Noted)>, Failure> {
    let identity = &question.session.identity;
    let prefix = &question.settings.prefix;
    let stack = Names { prefix, account: &identity.account, partition: identity.partition() }.artifact_stack();
    let asked = &question.settings.regions;
    let named = question.asked.home_region.as_deref();
    let enabled = match &account.regions {
        Ok(enabled) => enabled.as_slice(),
        Err(_) if named.is_some() => &[],
        Err(refusal) => return Err(home_untold(refusal)),
    };
    let others = enabled.iter().filter(|region| !asked.contains(region));
    let looks = others.map(|region| {
        let (clients, stack) = (Clients::new(sdk, region), &stack);
        async move { (region.as_str(), find_stack(&clients, stack).await) }
    });
    notes(join_all(looks).await.into_iter(), named)
}

/// What stacks note, each of a Region. Where none does, a Region that could not be read may be the home: to go on would
/// make a second installation beside the first. Whoever names the home Region knows that it is none of the others.
fn notes<'a>(
    stacks: impl Iterator<Item = (&'a str, Read<Option<StackState>>)>,
    named: Option<&str>,
) -> Result<Vec<(String, Noted)>, Failure> {
    let (mut found, mut unread) = (Vec::new(), None);
    for (region, stack) in stacks {
        match stack {
            Ok(stack) => found.extend(noted_in(stack.as_ref(), region)?.map(|noted| (region.to_owned(), noted))),
            // A Region that is not enabled has no record.
            Err(refusal) if refusal.is_region_disabled() => {}
            Err(refusal) if named.is_none_or(|named| named == region) => drop(unread.get_or_insert(refusal)),
            Err(_) => {}
        }
    }
    match unread {
        Some(refusal) if found.is_empty() => Err(home_untold(&refusal)),
        Some(_) | None => Ok(found),
    }
}

fn home_untold(refusal: &AwsRefusal) -> Failure {
    let message = format!(
        "whether there is an installation with another home Region is not known: {refusal}; nothing was changed"
    );
    let told = if refusal.is_denied() { Failure::usage(message) } else { Failure::aws(message) };
    told.help(refusal.advice())
        .help("or, if you know where its StackSets are or are to be, say so: --home-region REGION")
}

/// The settings with the Regions that the StackSets have already: they are kept up to date with the others.
fn with_regions(settings: &Settings, sets: &BTreeMap<usize, SetState>) -> Settings {
    let mut regions = settings.regions.clone();
    regions.extend(sets.values().filter(|state| state.set.is_ours()).flat_map(|state| state.set.regions.clone()));
    regions.sort_unstable();
    regions.dedup();
    Settings { regions, ..settings.clone() }
}

type Found = (BTreeMap<usize, SetState>, Vec<(String, Operation)>);

/// Reads the StackSets of our names, once nothing of ours is at work on them.
async fn read_sets(sdk: &SdkConfig, sets: &Sets, question: Question<'_>, display: &Display) -> Result<Found, Failure> {
    let prefix = &question.settings.prefix;
    let seen = RefCell::new(Interner::default());
    let (mut found, mut running) = (BTreeMap::new(), Vec::new());
    let identity = &question.session.identity;
    let names = Names { prefix, account: &identity.account, partition: identity.partition() };
    for name in set_names(sdk, &sets.region, sets.call_as).await?.iter().filter(|name| is_set_name(name, prefix)) {
        let Some(mut set) = sets.find(name).await? else { continue };
        if set.is_ours() {
            if has_prefix(&set, prefix) {
                check_installer(&set, &identity.account)?;
            }
            let at_work = at_work(sets, name).await?;
            if question.waits && !at_work.is_empty() {
                for operation in &at_work {
                    display.say(&format!("following operation {} of an earlier run on StackSet {name}", operation.id));
                    sets.follow(name, &operation.id, &|_| {})
                        .await
                        .map_err(|failed| Failure::aws(failed.to_string()).help(failed.advice()))?;
                }
                // What it did may be a Region or a unit more.
                set = sets.find(name).await?.unwrap_or(set);
            } else {
                running.extend(at_work.into_iter().map(|operation| (name.clone(), operation)));
            }
        }
        let instances = instances(sets, &set, &seen).await?;
        if let Some(number) = (1..).take(1_000).find(|number| names.stack_set(*number) == *name) {
            found.insert(number, SetState { set, instances });
        }
    }
    Ok((found, running))
}

/// The operations of ours that have not ended.
async fn at_work(sets: &Sets, name: &str) -> Read<Vec<Operation>> {
    let operations = sets.operations(name).await?;
    Ok(operations.into_iter().filter(|operation| operation.is_ours() && !operation.status.is_final()).collect())
}

async fn instances(sets: &Sets, set: &StackSet, seen: &RefCell<Interner>) -> Read<Vec<crate::stack_set::Instance>> {
    if !set.is_ours() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    if set.regions.is_empty() {
        let pages = sets.instances_of(&set.name, Of::default(), seen);
        pin_mut!(pages);
        while let Some(page) = pages.try_next().await? {
            found.extend(page);
        }
    } else {
        let pages = sets.instances(&set.name, &set.regions, None, seen);
        pin_mut!(pages);
        while let Some(page) = pages.try_next().await? {
            found.extend(page);
        }
    }
    Ok(found)
}
