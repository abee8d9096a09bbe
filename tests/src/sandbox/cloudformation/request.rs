//! What the operations that make and change stacks have in common: template, parameters, capabilities, tags.

use std::collections::BTreeSet;

use serde_json::Value;

use super::parameters;
use super::plan::wanted;
use super::resolve::Scope;
use super::stack::{Stack, Target};
use super::template::Template;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// The longest template in a request, in bytes, and in a bucket.
const LONGEST_BODY: usize = 51_200;
const LONGEST_OBJECT: usize = 1_000_000;

/// The template text that a request gives, if any.
///
/// # Errors
/// `ValidationError`: both ways at once, too long, not readable.
pub(super) fn template_text(state: &State, call: &Call<'_>) -> Result<Option<String>, Refusal> {
    match (call.text("TemplateBody"), call.text("TemplateURL")) {
        (Some(_), Some(_)) => {
            Err(Refusal::validation_error("Only one of TemplateBody or TemplateURL may be specified"))
        }
        (Some(body), None) if body.len() > LONGEST_BODY => Err(Refusal::validation_error(format!(
            "1 validation error detected: Value '{body}' at 'templateBody' failed to satisfy constraint: Member must have \
             length less than or equal to {LONGEST_BODY}"
        ))),
        (Some(body), None) => Ok(Some(body.to_owned())),
        (None, Some(url)) => fetched(state, call, url).map(Some),
        (None, None) => Ok(None),
    }
}

/// A template in a bucket of the sandbox, under any of the forms of its address.
fn fetched(state: &State, call: &Call<'_>, url: &str) -> Result<String, Refusal> {
    let invalid = || Refusal::validation_error("TemplateURL must be a supported URL.");
    let (_, rest) = url.split_once("://").ok_or_else(invalid)?;
    let (host, path) = rest.split_once('/').ok_or_else(invalid)?;
    let virtual_host =
        host.split_once(".s3.").or_else(|| host.split_once(".s3-")).or_else(|| host.split_once(".localhost"));
    let (bucket, key) = match virtual_host {
        Some((bucket, _)) => (bucket, path),
        None => path.split_once('/').ok_or_else(invalid)?,
    };
    let key = percent_encoding::percent_decode_str(key.split('?').next().unwrap_or_default()).decode_utf8_lossy();
    let denied = || {
        Refusal::validation_error(
            "S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        )
    };
    let bucket = state.s3.get(bucket).filter(|bucket| bucket.owner == call.account).ok_or_else(denied)?;
    let object = bucket.current(&key).ok_or_else(denied)?;
    if object.body.len() > LONGEST_OBJECT {
        let message = format!("Template may not exceed {LONGEST_OBJECT} bytes in size.");
        return Err(Refusal::validation_error(message));
    }
    Ok(String::from_utf8_lossy(&object.body).into_owned())
}

/// What a request wants a stack to be.
///
/// # Errors
/// `ValidationError`, `InsufficientCapabilitiesException`.
pub(super) fn target(state: &State, call: &Call<'_>, stack: Option<&Stack>) -> Result<Target, Refusal> {
    let previous = stack.and_then(|stack| stack.target.as_ref());
    let text = template_text(state, call)?;
    let template = match (text, call.flag("UsePreviousTemplate"), previous) {
        (Some(_), true, _) => {
            let message = "You cannot specify both usePreviousTemplate and Template Body/Template URL.";
            return Err(Refusal::validation_error(message));
        }
        (Some(text), false, _) => Template::parse(&text)?,
        (None, true, Some(previous)) => previous.template.clone(),
        (None, ..) => {
            let message = "Either Template URL or Template Body must be specified.";
            return Err(Refusal::validation_error(message));
        }
    };
    let before = previous.map(|previous| &previous.parameters);
    let parameters = parameters::effective(&template, call.list("Parameters"), before)?;
    let capabilities: Vec<String> = call.texts("Capabilities").into_iter().map(ToOwned::to_owned).collect();
    check_capabilities(&template, &capabilities)?;
    let tags = match call.input.get("Tags") {
        None => previous.map(|previous| previous.tags.clone()).unwrap_or_default(),
        Some(_) => tags(call.list("Tags"))?,
    };
    let target = Target { template, parameters, tags, capabilities, imports: BTreeSet::new() };
    let place = Place::new(call.account, call.region);
    check_rules(&place, call.required("StackName"), &target)?;
    Ok(target)
}

pub(super) fn tags(given: &[Value]) -> Result<Vec<(String, String)>, Refusal> {
    let text = |tag: &Value, member: &str| tag.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags: Vec<(String, String)> = given.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect();
    if tags.iter().any(|(key, _)| key.starts_with("aws:")) {
        return Err(Refusal::validation_error("aws: prefixed tag key names are not allowed for external use."));
    }
    Ok(tags)
}

/// IAM resources have to be acknowledged, those with names of their own in particular.
pub(super) fn check_capabilities(template: &Template, given: &[String]) -> Result<(), Refusal> {
    let roles = template.resources().values().filter(|resource| {
        resource.get("Type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("AWS::IAM::"))
    });
    let (mut any, mut named) = (false, false);
    for role in roles {
        any = true;
        named |= role.pointer("/Properties/RoleName").is_some();
    }
    let has = |name: &str| given.iter().any(|capability| capability == name);
    let needed = if named && !has("CAPABILITY_NAMED_IAM") {
        "CAPABILITY_NAMED_IAM"
    } else if any && !has("CAPABILITY_IAM") && !has("CAPABILITY_NAMED_IAM") {
        "CAPABILITY_IAM"
    } else {
        return Ok(());
    };
    Err(Refusal::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{needed}]")))
}

/// The `Rules` of the template, and whether its conditions can be told at all.
pub(super) fn check_rules(place: &Place, name: &str, target: &Target) -> Result<(), Refusal> {
    let exports = std::collections::BTreeMap::new();
    let scope = Scope {
        place,
        stack_name: name,
        stack_id: "",
        template: &target.template,
        parameters: &target.parameters,
        resources: None,
        exports: &exports,
    };
    wanted(&scope).map_err(Refusal::validation_error)?;
    for (rule, body) in target.template.section("Rules") {
        let condition = body.get("RuleCondition").map(|condition| scope.truth(condition)).transpose();
        if condition.map_err(Refusal::validation_error)? == Some(false) {
            continue;
        }
        for assertion in body.get("Assertions").and_then(Value::as_array).into_iter().flatten() {
            let held = scope.truth(assertion.get("Assert").unwrap_or(&Value::Null));
            if !held.map_err(Refusal::validation_error)? {
                let said = assertion.get("AssertDescription").and_then(Value::as_str).unwrap_or(rule);
                return Err(Refusal::validation_error(format!("Template constraint(s) violated: {said}")));
            }
        }
    }
    Ok(())
}
