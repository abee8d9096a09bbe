//! An organization whose instances are only records, and the StackSet steps of a plan in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use deployer::names::{MANAGED_TAG, Names, SETTINGS_TAG};
use deployer::organization::CallAs;
use deployer::organization::apply::{SetEvent, SetWhat, SetsApplied, Work, apply};
use deployer::organization::plan::{Chunk, Filter, Reach, SetDeploy, SetPlan, SetStep};
use deployer::organization::settings::Pace;
use deployer::settings::{Settings, Triggers};
use deployer::stack_set::Sets;
use deployer::templates::{ArtifactName, Template, member_parameters};
use guard_tests::sandbox::{LightStackSets, Options, Sandbox, StackSetView, StackSetsAccess, World};

pub(crate) const MANAGEMENT: &str = "111111111111";
pub(crate) const DELEGATE: &str = "222222222222";
pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const SET: &str = "notebook-guard";
pub(crate) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// An organization: under the root a unit with some accounts.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: String,
    pub(crate) unit: String,
    /// The accounts that are covered, each with the unit.
    pub(crate) covered: BTreeMap<String, String>,
    pub(crate) pace: Pace,
    pub(crate) patience: Duration,
    pub(crate) events: RefCell<Vec<SetWhat>>,
}

impl Stage {
    pub(crate) async fn new(accounts: usize) -> Self {
        let options = Options { record: Some("/dev/null".into()), ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let world = sandbox.world();
        for account in [MANAGEMENT, DELEGATE] {
            world.add_account(account).unwrap();
            world.enable_region(account, HOME).unwrap();
        }
        let root = world.create_organization(MANAGEMENT).unwrap();
        let unit = world.add_unit(&root, "Prod").unwrap();
        world.set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
        world.set_light_stack_sets(Some(LightStackSets::default()));
        world.set_stack_delay(Duration::from_millis(2));
        let names: Vec<String> = (0..accounts).map(|number| format!("{:012}", 333_333_000_000 + number)).collect();
        world.join_many(names.iter().cloned(), &unit).unwrap();
        let covered = names.into_iter().map(|name| (name, unit.clone())).collect();
        let (pace, patience) = (Pace::default(), Duration::from_secs(20));
        Self { sandbox, root, unit, covered, pace, patience, events: RefCell::default() }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    /// From now on so many of a million instances fail for a reason.
    pub(crate) fn failing(&self, per_million: u64, reason: &str) {
        self.world().set_light_stack_sets(Some(LightStackSets::default().failing(per_million, reason)));
    }

    /// StackSets with the credentials of an account.
    pub(crate) async fn sets(&self, account: &str, call_as: CallAs) -> Sets {
        Sets::new(&self.sdk(account).await, HOME, call_as)
    }

    pub(crate) async fn sdk_of_management(&self) -> SdkConfig {
        self.sdk(MANAGEMENT).await
    }

    async fn sdk(&self, account: &str) -> SdkConfig {
        let loader = self.sandbox.sdk(account, HOME).unwrap();
        let quick = RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
        loader.retry_config(quick).load().await
    }

    /// Carries plans out as the management account.
    pub(crate) async fn apply(&self, plans: &[SetPlan]) -> SetsApplied {
        self.apply_until(plans, std::future::pending()).await
    }

    /// The same, until the user wants to leave.
    pub(crate) async fn apply_until(&self, plans: &[SetPlan], interrupt: impl Future<Output = ()>) -> SetsApplied {
        let sets = self.sets(MANAGEMENT, CallAs::Own).await;
        self.apply_as(&sets, plans, interrupt).await
    }

    pub(crate) async fn apply_as(
        &self,
        sets: &Sets,
        plans: &[SetPlan],
        interrupt: impl Future<Output = ()>,
    ) -> SetsApplied {
        use futures_util::future::FutureExt as _;
        let on = |event: SetEvent| self.events.borrow_mut().push(event.what);
        let (pace, patience) = (self.pace, self.patience);
        let covered = &self.covered;
        let work = Work { sets, plans, administrator: MANAGEMENT, pace, covered, patience, on: &on };
        let interrupt = interrupt.boxed_local().shared();
        apply(work, interrupt).await
    }

    pub(crate) fn set(&self) -> StackSetView {
        self.world().stack_set(HOME, SET).unwrap()
    }

    /// How many instances there are of each status.
    pub(crate) fn statuses(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for instance in self.set().instances.values() {
            *counts.entry(instance.status).or_default() += 1;
        }
        counts
    }

    /// How often an operation of CloudFormation was called.
    pub(crate) fn calls(&self, operation: &str) -> usize {
        self.world().calls().count("cloudformation", operation)
    }

    /// The first installation: the StackSet, the canary accounts if there are any, everybody, automatic deployment.
    pub(crate) fn fresh(&self, canary: usize) -> SetPlan {
        let everybody = Chunk { units: vec![self.unit.clone()], accounts: Vec::new(), filter: Filter::None };
        let mut steps = vec![SetStep::Create(deploy("one"))];
        if canary > 0 {
            steps.push(add(Reach::Canary, vec![self.canary(canary)]));
        }
        steps.push(add(Reach::Everything, vec![everybody]));
        steps.push(SetStep::AutoDeployment { on: true });
        plan(SET, steps)
    }

    /// The first accounts, as targets.
    pub(crate) fn canary(&self, accounts: usize) -> Chunk {
        let accounts = self.covered.keys().take(accounts).cloned().collect();
        Chunk { units: vec![self.unit.clone()], accounts, filter: Filter::Intersection }
    }
}

pub(crate) fn plan(name: &str, steps: Vec<SetStep>) -> SetPlan {
    SetPlan { name: name.to_owned(), regions: regions(), steps }
}

pub(crate) fn add(on: Reach, chunks: Vec<Chunk>) -> SetStep {
    SetStep::AddInstances { on, regions: regions(), chunks }
}

pub(crate) fn regions() -> Vec<String> {
    REGIONS.map(str::to_owned).to_vec()
}

/// The member template with settings that differ by a word.
pub(crate) fn deploy(word: &str) -> SetDeploy {
    let settings = Settings::new(regions());
    let names = Names { prefix: SET, account: MANAGEMENT, partition: "aws" };
    let artifact = ArtifactName {
        version: "1.0.0".to_owned(),
        sha256: "0".repeat(64),
        code_sha256: String::new(),
        size: 1,
        architecture: "arm64".to_owned(),
    };
    let mut parameters = member_parameters(&settings, Triggers::ChangeAndSchedule, names, &artifact);
    if word != "one" {
        parameters.insert("LogRetentionDays".to_owned(), "30".to_owned());
    }
    let tags = [(MANAGED_TAG, "true"), (SETTINGS_TAG, word)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    SetDeploy { template: Template::Member, parameters, tags: tags.into(), changes: Vec::new() }
}
