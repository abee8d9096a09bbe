//! Config rules: what they are, and reading and deleting them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{ConfigurationItem, StoredEvaluation, compliance_item};
use crate::sandbox::clock::Instant;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, Place, Region, State};

/// A custom rule, for [`World::put_config_rule`](crate::sandbox::World::put_config_rule).
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSpec {
    /// `ConfigRuleName`.
    pub name: String,
    /// The name of a function in the same account and Region.
    pub function: String,
    /// `InputParameters`, as an object; `Value::Null` for none.
    pub parameters: Value,
    /// The one resource type of the rule's scope.
    pub scope: Option<String>,
    /// What makes the rule run.
    pub triggers: Triggers,
}

/// What makes a rule run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triggers {
    /// A configuration item.
    pub change: bool,
    /// A configuration item that is too big to be sent.
    pub oversized: bool,
    /// The clock, each 24 hours.
    pub schedule: bool,
}

impl Triggers {
    /// All three.
    pub const ALL: Self = Self { change: true, oversized: true, schedule: true };
    /// Changes of any size.
    pub const CHANGE: Self = Self { change: true, oversized: true, schedule: false };
    /// The clock alone.
    pub const SCHEDULE: Self = Self { change: false, oversized: false, schedule: true };
}

impl RuleSpec {
    /// A rule that is triggered by the clock alone.
    #[must_use]
    pub fn scheduled(name: &str, function: &str, parameters: Value) -> Self {
        let (name, function) = (name.to_owned(), function.to_owned());
        Self { name, function, parameters, scope: None, triggers: Triggers::SCHEDULE }
    }

    /// A rule that is triggered by changes of a resource type, and by the clock.
    #[must_use]
    pub fn hybrid(name: &str, function: &str, parameters: Value, scope: &str) -> Self {
        let (name, function, scope) = (name.to_owned(), function.to_owned(), Some(scope.to_owned()));
        Self { name, function, parameters, scope, triggers: Triggers::ALL }
    }

    /// The rule as `PutConfigRule` takes it.
    pub(crate) fn definition(&self, place: &Place) -> Value {
        let detail =
            |wanted: bool, message: &str| wanted.then(|| json!({"EventSource": "aws.config", "MessageType": message}));
        let details = [
            detail(self.triggers.change, "ConfigurationItemChangeNotification"),
            detail(self.triggers.oversized, "OversizedConfigurationItemChangeNotification"),
            detail(self.triggers.schedule, "ScheduledNotification"),
        ];
        let mut definition = json!({
            "ConfigRuleName": self.name,
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": place.arn("lambda", &format!("function:{}", self.function)),
                "SourceDetails": details.into_iter().flatten().collect::<Vec<_>>(),
            },
        });
        if let Value::Object(members) = &mut definition {
            let scope =
                self.scope.as_ref().map(|scope| ("Scope".to_owned(), json!({"ComplianceResourceTypes": [scope]})));
            let parameters = Some(&self.parameters).filter(|parameters| !parameters.is_null());
            members.extend(scope);
            members.extend(
                parameters.map(|parameters| ("InputParameters".to_owned(), Value::from(parameters.to_string()))),
            );
        }
        definition
    }
}

/// A rule that exists.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    /// As `DescribeConfigRules` shows it.
    pub(crate) definition: Value,
    /// By resource type and id.
    pub(crate) results: BTreeMap<(String, String), StoredEvaluation>,
    pub(crate) activated: Instant,
    /// When its function was last invoked.
    pub(crate) invoked: Option<Instant>,
    /// When an evaluation was last started by hand.
    pub(crate) started: Option<Instant>,
}

impl Rule {
    /// The function, if it is a custom rule: where it is, and its name.
    pub(super) fn function(&self) -> Option<(Place, String)> {
        let source = self.definition.get("Source")?;
        let custom = source.get("Owner")?.as_str()? == "CUSTOM_LAMBDA";
        custom.then(|| function(source.get("SourceIdentifier")?.as_str()?)).flatten()
    }

    /// Whether a conformance pack has made it.
    pub(super) fn is_of_pack(&self) -> bool {
        self.definition.get("CreatedBy").and_then(Value::as_str) == Some(super::pack::OWNER)
    }

    /// Whether it is triggered by a message type.
    pub(super) fn wants(&self, message: &str) -> bool {
        let details = self.definition.pointer("/Source/SourceDetails").and_then(Value::as_array);
        details.into_iter().flatten().any(|detail| detail.get("MessageType").and_then(Value::as_str) == Some(message))
    }

    /// Whether a resource is in its scope.
    pub(super) fn covers(&self, item: &ConfigurationItem) -> bool {
        let Some(scope) = self.definition.get("Scope") else { return true };
        let types = scope.get("ComplianceResourceTypes").and_then(Value::as_array).filter(|types| !types.is_empty());
        let text = |member: &str| scope.get(member).and_then(Value::as_str);
        let tagged =
            |key: &str| item.tags.get(key).is_some_and(|value| text("TagValue").is_none_or(|wanted| wanted == value));
        types.is_none_or(|types| types.iter().any(|wanted| wanted.as_str() == Some(item.resource_type.as_str())))
            && text("ComplianceResourceId").is_none_or(|id| id == item.resource_id)
            && text("TagKey").is_none_or(tagged)
    }

    /// The rule's parameters as an event carries them.
    pub(super) fn parameters(&self) -> &str {
        self.definition.get("InputParameters").and_then(Value::as_str).unwrap_or("{}")
    }

