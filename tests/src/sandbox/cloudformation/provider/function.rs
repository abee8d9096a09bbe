//! `AWS::Lambda::Function`: code from a bucket of the same Region, run as a process.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Failure, Made, Outcome, Site, generated, number, own_tags, string, tags};
use crate::sandbox::cloudformation::stack::Resource;
use crate::sandbox::lag::{self, Lagging};
use crate::sandbox::lambda::{Function, FunctionSpec, Record, code_sha256, last_modified, unpack};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::s3::{self, Visitor};
use crate::sandbox::state::{Place, State};

pub(super) fn create(state: &mut State, site: &Site<'_>, properties: &Value) -> Outcome {
    let name = string(properties, "FunctionName").unwrap_or_else(|| generated(state, site, 64));
    let name = name.rsplit(':').next().unwrap_or_default().to_owned();
    let known = state.regions.get(site.place).is_some_and(|region| region.lambda.contains_key(&name));
    if known {
        let refusal = Refusal::new("ResourceConflictException", format!("Function already exist: {name}"));
        return Err(Failure::service("Lambda", "AlreadyExists", &refusal.with_status(409), state));
    }
    put(state, site, &name, properties, None)
}

pub(super) fn update(state: &mut State, site: &Site<'_>, old: &Resource, properties: &Value) -> Outcome {
    let known = state.regions.get(site.place).and_then(|region| region.lambda.get(&old.physical)).cloned();
    let missing = || Failure::new("NotFound", format!("Function not found: {}", old.physical));
    put(state, site, &old.physical, properties, Some(known.ok_or_else(missing)?))
}

fn invalid(state: &mut State, message: &str) -> Failure {
    let refusal = Refusal::new("InvalidParameterValueException", message);
    Failure::service("Lambda", "InvalidRequest", &refusal, state)
}

/// What Lambda says when S3 does not let the caller read the package.
fn unreadable(state: &mut State, bucket: &str, key: &str) -> Failure {
    let message = format!(
        "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for \
         {bucket}/{key}. S3 Error Code: AccessDenied. S3 Error Message: Access Denied"
    );
    let refusal = Refusal::new("AccessDeniedException", message).with_status(403);
    Failure::service("Lambda", "AccessDenied", &refusal, state)
}

/// The deployment package.
fn package(state: &mut State, site: &Site<'_>, code: &Value) -> Result<Bytes, Failure> {
    let (bucket_name, key) = (string(code, "S3Bucket"), string(code, "S3Key"));
    let Some((bucket_name, key)) = bucket_name.zip(key) else {
        return Err(invalid(state, "the sandbox takes code from S3 only: give S3Bucket and S3Key"));
    };
    let failed = |code: &str, message: &str| {
        format!("Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}")
    };
    let place = site.place;
    let administrator = state.accounts.get(&place.account).map(|account| account.administrator.arn.as_str());
    let visitor = Visitor { place, arn: site.role.or(administrator).unwrap_or_default() };
    let wanted = string(code, "S3ObjectVersion");
    let action = if wanted.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    let message = match state.s3.get(&bucket_name) {
        None => failed("NoSuchBucket", "The specified bucket does not exist"),
        Some(bucket) if bucket.region != place.region => {
            let region = &bucket.region;
            failed(
                "PermanentRedirect",
                &format!("The bucket is in this region: {region}. Please use this region to retry the request"),
            )
        }
        Some(bucket) => {
            let admitted = |action, key| s3::admits(state, &visitor, (&bucket_name, bucket), (action, key));
            let found = match &wanted {
                None => bucket.current(&key),
                Some(wanted) => {
                    bucket.objects.get(&key).and_then(|all| all.iter().find(|object| object.version == *wanted))
                }
            };
            match found {
                _ if !admitted(action, Some(&key)) => return Err(unreadable(state, &bucket_name, &key)),
                Some(object) => return Ok(object.body.clone()),
                // Who may not list does not learn what is missing.
                None if !admitted("s3:ListBucket", None) => return Err(unreadable(state, &bucket_name, &key)),
                None => failed("NoSuchKey", "The specified key does not exist."),
            }
        }
    };
    Err(invalid(state, &message))
}

