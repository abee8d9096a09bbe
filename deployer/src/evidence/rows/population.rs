//! What there is to judge, and whether all of it was seen.

use serde::{Deserialize, Serialize};

use crate::evidence::Moment;

/// A line of `population.jsonl`. The order of the lines says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum PopulationRow {
    /// An account × Region. Each that is in scope has one line, read or not.
    Place(Place),
    /// A notebook or a Studio domain.
    Resource(Resource),
}

/// An account × Region, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The account's id, twelve digits.
    pub account: String,
    /// Its name in the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// The Region.
    pub region: String,
    /// Whether it was read.
    #[serde(flatten)]
    pub reading: Reading,
    /// What was asked there, call by call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    /// How many resources were listed: as many lines of this file are [`Known::Listed`] there.
    pub resources: u64,
    /// The checks that are to judge there: those that were asked for, that the installation has on, or that have
    /// rules. None if that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// How many of the resources none of these checks applies to: as many lines there have [`Resource::not_judged`].
    #[serde(default, skip_serializing_if = "is_none")]
    pub not_judged: u64,
}

impl Place {
    /// Whether a call failed there. Where AWS Config answered that it has nothing, none did.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.errors().next().is_some()
    }

    /// What failed there, call by call.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().filter_map(|asked| asked.error.as_deref())
    }

    /// Whether a call was not answered at all. Where an aggregator tells that it lacks something, it was.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.asked.iter().any(|asked| asked.error.is_some() && asked.pages == 0)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// How far an account × Region was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Reading {
    /// All pages of all calls.
    Read,
    /// Some of it: what is there is true, and more may be.
    Incomplete {
        /// What is missing and why.
        why: String,
    },
    /// Nothing of it: no data.
    Unread {
        /// Why.
        why: String,
    },
    /// It is out of scope.
    Excluded {
        /// Why.
        why: String,
    },
}

impl Reading {
    /// Why it was not read to the end.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Read => None,
            Self::Incomplete { why } | Self::Unread { why } | Self::Excluded { why } => Some(why),
        }
    }

    /// Whether anything was read.
    #[must_use]
    pub fn has_data(&self) -> bool {
        match self {
            Self::Read | Self::Incomplete { .. } => true,
            Self::Unread { .. } | Self::Excluded { .. } => false,
        }
    }
}

/// A call that was made to read an account × Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The call as IAM names it: `sagemaker:ListNotebookInstances`.
    pub call: String,
    /// When the first page was asked for.
    pub at: Moment,
    /// How many pages came.
    pub pages: u64,
    /// How many things were on them.
    pub items: u64,
    /// Why there were no more, if it did not end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A notebook or a Studio domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// Its type, as AWS Config names it.
    pub resource_type: String,
    /// Its id, as AWS Config has it: the ARN.
    pub resource_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its status, as SageMaker names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// How it came to be in this file.
    pub known: Known,
    /// Why no check judges it, where none that is installed applies to its type: that it has no result is no lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_judged: Option<String>,
}

/// How a resource came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// The service that has it listed it.
    Listed,
    /// Only AWS Config holds a result for it: it is gone, or listing was not possible.
    EvaluatedOnly,
    /// It was deleted in the period: AWS Config recorded it.
    Deleted,
}
