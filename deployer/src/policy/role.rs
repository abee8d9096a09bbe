//! The policy of the function's role: what `cfn/member.yaml` gives it, worked out for one Region.

use std::collections::BTreeMap;

use rule::check::ALL;

use super::Document;
use super::template::Resolver;
use crate::failure::Failure;
use crate::names::Names;
use crate::settings::Settings;
use crate::templates::{Template, parameter_of};

/// The policy that the role of the function has in a Region.
///
/// # Errors
/// The template holds what this program cannot work out: a fault of this program, which a test would show.
pub fn role(settings: &Settings, names: Names<'_>, region: &str) -> Result<Document, Failure> {
    let mut values = BTreeMap::from([
        ("AWS::Partition".to_owned(), names.partition.to_owned()),
        ("AWS::Region".to_owned(), region.to_owned()),
        ("AWS::AccountId".to_owned(), names.account.to_owned()),
        ("LogGroup.Arn".to_owned(), log_group(names, region)),
    ]);
    for check in ALL {
        let is_on = settings.checks.iter().any(|id| id == check.id);
        values.insert(parameter_of(check), if is_on { "on" } else { "off" }.to_owned());
    }
    let resolver = Resolver::new(Template::Member.text(), values).map_err(|error| fault(&error))?;
    let policy = resolver.at(&["Resources", "Role", "Properties", "Policies", "0", "PolicyDocument"]);
    let policy = policy.map_err(|error| fault(&error))?;
    serde_json::from_value(policy).map_err(|error| fault(&error.to_string()))
}

/// The attribute `Arn` of a log group ends in its streams.
fn log_group(names: Names<'_>, region: &str) -> String {
    format!("arn:{}:logs:{region}:{}:log-group:{}:*", names.partition, names.account, names.log_group())
}

fn fault(told: &str) -> Failure {
    Failure::internal(&format!("the policy in {} cannot be worked out: {told}", Template::Member.file()))
}
