//! `AWS::S3::Bucket` and `AWS::S3::BucketPolicy`.

use serde_json::{Value, json};

use super::{Failure, Made, Outcome, Site, generated, own_tags, string, tags};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::s3::{self, default_encryption};
use crate::sandbox::state::{Place, State};

fn code(refusal: &Refusal) -> &'static str {
    match refusal.code.as_str() {
        "BucketAlreadyExists" | "BucketAlreadyOwnedByYou" => "AlreadyExists",
        "NoSuchBucket" => "NotFound",
        "AccessDenied" => "AccessDenied",
        _ => "InvalidRequest",
    }
}

fn passed_on(state: &mut State, refusal: &Refusal) -> Failure {
    Failure::service("S3", code(refusal), refusal, state)
}

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "BucketName").unwrap_or_else(|| generated(state, site, 63).to_lowercase());
    let namespace = string(properties, "BucketNamespace");
    let made_room = s3::check_namespace(site.place, &name, namespace.as_deref());
    if let Err(refusal) = made_room.and_then(|()| s3::create_at(state, site.place, &name)) {
        if refusal.status == 409 {
            return Err(Failure::new("AlreadyExists", format!("{name} already exists")));
        }
        return Err(passed_on(state, &refusal));
    }
    configure(state, site, &name, properties);
    Ok(made(site.place, &name))
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    if !state.s3.contains_key(&old.physical) {
        return Err(Failure::new("NotFound", format!("Bucket {} does not exist", old.physical)));
    }
    configure(state, site, &old.physical, properties);
    Ok(made(site.place, &old.physical))
}

pub(super) fn delete(state: &mut State, _: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    s3::delete_at(state, &resource.physical).map_err(|refusal| passed_on(state, &refusal))
}

fn configure(state: &mut State, site: &Site<'_>, name: &str, properties: &Value) {
    let tags = tags(site, properties);
    let Some(bucket) = state.s3.get_mut(name) else { return };
    let fresh = s3::Bucket::new(site.place, bucket.created);
    let status = properties.pointer("/VersioningConfiguration/Status").and_then(Value::as_str).map(ToOwned::to_owned);
    // Versioning that was on cannot be taken away, only suspended.
    bucket.versioning = status.or_else(|| bucket.versioning.as_ref().map(|_| "Suspended".to_owned()));
    bucket.encryption = encryption(properties).unwrap_or_else(default_encryption);
    bucket.ownership = properties.get("OwnershipControls").cloned().unwrap_or(fresh.ownership);
    bucket.public_access = match properties.get("PublicAccessBlockConfiguration") {
        None => fresh.public_access,
        Some(wanted) => {
            let names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
            Some(names.iter().map(|name| ((*name).to_owned(), Value::from(super::flag(wanted, name)))).collect())
        }
    };
    bucket.tags = tags;
}

/// The template's words for encryption in the API's.
fn encryption(properties: &Value) -> Option<Value> {
    let rules = properties.pointer("/BucketEncryption/ServerSideEncryptionConfiguration")?.as_array()?;
    let rule = |rule: &Value| {
        json!({
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
            "BucketKeyEnabled": super::flag(rule, "BucketKeyEnabled"),
        })
    };
    Some(json!({"Rules": rules.iter().map(rule).collect::<Vec<_>>()}))
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    let bucket = state.s3.get(name)?;
    (bucket.owner == place.account && bucket.region == place.region).then(|| made(place, name))
}

pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    find(state, place, &resource.physical)?;
    let bucket = state.s3.get(&resource.physical)?;
    let rules = bucket.encryption.get("Rules").and_then(Value::as_array).into_iter().flatten();
    let wanted = resource.properties.pointer("/BucketEncryption/ServerSideEncryptionConfiguration/0/BucketKeyEnabled");
    let rules = rules.map(|rule| {
        let mut shown = json!({"ServerSideEncryptionByDefault": rule.get("ApplyServerSideEncryptionByDefault")});
        if let (Value::Object(members), Some(_)) = (&mut shown, wanted) {
            members.insert("BucketKeyEnabled".to_owned(), rule.get("BucketKeyEnabled").cloned().unwrap_or_default());
        }
        shown
    });
    Some(json!({
        "BucketName": resource.physical, "OwnershipControls": bucket.ownership,
        "VersioningConfiguration": bucket.versioning.as_ref().map(|status| json!({"Status": status})),
        "BucketEncryption": {"ServerSideEncryptionConfiguration": rules.collect::<Vec<_>>()},
        "PublicAccessBlockConfiguration": bucket.public_access, "Tags": own_tags(&bucket.tags),
    }))
}

pub(super) fn read_policy(state: &State, _: &Place, resource: &Resource) -> Option<Value> {
    let policy = state.s3.get(&resource.physical)?.policy.as_ref()?;
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    Some(json!({"Bucket": resource.physical, "PolicyDocument": document}))
}

fn made(place: &Place, name: &str) -> Made {
    let (region, partition) = (&place.region, place.partition());
    Made::new(
        name,
        [
            ("Arn", format!("arn:{partition}:s3:::{name}")),
            ("DomainName", format!("{name}.s3.amazonaws.com")),
            ("DualStackDomainName", format!("{name}.s3.dualstack.{region}.amazonaws.com")),
            ("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com")),
            ("WebsiteURL", format!("http://{name}.s3-website-{region}.amazonaws.com")),
        ],
    )
}

pub(super) fn create_policy(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "Bucket").unwrap_or_default();
    let taken = state.s3.get(&name).is_some_and(|bucket| bucket.policy.is_some());
    if taken {
        return Err(Failure::new("AlreadyExists", format!("The bucket policy already exists on bucket {name}.")));
    }
    put_policy(state, site, &name, properties)
}

pub(super) fn update_policy(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    put_policy(state, site, &old.physical, properties)
}

fn put_policy(state: &mut State, site: &Site<'_>, name: &str, properties: &Value) -> Outcome {
    let document = match properties.get("PolicyDocument") {
        Some(Value::String(text)) => text.clone(),
        Some(document) => document.to_string(),
        None => String::new(),
    };
    let refused = match state.s3.get(name) {
        None => Some(s3::no_such_bucket(name)),
        Some(bucket) if bucket.owner != site.place.account => Some(s3::denied()),
        Some(bucket) if bucket.region != site.place.region => Some(s3::redirect(name, &bucket.region)),
        Some(bucket) => s3::check_policy(name, &document)
            .and_then(|()| s3::check_blocked(bucket.public_access.as_ref(), &document))
            .err(),
    };
    if let Some(refusal) = refused {
        return Err(passed_on(state, &refusal));
    }
    if let Some(bucket) = state.s3.get_mut(name) {
        bucket.policy = Some(document);
    }
    Ok(Made::new(name, []))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete_policy(state: &mut State, _: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    if let Some(bucket) = state.s3.get_mut(&resource.physical) {
        bucket.policy = None;
    }
    Ok(())
}
