//! Who made what runs: StackSets, stacks, and the function against its artifact.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use aws_config::SdkConfig;
use futures_util::StreamExt as _;

use super::detail::Wanted;
use super::raw;
use crate::aws::refused;
use crate::compliance::{Clients, Scope};
use crate::digest::from_base64;
use crate::evidence::rows::{FunctionRow, STACKS, StackRow};
use crate::failure::Failure;
use crate::names::Names;
use crate::observe::{Read, StackState, find_stack_with};
use crate::organization::CallAs;
use crate::session::in_region;
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
    desk: &super::desk::Desk,
    sdk: &SdkConfig,
    (scope, names): (&Scope, Names<'_>),
) -> Result<(Installed, Vec<String>), Failure> {
    let mut installed = Installed::default();
    let (Some(_), Some(home)) = (&scope.organization, &scope.home) else { return Ok((installed, Vec::new())) };
    let is_own = scope.management.as_ref().is_none_or(|management| *management == scope.caller);
    let call_as = if is_own { CallAs::Own } else { CallAs::DelegatedAdministrator };
    let (sets, mut unread) = (Sets::new(sdk, home, call_as), Vec::new());
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

/// The parameters of the caller's own stack. Why not, in words.
pub(super) async fn own_parameters(
    sdk: &SdkConfig,
    region: &str,
    names: Names<'_>,
) -> Result<BTreeMap<String, String>, String> {
    let client = aws_sdk_cloudformation::Client::new(&in_region(sdk, region));
    match find_stack_with(&client, region, &names.member_stack()).await {
        Ok(Some(stack)) => Ok(stack.parameters),
        Ok(None) => Err(format!("there is no stack {} in {region}", names.member_stack())),
        Err(refusal) => Err(refusal.to_string()),
    }
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
    let mut config = aws_sdk_cloudformation::config::Builder::from(&clients.sdk);
    config.push_interceptor(raw::recorder(wanted.desk, wanted.prefix, (&clients.account, &clients.region)));
    let client = aws_sdk_cloudformation::Client::from_conf(config.build());
    // The name does not depend on account and partition.
    let name = Names { prefix: wanted.prefix, account: "", partition: "" }.member_stack();
    match find_stack_with(&client, &clients.region, &name).await {
        Ok(None) => (Vec::new(), Vec::new()),
        Ok(Some(stack)) => (vec![row_of_stack(clients, stack)], Vec::new()),
        Err(refusal) => {
            let (account, region, why) = (clients.account.clone(), clients.region.clone(), refusal.to_string());
            let sentence = format!("account {account} in {region}: {why}");
            (vec![StackRow::Unread { account, region, why }], vec![sentence])
        }
    }
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
    let parameters = set.or_else(|| stack.iter().find_map(parameters));
    let artifact_sha256 = parameters.and_then(|all| all.get("ArtifactSha256")).cloned();
    let artifact_key = parameters.and_then(|all| {
        let of = |name: &str| all.get(name).map(String::as_str);
        let names = Names { prefix: wanted.prefix, account: "", partition: "" };
        Some(names.key(of("Version")?, of("ArtifactSha256")?, of("Architecture")?))
    });
    let mut row = FunctionRow {
        account: clients.account.clone(),
        region: clients.region.clone(),
        function: function.to_owned(),
        code_sha256: None,
        last_modified: None,
        architecture: None,
        artifact_key,
        artifact_sha256,
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
        (None, None) => Some("no stack or StackSet that could be read names its artifact".to_owned()),
        (None, Some(_)) if row.code_sha256.is_none() => Some("Lambda tells no digest of its code".to_owned()),
        (None, Some(_)) => None,
    };
    let doubt = doubt(&row);
    (row, doubt)
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
