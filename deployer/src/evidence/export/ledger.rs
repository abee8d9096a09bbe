//! The ledger of exemptions, and what became of each.

use std::io::{Cursor, Read as _};

use aws_config::SdkConfig;
use rule::exemption::{Exemption, Exemptions, MAX_BYTES};
use sha2::{Digest as _, Sha256};
use time::Date;
use zip::ZipArchive;

use super::sink::Borne;
use crate::aws::{Clients, refused};
use crate::digest::hexadecimal;
use crate::evidence::rows::{ExemptionRow, Ledger};

/// The largest package that is looked into, in bytes: Lambda's own limit for one that is uploaded
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const LARGEST: usize = 50 * 1024 * 1024;

/// The rows of the ledger. An aggregator does not tell of results that an exemption bears, so that nothing is known of
/// those that hold.
pub(super) fn rows(exemptions: &Exemptions, borne: &Borne, today: Date, is_aggregated: bool) -> Vec<ExemptionRow> {
    exemptions.as_slice().iter().map(|one| row(one, borne, today, is_aggregated)).collect()
}

fn row(one: &Exemption, borne: &Borne, today: Date, is_aggregated: bool) -> ExemptionRow {
    let matched = borne.get(one).copied().unwrap_or_default();
    ExemptionRow {
        account: one.account.to_string(),
        region: one.region.clone(),
        check: one.check.to_owned(),
        notebook: one.notebook.as_str().to_owned(),
        ticket: one.ticket.clone(),
        reason: one.reason.clone(),
        owner: one.owner.clone(),
        approved_by: one.approved_by.clone(),
        expires: one.expires.to_string(),
        state: match (one.holds_on(today), matched) {
            (false, _) => Ledger::Expired,
            (true, 0) if is_aggregated => Ledger::Unknown,
            (true, 0) => Ledger::Unmatched,
            (true, _) => Ledger::Applied,
        },
        matched,
    }
}

/// The exemptions in the artifact that the functions run, out of the bucket that Lambda took it from. Why not, in words:
/// also if it is not what its digest says.
pub(super) async fn of_artifact(
    sdk: &SdkConfig,
    region: &str,
    (bucket, key, sha256): (&str, &str, &str),
) -> Result<Exemptions, String> {
    let clients = Clients::new(sdk, region);
    let answer = clients.s3.get_object().bucket(bucket).key(key).send().await;
    let answer = answer.map_err(|error| refused("s3:GetObject", region, &error).to_string())?;
    let size = usize::try_from(answer.content_length().unwrap_or_default()).unwrap_or(usize::MAX);
    if size > LARGEST {
        return Err(format!("the artifact `{key}` has {size} bytes"));
    }
    let bytes = answer.body.collect().await.map_err(|error| format!("`{key}` cannot be read: {error}"))?.into_bytes();
    let are = hexadecimal(&Sha256::digest(&bytes));
    if are != sha256 {
        return Err(format!("the artifact `{key}` in the bucket {bucket} is another: its SHA-256 is {are}"));
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("`{key}` is no zip: {error}"))?;
    let file = zip.by_name("exemptions.json").map_err(|error| format!("`{key}` has no exemptions: {error}"))?;
    let mut json = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut json).map_err(|error| format!("`{key}` cannot be read: {error}"))?;
    Exemptions::read(&json).map_err(|error| format!("the exemptions in `{key}` cannot be read: {error}"))
}
