//! The Regions in the administrator account: enabled, and with room for the artifact bucket.

use super::{Inside, Observed, Place};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::observe::BucketState;

const OTHER_NAMES: &str = "choose other names with --prefix";

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut found = regions(observed);
    for place in &inside.places {
        found.extend(bucket(observed, place));
    }
    found
}

/// A StackSet works in a Region only if it is enabled in the administrator account, too
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-opt-in-regions.html>).
fn regions(observed: &Observed) -> Vec<Finding> {
    let enabled = match &observed.enabled {
        Err(refusal) => {
            let mut notes = Notes::of_account();
            notes.unread(topic::REGION, refusal);
            return notes.done();
        }
        Ok(enabled) => enabled,
    };
    let mut wanted: Vec<&String> = observed.regions.iter().collect();
    if !observed.regions.contains(&observed.home) {
        wanted.push(&observed.home);
    }
    let mut found = Vec::new();
    for region in wanted {
        let mut notes = Notes::of(region);
        if enabled.contains(region) {
            notes.good(topic::REGION, "it is enabled here; members that have not enabled it are skipped");
        } else {
            notes.bad(
                topic::REGION,
                format!("{region} is not enabled in the administrator account, or does not exist"),
                format!(
                    "leave it out, or enable it here and in the members: aws account enable-region --region-name \
                     {region}"
                ),
            );
        }
        found.extend(notes.done());
    }
    found
}

fn bucket(observed: &Observed, place: &Place) -> Vec<Finding> {
    let mut notes = Notes::of(&place.region);
    let name = &place.bucket;
    match &place.state {
        Err(refusal) => notes.unknown(topic::BUCKET, refusal),
        Ok(BucketState::Foreign) => notes.bad(
            topic::BUCKET,
            format!("the bucket {name} belongs to another account, or you may not look at it"),
            format!("{OTHER_NAMES}, or allow s3:ListBucket on it if it is yours"),
        ),
        Ok(BucketState::Elsewhere) => notes.bad(
            topic::BUCKET,
            format!("the bucket {name} is in another Region"),
            format!("{OTHER_NAMES}, or delete the bucket if nobody needs it"),
        ),
        Ok(BucketState::Unmarked) => notes.bad(
            topic::BUCKET,
            format!("there is a bucket {name} that lacks the tag notebook-guard:managed=true"),
            format!("{OTHER_NAMES}, or give it the tag if it may be used and later deleted"),
        ),
        Ok(BucketState::Missing) => notes.good(topic::BUCKET, "its name is free"),
        Ok(BucketState::Present) => notes.good(topic::BUCKET, "it is there"),
    }
    if let Some(other) = &place.other_organization {
        let prefix = &observed.prefix;
        notes.bad(
            topic::BUCKET,
            format!("the artifact stack {prefix}-artifacts lets another organization read: {other}"),
            OTHER_NAMES,
        );
    }
    notes.done()
}
