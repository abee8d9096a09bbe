//! What the world holds. Only reached through [`World`](super::World), which guards it with a lock.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use super::clock::Clock;
use super::credentials::Credential;
use super::lag::{Lags, Nursery};
use super::lambda::{Delivery, Function};
use super::random::Random;
use super::refusal::Refusal;
use super::service::Call;
use super::{cloudformation, config, ec2, iam, kms, lambda, logs, monitoring, organizations, s3, sagemaker};

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The twelve-digit account id.
    pub account: String,
    /// The Region, such as `eu-west-1`.
    pub region: String,
}

impl Place {
    /// The account and Region of that name.
    #[must_use]
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// The partition that the Region is in.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// An ARN of a service here.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition(), self.region, self.account)
    }

    /// An ARN of IAM, which has no Region.
    #[must_use]
    pub fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition(), self.account)
    }
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) regions: BTreeMap<Place, Region>,
    pub(crate) credentials: HashMap<String, Credential>,
    pub(crate) s3: s3::Store,
    pub(crate) organization: Option<organizations::Store>,
    pub(crate) organization_packs: config::OrganizationPacks,
    pub(crate) aggregation: config::Aggregation,
    pub(crate) stack_sets: cloudformation::StackSets,
    /// The stacks whose operations run, by place and id.
    pub(crate) moving: BTreeSet<(Place, String)>,
    pub(crate) ambient: Ambient,
}

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) administrator: Credential,
    /// Names of roles that cannot be assumed here.
    pub(crate) missing_roles: HashSet<String>,
    pub(crate) iam: iam::Store,
    pub(crate) permissions: iam::Permissions,
    /// Roles that only count.
    pub(crate) other_roles: usize,
    pub(crate) most_roles: usize,
}

impl Account {
    /// How many roles there are.
    pub(crate) fn roles(&self) -> usize {
        self.iam.len() + self.other_roles
    }
}

/// What one account has in one Region.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) place: Place,
    pub(crate) sagemaker: sagemaker::Store,
    pub(crate) ec2: ec2::Store,
    pub(crate) config: config::Store,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) kms: kms::Store,
    pub(crate) lambda: lambda::Store,
    pub(crate) code: lambda::CodeStorage,
    pub(crate) logs: logs::Store,
    pub(crate) alarms: monitoring::Store,
    pub(crate) cloudformation: cloudformation::Store,
    /// What reads may not see yet.
    pub(crate) nursery: Nursery,
}

/// What is the same everywhere.
#[derive(Debug)]
pub(crate) struct Ambient {
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    /// Invocations to send once the lock is free.
    pub(crate) outbox: Vec<Delivery>,
    pub(crate) settings: Settings,
    /// Whether the answer that is being made differs from the service's model on purpose.
    pub(crate) odd: bool,
}

/// How this world differs from AWS's defaults; set through [`World`](super::World).
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one independent switch, set by its own method")]
pub(crate) struct Settings {
    /// How long a notebook stays in `Pending`, `Stopping`, `Updating` and `Deleting`; `None` is for ever.
    pub(crate) transition: Option<Duration>,
    /// Page *n* (from 0) of a notebook listing comes back empty with a next token.
    pub(crate) empty_list_page: Option<usize>,
    /// Each page of a notebook listing repeats the last notebook of the page before.
    pub(crate) overlapping_pages: bool,
    /// The first page of a history comes back empty with a next token.
    pub(crate) empty_history_page: bool,
    /// The first page of everything that an aggregator lists comes back empty with a next token.
    pub(crate) hollow_aggregate_pages: bool,
    /// How long an aggregator shows nothing after it was made.
    pub(crate) aggregation_delay: Duration,
    /// `GetComplianceDetailsByConfigRule` and `DeleteEvaluationResults` refuse names over 64 characters.
    pub(crate) short_rule_names: bool,
    /// `PutConfigRule` wants a configuration recorder.
    pub(crate) rules_need_recorder: bool,
    /// `StartConfigRulesEvaluation` is refused within a minute of the last one for the same rule.
    pub(crate) evaluation_pause: bool,
    /// A rule that is put is evaluated at once, as AWS does.
    pub(crate) evaluate_new_rules: bool,
    /// `ConcurrentExecutions` of every account and Region.
    pub(crate) lambda_concurrency: u64,
    /// How long a stack takes for each step of an operation.
    pub(crate) stack_delay: Duration,
    /// What goes wrong with resources of stacks.
    pub(crate) resource_failures: Vec<cloudformation::Script>,
    /// What early validation finds.
    pub(crate) validation_failures: Vec<cloudformation::ValidationScript>,
    /// A stack stays invisible for that many `DescribeStacks` calls by name after it was made.
    pub(crate) late_stacks: usize,
    /// Which reads lag behind writes.
    pub(crate) lags: Lags,
    /// How long it takes until a policy type is in force, or an account closed.
    pub(crate) organization_delay: Duration,
    /// The first page of every listing of the organization comes back empty with a next token.
    pub(crate) empty_organization_pages: bool,
    /// Accounts of the organization have their retired `Status` too.
    pub(crate) account_status: bool,
    /// The form of change notifications.
    pub(crate) oversized: config::Oversized,
}

impl State {
    /// The Region that a call is for, with what is the same everywhere.
    ///
    /// # Errors
    /// `UnrecognizedClientException`: it is not enabled. The wire refuses such calls before; this is for the type.
    pub(crate) fn here(&mut self, call: &Call<'_>) -> Result<(&mut Region, &mut Ambient), Refusal> {
        let Self { regions, ambient, .. } = self;
        let region = regions.get_mut(&Place::new(call.account, call.region));
        let refusal =
            || Refusal::new("UnrecognizedClientException", "The security token included in the request is invalid.");
        region.map(|region| (region, ambient)).ok_or_else(refusal)
    }

    /// Enables a Region for an account that exists.
    pub(crate) fn enable(&mut self, place: &Place) {
        let region = || Region {
            place: place.clone(),
            sagemaker: sagemaker::Store::default(),
            ec2: ec2::Store::new(&mut Random::new(seed(place))),
            config: config::Store::default(),
            functions: BTreeMap::new(),
            kms: kms::Store::new(),
            lambda: lambda::Store::new(),
            code: lambda::CodeStorage::default(),
            logs: logs::Store::new(),
            alarms: monitoring::Store::new(),
            cloudformation: cloudformation::Store::default(),
            nursery: Nursery::new(),
        };
        self.regions.entry(place.clone()).or_insert_with(region);
    }
}

/// A seed from a name, so that what every Region is born with does not depend on the order of creation.
fn seed(place: &Place) -> u64 {
    let bytes = place.account.bytes().chain(place.region.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
