//! The forms of values that the templates and AWS take. `cfn/member.yaml` has the same as patterns; a test holds the
//! two against each other.

use std::collections::BTreeMap;

use crate::names::is_prefix;

/// The most characters of a list, joined by commas (`cfn/member.yaml`): with the names around it, it stays within what
/// AWS Config takes as parameters of a rule.
const LIST: usize = 900;
/// The days that CloudWatch Logs knows
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>).
const RETENTIONS: [u16; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// A resource takes 50 tags; ours are `managed`, `component`, `version`, `settings` and, on the function,
/// `artifact-sha256`.
const TAGS: usize = 50 - 5;
/// Names of buckets do not begin so
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
const NO_BUCKETS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

pub(super) fn prefix(text: &str) -> Result<(), String> {
    if !is_prefix(text) {
        return Err(format!(
            "--prefix {text}: 2 to 14 lower-case letters, digits and hyphens, from a letter to a letter or digit"
        ));
    }
    if text.ends_with("-artifacts") {
        return Err(format!(
            "--prefix {text}: names that end in -artifacts are those of other installations' bucket stacks"
        ));
    }
    match NO_BUCKETS.iter().find(|start| text.starts_with(*start) || format!("{text}-") == **start) {
        Some(start) => Err(format!("--prefix {text}: S3 keeps bucket names that begin with {start} to itself")),
        None => Ok(()),
    }
}

pub(super) fn list(flag: &str, values: &[String]) -> Result<(), String> {
    let length = values.join(",").chars().count();
    if length > LIST {
        return Err(format!(
            "{flag}: together {length} characters, but a rule has room for {LIST}; keep to what this account uses"
        ));
    }
    // The templates' patterns, where they are narrower than what the function takes.
    let is_narrow = |value: &&String| match flag {
        "--allowed-kms-key" => is_key_arn(value),
        _ => value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
    };
    match values.iter().find(|value| !is_narrow(value)) {
        Some(wrong) => Err(format!("{flag} {wrong}: {}", wanted(flag))),
        None => Ok(()),
    }
}

fn wanted(flag: &str) -> &'static str {
    match flag {
        "--allowed-kms-key" => "the ARN of a key is expected (no alias), as arn:aws:kms:REGION:ACCOUNT:key/ID",
        "--allowed-subnet" => "a subnet is expected, as subnet-0a1b2c3d",
        _ => "a platform is expected, as notebook-al2023-v1",
    }
}

fn is_key_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "kms", region, account, key] = parts.as_slice() else { return false };
    let all = |text: &str, is_fine: fn(u8) -> bool| !text.is_empty() && text.bytes().all(is_fine);
    all(partition, |b| b.is_ascii_lowercase() || b == b'-')
        && all(region, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && is_account(account)
        && key.strip_prefix("key/").is_some_and(|id| all(id, |b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// The templates build the ARN themselves, because one name serves many accounts.
pub(super) fn boundary(text: &str) -> Result<(), String> {
    if text.starts_with("arn:") {
        return Err(format!("--permissions-boundary {text}: give what follows `policy/` in the ARN"));
    }
    let is_fine = text.len() <= 512 && text.split('/').all(is_name);
    if is_fine { Ok(()) } else { Err(format!("--permissions-boundary {text}: the name of a policy, with its path")) }
}

pub(super) fn role_path(text: &str) -> Result<(), String> {
    let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let is_fine = text.len() <= 512 && (text == "/" || inner.is_some_and(|inner| inner.split('/').all(is_name)));
    if is_fine {
        Ok(())
    } else {
        Err(format!("--role-path {text}: a path begins and ends with a slash, as /security/"))
    }
}

/// Part of a name or path in IAM.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+=,@-".contains(&b))
}

pub(super) fn retention(days: u16) -> Result<(), String> {
    if RETENTIONS.contains(&days) {
        return Ok(());
    }
    let known: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
    Err(format!("--log-retention {days}: CloudWatch Logs knows {} days", known.join(", ")))
}

pub(super) fn topic(text: &str) -> Result<(), String> {
    if text.starts_with("arn:") {
        return Err(format!("--alarm-topic {text}: give ACCOUNT:NAME, the last two parts of the ARN"));
    }
    let is_fine = text.split_once(':').is_some_and(|(account, name)| {
        let is_topic = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        is_account(account) && !name.is_empty() && name.len() <= 256 && name.bytes().all(is_topic)
    });
    if is_fine {
        Ok(())
    } else {
        Err(format!("--alarm-topic {text}: ACCOUNT:NAME is expected, as 111122223333:security"))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Tags as every service that gets them takes them. IAM is the strictest: its keys differ in more than letter case
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>), and CloudFormation takes no empty value
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html>).
pub(super) fn tags(given: &[String]) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut tags = BTreeMap::new();
    let mut faults = Vec::new();
    for text in given {
        match tag(text) {
            Ok((key, _)) if tags.keys().any(|other: &String| other.to_lowercase() == key.to_lowercase()) => {
                faults.push(format!("--tag {text}: the key is given twice (letter case does not tell keys apart)"));
            }
            Ok((key, value)) => {
                tags.insert(key.to_owned(), value.to_owned());
            }
            Err(reason) => faults.push(format!("--tag {text}: {reason}")),
        }
    }
    if tags.len() > TAGS {
        faults.push(format!("--tag: {} tags; a resource takes 50, and five are ours", tags.len()));
    }
    if faults.is_empty() { Ok(tags) } else { Err(faults) }
}

fn tag(text: &str) -> Result<(&str, &str), &'static str> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE is expected")?;
    let is_fine = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let lower = key.to_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("notebook-guard:") {
        Err("keys that begin with aws: or notebook-guard: are taken")
    } else if key.trim().is_empty() || key.chars().count() > 128 {
        Err("a key has 1 to 128 characters")
    } else if value.is_empty() || value.chars().count() > 256 {
        Err("a value has 1 to 256 characters: CloudFormation takes no empty one")
    } else if !text.chars().all(is_fine) {
        Err("letters, digits, spaces and _.:/=+-@ are allowed")
    } else {
        Ok((key, value))
    }
}
