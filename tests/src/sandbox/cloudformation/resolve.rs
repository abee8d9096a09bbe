//! Intrinsic functions.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::parameters::{Parameters, typed};
use super::references::{Piece, attribute, pieces};
use super::stack::{Resource, Stack, Target};
use super::template::Template;
use super::yaml::text;
use crate::sandbox::state::Place;

/// What functions are resolved with.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) place: &'a Place,
    pub(crate) stack_name: &'a str,
    pub(crate) stack_id: &'a str,
    pub(crate) template: &'a Template,
    pub(crate) parameters: &'a Parameters,
    /// `None`: what refers to resources stays as it is, to be compared.
    pub(crate) resources: Option<&'a BTreeMap<String, Resource>>,
    pub(crate) exports: &'a BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    /// The scope of a stack and what it shall become.
    pub(super) fn of(
        place: &'a Place,
        (stack, target): (&'a Stack, &'a Target),
        resources: Option<&'a BTreeMap<String, Resource>>,
        exports: &'a BTreeMap<String, String>,
    ) -> Self {
        let (template, parameters) = (&target.template, &target.parameters);
        Self { place, stack_name: &stack.name, stack_id: &stack.id, template, parameters, resources, exports }
    }
}

/// A value, or nothing for `AWS::NoValue`.
type Resolved = Result<Option<Value>, String>;

