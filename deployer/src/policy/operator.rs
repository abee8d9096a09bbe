//! The policy of whoever runs `deployer`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, Statement, Texts};
use crate::names::Names;
use crate::permissions::{ALL, Condition, Resource, Scope, Use};
use crate::settings::Settings;

/// All that these uses need for an installation with these settings, in every Region: one statement for each kind of
/// resource and condition.
#[must_use]
pub fn operator(settings: &Settings, names: Names<'_>, uses: &[Use]) -> Document {
    let mut groups: BTreeMap<(Resource, Option<Condition>), BTreeSet<&str>> = BTreeMap::new();
    for permission in ALL.iter().copied().flatten().filter(|one| one.is_needed(uses, Some(settings))) {
        groups.entry((permission.on, permission.condition)).or_default().insert(permission.action);
    }
    let statements = groups.into_iter().map(|((on, condition), actions)| {
        let resources = on.arns(names, settings, Scope::Policy);
        Statement {
            sid: sid(on, condition),
            effect: "Allow".to_owned(),
            action: Texts::new(actions.into_iter().map(str::to_owned).collect()),
            resource: Texts::new(resources),
            condition: condition.map(written),
        }
    });
    Document::new(statements.collect())
}

fn written(condition: Condition) -> BTreeMap<String, BTreeMap<String, String>> {
    let pair = BTreeMap::from([(condition.key.to_owned(), condition.value.to_owned())]);
    BTreeMap::from([("StringEquals".to_owned(), pair)])
}

/// Letters only, as IAM demands, and another for each group.
fn sid(on: Resource, condition: Option<Condition>) -> String {
    let name = match on {
        Resource::Any => "ReadTheAccount",
        Resource::Stacks => "Stacks",
        Resource::Buckets => "ArtifactBuckets",
        Resource::Artifacts => "Artifacts",
        Resource::Roles => "FunctionRoles",
        Resource::AnyRole => "OwnRole",
        Resource::AnyCaller => "OwnPermissions",
        Resource::Boundary => "PermissionsBoundary",
        Resource::Function => "Function",
        Resource::LogGroup => "FunctionLog",
        Resource::ConfigRules => "ConfigRules",
        Resource::Pack => "ConformancePack",
        Resource::PackServiceRole => "ConformancePackRole",
        Resource::Alarms => "Alarms",
    };
    let narrowed = if condition.is_some() { "Narrowed" } else { "" };
    format!("{name}{narrowed}")
}