fn check_role(state: &mut State, site: &Site<'_>, arn: &str) -> Result<(), Failure> {
    let roles = state.accounts.get(&site.place.account).into_iter().flat_map(|account| account.iam.values());
    let trusts = |trust: &str| trust.contains("lambda.amazonaws.com") && trust.contains("sts:AssumeRole");
    let fits = roles.into_iter().any(|role| role.arn == arn && trusts(&role.trust));
    if fits { Ok(()) } else { Err(invalid(state, "The role defined for the function cannot be assumed by Lambda.")) }
}

fn check_settings(state: &mut State, properties: &Value) -> Result<(), Failure> {
    if string(properties, "Runtime").as_deref() != Some("provided.al2023") {
        return Err(invalid(state, "the sandbox runs provided.al2023 only"));
    }
    if string(properties, "Handler").is_none() {
        return Err(invalid(state, "Handler must be provided for Zip functions"));
    }
    let limit = state.ambient.settings.lambda_concurrency;
    let reserved = number(properties, "ReservedConcurrentExecutions");
    // 100 have to be left unreserved, or 10 in an account that has no more than that.
    let floor = if limit > 100 { 100 } else { 10 };
    if reserved.is_some_and(|reserved| limit.saturating_sub(reserved) < floor) {
        let message = format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [{floor}]."
        );
        return Err(invalid(state, &message));
    }
    Ok(())
}

fn put(state: &mut State, site: &Site<'_>, name: &str, properties: &Value, known: Option<Record>) -> Outcome {
    let role = string(properties, "Role").unwrap_or_default();
    check_role(state, site, &role)?;
    check_settings(state, properties)?;
    // Without code it is a change that was made beside the stack, of everything but the code.
    let zip = match (properties.get("Code"), &known) {
        (None, Some(known)) => known.package.clone(),
        (code, _) => package(state, site, code.unwrap_or(&Value::Null))?,
    };
    let full = state
        .regions
        .get(site.place)
        .is_some_and(|region| region.code.used(&region.lambda) + zip.len() as u64 > region.code.limit);
    if full && known.is_none() {
        let refusal = Refusal::new("CodeStorageExceededException", "Code storage limit exceeded.");
        return Err(Failure::service("Lambda", "ServiceLimitExceeded", &refusal, state));
    }
    let folder = unpack(&zip).map_err(|refusal| Failure::service("Lambda", "InvalidRequest", &refusal, state))?;
    let now = state.ambient.clock.now();
    let arn = site.place.arn("lambda", &format!("function:{name}"));
    let variables = properties.pointer("/Environment/Variables").and_then(Value::as_object);
    let environment: Vec<(String, String)> = variables
        .into_iter()
        .flatten()
        .filter_map(|(name, _)| Some((name.clone(), string(variables_of(properties)?, name)?)))
        .collect();
    let timeout = number(properties, "Timeout").unwrap_or(3);
    let memory = number(properties, "MemorySize").unwrap_or(128);
    let spec = FunctionSpec {
        name: name.to_owned(),
        // Where it is unpacked to.
        program: "bootstrap".into(),
        environment,
        timeout: Duration::from_secs(timeout),
        memory: u32::try_from(memory).unwrap_or(128),
        concurrency: number(properties, "ReservedConcurrentExecutions")
            .and_then(|reserved| usize::try_from(reserved).ok())
            .unwrap_or(4),
    };
    let group = string(properties.get("LoggingConfig").unwrap_or(&Value::Null), "LogGroup");
    let configuration = json!({
        "FunctionName": name, "FunctionArn": arn, "Runtime": string(properties, "Runtime"), "Role": role,
        "Handler": string(properties, "Handler"), "CodeSize": zip.len(), "Description":
        string(properties, "Description").unwrap_or_default(), "Timeout": timeout, "MemorySize": memory,
        "LastModified": last_modified(now), "CodeSha256": code_sha256(&zip), "Version": "$LATEST",
        "PackageType": "Zip", "State": "Active", "LastUpdateStatus": "Successful",
        "Architectures": properties.get("Architectures").cloned().unwrap_or_else(|| json!(["x86_64"])),
        "EphemeralStorage": {"Size": number(properties.get("EphemeralStorage").unwrap_or(&Value::Null), "Size").unwrap_or(512)},
        "TracingConfig": properties.get("TracingConfig").cloned().unwrap_or_else(|| json!({"Mode": "PassThrough"})),
        "LoggingConfig": {
            "LogFormat": string(properties.get("LoggingConfig").unwrap_or(&Value::Null), "LogFormat").unwrap_or_else(|| "Text".to_owned()),
            "LogGroup": group.unwrap_or_else(|| format!("/aws/lambda/{name}")),
        },
        "RevisionId": state.ambient.random.uuid(),
    });
    let mut configuration = configuration.as_object().cloned().unwrap_or_default();
    if let Some(variables) = variables {
        configuration.insert("Environment".to_owned(), json!({"Variables": variables}));
    }
    let (statements, invoke) = known.map(|known| (known.statements, known.invoke)).unwrap_or_default();
    let tags = tag_map(&tags(site, properties));
    let record = Record { configuration, statements, invoke, tags, package: zip };
    let architecture = properties.pointer("/Architectures/0").and_then(Value::as_str).unwrap_or("x86_64");
    let function = Function::packaged(site.place.clone(), spec, folder, architecture.to_owned());
    let State { regions, ambient, .. } = state;
    if let Some(region) = regions.get_mut(site.place) {
        let changed = region.lambda.insert(name.to_owned(), record).is_some();
        lag::note(region, ambient, Lagging::Functions, name, changed);
        if let Some(replaced) = region.functions.insert(name.to_owned(), function) {
            // What runs goes on; the next invocation is a cold start of the new code.
            replaced.discard_warm();
        }
    }
    Ok(Made::new(name, [("Arn", arn)]))
}

