//! CloudFormation's resource types as data, and properties checked against them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::yaml::text;

/// One resource type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schema {
    type_name: String,
    properties: Value,
    definitions: Value,
    #[serde(default)]
    required: Vec<String>,
    read_only_properties: Vec<String>,
    create_only_properties: Vec<String>,
    primary_identifier: Vec<String>,
    write_only_properties: Vec<String>,
    /// Properties that AWS has and the sandbox has not.
    absent: Vec<String>,
    pub(crate) tagging: bool,
}

static SCHEMAS: LazyLock<BTreeMap<String, Schema>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../model/types.json")).unwrap_or_default());

/// The type of that name.
pub(crate) fn find(name: &str) -> Option<&'static Schema> {
    SCHEMAS.get(name)
}

fn tail(path: &str) -> String {
    path.trim_start_matches("/properties/").replace('/', ".")
}

impl Schema {
    /// Whether `Fn::GetAtt` knows the attribute.
    pub(super) fn has_attribute(&self, attribute: &str) -> bool {
        self.read_only_properties.iter().any(|path| tail(path) == attribute)
    }

    /// Whether changing a property makes a new resource.
    pub(super) fn replaces(&self, property: &str) -> bool {
        self.create_only_properties.iter().any(|path| tail(path) == property)
    }

    /// The properties that cannot be read back, as a whole or in part.
    pub(super) fn write_only(&self) -> Vec<String> {
        let tails = self.write_only_properties.iter().map(|path| tail(path));
        let whole = |path: String| path.split('.').next().unwrap_or_default().to_owned();
        tails.map(whole).collect()
    }

    /// The property that a person can name the resource with.
    pub(super) fn name_property(&self) -> Option<String> {
        let named = self.primary_identifier.iter().map(|path| tail(path));
        named
            .rev()
            .find(|name| self.replaces(name) && name.ends_with("Name") && !name.starts_with("Function"))
            .or_else(|| (self.type_name == "AWS::Lambda::Function").then(|| "FunctionName".to_owned()))
    }

    /// What is wrong with resolved properties.
    pub(crate) fn faults(&self, properties: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let given = properties.as_object();
        for name in given.into_iter().flatten().map(|(name, _)| name) {
            let read_only = self.read_only_properties.iter().any(|path| tail(path) == *name);
            if self.absent.contains(name) {
                faults.push(format!("#: the sandbox does not have the property [{name}]"));
            } else if self.properties.get(name).is_none() {
                faults.push(format!("#: extraneous key [{name}] is not permitted"));
            } else if read_only {
                faults.push(format!("#: Encountered unsupported property {name}"));
            }
        }
        for name in self.required.iter().filter(|name| given.is_none_or(|given| !given.contains_key(*name))) {
            faults.push(format!("#: required key [{name}] not found"));
        }
        for (name, value) in given.into_iter().flatten() {
            if let Some(schema) = self.properties.get(name) {
                self.check(schema, value, &format!("#/{name}"), &mut faults);
            }
        }
        faults
    }

    fn check(&self, schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(target) => {
                let name = target.rsplit('/').next().unwrap_or_default();
                let Some(found) = self.definitions.get(name) else { return };
                return self.check(found, value, path, faults);
            }
            None => schema,
        };
        check_type(schema, value, path, faults);
        if let Some(members) = value.as_object() {
            self.check_members(schema, members, path, faults);
        }
        if let Some(items) = value.as_array() {
            let count = items.len() as u64;
            if schema.get("minItems").and_then(Value::as_u64).is_some_and(|min| count < min) {
                faults.push(format!(
                    "{path}: expected minimum item count: {}, found: {count}",
                    bound(schema, "minItems")
                ));
            }
            if schema.get("maxItems").and_then(Value::as_u64).is_some_and(|max| count > max) {
                faults.push(format!(
                    "{path}: expected maximum item count: {}, found: {count}",
                    bound(schema, "maxItems")
                ));
            }
            if let Some(inner) = schema.get("items") {
                for (at, item) in items.iter().enumerate() {
                    self.check(inner, item, &format!("{path}/{at}"), faults);
                }
            }
        }
        if let Some(text) = text(value) {
            check_text(schema, &text, path, faults);
        }
    }

    fn check_members(
        &self,
        schema: &Value,
        members: &serde_json::Map<String, Value>,
        path: &str,
        faults: &mut Vec<String>,
    ) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        for (name, inner) in members {
            let known = properties.and_then(|properties| properties.get(name));
            let matching = || patterns?.iter().find(|(pattern, _)| matches(pattern, name)).map(|(_, schema)| schema);
            match known.or_else(matching) {
                Some(schema) => self.check(schema, inner, &format!("{path}/{name}"), faults),
                None if closed => faults.push(format!("{path}: extraneous key [{name}] is not permitted")),
                None => {}
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter_map(Value::as_str).filter(|name| !members.contains_key(*name)) {
            faults.push(format!("{path}: required key [{name}] not found"));
        }
    }
}

