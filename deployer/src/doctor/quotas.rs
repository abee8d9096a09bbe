//! What AWS has room for in a Region.

use super::notes::Notes;
use super::{Case, Finding, topic};
use crate::artifact::VERSION;
use crate::digest::from_base64;
use crate::names::VERSION_TAG;
use crate::observe::{Headroom, ObjectState, RegionState, StackRoom};
use crate::settings::Delivery;

/// Config rules in an account and Region, and conformance packs; neither can be raised
/// (<https://docs.aws.amazon.com/general/latest/gr/awsconfig.html>).
const RULES: usize = 1000;
const PACKS: usize = 50;
/// Less room than this for others is worth a word.
const RULES_LEFT: usize = 50;
/// Code that an update may need beside what is there: two zips are kept while one replaces the other.
const CODE: i64 = 16 * 1024 * 1024;
/// New accounts start with ten concurrent executions.
const CONCURRENCY: i32 = 20;
const STACKS: usize = 2;

pub(super) fn findings(case: &Case<'_>, region: &RegionState) -> Vec<Finding> {
    let mut notes = Notes::of(&region.region);
    rules(case, region, &mut notes);
    packs(case, region, &mut notes);
    stacks(region, &mut notes);
    match &region.headroom {
        Err(refusal) => notes.unread(topic::QUOTA_CODE, refusal),
        Ok(headroom) => lambda(headroom, upload(region), &mut notes),
    }
    notes.done()
}

fn rules(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    // That they could not be read is told by their names already.
    let Ok(rules) = &region.rules else { return };
    let is_there = |name: &str| {
        rules.iter().any(|rule| match case.settings.delivery {
            Delivery::Rules => rule.name == name,
            Delivery::ConformancePack => rule.name.starts_with(&format!("{name}-conformance-pack-")),
        })
    };
    let new = case.settings.checks().filter(|check| !is_there(&case.names.rule(check))).count();
    let left = RULES.saturating_sub(rules.len() + new);
    let told = format!("{} of {RULES} AWS Config rules are used, and {new} come to it", rules.len());
    if rules.len() + new > RULES {
        notes.bad(topic::QUOTA_RULES, told, "delete rules that nobody needs: AWS does not raise this quota");
    } else if left < RULES_LEFT {
        notes.warning(topic::QUOTA_RULES, told, "delete rules that nobody needs: AWS does not raise this quota");
    } else {
        notes.good(topic::QUOTA_RULES, told);
    }
}

fn packs(case: &Case<'_>, region: &RegionState, notes: &mut Notes) {
    let (Delivery::ConformancePack, Ok(packs)) = (case.settings.delivery, &region.packs) else { return };
    let new = usize::from(!packs.contains(&case.names.pack()));
    let told = format!("{} of {PACKS} conformance packs are used, and {new} come to it", packs.len());
    if packs.len() + new > PACKS {
        notes.bad(topic::QUOTA_PACKS, told, "delete a pack that nobody needs, or leave --conformance-pack out");
    } else {
        notes.good(topic::QUOTA_PACKS, told);
    }
}

fn stacks(region: &RegionState, notes: &mut Notes) {
    match region.stack_room {
        Err(ref refusal) => notes.unread(topic::QUOTA_STACKS, refusal),
        Ok(StackRoom::NotNeeded) => notes.good(topic::QUOTA_STACKS, "ours are there already"),
        Ok(StackRoom::Plenty | StackRoom::Counted { limit: None, .. }) => {
            notes.good(topic::QUOTA_STACKS, "there is room for ours");
        }
        Ok(StackRoom::Counted { used, limit: Some(limit) }) => {
            let told = format!("{used} of {limit} CloudFormation stacks are used, and {STACKS} come to it");
            if used + STACKS > usize::try_from(limit).unwrap_or_default() {
                let fix = "delete stacks that nobody needs, or ask AWS for more (Service Quotas, CloudFormation)";
                notes.bad(topic::QUOTA_STACKS, told, fix);
            } else {
                notes.good(topic::QUOTA_STACKS, told);
            }
        }
    }
}

/// Whether the function gets new code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upload {
    /// There is none of ours yet, or it runs another version.
    Certain,
    /// It is of this version, but whether it runs this very artifact is not known.
    Possible,
    /// It runs the artifact that is there for it.
    None,
}

fn upload(region: &RegionState) -> Upload {
    let Ok(Some(function)) = &region.function else { return Upload::Certain };
    if let Ok(ObjectState::Present { sha256 }) = &region.artifact {
        let is_same = from_base64(&function.code_sha256).as_ref() == Some(sha256);
        return if is_same { Upload::None } else { Upload::Certain };
    }
    let of_stack = region.member.as_ref().ok().and_then(Option::as_ref).and_then(|stack| stack.tags.get(VERSION_TAG));
    if of_stack.is_some_and(|version| version == VERSION) { Upload::Possible } else { Upload::Certain }
}

fn lambda(headroom: &Headroom, upload: Upload, notes: &mut Notes) {
    const MIB: i64 = 1024 * 1024;
    let left = headroom.code_limit.saturating_sub(headroom.code_used);
    let told = format!("{} of {} MiB of function code are used", headroom.code_used / MIB, headroom.code_limit / MIB);
    let fix = "delete old versions of functions, or ask AWS for more (Service Quotas, Lambda, storage)";
    match upload {
        _ if left >= CODE => notes.good(topic::QUOTA_CODE, told),
        Upload::Certain => notes.bad(topic::QUOTA_CODE, told, fix),
        Upload::Possible => notes.warning(topic::QUOTA_CODE, format!("{told}: no room for an update"), fix),
        Upload::None => notes.good(topic::QUOTA_CODE, format!("{told}, and no code comes to it")),
    }
    let free = headroom.unreserved_concurrency;
    if free < CONCURRENCY {
        notes.warning(
            topic::CONCURRENCY,
            format!(
                "only {free} functions can run at the same time: in a burst of changes ours waits, an hour at most"
            ),
            "ask AWS for more (Service Quotas, Lambda, concurrent executions), or reserve less for other functions",
        );
    } else {
        notes.good(topic::CONCURRENCY, format!("{free} functions can run at the same time"));
    }
}
