//! Whether the files of a bundle agree with each other.
//!
//! That every file is as it was written says nothing about whether it was written right, and whoever can write a
//! manifest can write any. A [`ContentCheck`] reads some files and names what contradicts what. New ones go into
//! [`CHECKS`].

mod exemptions;
mod forms;
mod judges;
mod oscal;
mod raw;
mod reconciliation;
mod remediation;
mod rows;
mod timeline;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::{self, Read};

use serde::Serialize;

use super::finding::{Finding, Kind};
use super::source::Source;
use exemptions::Exemptions;
use forms::Forms;
use judges::Judges;
use oscal::Oscal;
use raw::Raw;
use reconciliation::Reconciliation;
use remediation::Remediations;
use timeline::Timeline;

/// So many contradictions are told of one file.
const MOST_TOLD: usize = 50;

/// All checks.
pub const CHECKS: &[&dyn ContentCheck] =
    &[&Reconciliation, &Timeline, &Remediations, &Judges, &Exemptions, &Raw, &Oscal, &Forms];

/// Holds some files of a bundle against each other.
pub trait ContentCheck: Debug + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// What is true of a bundle that it passes, as a sentence without a full stop.
    fn promise(&self) -> &'static str;

    /// The files that it is about: it applies to a bundle that has any of them.
    fn about(&self) -> &'static [&'static str];

    /// The files that it reads. A bundle that it applies to has to have them.
    fn needs(&self) -> &'static [&'static str];

    /// Whether it reads this file too, of which there may be any number.
    fn reads(&self, _path: &str) -> bool {
        false
    }

    /// Reads the files, which are as they were written, and tells every contradiction.
    ///
    /// # Errors
    /// A file cannot be read.
    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()>;
}

/// The files of a bundle that are as they were written.
#[derive(Debug)]
pub struct Content<'a> {
    source: &'a Source,
    sizes: BTreeMap<&'a str, u64>,
    /// Files that the manifest has, and that are missing or were changed.
    spoilt: Vec<&'a str>,
}

impl<'a> Content<'a> {
    pub(crate) fn new(source: &'a Source, sizes: BTreeMap<&'a str, u64>) -> Self {
        Self { source, sizes, spoilt: Vec::new() }
    }

    /// The same, with the files that the manifest has and that are not as they were written.
    pub(crate) fn without(self, spoilt: Vec<&'a str>) -> Self {
        Self { spoilt, ..self }
    }

    /// Whether a file is there, as it was written.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.sizes.contains_key(path)
    }

    /// The files that are there as they were written, by name.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.sizes.keys().copied()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or what reads it fails.
    pub fn read<T>(&self, path: &str, with: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        let size = *self.sizes.get(path).ok_or(io::ErrorKind::NotFound)?;
        self.source.read(path, |reader| with(&mut reader.take(size)))
    }
}

/// The contradictions that were found, no more than can be read for each file.
#[derive(Debug, Default)]
pub struct Inconsistencies {
    findings: Vec<Finding>,
    counts: BTreeMap<&'static str, usize>,
}

impl Inconsistencies {
    /// Tells what is wrong in a file, as a sentence that goes after its name.
    pub fn tell(&mut self, path: &'static str, message: String) {
        let count = self.counts.entry(path).or_default();
        *count += 1;
        if *count <= MOST_TOLD {
            self.findings.push(Finding::about(Kind::Inconsistent, path, message));
        }
    }

    /// Whether nothing was told.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    fn finish(mut self) -> Vec<Finding> {
        for (path, count) in self.counts {
            if let Some(more) = count.checked_sub(MOST_TOLD).filter(|more| *more > 0) {
                let message = format!("has {more} more contradictions like these");
                self.findings.push(Finding::about(Kind::Inconsistent, path, message));
            }
        }
        self.findings
    }
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The check's name.
    pub check: &'static str,
    /// What is true of the bundle if it agreed.
    pub promise: &'static str,
    /// What became of it.
    pub state: State,
    /// Why, if it was not held.
    pub why: Option<String>,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The files agree.
    Agreed,
    /// They do not.
    Disagreed,
    /// It could not be asked: a file is missing or was changed.
    Skipped,
    /// The bundle has none of the files that it is about.
    Absent,
}

/// Asks all checks. `listed` tells whether the manifest has a file.
pub(crate) fn run(content: &Content<'_>, listed: impl Fn(&str) -> bool + Sync) -> (Vec<Outcome>, Vec<Finding>) {
    let answers = std::thread::scope(|scope| {
        let asked: Vec<_> = CHECKS.iter().map(|check| (check, scope.spawn(|| ask(*check, content, &listed)))).collect();
        let answers = asked.into_iter().map(|(check, thread)| (check, thread.join()));
        answers.collect::<Vec<_>>()
    });
    let (mut outcomes, mut findings) = (Vec::new(), Vec::new());
    for (check, answer) in answers {
        let (state, why, mut found) = answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        findings.append(&mut found);
        outcomes.push(Outcome { check: check.name(), promise: check.promise(), state, why });
    }
    (outcomes, findings)
}

fn ask(
    check: &dyn ContentCheck,
    content: &Content<'_>,
    listed: &impl Fn(&str) -> bool,
) -> (State, Option<String>, Vec<Finding>) {
    let Some(about) = check.about().iter().find(|path| listed(path)) else {
        return (State::Absent, None, Vec::new());
    };
    if let Some(lacking) = check.needs().iter().find(|path| !listed(path)) {
        let message = format!("cannot be held against `{lacking}`, which is not in the bundle");
        return (
            State::Skipped,
            Some(format!("there is no `{lacking}`")),
            vec![Finding::about(Kind::Inconsistent, about, message)],
        );
    }
    let needed = check.needs().iter().copied().find(|path| !content.has(path));
    if let Some(spoilt) = needed.or_else(|| content.spoilt.iter().copied().find(|path| check.reads(path))) {
        return (State::Skipped, Some(format!("`{spoilt}` is not as it was written")), Vec::new());
    }
    let mut told = Inconsistencies::default();
    if let Err(error) = check.check(content, &mut told) {
        let message = format!("cannot be read again: {error}");
        return (State::Skipped, Some(error.to_string()), vec![Finding::about(Kind::Unreadable, about, message)]);
    }
    let findings = told.finish();
    (if findings.is_empty() { State::Agreed } else { State::Disagreed }, None, findings)
}
