//! The policy of whoever runs `deployer`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, Statement, Texts};
use crate::names::Names;
use crate::permissions::{ALL, Permission, Resource, Scope, Use};
use crate::settings::Settings;

/// All that these uses need for an installation with these settings, in every Region: one statement for each kind of
/// resource and condition. `more` is what it takes beside that, such as [`crate::permissions::MANAGED_PACK`].
#[must_use]
pub fn operator(settings: &Settings, names: Names<'_>, uses: &[Use], more: &[Permission]) -> Document {
    let mut groups: BTreeMap<(Resource, Conditions), BTreeSet<&str>> = BTreeMap::new();
    for permission in ALL.iter().copied().flatten().chain(more).filter(|one| one.is_needed(uses, Some(settings))) {
        groups.entry((permission.on, permission.conditions(names, settings))).or_default().insert(permission.action);
    }
    let statements = groups.into_iter().map(|((on, conditions), actions)| {
        let resources = on.arns(names, settings, Scope::Policy);
        Statement {
            sid: sid(on, &conditions),
            effect: "Allow".to_owned(),
            action: Texts::new(actions.into_iter().map(str::to_owned).collect()),
            resource: Texts::new(resources),
            condition: written(conditions),
        }
    });
    Document::new(statements.collect())
}

impl Document {
    /// The same, and the role of this name may be assumed in every account. Who may, its trust policy says.
    #[must_use]
    pub fn and_assume(mut self, partition: &str, role: &str) -> Self {
        let role = role.trim_start_matches('/');
        self.statement.push(Statement {
            sid: "Members".to_owned(),
            effect: "Allow".to_owned(),
            action: Texts::new(vec!["sts:AssumeRole".to_owned()]),
            resource: Texts::new(vec![format!("arn:{partition}:iam::*:role/{role}")]),
            condition: None,
        });
        self
    }
}

/// Keys of the context and the values that they have to have.
type Conditions = BTreeMap<&'static str, String>;

fn written(conditions: Conditions) -> Option<BTreeMap<String, BTreeMap<String, String>>> {
    let pairs: BTreeMap<String, String> = conditions.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    (!pairs.is_empty()).then(|| BTreeMap::from([("StringEquals".to_owned(), pairs)]))
}

/// Letters only, as IAM demands, and another for each group.
fn sid(on: Resource, conditions: &Conditions) -> String {
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
        Resource::OrganizationPacks => "OrganizationPacks",
        Resource::MultiAccountServiceRole => "OrganizationPackRole",
        Resource::Aggregators => "Aggregators",
        Resource::Organization => "Organization",
        Resource::NewStackSet => "NewStackSets",
        Resource::StackSets => "StackSets",
        Resource::StackSetsServiceRole => "StackSetsRole",
        Resource::SetStacks => "SetStacks",
        Resource::GuardrailStack => "GuardrailStack",
        Resource::AggregatorStack => "AggregatorStack",
        Resource::AggregatorRole => "AggregatorRole",
    };
    let narrowed = match conditions.iter().next() {
        Some((&"iam:PermissionsBoundary", _)) => "Bounded".to_owned(),
        // The same resource may be narrowed in several ways.
        Some((key, value)) if key.starts_with("organizations:") => {
            let value = value.trim_end_matches(".amazonaws.com");
            format!("For{}", value.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        }
        Some(_) => "Narrowed".to_owned(),
        None => String::new(),
    };
    format!("{name}{narrowed}")
}
