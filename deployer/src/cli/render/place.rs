//! For which account a document is: named, so that no AWS is needed, or the caller's.

use clap::Args;

use super::super::target::Target;
use crate::failure::Failure;
use crate::names::Names;
use crate::session::caller;

/// The account and its partition.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For whom")]
pub(super) struct Place {
    /// Account id; with it no AWS is called [default: the caller's].
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
    /// Partition: aws, aws-cn, aws-us-gov, ... [default: that of the caller or of --region].
    #[arg(long, value_name = "NAME", value_parser = partition)]
    partition: Option<String>,
}

/// Whose names a document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) account: String,
    pub(super) partition: String,
}

impl Owner {
    pub(super) fn names<'a>(&'a self, prefix: &'a str) -> Names<'a> {
        Names { prefix, account: &self.account, partition: &self.partition }
    }
}

impl Place {
    /// Asks AWS who calls, unless the account is named.
    pub(super) async fn owner(&self, target: &Target) -> Result<Owner, Failure> {
        let region = target.regions.iter().map(String::as_str).find(|region| *region != "all");
        let partition = self.partition.as_deref();
        if let Some(account) = &self.account {
            let partition = partition.or(region.map(partition_of)).unwrap_or("aws").to_owned();
            return Ok(Owner { account: account.clone(), partition });
        }
        let identity = caller(target.profile.as_deref(), region).await.map_err(|failure| {
            failure.help("or say for which account, and AWS is not asked: --account 111122223333")
        })?;
        let partition = partition.unwrap_or(identity.partition()).to_owned();
        Ok(Owner { account: identity.account, partition })
    }
}

/// The partition of a Region, by what its name begins with (`partitions.json` of botocore).
pub(in crate::cli) fn partition_of(region: &str) -> &'static str {
    const STARTS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
    ];
    STARTS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account id has twelve digits".to_owned())
    }
}

pub(super) fn partition(text: &str) -> Result<String, String> {
    if text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| rest.split('-').all(is_word)) {
        Ok(text.to_owned())
    } else {
        Err("a partition is aws, aws-cn, aws-us-gov, aws-eusc or one of aws-iso".to_owned())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_their_partition() {
        for (region, expected) in [
            ("eu-west-1", "aws"),
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(partition_of(region), expected, "{region}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_told() {
        assert!(account("111122223333").is_ok() && account("11112222333").is_err() && account("11112222333x").is_err());
        assert!(partition("aws-iso-b").is_ok() && partition("aws").is_ok());
        assert!(partition("aws-").is_err() && partition("amazon").is_err() && partition("").is_err());
    }
}
