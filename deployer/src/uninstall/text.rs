//! What will be removed, as people read it.

use std::fmt::Write as _;

use super::Region;
use super::bucket::Contents;
use super::look::{BucketFound, Found, ResourceFound, StackFound};
use crate::names::Names;
use crate::observe::Standing;
use crate::output::{BAD, FAINT, STRONG, UNSURE, bytes, counted, grouped};

/// Everything that will be removed or is kept, Region by Region, those with the same told once.
pub(super) fn render(regions: &[Region], names: Names<'_>) -> String {
    let title = format!("{STRONG}Notebook Guard in account {}: what will be removed{STRONG:#}\n", names.account);
    format!("{title}{}\n", blocks(regions, names))
}

/// The Regions alone.
pub(super) fn blocks(regions: &[Region], names: Names<'_>) -> String {
    let mut out = String::new();
    let told = regions.iter().filter(|region| !block(region, names).is_empty());
    for group in grouped(told, |region| block(region, names).replace(&region.name, "REGION")) {
        let Some(first) = group.first() else { continue };
        let heading = group.iter().map(|region| region.name.as_str()).collect::<Vec<_>>().join(", ");
        let body = block(first, names);
        let body = if group.len() > 1 { body.replace(&first.name, "REGION") } else { body };
        let _ = write!(out, "\n{STRONG}{heading}{STRONG:#}\n{body}");
    }
    out
}

fn block(region: &Region, names: Names<'_>) -> String {
    let mut out = String::new();
    // A Region that could not be read is told as a failure.
    let Ok(found) = &region.found else { return out };
    stack(&mut out, &found.member, &names.member_stack(), false);
    bucket(&mut out, found);
    stack(&mut out, &found.artifacts, &names.artifact_stack(), found.keeps_artifacts || has_foreign(found));
    out
}

fn has_foreign(found: &Found) -> bool {
    matches!(&found.bucket, BucketFound::Ours { contents, .. } if contents.foreign > 0)
}

fn stack(out: &mut String, stack: &StackFound, name: &str, stays: bool) {
    match stack {
        StackFound::Missing | StackFound::NotLookedFor => {}
        StackFound::Foreign => {
            let _ = writeln!(out, "  {FAINT}= stack {name} stays: deployer did not make it{FAINT:#}");
        }
        StackFound::OfOrganization(of) => {
            let _ = writeln!(out, "  {FAINT}= stack {} stays: {}{FAINT:#}", of.stack, of.told());
        }
        StackFound::Ours { .. } if stays => {
            let _ = writeln!(out, "  {FAINT}= stack {name} stays{FAINT:#}");
        }
        StackFound::Ours { state, resources } => {
            let _ = writeln!(out, "  {BAD}-{BAD:#} stack {name}");
            if state.standing() == Standing::Busy {
                let _ = writeln!(out, "      {UNSURE}an operation runs ({}): it is waited for{UNSURE:#}", state.status);
            }
            if state.is_protected {
                let _ =
                    writeln!(out, "      {UNSURE}it is protected against deletion: this Region will fail{UNSURE:#}");
            }
            // The bucket outlives its stack and is told by itself.
            let told = resources.iter().filter_map(|resource| Some((kind(&resource.kind)?, resource)));
            let mut told: Vec<_> = told.collect();
            told.sort_by_key(|(kind, resource)| (place(kind), resource.physical.as_str()));
            let width = told.iter().map(|(kind, _)| kind.len()).max().unwrap_or_default();
            for (kind, resource) in told {
                let _ = writeln!(out, "      {kind:width$}  {}", named(resource));
            }
        }
    }
}

/// What types are called here, in the order in which they are told.
const KINDS: [(&str, &str); 6] = [
    ("AWS::Lambda::Function", "function"),
    ("AWS::IAM::Role", "role"),
    ("AWS::Logs::LogGroup", "log group"),
    ("AWS::Config::ConfigRule", "rule"),
    ("AWS::Config::ConformancePack", "conformance pack"),
    ("AWS::CloudWatch::Alarm", "alarm"),
];

/// What a type is called; nothing for what goes with another resource.
fn kind(resource_type: &str) -> Option<&str> {
    match resource_type {
        "AWS::Lambda::Permission" | "AWS::Lambda::EventInvokeConfig" | "AWS::S3::Bucket" | "AWS::S3::BucketPolicy" => {
            None
        }
        other => Some(KINDS.iter().find(|(known, _)| *known == other).map_or(other, |(_, kind)| kind)),
    }
}

fn place(kind: &str) -> usize {
    KINDS.iter().position(|(_, known)| *known == kind).unwrap_or(KINDS.len())
}

/// The name, and what is lost with it.
fn named(resource: &ResourceFound) -> String {
    let lost = match resource.kind.as_str() {
        "AWS::Logs::LogGroup" => ", with all log lines in it",
        "AWS::Config::ConfigRule" => ", with its results",
        "AWS::Config::ConformancePack" => ", with its rules and their results",
        _ => "",
    };
    format!("{}{lost}", short(&resource.physical))
}

/// The name in an ARN of a pack: `.../conformance-pack/NAME/ID`.
fn short(physical: &str) -> &str {
    match physical.split_once(":conformance-pack/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or(rest),
        None => physical,
    }
}

fn bucket(out: &mut String, found: &Found) {
    match &found.bucket {
        BucketFound::Missing => {}
        BucketFound::Foreign { name } => {
            let _ = writeln!(out, "  {FAINT}= bucket {name} stays: nothing says that deployer made it{FAINT:#}");
        }
        BucketFound::Ours { name, contents } if found.keeps_artifacts => {
            let _ = writeln!(out, "  {FAINT}= bucket {name} stays: {}{FAINT:#}", inside(contents));
        }
        BucketFound::Ours { name, contents } if contents.foreign > 0 => {
            let _ = writeln!(out, "  {UNSURE}= bucket {name} stays: it holds what is not ours{UNSURE:#}");
            for key in &contents.foreign_keys {
                let _ = writeln!(out, "      {key}");
            }
            if contents.foreign > contents.foreign_keys.len() {
                let _ = writeln!(out, "      ... ({} in all)", counted(contents.foreign, "version"));
            }
        }
        BucketFound::Ours { name, contents } => {
            let _ = writeln!(out, "  {BAD}-{BAD:#} bucket {name}: {}", inside(contents));
        }
    }
}

fn inside(contents: &Contents) -> String {
    let markers = match contents.markers {
        0 => String::new(),
        some => format!(", {}", counted(some, "delete marker")),
    };
    match contents.versions {
        0 => format!("empty{markers}"),
        some => format!("{}, {}{markers}", counted(some, "version"), bytes(contents.bytes)),
    }
}