    fn shown(&self) -> Value {
        let mut shown = self.definition.as_object().cloned().unwrap_or_default();
        shown.insert("ConfigRuleArn".to_owned(), Value::from(self.arn.as_str()));
        shown.insert("ConfigRuleId".to_owned(), Value::from(self.id.as_str()));
        shown.insert("ConfigRuleState".to_owned(), Value::from("ACTIVE"));
        shown.entry("EvaluationModes").or_insert_with(|| json!([{"Mode": "DETECTIVE"}]));
        Value::Object(shown)
    }
}

/// The place and name in `arn:aws:lambda:eu-west-1:111122223333:function:name`, with or without a qualifier.
pub(super) fn function(arn: &str) -> Option<(Place, String)> {
    let parts: Vec<&str> = arn.split(':').collect();
    let (region, account, name) = match parts.as_slice() {
        ["arn", partition, "lambda", region, account, "function", name] if partition.starts_with("aws") => {
            (region, account, name)
        }
        ["arn", partition, "lambda", region, account, "function", name, qualifier]
            if partition.starts_with("aws") && *qualifier != "$LATEST" =>
        {
            (region, account, name)
        }
        _ => return None,
    };
    Some((Place::new(account, region), (*name).to_owned()))
}

/// What AWS Config says of a rule that is not there.
pub(super) fn no_such_rule(name: &str) -> Refusal {
    let message =
        format!("The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name");
    Refusal::new("NoSuchConfigRuleException", message)
}

/// What AWS Config says to who would change a rule of a conformance pack.
pub(super) fn owned_by_service() -> Refusal {
    let message =
        "An AWS service owns ServiceLinkedConfigRule. You do not have permissions to take action on this rule.";
    Refusal::new("AccessDeniedException", message)
}

/// The names that a request lists, all of which must exist; every rule's if it lists none.
pub(super) fn named(rules: &BTreeMap<String, Rule>, call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let names = call.texts("ConfigRuleNames");
    if let Some(unknown) = names.iter().find(|name| !rules.contains_key(**name)) {
        return Err(no_such_rule(unknown));
    }
    let every = rules.keys().map(String::as_str);
    Ok(if names.is_empty() {
        every.map(ToOwned::to_owned).collect()
    } else {
        names.into_iter().map(ToOwned::to_owned).collect()
    })
}

/// The cursor of a request.
///
/// # Errors
/// `InvalidNextTokenException`.
pub(super) fn cursor(call: &Call<'_>, member: &str, fingerprint: u64) -> Result<Cursor, Refusal> {
    let invalid = || Refusal::new("InvalidNextTokenException", "The nextToken provided is invalid");
    let token = call.text(member).map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    Ok(token.transpose()?.unwrap_or_default())
}

/// A listing of one value for each rule, 25 to a page.
pub(super) fn paged(
    state: &mut State,
    call: &Call<'_>,
    list: &str,
    value: impl Fn(&Rule) -> Option<Value>,
) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let unseen = lag::unseen(region, ambient, Lagging::ConfigRules);
    let mut names = named(&region.config.rules, call)?;
    if let Some(asked) = call.texts("ConfigRuleNames").into_iter().find(|name| unseen.iter().any(|other| other == name))
    {
        return Err(no_such_rule(asked));
    }
    names.retain(|name| !unseen.contains(name));
    let fingerprint = fingerprint(call, &["NextToken", "Limit"]);
    let cursor = cursor(call, "NextToken", fingerprint)?;
    let start = cursor.after.and_then(|after| after.first()?.parse::<usize>().ok()).map_or(0, |last| last + 1);
    let rules =
        names.iter().enumerate().skip(start).filter_map(|(at, name)| Some((at, region.config.rules.get(name)?)));
    let entries = rules.filter_map(|(at, rule)| Some((vec![at.to_string()], value(rule)?)));
    let size = call.count("Limit").filter(|limit| *limit > 0).unwrap_or(25);
    let page = cut(entries, size, cursor.page, fingerprint);
    let mut answer = Map::from_iter([(list.to_owned(), Value::Array(page.items))]);
    answer.extend(page.next.map(|token| ("NextToken".to_owned(), Value::from(token))));
    Ok(Value::Object(answer))
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let mode = call.input.pointer("/Filters/EvaluationMode").and_then(Value::as_str);
    paged(state, call, "ConfigRules", |rule| {
        let shown = rule.shown();
        let modes = shown.get("EvaluationModes").and_then(Value::as_array);
        let has = |mode: &str| {
            modes.into_iter().flatten().any(|entry| entry.get("Mode").and_then(Value::as_str) == Some(mode))
        };
        mode.is_none_or(has).then(|| shown.clone())
    })
}

/// AWS tells nothing of a custom rule's successes and failures here: "does not return status information about
/// Config Custom Lambda rules" (the API's own words).
pub(super) fn evaluation_status(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    paged(state, call, "ConfigRulesEvaluationStatus", |rule| {
        Some(json!({
            "ConfigRuleName": rule.name,
            "ConfigRuleArn": rule.arn,
            "ConfigRuleId": rule.id,
            "FirstActivatedTime": rule.activated.epoch(),
            "FirstEvaluationStarted": rule.invoked.is_some(),
        }))
    })
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let name = call.required("ConfigRuleName");
    if region.config.rules.get(name).is_some_and(Rule::is_of_pack) {
        return Err(owned_by_service());
    }
    // The rule's tokens stay: a function that still runs is told that the rule is gone, not that its token is bad.
    if remove(region, ambient, name) { Ok(Value::Null) } else { Err(no_such_rule(name)) }
}

/// Takes a rule away with its results; whether there was one.
pub(crate) fn remove(region: &mut Region, ambient: &Ambient, name: &str) -> bool {
    let Some(gone) = region.config.rules.remove(name) else { return false };
    compliance_item::note(region, ambient, gone.results.into_keys());
    true
}
