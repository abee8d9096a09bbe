//! The handlers of the resource types: they make, change and delete what other services of the sandbox then show.

use serde_json::{Map, Value};

use super::schema;
use super::stack::Resource;
use super::yaml::text;
use crate::sandbox::iam;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Place, State};

mod aggregator;
mod alarm;
mod config;
mod function;
mod log_group;
mod permission;
mod policy;
mod role;
mod s3;
mod topic;

/// For which stack and resource a handler works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) place: &'a Place,
    pub(super) stack: &'a str,
    pub(super) stack_id: &'a str,
    pub(super) logical: &'a str,
    /// The session of the role that the stack is made with; `None`: its account's administrator.
    pub(super) role: Option<&'a str>,
}

/// What a handler has made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Made {
    pub(super) physical: String,
    /// What `Ref` gives, if that is not the physical id.
    pub(super) reference: Option<String>,
    pub(super) attributes: Map<String, Value>,
}

impl Made {
    fn new<const N: usize>(physical: &str, attributes: [(&str, String); N]) -> Self {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        Self { physical: physical.to_owned(), reference: None, attributes }
    }
}

/// Why a handler could not do it: the message, and the handler's error code.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    message: String,
    code: &'static str,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), code }
    }

    /// What a handler says when it finds the name taken.
    fn exists(kind: &str, property: &str, name: &str) -> Self {
        let message = format!(
            "Resource of type '{kind}' with identifier '{{\"/properties/{property}\":\"{name}\"}}' already exists."
        );
        Self::new("AlreadyExists", message)
    }

    /// A service's refusal as a handler passes it on.
    fn service(name: &str, code: &'static str, refusal: &Refusal, state: &mut State) -> Self {
        let id = state.ambient.random.uuid();
        let (message, status) = (&refusal.message, refusal.status);
        let text =
            format!("{message} (Service: {name}, Status Code: {status}, Request ID: {id}) (SDK Attempt Count: 1)");
        Self::new(code, text)
    }
}

/// What a handler does.
type Outcome = Result<Made, Failure>;

/// Finds what has a name.
type Finder = fn(&State, &Place, &str) -> Option<Made>;

