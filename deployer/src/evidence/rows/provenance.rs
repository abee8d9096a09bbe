//! Where the results come from: the functions that judge, the stacks that made them, and the exemptions in force.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A line of `functions.jsonl`: the function that rules of an account × Region invoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionRow {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The function's ARN, as the rules name it.
    pub function: String,
    /// The SHA-256 of the package that runs, as Lambda tells it (`CodeSha256`, here in hexadecimal).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// When it was changed last, as Lambda writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// `arm64` or `x86_64`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// The artifact that the stack names: its key in the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_key: Option<String>,
    /// The SHA-256 of that artifact: it is in the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_sha256: Option<String>,
    /// What the function was held against; nothing if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_against: Option<HeldAgainst>,
    /// Whether both are one; nothing if one of them is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
    /// What is not known, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl FunctionRow {
    /// Whether what runs is what the stack names, as far as both are known.
    #[must_use]
    pub fn agreement(&self) -> Option<bool> {
        Some(self.code_sha256.as_ref()? == self.artifact_sha256.as_ref()?)
    }
}

/// What the code of a function was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldAgainst {
    /// The artifact itself: it was read in its bucket, and has the digest that the stack names.
    Artifact,
    /// The digest that the stack or StackSet names: the artifact was not read.
    Stack,
    /// The digest in a tag of the function: no stack could be read.
    Tag,
}

/// How many functions run what their stack names, in `report.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FunctionTotals {
    /// They do.
    pub agree: u64,
    /// They run something else.
    pub disagree: u64,
    /// What runs or what should run is not known.
    pub unknown: u64,
}

impl FunctionTotals {
    /// Counts what [`FunctionRow::agreement`] says of a function.
    pub fn add(&mut self, agreement: Option<bool>) {
        *match agreement {
            Some(true) => &mut self.agree,
            Some(false) => &mut self.disagree,
            None => &mut self.unknown,
        } += 1;
    }
}

/// A line of `stacks.jsonl`. `row` is `stack`, `stack-set`, `instance` or `unread`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum StackRow {
    /// A stack of ours.
    Stack {
        /// The account's id.
        account: String,
        /// The Region.
        region: String,
        /// Its name.
        name: String,
        /// Its ARN.
        id: String,
        /// CloudFormation's word for its state.
        status: String,
        /// Its parameters.
        parameters: BTreeMap<String, String>,
        /// Its tags.
        tags: BTreeMap<String, String>,
        /// Its outputs.
        outputs: BTreeMap<String, String>,
    },
    /// A StackSet of ours.
    StackSet {
        /// The Region that it is in.
        region: String,
        /// Its name.
        name: String,
        /// Its state.
        status: String,
        /// Its parameters.
        parameters: BTreeMap<String, String>,
    },
    /// An instance of a StackSet.
    Instance {
        /// The account's id.
        account: String,
        /// The Region.
        region: String,
        /// The StackSet.
        name: String,
        /// Its state: `CURRENT`, `OUTDATED`, `INOPERABLE`.
        status: String,
        /// Why, in CloudFormation's words.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// What could not be read.
    Unread {
        /// The account's id.
        account: String,
        /// The Region.
        region: String,
        /// Why.
        why: String,
    },
}

/// A line of `exemptions.jsonl`: an exemption of the ledger, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExemptionRow {
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The check.
    pub check: String,
    /// The notebook or domain: a name, an ARN, or a pattern.
    pub notebook: String,
    /// The ticket.
    pub ticket: String,
    /// Why the violation is borne.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who granted it.
    pub approved_by: String,
    /// The last day on which it holds (UTC).
    pub expires: String,
    /// What became of it.
    pub state: Ledger,
    /// How many evaluations name it: account, Region, check and ticket are its own, and the notebook fits.
    pub matched: u64,
}

/// What became of an exemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ledger {
    /// It holds for an evaluation at least.
    Applied,
    /// It would hold, and no evaluation names it.
    Unmatched,
    /// Its last day has passed: what it bore is a violation again.
    Expired,
    /// It would hold, and the results were read through an aggregator, which does not tell of those that are borne.
    Unknown,
}
