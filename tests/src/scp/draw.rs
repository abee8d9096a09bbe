//! Requests and chains of policies from a seed.

use deployer::scp::language::{Context, Request};

use super::{Case, Named, full_access};
use crate::sandbox::random::Random;

/// The names of policies that allow a part only, and take the place of `FullAWSAccess`.
const ALLOW_LISTS: [&str; 2] = ["allow-list", "allow-with-condition"];

const ACCOUNT: &str = "111122223333";

const PRINCIPALS: [&str; 8] = [
    "role/developer",
    "role/BreakGlass",
    "role/breakglass",
    "role/stacksets-exec-0123456789abcdef",
    "role/AWSControlTowerExecution",
    "role/admin/eu-security",
    "role/admin/apac-security",
    "user/somebody",
];

/// A key with the values it may have; one, or for a list several.
type Key = (&'static str, bool, &'static [&'static str]);

/// An action, the resources it may be about, and its keys.
type Action = (&'static str, &'static [&'static str], &'static [Key]);

const NOTEBOOKS: &[&str] = &["notebook-instance/example", "notebook-instance/scratch-1", "notebook-instance/blue-7"];

const SUBNETS: Key = ("sagemaker:VpcSubnets", true, &["subnet-aaaa1111", "subnet-bbbb2222", "subnet-cccc3333"]);
const INTERNET: Key = ("sagemaker:DirectInternetAccess", false, &["Enabled", "Disabled", "disabled"]);
const ROOT: Key = ("sagemaker:RootAccess", false, &["Enabled", "Disabled", "enabled"]);
const SIZES: Key =
    ("sagemaker:InstanceTypes", true, &["ml.t3.medium", "ml.m5.large", "ml.m5.xlarge", "ml.p4d.24xlarge"]);
const IMDS: Key = ("sagemaker:MinimumInstanceMetadataServiceVersion", false, &["1", "2"]);
const GROUPS: Key = ("sagemaker:VpcSecurityGroupIds", true, &["sg-open1", "sg-open2", "sg-closed"]);
const DOMAIN: Key = ("sagemaker:AppNetworkAccessType", false, &["PublicInternetOnly", "VpcOnly", "vpconly"]);
const VOLUME: Key = (
    "sagemaker:VolumeKmsKeyArn",
    false,
    &[
        "arn:aws:kms:eu-west-1:111122223333:key/new",
        "arn:aws:kms:eu-west-1:111122223333:key/0ld",
        "arn:aws:kms:eu-west-1:444455556666:key/new",
    ],
);
const OWNER: Key = ("aws:RequestTag/owner", false, &["me", ""]);
const TAG_KEYS: Key = ("aws:TagKeys", true, &["owner", "Project", "other"]);
const RESOURCE_TEAM: Key = ("aws:ResourceTag/team", false, &["blue", "red"]);

const ACTIONS: [Action; 15] = [
    (
        "sagemaker:CreateNotebookInstance",
        NOTEBOOKS,
        &[SUBNETS, INTERNET, ROOT, SIZES, IMDS, GROUPS, VOLUME, OWNER, TAG_KEYS],
    ),
    ("sagemaker:UpdateNotebookInstance", NOTEBOOKS, &[ROOT, SIZES, IMDS]),
    ("sagemaker:DeleteNotebookInstance", NOTEBOOKS, &[]),
    ("sagemaker:StopNotebookInstance", NOTEBOOKS, &[RESOURCE_TEAM]),
    ("sagemaker:CreatePresignedNotebookInstanceUrl", NOTEBOOKS, &[]),
    ("sagemaker:DescribeNotebookInstance", NOTEBOOKS, &[]),
    ("sagemaker:CreateDomain", &["domain/d-example"], &[DOMAIN, SUBNETS, GROUPS]),
    ("sagemaker:UpdateDomain", &["domain/d-example"], &[DOMAIN]),
    ("lambda:UpdateFunctionCode", &["function:notebook-guard-evaluator", "function:other"], &[]),
    (
        "iam:CreateRole",
        &["role/stacksets-exec-evil", "role/BreakGlass", "role/notebook-guard/notebook-guard-eu-west-1"],
        &[],
    ),
    ("iam:PutRolePolicy", &["role/of/guard-1", "role/guard-1", "role/stacksets-exec-0123456789abcdef"], &[]),
    ("iam:DeleteRole", &["role/of/guard-1", "role/other"], &[]),
    (
        "config:DeleteConformancePack",
        &["conformance-pack/notebook-guard/conformance-pack-1", "conformance-pack/other/conformance-pack-1"],
        &[],
    ),
    ("cloudformation:DeleteStack", &["stack/StackSet-notebook-guard-1/1", "stack/other/1"], &[]),
    ("logs:DeleteLogGroup", &["log-group:/notebook-guard/evaluator", "log-group:/other"], &[]),
];

/// Global keys: who asks, from where, when.
const GLOBAL: [Key; 9] = [
    ("aws:RequestedRegion", false, &["eu-west-1", "eu-central-1", "us-east-1"]),
    ("aws:SourceIp", false, &["203.0.113.7", "198.51.100.7", "2001:db8::7", "2001:db9::7"]),
    ("aws:SourceVpce", false, &["vpce-0123456789abcdef0", "vpce-0fedcba9876543210"]),
    ("aws:ViaAWSService", false, &["true", "false"]),
    ("aws:MultiFactorAuthPresent", false, &["true", "false"]),
    ("aws:MultiFactorAuthAge", false, &["3599", "3600", "3601"]),
    ("aws:SecureTransport", false, &["true", "true", "true", "false"]),
    ("aws:CurrentTime", false, &["2026-12-19T23:59:59Z", "2026-12-24T18:00:00Z", "2027-01-06T00:00:00Z"]),
    ("aws:PrincipalTag/team", false, &["blue", "red"]),
];

/// Draws cases.
pub(super) struct Draw {
    random: Random,
    policies: Vec<Named>,
}

impl Draw {
    pub(super) fn new(seed: u64, policies: Vec<Named>) -> Self {
        Self { random: Random::new(seed), policies }
    }

    pub(super) fn cases(&mut self, count: usize) -> Vec<Case> {
        (0..count)
            .map(|_| Case { group: "drawn", levels: self.levels(), request: self.request(), intended: None })
            .collect()
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let at = self.random.next() % (list.len() as u64).max(1);
        list.get(usize::try_from(at).unwrap_or_default()).copied()
    }

    fn levels(&mut self) -> Vec<Vec<Named>> {
        let count = 1 + self.random.next() % 3;
        (0..count).map(|_| self.level()).collect()
    }

    fn level(&mut self) -> Vec<Named> {
        let mut level = Vec::new();
        for _ in 0..self.random.next() % 3 {
            let at = usize::try_from(self.random.next() % self.policies.len() as u64).unwrap_or_default();
            level.extend(self.policies.get(at).cloned());
        }
        if !level.iter().any(|(name, _)| ALLOW_LISTS.contains(&name.as_str())) {
            level.insert(0, full_access());
        }
        level
    }

    fn request(&mut self) -> Request {
        // Half of all: it has the most settings.
        let first = ACTIONS.first().copied();
        let drawn = if self.random.chance(0.5) { first } else { self.one(&ACTIONS) };
        let (action, resources, keys) = drawn.unwrap_or(("sagemaker:CreateNotebookInstance", &[], &[]));
        let service = action.split(':').next().unwrap_or_default();
        let region = if service == "iam" { "" } else { "eu-west-1" };
        let rest = self.one(resources).unwrap_or_default();
        let principal = self.one(&PRINCIPALS).unwrap_or_default();
        let mut context = Context::default().with("aws:PrincipalArn", format!("arn:aws:iam::{ACCOUNT}:{principal}"));
        for key in keys {
            context = self.with(context, key, 0.75);
        }
        for key in &GLOBAL {
            context = self.with(context, key, 0.5);
        }
        Request { action: action.to_owned(), resource: format!("arn:aws:{service}:{region}:{ACCOUNT}:{rest}"), context }
    }

    /// The key with a value of it, or without any.
    fn with(&mut self, context: Context, (key, is_list, values): &Key, chance: f64) -> Context {
        if !self.random.chance(chance) {
            return context;
        }
        let count = if *is_list { 1 + self.random.next() % 2 } else { 1 };
        let mut drawn: Vec<String> = (0..count).filter_map(|_| self.one(values)).map(str::to_owned).collect();
        drawn.dedup();
        context.with_all(key, drawn)
    }
}
