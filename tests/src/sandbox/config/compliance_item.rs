//! `AWS::Config::ResourceCompliance`: the items that say how a resource's compliance was at a time.
//!
//! The members are those of
//! <https://github.com/awslabs/aws-config-resource-schema/blob/master/config/properties/resource-types/AWS%3A%3AConfig%3A%3AResourceCompliance.properties.json>.
//! Of results that do not apply nothing is said; a resource of which nothing else is left has no compliance any more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ConfigurationItem;
use super::record::records;
use super::rule::Rule;
use crate::sandbox::state::{Ambient, Region};

/// The type of the items.
pub(crate) const COMPLIANCE_TYPE: &str = "AWS::Config::ResourceCompliance";

/// Notes what has become of the compliance of resources whose results were put or taken away.
pub(crate) fn note(region: &mut Region, ambient: &Ambient, resources: impl IntoIterator<Item = (String, String)>) {
    let Some(daily) = records(region, COMPLIANCE_TYPE) else { return };
    for (kind, id) in resources {
        let configuration = compliance(region.config.rules.values(), &kind, &id);
        let key = (COMPLIANCE_TYPE.to_owned(), format!("{kind}/{id}"));
        let items = region.config.history.get(&key);
        let last = items.and_then(|items| items.last()).filter(|last| !last.is_deletion());
        if last.and_then(|last| last.configuration.as_ref()) == configuration.as_ref() {
            continue;
        }
        let status = match (&configuration, last) {
            (None, _) => "ResourceDeleted",
            (Some(_), None) => "ResourceDiscovered",
            (Some(_), Some(_)) => "OK",
        };
        let item = ConfigurationItem {
            resource_type: key.0.clone(),
            resource_id: key.1.clone(),
            resource_name: None,
            arn: String::new(),
            status: status.to_owned(),
            captured: ambient.clock.unique(),
            created: None,
            configuration,
            tags: BTreeMap::new(),
            daily,
        };
        region.config.history.entry(key).or_default().push(item);
    }
}

/// What the rules say of a resource; nothing if none says anything.
fn compliance<'a>(rules: impl Iterator<Item = &'a Rule>, kind: &str, id: &str) -> Option<Value> {
    let key = (kind.to_owned(), id.to_owned());
    let said = rules.filter_map(|rule| {
        let word = rule.results.get(&key)?.compliance_type.as_str();
        let counts = word == "COMPLIANT" || word == "NON_COMPLIANT";
        counts.then(|| {
            json!({"configRuleArn": rule.arn, "configRuleId": rule.id, "configRuleName": rule.name,
                "complianceType": word})
        })
    });
    let said: Vec<Value> = said.collect();
    let bad = said.iter().any(|rule| rule.get("complianceType").and_then(Value::as_str) == Some("NON_COMPLIANT"));
    let word = if bad { "NON_COMPLIANT" } else { "COMPLIANT" };
    let configuration = json!({
        "targetResourceType": kind, "targetResourceId": id, "complianceType": word, "configRuleList": said,
    });
    (!said.is_empty()).then_some(configuration)
}
