//! Requests to service control policies with what our evaluator decides, for an evaluator of another author to judge.
//!
//! Two kinds: the decision table on our own policies, and requests that a seed makes: any of some policies that
//! organizations have, right ones and wrong ones, on one to three levels, and settings that are there or not.

mod draw;

use deployer::names::Names;
use deployer::scp::documents;
use deployer::scp::in_force::FULL_ACCESS;
use deployer::scp::language::{Decision, Policy, Request, decide_chain};
use deployer::scp::settings::GuardrailSettings;
use deployer::scp::table::{Outcome, Place, rows};
use serde_json::{Value, json};

/// A policy: its name and its text.
pub(crate) type Named = (String, String);

/// A request, the policies from the root down, and what comes of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Of which kind.
    pub group: &'static str,
    /// The levels.
    pub levels: Vec<Vec<Named>>,
    /// The request.
    pub request: Request,
    /// What has to come of it, where that is known beforehand.
    pub intended: Option<&'static str>,
}

impl Case {
    /// What our evaluator says: `allowed`, `denied` or `undecided`.
    ///
    /// # Panics
    /// If a policy is none: they are files of this project.
    #[must_use]
    #[expect(clippy::expect_used, reason = "policies of this project")]
    pub fn decided(&self) -> &'static str {
        let read = |(name, text): &Named| (name.clone(), Policy::parse(text).expect("a policy"));
        let levels: Vec<Vec<_>> = self.levels.iter().map(|level| level.iter().map(read).collect()).collect();
        match decide_chain(&levels, &self.request) {
            Decision::Allowed { .. } => "allowed",
            Decision::Denied { .. } | Decision::NotAllowed { .. } => "denied",
            Decision::Undecided { .. } => "undecided",
        }
    }

    /// The case for the other evaluator.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let policy = |(name, text): &Named| json!({"name": name, "policy": serde_json::from_str::<Value>(text).ok()});
        let levels: Vec<Vec<Value>> = self.levels.iter().map(|level| level.iter().map(policy).collect()).collect();
        let keys = self.request.context.iter().filter(|(_, values)| !values.is_empty());
        let context: serde_json::Map<_, _> = keys.map(|(key, values)| (key.to_owned(), values.into())).collect();
        json!({"group": self.group, "levels": levels, "decided": self.decided(), "intended": self.intended,
            "request": {"action": self.request.action, "resource": self.request.resource, "context": context}})
    }
}

/// What AWS attaches everywhere.
pub(crate) fn full_access() -> Named {
    ("FullAWSAccess".to_owned(), FULL_ACCESS.to_owned())
}

/// Our policies with everything on.
pub(crate) fn ours() -> Vec<Named> {
    policies(&settings(true, true, &["BreakGlass"]))
}

fn settings(studio: bool, tamper: bool, roles: &[&str]) -> GuardrailSettings {
    let break_glass = roles.iter().map(|role| (*role).to_owned()).collect();
    GuardrailSettings { targets: Vec::new(), break_glass, studio, tamper }
}

const NAMES: Names<'static> = Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
const ROLE_PATH: &str = "/notebook-guard/";

fn policies(settings: &GuardrailSettings) -> Vec<Named> {
    let documents = documents::all(settings, NAMES, ROLE_PATH).into_iter();
    documents.map(|one| (one.name, one.document.text(false))).collect()
}

/// The decision table for several settings.
#[must_use]
pub fn table() -> Vec<Case> {
    let place = Place::on("111122223333", "aws", Some("eu-west-1"));
    let mut cases = Vec::new();
    for (studio, tamper, roles) in [
        (false, false, &[][..]),
        (true, true, &["BreakGlass"]),
        (true, true, &["ops/Emergency*", "arn:aws:iam::111122223333:role/OnCall"]),
    ] {
        let settings = settings(studio, tamper, roles);
        let below: Vec<Named> = std::iter::once(full_access()).chain(policies(&settings)).collect();
        cases.extend(rows(&settings, NAMES, ROLE_PATH, &place).into_iter().map(|row| Case {
            group: "table",
            levels: vec![vec![full_access()], below.clone()],
            request: row.request,
            intended: Some(if row.intended == Outcome::Allowed { "allowed" } else { "denied" }),
        }));
    }
    cases
}

/// So many cases that follow from the seed, with the policies of a folder and our own.
///
/// # Errors
/// What cannot be read of the folder.
pub fn drawn(folder: &std::path::Path, seed: u64, count: usize) -> std::io::Result<Vec<Case>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let read = |file: &std::fs::DirEntry| {
        let name = file.path().file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((name, std::fs::read_to_string(file.path())?))
    };
    let policies: Vec<Named> = files.iter().map(read).collect::<std::io::Result<_>>()?;
    Ok(draw::Draw::new(seed, policies.into_iter().chain(ours()).collect()).cases(count))
}