impl Scope<'_> {
    /// A value without functions.
    ///
    /// # Errors
    /// In CloudFormation's words, where they are known.
    pub(crate) fn resolve(&self, value: &Value) -> Resolved {
        match value {
            Value::Array(items) => {
                let resolved = items.iter().map(|item| self.resolve(item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Some(Value::Array(resolved.into_iter().flatten().collect())))
            }
            Value::Object(members) => match members.iter().next() {
                Some((name, arguments)) if members.len() == 1 && is_function(name, arguments) => {
                    self.function(name, arguments)
                }
                _ => {
                    let mut resolved = Map::new();
                    for (name, inner) in members {
                        resolved.extend(self.resolve(inner)?.map(|inner| (name.clone(), inner)));
                    }
                    Ok(Some(Value::Object(resolved)))
                }
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(Some(value.clone())),
        }
    }

    fn required(&self, value: &Value) -> Result<Value, String> {
        Ok(self.resolve(value)?.unwrap_or(Value::Null))
    }

    fn function(&self, name: &str, arguments: &Value) -> Resolved {
        let kept = |arguments: Value| Ok(Some(json!({name: arguments})));
        match name {
            "Ref" => self.reference(arguments.as_str().unwrap_or_default()),
            "Fn::GetAtt" => self.get_att(arguments),
            "Fn::Sub" => self.substitute(arguments).map(|text| Some(Value::String(text))),
            "Fn::Join" => {
                let arguments = self.required(arguments)?;
                match joined(&arguments) {
                    Some(text) => Ok(Some(Value::String(text))),
                    None if self.resources.is_none() => kept(arguments),
                    None => {
                        Err("Template error: every Fn::Join object requires two parameters, (1) a string delimiter \
                                 and (2) a list of strings to be joined or a function that returns a list of strings \
                                 (such as Fn::GetAZs) to be joined."
                            .to_owned())
                    }
                }
            }
            "Fn::Select" => {
                let arguments = self.required(arguments)?;
                let index = arguments.get(0).and_then(text).and_then(|text| text.parse::<usize>().ok());
                match index.and_then(|index| arguments.get(1)?.get(index)) {
                    Some(found) => Ok(Some(found.clone())),
                    None if self.resources.is_none() => kept(arguments),
                    None => {
                        let index = arguments.get(0).and_then(text).unwrap_or_default();
                        Err(format!("Template error: Fn::Select cannot select nonexistent value at index {index}"))
                    }
                }
            }
            "Fn::Split" => {
                let arguments = self.required(arguments)?;
                let both = arguments.get(0).and_then(Value::as_str).zip(arguments.get(1).and_then(Value::as_str));
                match both {
                    Some((delimiter, text)) => Ok(Some(text.split(delimiter).map(Value::from).collect())),
                    None if self.resources.is_none() => kept(arguments),
                    None => {
                        Err("Template error: every Fn::Split object requires two parameters, (1) a string delimiter \
                                 and (2) a string to be split or a function that returns a string to be split."
                            .to_owned())
                    }
                }
            }
            "Fn::If" => {
                let condition = arguments.get(0).and_then(Value::as_str).unwrap_or_default();
                let branch = if self.condition(condition)? { 1 } else { 2 };
                arguments.get(branch).map_or_else(
                    || Err("Template error: Fn::If requires a list argument with 3 elements".to_owned()),
                    |branch| self.resolve(branch),
                )
            }
            "Fn::FindInMap" => self.find_in_map(arguments).map(Some),
            "Fn::Base64" => match self.required(arguments)? {
                Value::String(text) => Ok(Some(Value::String(STANDARD.encode(text)))),
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                    kept(other)
                }
            },
            "Fn::ImportValue" => {
                let name = self.required(arguments)?;
                let name = name.as_str().unwrap_or_default();
                self.exports
                    .get(name)
                    .map(|value| Some(Value::from(value.as_str())))
                    .ok_or_else(|| format!("No export named {name} found. Rollback requested by user."))
            }
            _ => self.truth(&json!({name: arguments})).map(|truth| Some(Value::Bool(truth))),
        }
    }

    fn reference(&self, name: &str) -> Resolved {
        let suffix = if self.place.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let pseudo = match name {
            "AWS::AccountId" => self.place.account.as_str(),
            "AWS::Region" => self.place.region.as_str(),
            "AWS::Partition" => self.place.partition(),
            "AWS::StackName" => self.stack_name,
            "AWS::StackId" => self.stack_id,
            "AWS::URLSuffix" => suffix,
            "AWS::NoValue" => return Ok(None),
            "AWS::NotificationARNs" => return Ok(Some(json!([]))),
            _ => {
                if let Some(value) = self.parameters.get(name) {
                    return Ok(Some(typed(self.template, name, value)));
                }
                let Some(resources) = self.resources else { return Ok(Some(json!({"Ref": name}))) };
                let found = resources.get(name).filter(|resource| resource.exists());
                let missing =
                    || format!("Unresolved resource dependencies [{name}] in the Resources block of the template");
                return found.map(|resource| Some(Value::from(resource.reference.as_str()))).ok_or_else(missing);
            }
        };
        Ok(Some(Value::from(pseudo)))
    }

    fn get_att(&self, arguments: &Value) -> Resolved {
        let mention = attribute(arguments);
        let (name, wanted) =
            mention.map(|mention| (mention.name, mention.attribute.unwrap_or_default())).unwrap_or_default();
        let Some(resources) = self.resources else { return Ok(Some(json!({"Fn::GetAtt": [name, wanted]}))) };
        let found = resources.get(&name).and_then(|resource| resource.attributes.get(&wanted));
        found.cloned().map(Some).ok_or_else(|| {
            format!("Template error: resource {name} does not support attribute type {wanted} in Fn::GetAtt")
        })
    }

    fn substitute(&self, arguments: &Value) -> Result<String, String> {
        let (template, own) = match arguments {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) => (parts.first().and_then(Value::as_str).unwrap_or_default(), parts.get(1)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return Err(
                    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. \
                             Specify a string as first argument, and an optional second argument to specify a mapping \
                             of values to replace in the string"
                        .to_owned(),
                );
            }
        };
        let mut out = String::new();
        for piece in pieces(template) {
            match piece {
                Piece::Text(text) => out.push_str(&text),
                Piece::Variable(name) => {
                    let value = match (own.and_then(|own| own.get(&name)), name.contains('.')) {
                        (Some(value), _) => self.required(value)?,
                        (None, true) => self.get_att(&Value::from(name.as_str()))?.unwrap_or_default(),
                        (None, false) => self.reference(&name)?.unwrap_or_default(),
                    };
                    // Compared only: what is not known yet stands for itself.
                    let unknown = || self.resources.is_none().then(|| format!("${{{name}}}"));
                    let text = text(&value).or_else(unknown).ok_or_else(|| {
                        format!("Template error: variable {name} in Fn::Sub expression does not resolve to a string")
                    })?;
                    out.push_str(&text);
                }
            }
        }
        Ok(out)
    }

    fn find_in_map(&self, arguments: &Value) -> Result<Value, String> {
        let keys = self.required(arguments)?;
        let keys: Vec<String> = keys.as_array().into_iter().flatten().filter_map(text).collect();
        let mut found = None;
        if let [map, first, second] = keys.as_slice() {
            found = self.template.section("Mappings").get(map).and_then(|map| map.get(first)?.get(second));
        }
        found.cloned().ok_or_else(|| {
            let place = keys.first().map(String::as_str).unwrap_or_default();
            let key = keys.get(1..).unwrap_or_default().join("::");
            format!("Template error: Unable to get mapping for {place}::{key}")
        })
    }

    /// Whether a condition of the template holds.
    ///
    /// # Errors
    /// It is not there, or not a condition.
    pub(crate) fn condition(&self, name: &str) -> Result<bool, String> {
        let condition = self.template.section("Conditions").get(name);
        let missing = || format!("Template error: unresolved condition dependency: {name}");
        self.truth(condition.ok_or_else(missing)?)
    }

    /// Whether an expression of conditions and assertions holds.
    pub(super) fn truth(&self, value: &Value) -> Result<bool, String> {
        let members = value.as_object().filter(|members| members.len() == 1);
        let Some((name, arguments)) = members.and_then(|members| members.iter().next()) else {
            return match self.required(value)? {
                Value::Bool(truth) => Ok(truth),
                Value::String(text) if text == "true" || text == "false" => Ok(text == "true"),
                Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                    Err("Template format error: Conditions can only be boolean operations on parameters and other \
                          conditions"
                        .to_owned())
                }
            };
        };
        let list = arguments.as_array().map(Vec::as_slice).unwrap_or_default();
        match name.as_str() {
            "Condition" => self.condition(arguments.as_str().unwrap_or_default()),
            "Fn::Equals" => {
                let sides = list.iter().map(|side| self.required(side)).collect::<Result<Vec<_>, _>>()?;
                let shown: Vec<String> =
                    sides.iter().map(|side| text(side).unwrap_or_else(|| side.to_string())).collect();
                match shown.as_slice() {
                    [left, right] => Ok(left == right),
                    _ => {
                        Err("Template error: every Fn::Equals object requires a list of 2 string parameters."
                            .to_owned())
                    }
                }
            }
            "Fn::Not" => list.first().map_or_else(
                || Err("Template error: every Fn::Not object requires a list of 1 boolean parameter.".to_owned()),
                |inner| self.truth(inner).map(|truth| !truth),
            ),
            "Fn::And" => list.iter().try_fold(true, |truth, inner| Ok(self.truth(inner)? && truth)),
            "Fn::Or" => list.iter().try_fold(false, |truth, inner| Ok(self.truth(inner)? || truth)),
            "Fn::Contains" => {
                let (items, wanted) = (list.first().map(|list| self.required(list)), list.get(1));
                let wanted = wanted.map(|wanted| self.required(wanted)).transpose()?.unwrap_or_default();
                let items = items.transpose()?.unwrap_or_default();
                Ok(items.as_array().is_some_and(|items| items.contains(&wanted)))
            }
            "Ref" | "Fn::If" | "Fn::FindInMap" => {
                Ok(self.function(name, arguments)?.as_ref().and_then(text).as_deref() == Some("true"))
            }
            _ => Err(format!("the sandbox has no function {name} in conditions and rules")),
        }
    }
}

fn is_function(name: &str, arguments: &Value) -> bool {
    name.starts_with("Fn::") || (name == "Ref" && arguments.is_string())
}

fn joined(arguments: &Value) -> Option<String> {
    let delimiter = arguments.get(0)?.as_str()?;
    let items = arguments.get(1)?.as_array()?;
    Some(items.iter().map(text).collect::<Option<Vec<_>>>()?.join(delimiter))
}
