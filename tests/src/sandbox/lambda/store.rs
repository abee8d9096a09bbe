//! What Lambda knows of its functions besides their processes.

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use time::macros::format_description;

use super::FunctionSpec;
use crate::sandbox::clock::Instant;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::{Ambient, Place, Region};

/// What is kept of a Region's functions, by name.
pub(crate) type Store = BTreeMap<String, Record>;

/// The room for packages in a Region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeStorage {
    /// Bytes that there may be.
    pub(crate) limit: u64,
    /// Bytes of functions that are not here.
    pub(crate) others: u64,
}

impl Default for CodeStorage {
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    fn default() -> Self {
        Self { limit: 80_530_636_800, others: 0 }
    }
}

impl CodeStorage {
    /// Bytes that are used.
    pub(crate) fn used(&self, functions: &Store) -> u64 {
        let size = |record: &Record| record.configuration.get("CodeSize")?.as_u64();
        functions.values().filter_map(size).sum::<u64>() + self.others
    }
}

/// One function.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// As `GetFunctionConfiguration` shows it.
    pub(crate) configuration: Map<String, Value>,
    /// The statements of its policy.
    pub(crate) statements: Vec<Value>,
    /// `MaximumRetryAttempts` and `MaximumEventAgeInSeconds`, if they were set.
    pub(crate) invoke: Option<Value>,
    pub(crate) tags: Map<String, Value>,
    /// The deployment package; empty if it was installed as a program.
    pub(crate) package: Bytes,
}

impl Record {
    /// What is to be known of a function that was installed as a program: AWS Config may invoke it.
    pub(crate) fn of(place: &Place, spec: &FunctionSpec, modified: Instant) -> Self {
        let arn = place.arn("lambda", &format!("function:{}", spec.name));
        let role = place.iam_arn(&format!("role/{}-role", spec.name));
        let configuration = json!({
            "FunctionName": spec.name, "FunctionArn": arn, "Runtime": "provided.al2023", "Role": role,
            "Handler": "bootstrap", "CodeSize": 0, "Timeout": spec.timeout.as_secs(), "MemorySize": spec.memory,
            "LastModified": last_modified(modified), "CodeSha256": code_sha256(&[]), "Version": "$LATEST",
            "PackageType": "Zip", "Architectures": ["x86_64"], "State": "Active", "LastUpdateStatus": "Successful",
        });
        let statement = json!({
            "Sid": "config", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": arn,
        });
        let configuration = configuration.as_object().cloned().unwrap_or_default();
        Self { configuration, statements: vec![statement], invoke: None, tags: Map::new(), package: Bytes::new() }
    }

    /// Whether a service may invoke it for an account.
    pub(crate) fn allows(&self, principal: &str, account: &str) -> bool {
        self.statements.iter().any(|statement| {
            let service = statement.pointer("/Principal/Service").and_then(Value::as_str);
            let action = statement.get("Action").and_then(Value::as_str).unwrap_or_default();
            let condition = |operator: &str, key: &str| {
                statement.get("Condition")?.get(operator)?.get(key)?.as_str().map(ToOwned::to_owned)
            };
            let owner = condition("StringEquals", "AWS:SourceAccount").is_none_or(|owner| owner == account);
            service == Some(principal) && ["lambda:InvokeFunction", "lambda:*", "*"].contains(&action) && owner
        })
    }
}

/// Gives a function that is there other code.
///
/// # Errors
/// It is no zip.
pub(crate) fn replace_code(
    region: &mut Region,
    ambient: &mut Ambient,
    name: &str,
    package: Bytes,
) -> Result<(), Refusal> {
    let folder = unpack(&package)?;
    let (now, revision) = (ambient.clock.now(), ambient.random.uuid());
    let Some(record) = region.lambda.get_mut(name) else { return Ok(()) };
    for (member, value) in [
        ("CodeSha256", Value::from(code_sha256(&package))),
        ("CodeSize", package.len().into()),
        ("LastModified", last_modified(now).into()),
        ("RevisionId", revision.into()),
    ] {
        record.configuration.insert(member.to_owned(), value);
    }
    record.package = package;
    if let Some(running) = region.functions.remove(name) {
        let replaced = running.with_code(folder);
        running.discard_warm();
        region.functions.insert(name.to_owned(), replaced);
    }
    Ok(())
}

/// Lambda's own form of a date.
pub(crate) fn last_modified(at: Instant) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000");
    at.date().format(form).unwrap_or_default()
}

/// The hash that `CodeSha256` shows.
pub(crate) fn code_sha256(zip: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(zip))
}

/// Unpacks a deployment package into a folder of its own.
///
/// # Errors
/// In Lambda's words: it is not a zip, or too big.
pub(crate) fn unpack(zip: &[u8]) -> Result<TempDir, Refusal> {
    const LARGEST: u64 = 262_144_000;
    let invalid = |message: &str| Refusal::new("InvalidParameterValueException", message);
    let broken = || invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).map_err(|_| broken())?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(LARGEST)) {
        return Err(invalid(&format!("Unzipped size must be smaller than {LARGEST} bytes")));
    }
    let folder = tempfile::tempdir().map_err(|error: io::Error| invalid(&error.to_string()))?;
    archive.extract(folder.path()).map_err(|_| broken())?;
    Ok(folder)
}
