//! IAM's simulator, asked for every action that an installation needs. It knows the caller's policies, its boundary and
//! the organization's policies without conditions; it does not know what a session was restricted to
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>).

use std::collections::BTreeMap;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use futures_util::stream::{self, StreamExt as _};

use super::{AT_ONCE, Denied, Denier, Iam, NO_SUCH_ENTITY, Simulation};
use crate::aws::refused;
use crate::names::Names;
use crate::observe::Read;
use crate::permissions::{ALL, Need, Permission, Scope, Use};
use crate::settings::Settings;

/// Asks for every action of an installation, in its first Region.
pub(super) async fn run(iam: &Iam, caller: &str, names: Names<'_>, settings: &Settings) -> Read<Simulation> {
    let source = match source(iam, caller).await? {
        Ok(source) => source,
        Err(who) => return Ok(Simulation::Impossible(who)),
    };
    let region = settings.regions.first().map_or("us-east-1", String::as_str);
    let groups = groups(names, settings, region);
    let context = &context(region, settings.boundary_arn(names).as_deref());
    let asked = groups.values().map(Vec::len).sum();
    let answers: Vec<Read<Vec<Denied>>> = stream::iter(groups)
        .map(|(arn, permissions)| simulate(iam, &source, arn, permissions, context))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let denied = answers.into_iter().collect::<Read<Vec<Vec<Denied>>>>()?.into_iter().flatten().collect();
    Ok(Simulation::Done { asked, denied })
}

/// Who calls, as far as IAM has policies for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Principal<'a> {
    /// A user: its ARN is as IAM has it.
    User,
    /// A session of the role of this name: its ARN lacks the role's path.
    Role(&'a str),
    /// Somebody without policies in IAM.
    Other(&'static str),
}

fn principal(caller: &str) -> Principal<'_> {
    let mut parts = caller.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
    let mut words = resource.split('/');
    match (service, words.next(), words.next()) {
        (Some("iam"), Some("root"), None) => Principal::Other("the root user"),
        (Some("iam"), Some("user"), Some(_)) => Principal::User,
        (Some("sts"), Some("assumed-role"), Some(name)) => Principal::Role(name),
        (Some("sts"), Some("federated-user"), _) => Principal::Other("a federated user"),
        _ => Principal::Other("neither a user nor a role"),
    }
}

/// Whose policies to simulate, or who cannot be simulated.
async fn source(iam: &Iam, caller: &str) -> Read<Result<String, &'static str>> {
    match principal(caller) {
        Principal::User => Ok(Ok(caller.to_owned())),
        Principal::Role(name) => role(iam, name).await,
        Principal::Other(who) => Ok(Err(who)),
    }
}

async fn role(iam: &Iam, name: &str) -> Read<Result<String, &'static str>> {
    match iam.client.get_role().role_name(name).send().await {
        Ok(answer) => Ok(answer.role().map(|role| role.arn().to_owned()).ok_or("a role that IAM does not show")),
        Err(error) => {
            let refusal = refused("iam:GetRole", &iam.region, &error);
            if refusal.code.as_deref() == Some(NO_SUCH_ENTITY) { Ok(Err("a role that is gone")) } else { Err(refusal) }
        }
    }
}

/// One question for each example of a resource: an action is simulated with a resource of its own kind only.
fn groups(names: Names<'_>, settings: &Settings, region: &str) -> BTreeMap<String, Vec<&'static Permission>> {
    let mut groups: BTreeMap<String, Vec<&'static Permission>> = BTreeMap::new();
    let needed = |permission: &&Permission| permission.is_needed(&[Use::Install], Some(settings));
    for permission in ALL.iter().flat_map(|group| group.iter()).filter(needed) {
        for arn in permission.on.arns(names, settings, Scope::Example(region)) {
            groups.entry(arn).or_default().push(permission);
        }
    }
    groups
}

async fn simulate(
    iam: &Iam,
    source: &str,
    arn: String,
    permissions: Vec<&'static Permission>,
    context: &[ContextEntry],
) -> Read<Vec<Denied>> {
    let actions = permissions.iter().map(|permission| permission.action.to_owned()).collect();
    let call = iam.client.simulate_principal_policy().policy_source_arn(source);
    let call = call.set_action_names(Some(actions)).resource_arns(&arn).set_context_entries(Some(context.to_vec()));
    let mut pages = call.into_paginator().send();
    let mut denied = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refused("iam:SimulatePrincipalPolicy", &iam.region, &error))?;
        denied.extend(page.evaluation_results().iter().filter_map(|result| {
            let by = denier(result)?;
            let is_it = |permission: &&&Permission| permission.action == result.eval_action_name();
            let is_required = permissions.iter().find(is_it).is_some_and(|one| one.need == Need::Required);
            Some(Denied { action: result.eval_action_name().to_owned(), resource: arn.clone(), by, is_required })
        }));
    }
    Ok(denied)
}

/// What is known of the call that will be made. Policies that allow by Region or by service ask for it.
fn context(region: &str, boundary: Option<&str>) -> Vec<ContextEntry> {
    let boundary = boundary.map(|arn| ("iam:PermissionsBoundary", arn));
    let known = [
        ("aws:RequestedRegion", region),
        ("iam:PassedToService", "lambda.amazonaws.com"),
        ("iam:AWSServiceName", "config-conforms.amazonaws.com"),
        ("aws:CalledVia", "cloudformation.amazonaws.com"),
    ];
    let entry = |(key, value): (&str, &str)| {
        let kind = if key == "aws:CalledVia" { ContextKeyTypeEnum::StringList } else { ContextKeyTypeEnum::String };
        ContextEntry::builder().context_key_name(key).context_key_values(value).context_key_type(kind).build()
    };
    known.into_iter().chain(boundary).map(entry).collect()
}

fn denier(result: &EvaluationResult) -> Option<Denier> {
    if *result.eval_decision() == PolicyEvaluationDecisionType::Allowed {
        return None;
    }
    let by_organization = result.organizations_decision_detail().is_some_and(|told| !told.allowed_by_organizations());
    let by_boundary =
        result.permissions_boundary_decision_detail().is_some_and(|told| !told.allowed_by_permissions_boundary());
    Some(if by_organization {
        Denier::Organization
    } else if by_boundary {
        Denier::Boundary
    } else if !result.missing_context_values().is_empty() {
        Denier::Condition
    } else if *result.eval_decision() == PolicyEvaluationDecisionType::ExplicitDeny {
        Denier::Statement
    } else {
        Denier::Nobody
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_told_apart_by_their_arns() {
        let of = |rest: &'static str| principal(rest);
        assert_eq!(of("arn:aws:iam::111122223333:root"), Principal::Other("the root user"));
        assert_eq!(of("arn:aws-cn:iam::111122223333:user/team/ops"), Principal::User);
        assert_eq!(of("arn:aws:sts::111122223333:assumed-role/ops/me@x"), Principal::Role("ops"));
        let sso = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b/me";
        assert_eq!(of(sso), Principal::Role("AWSReservedSSO_Admin_0a1b"));
        assert_eq!(of("arn:aws:sts::111122223333:federated-user/me"), Principal::Other("a federated user"));
        assert_eq!(of("nonsense"), Principal::Other("neither a user nor a role"));
    }
}
