//! Who made what runs: StackSets, stacks, and the function against its artifact.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_config::SdkConfig;
use futures_util::StreamExt as _;

use super::detail::Wanted;
use super::maker::{At, Made};
use super::raw;
use crate::aws::refused;
use crate::compliance::{Clients, Scope};
use crate::digest::from_base64;
use crate::evidence::rows::{FunctionRow, HeldAgainst, STACKS, StackRow};
use crate::failure::Failure;
use crate::names::Names;
use crate::observe::{Read, StackState};
use crate::organization::CallAs;
use crate::stack_set::{Interner, Sets, StackSet};

/// The StackSets of an installation, and where they have instances.
#[derive(Debug, Default)]
pub(super) struct Installed {
    sets: Vec<StackSet>,
    /// By account and Region, the place in `sets`.
    instances: HashMap<(String, String), usize>,
}

impl Installed {
    /// The parameters of the first StackSet.
    pub(super) fn parameters(&self) -> Option<&BTreeMap<String, String>> {
        self.sets.first().map(|set| &set.parameters)
    }

    fn set_of(&self, account: &str, region: &str) -> Option<&StackSet> {
        self.sets.get(*self.instances.get(&(account.to_owned(), region.to_owned()))?)
    }
}

/// Reads the StackSets and their instances, and writes them down. Sentences tell what could not be read.
pub(super) async fn installed(
    desk: &Arc<super::desk::Desk>,
    sdk: &SdkConfig,
    (scope, names): (&Scope, Names<'_>),
) -> Result<(Installed, Vec<String>), Failure> {
    let mut installed = Installed::default();
    let (Some(_), Some(home)) = (&scope.organization, &scope.home) else { return Ok((installed, Vec::new())) };
    let is_own = scope.management.as_ref().is_none_or(|management| *management == scope.caller);
    let call_as = if is_own { CallAs::Own } else { CallAs::DelegatedAdministrator };
    let watch = raw::recorder(desk, names.prefix, (&scope.caller, home));
    let (sets, mut unread) = (Sets::watched(sdk, home, call_as, watch), Vec::new());
    for number in 1.. {
        match sets.find(&names.stack_set(number)).await {
            Ok(Some(set)) => installed.sets.push(set),
            Ok(None) => break,
            Err(refusal) => {
                let why = refusal.to_string();
                let row = StackRow::Unread { account: scope.caller.clone(), region: home.clone(), why: why.clone() };
                desk.line(STACKS, &row)?;
                unread.push(format!("StackSets: {why}"));
                break;
            }
        }
    }
    let seen = RefCell::new(Interner::default());
    for (at, set) in installed.sets.iter().enumerate() {
        desk.line(STACKS, &row_of_set(set, home))?;
        let mut pages = Box::pin(sets.instances(&set.name, &set.regions, None, &seen));
        while let Some(page) = pages.next().await {
            match page {
                Ok(instances) => {
                    for one in &instances {
                        desk.line(STACKS, &row_of_instance(set, one))?;
                        installed.instances.insert((one.account.to_string(), one.region.to_string()), at);
                    }
                }
                Err(refusal) => unread.push(format!("instances of the StackSet {}: {refusal}", set.name)),
            }
        }
    }
    Ok((installed, unread))
}

fn row_of_set(set: &StackSet, home: &str) -> StackRow {
    StackRow::StackSet {
        region: home.to_owned(),
        name: set.name.clone(),
        status: set.status.to_string(),
        parameters: set.parameters.clone(),
    }
}

fn row_of_instance(set: &StackSet, one: &crate::stack_set::Instance) -> StackRow {
    StackRow::Instance {
        account: one.account.to_string(),
        region: one.region.to_string(),
        name: set.name.clone(),
        status: one.status.to_string(),
        why: one.reason.as_ref().map(|reason| reason.sample.clone()),
    }
}

/// The stack of an account × Region that no StackSet made, and why it is not known.
pub(super) async fn stack(wanted: &Wanted<'_>, clients: &Clients) -> (Vec<StackRow>, Vec<String>) {
    if wanted.installed.set_of(&clients.account, &clients.region).is_some() {
        return (Vec::new(), Vec::new());
    }
    // The name does not depend on account and partition.
    let name = Names { prefix: wanted.prefix, account: "", partition: "" }.member_stack();
    match at(wanted, clients).stack(&name).await {
        Ok(None) => (Vec::new(), Vec::new()),
        Ok(Some(stack)) => (vec![row_of_stack(clients, stack)], Vec::new()),
        Err(refusal) => {
            let (account, region, why) = (clients.account.clone(), clients.region.clone(), refusal.to_string());
            let sentence = format!("account {account} in {region}: {why}");
            (vec![StackRow::Unread { account, region, why }], vec![sentence])
        }
    }
}

fn at<'a>(wanted: &'a Wanted<'_>, clients: &'a Clients) -> At<'a> {
    let Clients { account, region, sdk, .. } = clients;
    At { desk: wanted.desk, sdk, prefix: wanted.prefix, account, region }
}

fn row_of_stack(clients: &Clients, stack: StackState) -> StackRow {
    let StackState { name, id, status, parameters, tags, outputs, .. } = stack;
    let (account, region) = (clients.account.clone(), clients.region.clone());
    StackRow::Stack { account, region, name, id, status, parameters, tags, outputs }
}