/// One resource type.
struct Provider {
    create: fn(&mut State, &Site<'_>, &Value) -> Outcome,
    update: fn(&mut State, &Site<'_>, &Resource, &Value) -> Outcome,
    delete: fn(&mut State, &Site<'_>, &Resource) -> Result<(), Failure>,
    /// The properties as they are now; nothing if the resource is gone.
    read: fn(&State, &Place, &Resource) -> Option<Value>,
    /// A resource that is there under a name that people give, and could be taken into a stack.
    find: Option<Finder>,
}

fn provider(kind: &str) -> Option<Provider> {
    Some(match kind {
        "AWS::CloudWatch::Alarm" => Provider {
            create: alarm::create,
            update: alarm::update,
            delete: alarm::delete,
            read: alarm::read,
            find: Some(alarm::find),
        },
        "AWS::Config::ConfigRule" => Provider {
            create: config::create_rule,
            update: config::update_rule,
            delete: config::delete_rule,
            read: config::read_rule,
            find: Some(config::find_rule),
        },
        "AWS::Config::ConfigurationAggregator" => Provider {
            create: aggregator::create,
            update: aggregator::update,
            delete: aggregator::delete,
            read: aggregator::read,
            find: Some(aggregator::find),
        },
        "AWS::Config::ConformancePack" => Provider {
            create: config::create_pack,
            update: config::update_pack,
            delete: config::delete_pack,
            read: config::read_pack,
            find: Some(config::find_pack),
        },
        "AWS::IAM::Role" => Provider {
            create: role::create,
            update: role::update,
            delete: role::delete,
            read: role::read,
            find: Some(role::find),
        },
        "AWS::Logs::LogGroup" => Provider {
            create: log_group::create,
            update: log_group::update,
            delete: log_group::delete,
            read: log_group::read,
            find: Some(log_group::find),
        },
        "AWS::Organizations::Policy" => Provider {
            create: policy::create,
            update: policy::update,
            delete: policy::delete,
            read: policy::read,
            find: None,
        },
        "AWS::SNS::Topic" => Provider {
            create: topic::create,
            update: topic::update,
            delete: topic::delete,
            read: topic::read,
            find: None,
        },
        _ => return of_lambda(kind).or_else(|| of_s3(kind)),
    })
}

fn of_lambda(kind: &str) -> Option<Provider> {
    Some(match kind {
        "AWS::Lambda::EventInvokeConfig" => Provider {
            create: permission::create_invoke,
            update: permission::update_invoke,
            delete: permission::delete_invoke,
            read: permission::read_invoke,
            find: None,
        },
        "AWS::Lambda::Function" => Provider {
            create: function::create,
            update: function::update,
            delete: function::delete,
            read: function::read,
            find: Some(function::find),
        },
        "AWS::Lambda::Permission" => Provider {
            create: permission::create,
            update: permission::update,
            delete: permission::delete,
            read: permission::read,
            find: None,
        },
        _ => return None,
    })
}

fn of_s3(kind: &str) -> Option<Provider> {
    Some(match kind {
        "AWS::S3::Bucket" => Provider {
            create: s3::create,
            update: s3::update,
            delete: s3::delete,
            read: s3::read,
            find: Some(s3::find),
        },
        "AWS::S3::BucketPolicy" => Provider {
            create: s3::create_policy,
            update: s3::update_policy,
            delete: s3::delete_policy,
            read: s3::read_policy,
            find: None,
        },
        _ => return None,
    })
}

/// The failure of a resource as a stack tells it.
fn told(state: &mut State, failure: &Failure) -> String {
    let token = state.ambient.random.uuid();
    let Failure { message, code } = failure;
    format!("Resource handler returned message: \"{message}\" (RequestToken: {token}, HandlerErrorCode: {code})")
}

fn checked(site: &Site<'_>, kind: &str, properties: &Value) -> Result<Provider, String> {
    let faults = schema::find(kind).map(|schema| schema.faults(properties)).unwrap_or_default();
    if !faults.is_empty() {
        let (logical, faults) = (site.logical, faults.join("\n"));
        return Err(format!("Properties validation failed for resource {logical} with message:\n{faults}"));
    }
    provider(kind).ok_or_else(|| format!("the sandbox has no handler of {kind}"))
}

/// Whether the stack's caller may do a step: making (0), changing (1) or deleting (2).
fn permitted(
    state: &mut State,
    site: &Site<'_>,
    (kind, physical): (&str, Option<&str>),
    properties: &Value,
    step: usize,
) -> Result<(), String> {
    let prefix = format!("{}-{}", site.stack, site.logical);
    let subject = iam::Subject { kind, physical, properties, prefix: &prefix };
    match iam::denied_step(state, site.place, site.role, &subject, step) {
        None => Ok(()),
        Some((service, refusal)) => {
            let failure = Failure::service(&service, "AccessDenied", &refusal, state);
            Err(told(state, &failure))
        }
    }
}

/// Makes a resource.
///
/// # Errors
/// The reason, as the stack's events tell it.
pub(super) fn create(state: &mut State, site: &Site<'_>, kind: &str, properties: &Value) -> Result<Made, String> {
    let provider = checked(site, kind, properties)?;
    permitted(state, site, (kind, None), properties, 0)?;
    (provider.create)(state, site, properties).map_err(|failure| told(state, &failure))
}

/// Changes a resource to other properties; nothing to do if they are the same.
///
/// # Errors
/// The reason, as the stack's events tell it.
pub(super) fn update(
    state: &mut State,
    site: &Site<'_>,
    old: &Resource,
    properties: &Value,
) -> Result<Option<Made>, String> {
    if old.properties == *properties {
        return Ok(None);
    }
    let provider = checked(site, &old.kind, properties)?;
    permitted(state, site, (&old.kind, Some(&old.physical)), properties, 1)?;
    (provider.update)(state, site, old, properties).map(Some).map_err(|failure| told(state, &failure))
}

/// Changes a resource beside its stack: what the properties leave out of required ones stays as it is.
///
/// # Errors
/// The reason, as a stack's events would tell it.
pub(super) fn change(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Result<(), String> {
    let provider = provider(&old.kind).ok_or_else(|| format!("the sandbox has no handler of {}", old.kind))?;
    (provider.update)(state, site, old, properties).map(|_| ()).map_err(|failure| told(state, &failure))
}

/// Deletes a resource. One that is gone already is deleted.
///
/// # Errors
/// The reason, as the stack's events tell it.
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), String> {
    let provider =
        provider(&resource.kind).ok_or_else(|| format!("the sandbox has no handler of {}", resource.kind))?;
    permitted(state, site, (&resource.kind, Some(&resource.physical)), &resource.properties, 2)?;
    (provider.delete)(state, site, resource).map_err(|failure| told(state, &failure))
}

/// The properties of a resource as they are now, of those that its service tells; nothing if it is gone. What the
/// sandbox keeps no trace of is as the stack has it.
pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    let mut shown = (provider(&resource.kind)?.read)(state, place, resource)?;
    let untold = match resource.kind.as_str() {
        "AWS::CloudWatch::Alarm" | "AWS::Config::ConfigRule" | "AWS::Logs::LogGroup" | "AWS::Organizations::Policy" => {
            &["Tags"][..]
        }
        "AWS::Lambda::Function" => &["ReservedConcurrentExecutions", "TracingConfig"],
        "AWS::S3::Bucket" => &["BucketNamespace", "LifecycleConfiguration"],
        _ => &[],
    };
    if let Value::Object(members) = &mut shown {
        let kept = untold.iter().filter_map(|name| Some(((*name).to_owned(), resource.properties.get(*name)?.clone())));
        members.extend(kept);
        members.retain(|_, value| !value.is_null());
    }
    Some(shown)
}

/// Whether a type's properties can be read back.
pub(super) fn is_known(kind: &str) -> bool {
    provider(kind).is_some()
}

/// A resource that is there already, under the name that a template gives it.
pub(super) fn find(state: &State, place: &Place, kind: &str, properties: &Value) -> Option<Made> {
    let name = string(properties, &schema::find(kind)?.name_property()?)?;
    (provider(kind)?.find?)(state, place, &name)
}

/// What a test wants to go wrong with a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) logical: String,
    /// In this account alone.
    pub(crate) account: Option<String>,
    pub(crate) action: &'static str,
    pub(crate) message: String,
    pub(crate) times: usize,
}

/// The reason that a test has scripted for a step, if any. Counts it.
pub(super) fn scripted(state: &mut State, place: &Place, resource: &Resource, action: &str) -> Option<String> {
    let fits = |script: &&mut Script| {
        script.times > 0
            && script.action == action
            && script.account.as_ref().is_none_or(|account| *account == place.account)
            && [&resource.logical, &resource.kind].contains(&&script.logical)
    };
    let script = state.ambient.settings.resource_failures.iter_mut().find(fits)?;
    script.times -= 1;
    let message = script.message.clone();
    Some(told(state, &Failure::new("GeneralServiceException", message)))
}

/// A property as text.
fn string(properties: &Value, name: &str) -> Option<String> {
    properties.get(name).and_then(text)
}

/// A property as a number.
fn number(properties: &Value, name: &str) -> Option<u64> {
    string(properties, name)?.parse().ok()
}

/// A property as a truth value.
fn flag(properties: &Value, name: &str) -> bool {
    string(properties, name).as_deref() == Some("true")
}

/// The tags of a resource, with those that every resource of a stack has.
fn tags(site: &Site<'_>, properties: &Value) -> Vec<Value> {
    let own = properties.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
    let of_stack = [
        ("aws:cloudformation:logical-id", site.logical),
        ("aws:cloudformation:stack-id", site.stack_id),
        ("aws:cloudformation:stack-name", site.stack),
    ];
    // What was made beside all stacks has none.
    let of_stack = of_stack.into_iter().filter(|_| !site.stack.is_empty());
    own.into_iter().chain(of_stack.map(|(key, value)| serde_json::json!({"Key": key, "Value": value}))).collect()
}

/// The tags without those that CloudFormation has set.
fn own_tags(tags: &[Value]) -> Value {
    let own = |tag: &&Value| tag.get("Key").and_then(Value::as_str).is_some_and(|key| !key.starts_with("aws:"));
    Value::Array(tags.iter().filter(own).cloned().collect())
}

/// A name for a resource that has none: `stack-Logical-1A2B3C4D5E6F`, shortened in front.
fn generated(state: &mut State, site: &Site<'_>, longest: usize) -> String {
    let suffix = state.ambient.random.secret(12);
    let room = longest.saturating_sub(site.logical.len() + suffix.len() + 2);
    let stack: String = site.stack.chars().take(room).collect();
    let name = format!("{stack}-{}-{suffix}", site.logical);
    name.chars().take(longest).collect()
}
