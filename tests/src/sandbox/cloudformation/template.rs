//! Templates: what is wrong with them, in CloudFormation's words, before anything is made.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::references::{Graph, mentions, waves};
use super::{schema, yaml};
use crate::sandbox::refusal::Refusal;

const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
];
const ATTRIBUTES: [&str; 8] = [
    "Type",
    "Properties",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Metadata",
    "CreationPolicy",
];
const FUNCTIONS: [&str; 15] = [
    "Fn::Base64",
    "Fn::And",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Not",
    "Fn::Or",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::Contains",
    "Fn::EachMemberIn",
];

/// A template that can be deployed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Template {
    /// As it was given.
    pub(crate) text: String,
    /// Short forms written out.
    pub(crate) body: Value,
}

impl Template {
    /// Reads and checks a template.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let body = yaml::parse(text).map_err(Refusal::validation_error)?;
        let template = Self { text: text.to_owned(), body };
        template.check().map_err(Refusal::validation_error)?;
        Ok(template)
    }

    /// A section; empty if it is missing.
    pub(super) fn section(&self, name: &str) -> &Map<String, Value> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.body.get(name).and_then(Value::as_object).unwrap_or(&EMPTY)
    }

    pub(crate) fn resources(&self) -> &Map<String, Value> {
        self.section("Resources")
    }

    /// What each resource waits for, whether or not its condition holds.
    pub(super) fn graph(&self) -> Graph {
        let resources = self.resources();
        let needs = |resource: &Value| {
            let mentioned = mentions(resource.get("Properties").unwrap_or(&Value::Null));
            let mentioned = mentioned.into_iter().map(|mention| mention.name);
            mentioned.chain(depends_on(resource)).filter(|name| resources.contains_key(name)).collect()
        };
        resources.iter().map(|(name, resource)| (name.clone(), needs(resource))).collect()
    }

    fn check(&self) -> Result<(), String> {
        let Value::Object(body) = &self.body else {
            return Err("Template format error: unsupported structure.".to_owned());
        };
        let unknown: Vec<&str> = body.keys().map(String::as_str).filter(|name| !SECTIONS.contains(name)).collect();
        if unknown.contains(&"Transform") {
            return Err("the sandbox has no macros: `Transform` cannot be used".to_owned());
        }
        if !unknown.is_empty() {
            return Err(format!("Invalid template property or properties [{}]", unknown.join(", ")));
        }
        if body.get("AWSTemplateFormatVersion").is_some_and(|version| version != "2010-09-09") {
            let shown = body.get("AWSTemplateFormatVersion").and_then(yaml::text).unwrap_or_default();
            return Err(format!(
                "Template format error: {shown} is not a supported value for AWSTemplateFormatVersion."
            ));
        }
        if let Some(section) = SECTIONS
            .iter()
            .filter(|name| !["AWSTemplateFormatVersion", "Description"].contains(name))
            .find(|name| body.get(**name).is_some_and(|section| !section.is_object()))
        {
            return Err(format!("Template format error: {section} must be an object."));
        }
        if self.resources().is_empty() {
            return Err("Template format error: At least one Resources member must be defined.".to_owned());
        }
        if self.resources().len() > 500 {
            let count = self.resources().len();
            return Err(format!(
                "Template format error: Number of resources, {count}, is greater than maximum allowed, 500"
            ));
        }
        self.check_resources()?;
        check_functions(&self.body)?;
        self.check_mentions()?;
        waves(&self.graph())
            .map(|_| ())
            .map_err(|names| format!("Circular dependency between resources: [{}]", names.join(", ")))
    }

    fn check_resources(&self) -> Result<(), String> {
        let mut unrecognized = BTreeSet::new();
        for (name, resource) in self.resources() {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(format!("Template format error: Resource name {name} is non alphanumeric."));
            }
            let Some(kind) = resource.get("Type").and_then(Value::as_str) else {
                return Err(format!(
                    "Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
                ));
            };
            if schema::find(kind).is_none() {
                unrecognized.insert(kind.to_owned());
            }
            let attributes = resource.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
            if let Some(unknown) = attributes.into_iter().find(|name| !ATTRIBUTES.contains(name)) {
                return Err(format!("Invalid template resource property '{unknown}'"));
            }
            for (attribute, allowed) in [
                ("DeletionPolicy", &["Delete", "Retain", "RetainExceptOnCreate"][..]),
                ("UpdateReplacePolicy", &["Delete", "Retain"][..]),
            ] {
                let value = resource.get(attribute).map(|value| value.as_str().unwrap_or_default());
                if let Some(value) = value.filter(|value| !allowed.contains(value)) {
                    return Err(format!("Template format error: Unrecognized {attribute} {value} for resource {name}"));
                }
            }
        }
        if unrecognized.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = unrecognized.into_iter().collect();
        Err(format!("Template format error: Unrecognized resource types: [{}]", names.join(", ")))
    }

    fn check_mentions(&self) -> Result<(), String> {
        let (parameters, resources) = (self.section("Parameters"), self.resources());
        for section in ["Resources", "Outputs"] {
            let mut unresolved = BTreeSet::new();
            for entry in self.section(section).values() {
                for mention in mentions(entry.get("Properties").filter(|_| section == "Resources").unwrap_or(entry)) {
                    let resource = resources.get(&mention.name);
                    match (&mention.attribute, resource) {
                        (Some(attribute), Some(resource)) => check_attribute(&mention.name, resource, attribute)?,
                        (None, Some(_)) => {}
                        (None, None) if parameters.contains_key(&mention.name) => {}
                        (_, None) => {
                            unresolved.insert(mention.name.clone());
                        }
                    }
                }
                unresolved.extend(depends_on(entry).filter(|name| !resources.contains_key(name)));
            }
            if !unresolved.is_empty() {
                let names: Vec<String> = unresolved.into_iter().collect();
                let names = names.join(", ");
                return Err(format!(
                    "Template format error: Unresolved resource dependencies [{names}] in the {section} block of the template"
                ));
            }
            self.check_conditions(section)?;
        }
        for (name, output) in self.section("Outputs") {
            if output.get("Value").is_none() {
                return Err(format!("Template format error: Output {name} is malformed. The Value field is required"));
            }
        }
        let mut foreign = mentions(&Value::Object(self.section("Conditions").clone()));
        foreign.retain(|mention| !parameters.contains_key(&mention.name));
        if let Some(mention) = foreign.first() {
            return Err(format!(
                "Template format error: Unresolved dependencies [{}]. Cannot reference resources in the Conditions block \
                 of the template",
                mention.name
            ));
        }
        Ok(())
    }

    fn check_conditions(&self, section: &str) -> Result<(), String> {
        let mut used = BTreeSet::new();
        for entry in self.section(section).values() {
            used.extend(entry.get("Condition").and_then(Value::as_str).map(ToOwned::to_owned));
            conditions(entry, &mut used);
        }
        let known = self.section("Conditions");
        match used.iter().find(|name| !known.contains_key(*name)) {
            None => Ok(()),
            Some(name) => Err(format!(
                "Template format error: Unresolved condition dependency {name} in the {section} block of the template"
            )),
        }
    }
}

/// Refuses functions that there are not.
fn check_functions(value: &Value) -> Result<(), String> {
    match value {
        Value::Array(items) => items.iter().try_for_each(check_functions),
        Value::Object(members) => members.iter().try_for_each(|(name, inner)| {
            if name.starts_with("Fn::") && !FUNCTIONS.contains(&name.as_str()) {
                return Err(format!("the sandbox has no function {name}"));
            }
            check_functions(inner)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// The conditions that `Fn::If` names.
fn conditions(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| conditions(item, used)),
        Value::Object(members) => {
            let named = members.get("Fn::If").and_then(|arguments| arguments.get(0)?.as_str());
            used.extend(named.map(ToOwned::to_owned));
            members.values().for_each(|inner| conditions(inner, used));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check_attribute(name: &str, resource: &Value, attribute: &str) -> Result<(), String> {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    if schema::find(kind).is_none_or(|schema| schema.has_attribute(attribute)) {
        return Ok(());
    }
    Err(format!("Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"))
}

/// What a resource names in `DependsOn`.
pub(super) fn depends_on(resource: &Value) -> impl Iterator<Item = String> {
    let names = match resource.get("DependsOn") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    };
    names.into_iter()
}
