//! Whether the Regions are there.

use super::notes::Notes;
use super::{Case, Finding, topic};

/// Whether a Region is enabled, as far as is known.
pub(super) fn is_open(case: &Case<'_>, region: &str) -> bool {
    case.account.regions.as_ref().map_or(true, |enabled| enabled.iter().any(|one| one == region))
}

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let enabled = match &case.account.regions {
        Ok(enabled) => enabled,
        Err(refusal) => {
            let mut notes = Notes::of_account();
            notes.unread(topic::REGION, refusal);
            return notes.done();
        }
    };
    let mut findings = Vec::new();
    for region in &case.settings.regions {
        let mut notes = Notes::of(region);
        let partition = partition_of(region);
        if is_open(case, region) {
            notes.good(topic::REGION, "it is enabled");
        } else if partition != case.account.partition {
            notes.bad(
                topic::REGION,
                format!("{region} is in partition {partition}, and the account in {}", case.account.partition),
                "leave it out, or use credentials of that partition",
            );
        } else {
            let near = nearest(region, enabled).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            notes.bad(
                topic::REGION,
                format!("{region} is not enabled in the account, or there is no such Region{near}"),
                format!("leave it out, or enable it: aws account enable-region --region-name {region}"),
            );
        }
        findings.extend(notes.done());
    }
    findings
}

/// The partition of a Region, by its name
/// (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>).
pub(crate) fn partition_of(region: &str) -> &'static str {
    [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
    ]
    .into_iter()
    .find(|(start, _)| region.starts_with(start))
    .map_or("aws", |(_, partition)| partition)
}

/// The enabled Region that is written most alike, if it is alike at all.
fn nearest<'a>(region: &str, enabled: &'a [String]) -> Option<&'a str> {
    let near = enabled.iter().map(|other| (distance(region, other), other.as_str())).min()?;
    (near.0 <= 2).then_some(near.1)
}

/// How many letters have to be changed, added or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, a) in one.bytes().enumerate() {
        let mut next = vec![above + 1];
        for ((b, diagonal), up) in other.bytes().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((diagonal + usize::from(a != b)).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (one, other, far) in [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("eu-west-1", "eu-west-9", 1)] {
            assert_eq!(distance(one, other), far);
            assert_eq!(distance(other, one), far);
        }
    }

    #[test]
    fn only_what_is_alike_is_suggested() {
        let enabled = ["eu-west-1", "us-east-1"].map(str::to_owned);
        assert_eq!(nearest("eu-wset-1", &enabled), Some("eu-west-1"));
        assert_eq!(nearest("ap-south-1", &enabled), None);
    }
}
