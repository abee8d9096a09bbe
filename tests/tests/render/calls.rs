//! What IAM asks for when a call is made: the action and the ARN of the service authorization reference
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>).

use std::collections::{BTreeMap, BTreeSet};

use guard_tests::sandbox::CallRecord;
use regex::Regex;

/// Actions of S3 that are not called as their operations
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).
const S3: [(&str, &str); 4] = [
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("DeleteObjects", "DeleteObject"),
];

/// Operations that know no resource, or are asked for all of them.
const ANY: [&str; 14] = [
    "sts:GetCallerIdentity",
    "ec2:DescribeRegions",
    "iam:GetAccountSummary",
    "cloudformation:ListStacks",
    "cloudformation:DescribeAccountLimits",
    "config:DescribeConfigRules",
    "config:DescribeConfigurationRecorders",
    "config:DescribeConfigurationRecorderStatus",
    "config:DescribeConformancePacks",
    "config:DescribeConformancePackStatus",
    "config:DescribeDeliveryChannels",
    "config:DescribeConfigRuleEvaluationStatus",
    "config:DescribeComplianceByConfigRule",
    "lambda:GetAccountSettings",
];

/// The actions of calls and what they are done to.
pub(crate) fn needed(calls: &[CallRecord]) -> BTreeSet<(String, String)> {
    let made = calls.iter().filter(|call| call.operation == "CreateChangeSet" && call.status == 200);
    let tag = |call: &CallRecord, name: &str| part(&call.response, &format!("<{name}>([^<]+)</{name}>"));
    let change_sets = made.map(|call| (tag(call, "Id"), tag(call, "StackId"))).collect();
    calls.iter().map(|call| one(call, &change_sets)).collect()
}

/// Stacks by the ARNs of their change sets.
type ChangeSets = BTreeMap<String, String>;

fn one(call: &CallRecord, change_sets: &ChangeSets) -> (String, String) {
    let service = if call.service == "monitoring" { "cloudwatch" } else { &call.service };
    let renamed = S3.iter().find(|(operation, _)| service == "s3" && *operation == call.operation);
    let action = format!("{service}:{}", renamed.map_or(call.operation.as_str(), |(_, action)| action));
    let resource = if ANY.contains(&action.as_str()) { "*".to_owned() } else { resource(service, call, change_sets) };
    (action, resource)
}

fn resource(service: &str, call: &CallRecord, change_sets: &ChangeSets) -> String {
    let (region, account) = (&call.region, &call.account);
    match service {
        "cloudformation" => stack(call, change_sets),
        "iam" => iam(call),
        "lambda" => format!("arn:aws:lambda:{region}:{account}:function:{}", part(&call.line, r"/functions/([^/? ]+)")),
        "s3" => {
            let path = part(&call.line, r"^\S+ /([^?]*)");
            let is_object = path.trim_end_matches('/').contains('/');
            format!("arn:aws:s3:::{}", if is_object { &path } else { path.trim_end_matches('/') })
        }
        "cloudwatch" => format!("arn:aws:cloudwatch:{region}:{account}:alarm:*"),
        "logs" => format!("arn:aws:logs:{region}:{account}:log-group:{}", text(call, "logGroupName")),
        _ => panic!("{service}:{} is not known here: {call:?}", call.operation),
    }
}

/// IAM looks at the stack, also where a change set is named by its ARN alone.
fn stack(call: &CallRecord, change_sets: &ChangeSets) -> String {
    match call.request["StackName"].as_str() {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some(name) => format!("arn:aws:cloudformation:{}:{}:stack/{name}/id", call.region, call.account),
        None => change_sets[&text(call, "ChangeSetName")].clone(),
    }
}

fn iam(call: &CallRecord) -> String {
    match call.operation.as_str() {
        "GetRole" => format!("arn:aws:iam::{}:role/somewhere/{}", call.account, text(call, "RoleName")),
        "GetPolicy" => text(call, "PolicyArn"),
        "SimulatePrincipalPolicy" => text(call, "PolicySourceArn"),
        other => panic!("iam:{other} is not known here"),
    }
}

fn text(call: &CallRecord, member: &str) -> String {
    call.request[member].as_str().unwrap_or_else(|| panic!("no {member} in {call:?}")).to_owned()
}

fn part(text: &str, pattern: &str) -> String {
    let found = Regex::new(pattern).unwrap().captures(text).unwrap_or_else(|| panic!("no {pattern} in {text}"));
    found[1].to_owned()
}
