//! The end of the story: a report, and evidence that shows when it was touched.

use std::fs;
use std::path::{Path, PathBuf};

use super::program::Programs;
use super::{DemoError, chapter, deployer, fleet, in_management, say};
use crate::sandbox::{RoleSpec, Sandbox, World};

/// The role that reads in every account.
const ROLE: &str = "Audit";

/// Reports and exports into a folder that stays, verifies what was exported, and changes a byte of it.
pub(super) async fn story(sandbox: &Sandbox, programs: &Programs) -> Result<(), DemoError> {
    let folder = folder()?;
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    put_roles(sandbox.world())?;
    chapter(7, "What the security team reads every day, and what the auditor takes away")?;
    let by_role = ["--org", "--assume-role", ROLE];
    let (report, key, bundle) = (path("report.html"), path("audit.key"), path("evidence"));
    in_management(sandbox, programs, &[&["report", "--format", "html", "--out", &report], &by_role[..]].concat())
        .await?;
    say(&format!("the report: {report}"))?;
    in_management(sandbox, programs, &["evidence", "keygen", "--out", &key]).await?;
    let yesterday = yesterday()?;
    let what = ["evidence", "export", "--from", &yesterday, "--out", &bundle, "--sign", &key];
    in_management(sandbox, programs, &[&what, &by_role[..]].concat()).await?;
    chapter(8, "The auditor needs no AWS account: the bundle verifies, and one changed byte is found")?;
    let public = format!("{key}.pub");
    let verify = ["evidence", "verify", &bundle, "--key", &public];
    in_management(sandbox, programs, &verify).await?;
    in_management(sandbox, programs, &["evidence", "show", "quick-test", &bundle, "--key", &public]).await?;
    flip(&folder.join("evidence/evaluations.jsonl"))?;
    say("\none byte of evidence/evaluations.jsonl is changed")?;
    let place = (fleet::MANAGEMENT, fleet::RESEARCH.1);
    deployer::run_to(sandbox, programs, place, &verify, 3).await
}

/// A new folder for this run.
fn folder() -> Result<PathBuf, DemoError> {
    let folder = tempfile::Builder::new().prefix("notebook-guard-demo-").tempdir()?;
    Ok(folder.keep())
}

/// A day ago, as the command line takes it.
fn yesterday() -> Result<String, DemoError> {
    let day = time::OffsetDateTime::now_utc().saturating_sub(time::Duration::days(1));
    day.replace_nanosecond(0)
        .map_err(|error| DemoError::Program(error.to_string()))?
        .format(&time::format_description::well_known::Rfc3339)
        .map_err(|error| DemoError::Program(error.to_string()))
}

/// What the printed policy allows, for whoever is administrator in the management account.
fn put_roles(world: &World) -> Result<(), DemoError> {
    for place in world.places() {
        if place.account != fleet::MANAGEMENT {
            let role = RoleSpec::new(ROLE, &[fleet::MANAGEMENT]).policy(serde_json::json!({"Statement": [{
                "Effect": "Allow", "Resource": "*", "Action": [
                    "config:Describe*", "config:Get*", "config:List*", "sagemaker:List*", "lambda:GetFunctionConfiguration",
                    "cloudformation:DescribeStacks"]}]}));
            world.put_role(&place.account, &role)?;
        }
    }
    Ok(())
}

/// Changes the last letter or digit of a file.
fn flip(path: &Path) -> Result<(), DemoError> {
    let mut bytes = fs::read(path)?;
    if let Some(byte) = bytes.iter_mut().rev().find(|byte| byte.is_ascii_alphanumeric()) {
        *byte = if *byte == b'0' { b'1' } else { b'0' };
    }
    fs::write(path, bytes)?;
    Ok(())
}
