//! Holds the files against the manifest.

use std::collections::{BTreeMap, BTreeSet};

use super::digests::{Job, digests};
use super::manifest::Expected;
use crate::evidence::finding::{Finding, Kind};
use crate::evidence::manifest::{MANIFEST, SIGNATURE};
use crate::evidence::source::Source;
use crate::evidence::{BundlePath, Digest};

/// Names every file that is not as it was written, and gives those that are.
pub(super) fn judge(
    source: &Source,
    expected: &BTreeMap<String, Expected>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Expected> {
    let listed = &source.listing().files;
    let mut intact = compared(source, expected, findings);
    let mut missing: BTreeMap<&str, &Expected> = expected
        .iter()
        .filter(|(path, _)| !listed.contains_key(*path))
        .map(|(path, file)| (path.as_str(), file))
        .collect();
    let is_own = |path: &str| [MANIFEST, SIGNATURE].contains(&path);
    let mut added: BTreeSet<&str> = listed.keys().map(String::as_str).collect();
    added.retain(|path| !expected.contains_key(*path) && !is_own(path));
    for (from, to) in renamed(source, &missing, &added) {
        missing.remove(from);
        added.remove(to);
        findings.push(Finding::about(Kind::Renamed, from, format!("is now `{}`", to.escape_debug())));
    }
    let told = |findings: &[Finding]| -> BTreeSet<String> {
        findings.iter().filter_map(|finding| finding.path.clone()).collect()
    };
    // What stands in the place of a file, such as a link, was told already.
    let in_place = told(&source.listing().findings);
    for path in missing.keys().filter(|path| !in_place.contains(**path)) {
        findings.push(Finding::about(Kind::Missing, path, "is missing"));
    }
    for path in added {
        findings.push(Finding::about(Kind::Added, path, "is not in the manifest: it was added"));
    }
    findings.extend(added_folders(source, expected));
    let told = told(findings);
    intact.retain(|path, _| !told.contains(path));
    intact
}

/// Hashes what is there under its own name.
fn compared(
    source: &Source,
    expected: &BTreeMap<String, Expected>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Expected> {
    let listed = &source.listing().files;
    let mut jobs = Vec::new();
    for (path, file) in expected {
        match listed.get(path) {
            None => {}
            Some(size) if *size == file.size => jobs.push(Job { path, limit: file.size }),
            Some(size) => {
                let message = format!("was changed: it has {size} bytes, and the manifest says {}", file.size);
                findings.push(Finding::about(Kind::Changed, path, message));
            }
        }
    }
    let owners: BTreeMap<Digest, &str> = expected.iter().map(|(path, file)| (file.digest, path.as_str())).collect();
    let mut intact = BTreeMap::new();
    for (job, result) in jobs.iter().zip(digests(source, &jobs)) {
        let Some(file) = expected.get(job.path) else { continue };
        let (kind, message) = match result {
            Ok((digest, size)) if (digest, size) == (file.digest, file.size) => {
                intact.insert(job.path.to_owned(), *file);
                continue;
            }
            Ok((_, size)) if size != file.size => {
                let more = if size > file.size { "more" } else { "fewer" };
                (Kind::Changed, format!("was changed: it has {more} than the {} bytes of the manifest", file.size))
            }
            Ok((digest, _)) => (
                Kind::Changed,
                match owners.get(&digest) {
                    Some(owner) => format!("was changed: it holds what `{owner}` should hold"),
                    None => format!("was changed: its SHA-256 is {digest}, and the manifest says {}", file.digest),
                },
            ),
            Err(error) => (Kind::Unreadable, format!("cannot be read: {error}")),
        };
        findings.push(Finding::about(kind, job.path, message));
    }
    intact
}

/// Which missing file is there under which other name. Only files of a size that is missing are read for that.
fn renamed<'a>(
    source: &Source,
    missing: &BTreeMap<&'a str, &Expected>,
    added: &BTreeSet<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let sizes: BTreeSet<u64> = missing.values().map(|file| file.size).collect();
    let listed = &source.listing().files;
    let jobs: Vec<Job<'a>> = added
        .iter()
        .filter_map(|path| listed.get(*path).map(|size| Job { path, limit: *size }))
        .filter(|job| sizes.contains(&job.limit))
        .collect();
    let mut wanted: BTreeMap<(Digest, u64), Vec<&str>> = BTreeMap::new();
    for (path, file) in missing {
        wanted.entry((file.digest, file.size)).or_default().push(path);
    }
    let mut pairs = Vec::new();
    for (job, result) in jobs.iter().zip(digests(source, &jobs)) {
        let from = result.ok().and_then(|found| wanted.get_mut(&found)).and_then(Vec::pop);
        pairs.extend(from.map(|from| (from, job.path)));
    }
    pairs
}

/// Folders that no file of the manifest is in. One with files in it is told by them.
fn added_folders(source: &Source, expected: &BTreeMap<String, Expected>) -> Vec<Finding> {
    let listing = source.listing();
    let paths = |names: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
        let parsed = names.filter_map(|name| name.parse::<BundlePath>().ok());
        parsed.flat_map(|path| path.folders().map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let known = paths(&mut expected.keys());
    let told = paths(&mut listing.files.keys());
    let is_unknown = |folder: &&String| !known.contains(*folder) && !told.contains(*folder);
    let message = "is a folder that the manifest does not know: it was added";
    listing.folders.iter().filter(is_unknown).map(|folder| Finding::about(Kind::Added, folder, message)).collect()
}