pub(super) fn find(state: &State, place: &Place, name: &str) -> Option<Made> {
    let known = state.regions.get(place)?.lambda.contains_key(name);
    known.then(|| Made::new(name, [("Arn", place.arn("lambda", &format!("function:{name}")))]))
}

/// The code is not told by the API.
pub(super) fn read(state: &State, place: &Place, resource: &Resource) -> Option<Value> {
    const SHOWN: [&str; 11] = [
        "Architectures",
        "Description",
        "Environment",
        "EphemeralStorage",
        "FunctionName",
        "Handler",
        "LoggingConfig",
        "MemorySize",
        "Role",
        "Runtime",
        "Timeout",
    ];
    let record = state.regions.get(place)?.lambda.get(&resource.physical)?;
    let shown = SHOWN.iter().filter_map(|name| Some(((*name).to_owned(), record.configuration.get(*name)?.clone())));
    let mut shown: Map<String, Value> = shown.collect();
    let tags = record.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    shown.insert("Tags".to_owned(), own_tags(&tags.collect::<Vec<_>>()));
    Some(Value::Object(shown))
}

fn variables_of(properties: &Value) -> Option<&Value> {
    properties.pointer("/Environment/Variables")
}

fn tag_map(tags: &[Value]) -> Map<String, Value> {
    let keys: BTreeSet<String> = tags.iter().filter_map(|tag| string(tag, "Key")).collect();
    let value = |key: &String| {
        let tag = tags.iter().find(|tag| string(tag, "Key").as_ref() == Some(key));
        tag.and_then(|tag| string(tag, "Value")).unwrap_or_default()
    };
    keys.iter().map(|key| (key.clone(), Value::from(value(key)))).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "it has the type of every handler")]
pub(super) fn delete(state: &mut State, site: &Site<'_>, resource: &Resource) -> Result<(), Failure> {
    if let Some(region) = state.regions.get_mut(site.place) {
        region.lambda.remove(&resource.physical);
        if let Some(function) = region.functions.remove(&resource.physical) {
            function.stop();
        }
    }
    Ok(())
}