/// The function that rules invoke, and why not all of it is known.
pub(super) async fn function(
    wanted: &Wanted<'_>,
    clients: &Clients,
    function: &str,
    stack: &[StackRow],
) -> (FunctionRow, Option<String>) {
    let set = wanted.installed.set_of(&clients.account, &clients.region).map(|set| &set.parameters);
    let known = set.or_else(|| stack.iter().find_map(parameters)).filter(|all| all.contains_key("ArtifactSha256"));
    let made = if known.is_none() { at(wanted, clients).made(function).await } else { Made::default() };
    let named = Named::of(known.or(made.stack.as_ref().map(|stack| &stack.parameters)), made.digest, wanted);
    let mut row = FunctionRow {
        account: clients.account.clone(),
        region: clients.region.clone(),
        function: function.to_owned(),
        code_sha256: None,
        last_modified: None,
        architecture: None,
        artifact_key: named.key,
        artifact_sha256: named.sha256,
        held_against: None,
        agrees: None,
        why: None,
    };
    let mut gone = None;
    let failed = match configuration(wanted, clients, function).await {
        Ok(answer) => {
            row.code_sha256 = answer.code_sha256().and_then(from_base64);
            row.last_modified = answer.last_modified().map(str::to_owned);
            row.architecture = answer.architectures().first().map(|one| one.as_str().to_owned());
            None
        }
        Err(refusal) if refusal.code.as_deref() == Some("ResourceNotFoundException") => {
            gone = Some("there is no such function".to_owned());
            None
        }
        Err(refusal) => Some(refusal.to_string()),
    };
    row.agrees = row.agreement();
    row.why = match (failed.or(gone), &row.artifact_sha256) {
        (Some(why), _) => Some(why),
        (None, None) => {
            let more = made.why.map_or_else(String::new, |why| format!(": {why}"));
            Some(format!("no stack or StackSet that could be read names its artifact{more}"))
        }
        (None, Some(_)) if row.code_sha256.is_none() => Some("Lambda tells no digest of its code".to_owned()),
        (None, Some(_)) => None,
    };
    row.held_against = row.agrees.and(named.by);
    let doubt = doubt(&row);
    (row, doubt)
}

/// The artifact that a function should run.
struct Named {
    key: Option<String>,
    sha256: Option<String>,
    /// How that is known.
    by: Option<HeldAgainst>,
}

impl Named {
    /// What a stack's parameters name; else what the function's own tag does.
    fn of(parameters: Option<&BTreeMap<String, String>>, tag: Option<String>, wanted: &Wanted<'_>) -> Self {
        let of = |name: &str| parameters.and_then(|all| all.get(name)).map(String::as_str);
        let Some(sha256) = of("ArtifactSha256") else {
            return Self { key: None, by: tag.as_ref().map(|_| HeldAgainst::Tag), sha256: tag };
        };
        let names = Names { prefix: wanted.prefix, account: "", partition: "" };
        let key = of("Version").zip(of("Architecture")).map(|(version, kind)| names.key(version, sha256, kind));
        let was_read = key.is_some() && key.as_deref() == wanted.artifact;
        let by = if was_read { HeldAgainst::Artifact } else { HeldAgainst::Stack };
        Self { key, sha256: Some(sha256.to_owned()), by: Some(by) }
    }
}

/// Why it is not certain that what runs is the artifact.
fn doubt(row: &FunctionRow) -> Option<String> {
    let FunctionRow { account, region, function, .. } = row;
    let what = match row.agrees {
        Some(true) => return None,
        Some(false) => "it runs other code than the artifact that its stack names",
        None => row.why.as_deref().unwrap_or_default(),
    };
    Some(format!("account {account} in {region}: function {function}: {what}"))
}

fn parameters(row: &StackRow) -> Option<&BTreeMap<String, String>> {
    match row {
        StackRow::Stack { parameters, .. } | StackRow::StackSet { parameters, .. } => Some(parameters),
        StackRow::Instance { .. } | StackRow::Unread { .. } => None,
    }
}

async fn configuration(
    wanted: &Wanted<'_>,
    clients: &Clients,
    function: &str,
) -> Read<aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput> {
    let mut config = aws_sdk_lambda::config::Builder::from(&clients.sdk);
    config.push_interceptor(raw::recorder(wanted.desk, wanted.prefix, (&clients.account, &clients.region)));
    let client = aws_sdk_lambda::Client::from_conf(config.build());
    let answer = client.get_function_configuration().function_name(function).send().await;
    answer.map_err(|error| refused("lambda:GetFunctionConfiguration", &clients.region, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_function_that_runs_its_artifact_is_beyond_doubt() {
        let row = |code: Option<&str>, artifact: Option<&str>, why: Option<&str>| {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let mut row = FunctionRow {
                account: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
                function: "f".to_owned(),
                code_sha256: text(code),
                last_modified: None,
                architecture: None,
                artifact_key: None,
                artifact_sha256: text(artifact),
                held_against: None,
                agrees: None,
                why: text(why),
            };
            row.agrees = row.agreement();
            row
        };
        assert_eq!(doubt(&row(Some("a"), Some("a"), None)), None);
        let other = doubt(&row(Some("b"), Some("a"), None)).unwrap_or_default();
        assert!(other.contains("it runs other code"), "{other}");
        let gone = doubt(&row(None, Some("a"), Some("there is no such function")));
        assert_eq!(gone.as_deref(), Some("account 111122223333 in eu-west-1: function f: there is no such function"));
    }
}
