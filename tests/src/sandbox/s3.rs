//! Amazon S3: buckets, which are one name space for all accounts, and the objects in them.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::clock::Instant;
use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::{Place, State};

mod access;
mod bucket;
mod list;
mod lock;
mod object;
mod policy;
mod settings;

pub(crate) use access::{Visitor, admits};
pub(crate) use bucket::{check_namespace, create_at, delete_at};
pub(crate) use lock::{Kept, Lock, lock_bucket};
pub(crate) use object::put_at as put_object;
pub(crate) use policy::{check_blocked, check_policy, is_for};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "s3",
    model_text: include_str!("model/s3.json"),
    operations: &[
        ("CreateBucket", bucket::create),
        ("DeleteBucket", bucket::delete),
        ("DeleteBucketPolicy", settings::delete_policy),
        ("DeleteObject", object::delete),
        ("DeleteObjects", object::delete_many),
        ("GetBucketEncryption", settings::encryption),
        ("GetBucketLocation", bucket::location),
        ("GetBucketOwnershipControls", settings::ownership),
        ("GetBucketPolicy", settings::policy),
        ("GetBucketTagging", settings::tagging),
        ("GetBucketVersioning", settings::versioning),
        ("GetObject", object::get),
        ("GetObjectLockConfiguration", lock::get),
        ("GetObjectRetention", lock::retention),
        ("GetPublicAccessBlock", settings::public_access),
        ("HeadBucket", bucket::head),
        ("HeadObject", object::get),
        ("ListBuckets", bucket::list),
        ("ListObjectVersions", list::versions),
        ("ListObjectsV2", list::objects),
        ("PutBucketEncryption", settings::put_encryption),
        ("PutBucketOwnershipControls", settings::put_ownership),
        ("PutBucketPolicy", settings::put_policy),
        ("PutBucketTagging", settings::put_tagging),
        ("PutBucketVersioning", settings::put_versioning),
        ("PutObject", object::put),
        ("PutObjectLockConfiguration", lock::put),
        ("PutPublicAccessBlock", settings::put_public_access),
    ],
};

/// All buckets, by name.
pub(crate) type Store = BTreeMap<String, Bucket>;

/// One bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) owner: String,
    pub(crate) region: String,
    pub(crate) created: Instant,
    /// `Enabled` or `Suspended`, once it was set.
    pub(crate) versioning: Option<String>,
    /// Its lock, once that was turned on.
    pub(crate) lock: Option<Lock>,
    pub(crate) encryption: Value,
    pub(crate) public_access: Option<Value>,
    pub(crate) ownership: Value,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Vec<Value>,
    /// By key; oldest version first.
    pub(crate) objects: BTreeMap<String, Vec<Object>>,
}

/// One version of an object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) version: String,
    /// Whether it only says that the object was deleted.
    pub(crate) marker: bool,
    pub(crate) body: Bytes,
    pub(crate) etag: String,
    pub(crate) modified: Instant,
    pub(crate) content_type: String,
    pub(crate) metadata: Map<String, Value>,
    /// The checksums that came with it, by the API's names.
    pub(crate) checksums: Map<String, Value>,
    /// How long nobody can delete it.
    pub(crate) kept: Option<Kept>,
}

impl Bucket {
    /// A bucket as S3 makes them since 2023: encrypted, owned by its owner, closed to the public.
    pub(crate) fn new(place: &Place, created: Instant) -> Self {
        Self {
            owner: place.account.clone(),
            region: place.region.clone(),
            created,
            versioning: None,
            lock: None,
            encryption: default_encryption(),
            public_access: Some(json!({
                "BlockPublicAcls": true, "IgnorePublicAcls": true,
                "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
            })),
            ownership: json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
            policy: None,
            tags: Vec::new(),
            objects: BTreeMap::new(),
        }
    }

    /// The newest version of an object, unless it is deleted.
    pub(crate) fn current(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)?.last().filter(|object| !object.marker)
    }
}

/// What every bucket is encrypted with unless told otherwise.
pub(crate) fn default_encryption() -> Value {
    json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}]})
}

/// What S3 says of a bucket that is elsewhere.
pub(crate) fn redirect(name: &str, region: &str) -> Refusal {
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                   send all future requests to this endpoint.";
    let endpoint = format!("{name}.s3.{region}.amazonaws.com");
    let refusal = Refusal::new("PermanentRedirect", message).with_status(301);
    refusal.with_detail("Endpoint", &endpoint).with_detail("Bucket", name).with_detail("x-amz-bucket-region", region)
}

pub(crate) fn denied() -> Refusal {
    Refusal::new("AccessDenied", "Access Denied").with_status(403)
}

pub(crate) fn no_such_bucket(name: &str) -> Refusal {
    let refusal = Refusal::new("NoSuchBucket", "The specified bucket does not exist").with_status(404);
    refusal.with_detail("BucketName", name)
}

/// Refuses what the sandbox would have to pretend to do.
///
/// # Errors
/// `NotImplemented`.
fn check_absent(call: &Call<'_>, members: &[&str]) -> Result<(), Refusal> {
    match members.iter().find(|member| call.input.get(**member).is_some()) {
        None => Ok(()),
        Some(member) => {
            let message = format!("A header you provided implies functionality that is not implemented: {member}");
            Err(Refusal::new("NotImplemented", message).with_status(501))
        }
    }
}

/// The bucket that a call is for.
///
/// # Errors
/// `NoSuchBucket`, `PermanentRedirect`, `AccessDenied` (also for `ExpectedBucketOwner`).
fn bucket_of<'a>(state: &'a mut State, call: &Call<'_>) -> Result<&'a mut Bucket, Refusal> {
    let name = call.required("Bucket");
    let bucket = state.s3.get(name).ok_or_else(|| no_such_bucket(name))?;
    if bucket.region != call.region {
        return Err(redirect(name, &bucket.region));
    }
    let expected = call.text("ExpectedBucketOwner").is_none_or(|owner| owner == bucket.owner);
    if !expected || !access::admits_call(state, call, name, bucket) {
        return Err(denied());
    }
    state.s3.get_mut(name).ok_or_else(|| no_such_bucket(name))
}
