//! Reading one Region: the stacks first, and all the rest side by side if there is an installation.

use futures_util::join;
use rule::check::ALL;

use super::{Aspect, Finding, Installation, Installed, Level, RegionReport, Request, drift, judged, rules, unread};
use crate::apply::{Event, What};
use crate::aws::Clients;
use crate::names::Names;
use crate::observe::{
    AlarmState, Read, SetStack, StackState, Standing, artifact, function, identify_stack, pack, read_alarms,
    read_set_stack, recorder,
};
use crate::settings::Delivery;

pub(super) async fn region(clients: &Clients, names: Names<'_>, request: &Request, on: &dyn Fn(Event)) -> RegionReport {
    let (member_stack, artifact_stack) = (names.member_stack(), names.artifact_stack());
    let (member, artifacts) = join!(identify_stack(clients, &member_stack), identify_stack(clients, &artifact_stack));
    let region = &clients.region;
    let report = |installation, findings| RegionReport { region: region.clone(), installation, findings };
    let done = match (member, artifacts) {
        (Err(refusal), _) | (Ok(_), Err(refusal)) => {
            report(Installation::Unread, vec![unread(Aspect::Stack, &refusal)])
        }
        (Ok(None), Ok(artifacts)) => match of_organization(clients, names).await {
            Ok(Some(stack)) => {
                let finding = managed(&stack);
                report(Installation::OfOrganization(stack), vec![finding])
            }
            Ok(None) => report(absent(artifacts.as_ref()), Vec::new()),
            Err(refusal) => report(Installation::Unread, vec![unread(Aspect::Stack, &refusal)]),
        },
        (Ok(Some(stack)), _) if !stack.is_ours() => report(Installation::Foreign, vec![foreign(&stack)]),
        (Ok(Some(stack)), Ok(artifacts)) => {
            if let Some(finding) = unsettled(&stack, names, region) {
                report(Installation::Unsettled(Box::new(stack)), vec![finding])
            } else {
                // Many calls in flight are large: they live on the heap.
                let installed = Box::pin(installed(clients, names, (stack, artifacts), request, on)).await;
                judged(region, installed, names)
            }
        }
    };
    on(Event { region: region.clone(), what: What::Done });
    done
}

/// The stack of a StackSet that made what has our names.
async fn of_organization(clients: &Clients, names: Names<'_>) -> Read<Option<SetStack>> {
    match function::read(clients, &names.function()).await? {
        Some(function) => read_set_stack(clients, &function).await,
        None => Ok(None),
    }
}

fn managed(stack: &SetStack) -> Finding {
    Finding {
        aspect: Aspect::Stack,
        level: Level::Note,
        message: format!("{}, as stack {}", stack.told(), stack.stack),
        fix: Some(format!("deployer status --org {} tells how it is", stack.place())),
    }
}

fn absent(artifacts: Option<&StackState>) -> Installation {
    Installation::Absent { has_artifacts: artifacts.is_some_and(StackState::is_ours) }
}

fn foreign(stack: &StackState) -> Finding {
    Finding {
        aspect: Aspect::Stack,
        level: Level::Note,
        message: format!("a stack {} is there that deployer did not make ({})", stack.name, stack.status),
        fix: Some("to install beside it, choose another --prefix".to_owned()),
    }
}

/// A stack that cannot be judged, because nothing came of it or something happens to it now.
fn unsettled(stack: &StackState, names: Names<'_>, region: &str) -> Option<Finding> {
    let prefix = super::command::prefix_flag(names);
    let name = &stack.name;
    let reason = stack.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let (message, fix) = match stack.standing() {
        Standing::Settled | Standing::RollbackFailed => return None,
        Standing::Busy => (
            format!("an operation runs on stack {name} ({})", stack.status),
            "wait until it has ended, then run the same command again".to_owned(),
        ),
        Standing::NeverMade => (
            format!("stack {name} was never made: its creation ended in {}{reason}", stack.status),
            format!("deployer install --region {region}{prefix} makes it anew, with the flags that you want"),
        ),
        Standing::DeleteFailed => (
            format!("the deletion of stack {name} stopped half-way{reason}"),
            format!("deployer uninstall --region {region}{prefix} goes on with it"),
        ),
    };
    Some(Finding { aspect: Aspect::Stack, level: Level::Problem, message, fix: Some(fix) })
}

async fn installed(
    clients: &Clients,
    names: Names<'_>,
    (stack, artifacts): (StackState, Option<StackState>),
    request: &Request,
    on: &dyn Fn(Event),
) -> Installed {
    let (bucket, key) = artifact_of(&stack, names, &clients.region);
    let function_name = names.function();
    let drift = async { if request.drift { Some(drift::detect(clients, &stack, on).await) } else { None } };
    let (function, artifact, (rules, pack), alarms, recorder, drift) = join!(
        function::read(clients, &function_name),
        artifact::read_object(clients, &bucket, &key, names.account),
        read_rules(clients, &stack, names),
        alarms_of(clients, names),
        recorder::read_recorder(&clients.config, &clients.region),
        drift,
    );
    let rules::Known { rules, runs, compliance } = rules;
    Installed { stack, artifacts, function, artifact, rules, runs, compliance, pack, alarms, recorder, drift }
}

/// Another prefix may begin like ours: only the names of our own stack count.
async fn alarms_of(clients: &Clients, names: Names<'_>) -> Read<Vec<AlarmState>> {
    let silence = ALL.into_iter().map(|check| names.silence_alarm(check));
    let ours: Vec<String> = [names.errors_alarm(), names.throttles_alarm()].into_iter().chain(silence).collect();
    let mut alarms = read_alarms(clients, names).await?;
    alarms.retain(|alarm| ours.contains(&alarm.name));
    Ok(alarms)
}

type Pack = Option<Read<Option<crate::observe::PackState>>>;

async fn read_rules(clients: &Clients, stack: &StackState, names: Names<'_>) -> (rules::Known, Pack) {
    let of_stack = rules::expected(&stack.parameters, names);
    if stack.parameters.get("Delivery").map(String::as_str) != Some(Delivery::ConformancePack.as_str()) {
        return (rules::read(clients, &of_stack).await, None);
    }
    let name = names.pack();
    let in_pack = async {
        match pack::rule_names(clients, &name).await {
            Ok(found) => rules::read(clients, &found).await,
            Err(refusal) => rules::Known::unread(&refusal),
        }
    };
    let (rules, pack) = join!(in_pack, pack::read(clients, &name));
    (rules, Some(pack))
}

/// Where the installed zip is: bucket and key, as the stack was told.
fn artifact_of(stack: &StackState, names: Names<'_>, region: &str) -> (String, String) {
    let value = |name: &str| stack.parameters.get(name).map(String::as_str).unwrap_or_default();
    let bucket = format!("{}-{region}{}", value("ArtifactBucketPrefix"), value("ArtifactBucketSuffix"));
    (bucket, names.key(value("Version"), value("ArtifactSha256"), value("Architecture")))
}
