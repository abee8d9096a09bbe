//! Templates by themselves: of a stack or change set, or only looked at.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::request::template_text;
use super::stack_of;
use super::stack_set;
use super::template::Template;
use super::yaml::text;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

pub(super) fn get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    if call.text("ChangeSetName").is_some() {
        return Err(Refusal::validation_error("the sandbox shows templates of stacks only"));
    }
    let name = call.required("StackName").to_owned();
    let stack = stack_of(state, call)?;
    let missing = || Refusal::validation_error(format!("Stack with id {name} does not have a template"));
    let target = stack.target.as_ref().ok_or_else(missing)?;
    Ok(json!({"TemplateBody": target.template.text, "StagesAvailable": ["Original", "Processed"]}))
}

/// The template that a call gives or names.
fn given(state: &mut State, call: &Call<'_>) -> Result<Template, Refusal> {
    if let Some(text) = template_text(state, call)? {
        return Template::parse(&text);
    }
    if call.text("StackSetName").is_some() {
        return stack_set::template(state, call);
    }
    let missing = || Refusal::validation_error("Either Template URL or Template Body must be specified.");
    if call.text("StackName").is_none() {
        return Err(missing());
    }
    stack_of(state, call)?.target.as_ref().map(|target| target.template.clone()).ok_or_else(missing)
}

fn declared(template: &Template, whole: bool) -> Value {
    let one = |(name, declaration): (&String, &Value)| {
        let member = |name: &str| declaration.get(name).and_then(text);
        let hidden = member("NoEcho").as_deref() == Some("true");
        let mut shown = json!({
            "ParameterKey": name, "DefaultValue": member("Default"), "NoEcho": hidden,
            "Description": member("Description"),
        });
        if let Value::Object(members) = &mut shown
            && whole
        {
            members.insert("ParameterType".to_owned(), member("Type").into());
            let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
            let allowed: Option<Vec<String>> = allowed.map(|values| values.iter().filter_map(text).collect());
            members.insert("ParameterConstraints".to_owned(), json!({"AllowedValues": allowed}));
        }
        shown
    };
    template.section("Parameters").iter().map(one).collect()
}

fn capabilities(template: &Template) -> Map<String, Value> {
    let roles = || {
        let resources = template.resources().iter();
        resources.filter(|(_, resource)| resource.get("Type").and_then(Value::as_str) == Some("AWS::IAM::Role"))
    };
    if roles().next().is_none() {
        return Map::from_iter([("Capabilities".to_owned(), json!([]))]);
    }
    let named = roles().any(|(_, role)| role.pointer("/Properties/RoleName").is_some());
    let needed = if named { "CAPABILITY_NAMED_IAM" } else { "CAPABILITY_IAM" };
    let reason = "The following resource(s) require capabilities: [AWS::IAM::Role]";
    Map::from_iter([("Capabilities".to_owned(), json!([needed])), ("CapabilitiesReason".to_owned(), reason.into())])
}

pub(super) fn validate(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let template = given(state, call)?;
    let mut shown = capabilities(&template);
    shown.insert("Parameters".to_owned(), declared(&template, false));
    shown.insert("Description".to_owned(), template.body.get("Description").and_then(text).into());
    Ok(Value::Object(shown))
}

pub(super) fn summary(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let template = given(state, call)?;
    let types = template.resources().values().filter_map(|resource| resource.get("Type")?.as_str());
    let types: BTreeSet<&str> = types.collect();
    let mut shown = capabilities(&template);
    shown.insert("Parameters".to_owned(), declared(&template, true));
    shown.insert("Description".to_owned(), template.body.get("Description").and_then(text).into());
    shown.insert("ResourceTypes".to_owned(), json!(types));
    shown.insert("Version".to_owned(), template.body.get("AWSTemplateFormatVersion").and_then(text).into());
    shown.insert("Metadata".to_owned(), template.body.get("Metadata").map(Value::to_string).into());
    shown.insert("DeclaredTransforms".to_owned(), json!([]));
    Ok(Value::Object(shown))
}
