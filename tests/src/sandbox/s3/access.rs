//! Who may do what with a bucket: the bucket's policy, for its own account and for others.
//!
//! Another account needs to be allowed by both its own policies and the bucket's; the own account needs not to be
//! denied. The sandbox speaks plain HTTP on the loopback device, and counts as TLS here.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html>

use deployer::scp::language::{Context, Policy, Request, Truth};
use serde_json::{Value, json};

use super::{Bucket, policy};
use crate::sandbox::iam;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// Who wants to do something with a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor<'a> {
    /// The account, and the Region of the call.
    pub(crate) place: &'a Place,
    /// The ARN of the user or session.
    pub(crate) arn: &'a str,
}

/// What a bucket's policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Allowed,
    Denied,
    Nothing,
}

/// Whether the bucket's side lets a call through.
pub(super) fn admits_call(state: &State, call: &Call<'_>, name: &str, bucket: &Bucket) -> bool {
    let place = Place::new(call.account, call.region);
    let visitor = Visitor { place: &place, arn: &call.caller.arn };
    let action = iam::action("s3", call.operation);
    let action = match (action.as_str(), call.text("VersionId")) {
        ("s3:GetObject", Some(_)) => "s3:GetObjectVersion",
        ("s3:DeleteObject", Some(_)) => "s3:DeleteObjectVersion",
        (action, _) => action,
    };
    admits(state, &visitor, (name, bucket), (action, call.text("Key")))
}

/// Whether the bucket's side lets somebody do something, perhaps with an object.
pub(crate) fn admits(
    state: &State,
    visitor: &Visitor<'_>,
    (name, bucket): (&str, &Bucket),
    (action, key): (&str, Option<&str>),
) -> bool {
    let own = bucket.owner == visitor.place.account;
    let Some(text) = &bucket.policy else { return own };
    let key = key.map(|key| format!("/{key}")).unwrap_or_default();
    let resource = format!("arn:{}:s3:::{name}{key}", visitor.place.partition());
    match word(state, visitor, text, (action, &resource)) {
        Word::Denied => false,
        Word::Nothing => own,
        // Block Public Access keeps everybody else out of a bucket whose policy is public.
        Word::Allowed => own || !(policy::is_public(text) && restricted(bucket)),
    }
}

fn restricted(bucket: &Bucket) -> bool {
    let setting = bucket.public_access.as_ref().and_then(|settings| settings.get("RestrictPublicBuckets")?.as_bool());
    setting.unwrap_or_default()
}

fn word(state: &State, visitor: &Visitor<'_>, text: &str, (action, resource): (&str, &str)) -> Word {
    let principal = iam::principal_arn(state, visitor.place, visitor.arn);
    let context = context(state, visitor.place, &principal);
    let request = Request { action: action.to_owned(), resource: resource.to_owned(), context };
    let parsed: Value = serde_json::from_str(text).unwrap_or_default();
    let mut allowed = false;
    for statement in policy::statements(&parsed) {
        let denies = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
        if !policy::is_for(statement, &principal, &visitor.place.account) {
            continue;
        }
        // What cannot be told is decided against the visitor.
        match (denies, applies(statement, &request)) {
            (true, Truth::True | Truth::Unknown(_)) => return Word::Denied,
            (false, Truth::True) => allowed = true,
            (_, Truth::False | Truth::Unknown(_)) => {}
        }
    }
    if allowed { Word::Allowed } else { Word::Nothing }
}

/// Whether a statement speaks of a request, apart from who asks.
fn applies(statement: &Value, request: &Request) -> Truth {
    let mut alone = statement.clone();
    if let Value::Object(members) = &mut alone {
        members.remove("Principal");
        members.remove("NotPrincipal");
    }
    let text = json!({"Version": "2012-10-17", "Statement": [alone]}).to_string();
    match Policy::parse(&text) {
        Ok(policy) => policy.statements.first().map_or(Truth::False, |only| policy.applies(only, request)),
        Err(_) => Truth::unknown("the statement cannot be read"),
    }
}

/// What conditions see.
fn context(state: &State, place: &Place, principal: &str) -> Context {
    let organization = state.organization.as_ref();
    let organization = organization.filter(|organization| organization.members.contains_key(&place.account));
    let known = Context::default()
        .with("aws:PrincipalAccount", &place.account)
        .with("aws:PrincipalArn", principal)
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:RequestedRegion", &place.region)
        .with("aws:SecureTransport", "true")
        .without("aws:SourceAccount")
        .without("aws:SourceArn")
        .without("aws:SourceVpc")
        .without("aws:SourceVpce");
    let known = match organization {
        Some(organization) => known.with("aws:PrincipalOrgID", &organization.id),
        None => known.without("aws:PrincipalOrgID").without("aws:PrincipalOrgPaths"),
    };
    known.with_unknown("aws:").with_unknown("s3:")
}
