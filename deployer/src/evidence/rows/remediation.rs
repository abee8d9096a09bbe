//! How long violations lasted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Compliance;
use crate::evidence::Moment;

/// A line of `remediation.jsonl`: a time in which a resource was `NON_COMPLIANT`, as the timeline tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemediationRow {
    /// The account's id.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The resource's type.
    pub resource_type: String,
    /// The resource's id.
    pub resource_id: String,
    /// The check.
    pub check: String,
    /// The Config rule's name.
    pub rule: String,
    /// When it was `NON_COMPLIANT` for the first time that is known.
    pub from: Moment,
    /// Whether it may have been before that: nothing just before `from` says that it was not.
    pub earlier: bool,
    /// When it no longer was; nothing if it still is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// What it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub became: Option<Compliance>,
    /// How long that is, or was when the period ended.
    pub seconds: u64,
    /// Whether something is not known of that time.
    pub gap: bool,
}

impl RemediationRow {
    /// Whether it ended because the resource satisfied the rule. An exemption and a deletion end it too.
    #[must_use]
    pub fn is_remediated(&self) -> bool {
        self.became == Some(Compliance::Compliant)
    }
}

/// What the violations of a check come to. Times are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remediation {
    /// All of them.
    pub violations: u64,
    /// Those that last.
    pub open: u64,
    /// Those that were mended.
    pub remediated: u64,
    /// Those that ended otherwise: by an exemption, by a deletion, with the rule.
    pub ended_otherwise: u64,
    /// Those that were mended and of whose time all is known, also when it began: the mean is theirs.
    pub measured: u64,
    /// How long those took together.
    pub measured_seconds: u64,
    /// How long they took in the mean, cut to whole seconds; nothing if none was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_seconds: Option<u64>,
    /// How long the longest of all took or takes.
    pub longest_seconds: u64,
}

impl Remediation {
    /// Counts a violation.
    pub fn add(&mut self, row: &RemediationRow) {
        self.violations += 1;
        self.open += u64::from(row.until.is_none());
        self.remediated += u64::from(row.is_remediated());
        self.ended_otherwise += u64::from(row.until.is_some() && !row.is_remediated());
        if row.is_remediated() && !row.earlier && !row.gap {
            self.measured += 1;
            self.measured_seconds = self.measured_seconds.saturating_add(row.seconds);
            self.mean_seconds = self.measured_seconds.checked_div(self.measured);
        }
        self.longest_seconds = self.longest_seconds.max(row.seconds);
    }
}

/// By check.
pub type RemediationTotals = BTreeMap<String, Remediation>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wholly_known_is_measured() {
        let row = |earlier: bool, gap: bool| -> RemediationRow {
            let row = serde_json::json!({"account": "111122223333", "region": "eu-west-1", "resourceType": "T",
                "resourceId": "nb", "check": "root-access", "rule": "root", "from": "2026-10-01T00:00:00Z",
                "until": "2026-10-01T00:01:00Z", "became": "COMPLIANT", "earlier": earlier, "gap": gap, "seconds": 60});
            serde_json::from_value(row).unwrap()
        };
        let mut sum = Remediation::default();
        sum.add(&row(true, false));
        sum.add(&row(false, true));
        assert_eq!((sum.remediated, sum.measured, sum.mean_seconds), (2, 0, None));
        assert!(serde_json::to_value(sum).unwrap().get("meanSeconds").is_none());
        sum.add(&row(false, false));
        assert_eq!((sum.remediated, sum.measured, sum.mean_seconds), (3, 1, Some(60)));
    }
}