/// A bound, for a message.
fn bound(schema: &Value, name: &str) -> String {
    schema.get(name).map(Value::to_string).unwrap_or_default()
}

fn check_type(schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let scalar = text(value);
    // CloudFormation turns text into numbers and truth values, and back.
    let fits = |wanted: &&str| match *wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => scalar.is_some(),
        "integer" => scalar.as_ref().is_some_and(|text| text.parse::<i64>().is_ok()),
        "number" => scalar.as_ref().is_some_and(|text| text.parse::<f64>().is_ok()),
        "boolean" => scalar.as_ref().is_some_and(|text| text == "true" || text == "false"),
        _ => false,
    };
    if !types.iter().any(fits) {
        let found = match value {
            Value::Null => "Null",
            Value::Bool(_) => "Boolean",
            Value::Number(_) => "Number",
            Value::String(_) => "String",
            Value::Array(_) => "JSONArray",
            Value::Object(_) => "JSONObject",
        };
        faults.push(format!("{path}: expected type: {}, found: {found}", capitalized(types.first().unwrap_or(&""))));
    }
}

fn capitalized(name: &str) -> &str {
    match name {
        "object" => "JSONObject",
        "array" => "JSONArray",
        "string" => "String",
        "integer" | "number" => "Number",
        "boolean" => "Boolean",
        other => other,
    }
}

fn check_text(schema: &Value, text: &str, path: &str, faults: &mut Vec<String>) {
    let allowed = schema.get("enum").and_then(Value::as_array);
    if allowed.is_some_and(|allowed| !allowed.iter().any(|value| super::yaml::text(value).as_deref() == Some(text))) {
        faults.push(format!("{path}: #: {text} is not a valid enum value"));
    }
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let length = text.chars().count() as f64;
    let numeric = schema.get("type").and_then(Value::as_str).is_some_and(|kind| kind == "integer" || kind == "number");
    if !numeric && limit("minLength").is_some_and(|min| length < min) {
        faults.push(format!("{path}: expected minLength: {}, actual: {length}", bound(schema, "minLength")));
    }
    if !numeric && limit("maxLength").is_some_and(|max| length > max) {
        faults.push(format!("{path}: expected maxLength: {}, actual: {length}", bound(schema, "maxLength")));
    }
    let number = text.parse::<f64>().ok();
    if let (Some(number), Some(min)) = (number, limit("minimum").filter(|_| numeric))
        && number < min
    {
        faults.push(format!("{path}: {text} is not greater or equal to {min}"));
    }
    if let (Some(number), Some(max)) = (number, limit("maximum").filter(|_| numeric))
        && number > max
    {
        faults.push(format!("{path}: {text} is not less or equal to {max}"));
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str).filter(|pattern| !matches(pattern, text)) {
        faults.push(format!("{path}: failed validation constraint for keyword [pattern]: {pattern}"));
    }
}

/// Whether a pattern of a schema is found in a text. One that this engine cannot read is taken to match.
fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(&pattern.replace(r"\Z", r"\z")).is_ok_and(|regex| regex.is_match(text))
        || Regex::new(&pattern.replace(r"\Z", r"\z")).is_err()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn properties_are_checked_as_aws_checks_them() {
        let role = super::find("AWS::IAM::Role").unwrap();
        assert_eq!(role.faults(&json!({"RoleName": "a b"})).len(), 2);
        assert!(role.has_attribute("Arn") && !role.has_attribute("Path"));
        assert!(role.replaces("RoleName") && !role.replaces("Policies"));
        let function = super::find("AWS::Lambda::Function").unwrap();
        let good = json!({"Code": {"S3Bucket": "b-b", "S3Key": "k"}, "Role": "arn:aws:iam::111122223333:role/r",
            "Timeout": "300", "Environment": {"Variables": {"LOG": "x"}}});
        assert_eq!(function.faults(&good), Vec::<String>::new());
        let bad = json!({"Code": {"S3": 1}, "Role": "arn:aws:iam::111122223333:role/r", "Timeout": 0, "Foo": 1});
        assert_eq!(function.faults(&bad).len(), 3, "{:?}", function.faults(&bad));
        assert_eq!(function.name_property().as_deref(), Some("FunctionName"));
        assert_eq!(role.name_property().as_deref(), Some("RoleName"));
    }
}
