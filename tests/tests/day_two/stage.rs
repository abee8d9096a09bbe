//! An organization of six accounts with an installation that is put together step by step, so that each test can leave
//! it in the state that it needs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use aws_config::SdkConfig;
use deployer::organization::plan::{Chunk, Filter, Reach, SetDeploy, SetPlan, SetStep};
use deployer::organization::settings::Pace;
use deployer::organization::{CallAs, Record, Targets};
use deployer::stack_set::Sets;
use deployer::templates::Template;
pub(crate) use guard_tests::example::{
    ACTIVE, DELEGATE, HOME, MANAGEMENT, OLD, OTHER, PAYMENTS, REGIONS, SEARCH, SET, TEST,
};
use guard_tests::example::{Example, found};
use guard_tests::process::ran;
pub(crate) use guard_tests::process::words;
use guard_tests::sandbox::{CallRecord, Options, Sandbox, StackSetView, World};

use crate::elf::Elf;
use crate::runner::{Ran, command};

/// `Prod` with `Payments` in it, `Test`, and an account that is suspended.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) root: String,
    pub(crate) prod: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::closed(&[]).await
    }

    /// With Regions that accounts have never enabled.
    pub(crate) async fn closed(closed: &[(&str, &str)]) -> Self {
        let options = Options { record: Some("/dev/null".into()), ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let world = sandbox.world();
        let Example { root, prod, .. } = found(world, &REGIONS, closed).unwrap();
        Self { sandbox, root, prod }
    }

    /// An organization with everything installed.
    pub(crate) async fn installed() -> Self {
        let stage = Self::new().await;
        stage.install().await;
        stage
    }

    /// Everything: artifacts and own stacks, the record, the StackSet in all accounts.
    pub(crate) async fn install(&self) {
        self.base().await;
        self.sets(vec![self.create(), Self::add(Reach::Everything, vec![self.everybody()]), auto()]).await;
    }

    /// What is in the management account itself, and the record of targets.
    pub(crate) async fn base(&self) {
        let file = Self::code();
        let path = file.path().to_str().unwrap().to_owned();
        let ran = self.run(&["install", "--yes", "--region", "all", "--code", &path]).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        let targets = Targets { units: vec![self.root.clone()], ..Targets::default() };
        self.record(targets, true).await;
    }

    /// A small executable that is marked as the function's.
    pub(crate) fn code() -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&Elf::good().bytes()).unwrap();
        file
    }

    /// Records targets in the artifact stacks, as an installation does.
    pub(crate) async fn record(&self, targets: Targets, management: bool) {
        let record = Record { targets, regions: REGIONS.map(str::to_owned).to_vec(), management, policies: false };
        for region in REGIONS {
            let noted = if region == HOME { record.to_string() } else { format!("home={HOME}") };
            self.note(region, &noted).await;
        }
    }

    async fn note(&self, region: &str, noted: &str) {
        use aws_sdk_cloudformation::types::{Parameter, Tag};
        let client = aws_sdk_cloudformation::Client::new(&self.sdk(MANAGEMENT, region).await);
        let stack = self.world().stack(MANAGEMENT, region, "notebook-guard-artifacts").unwrap().unwrap();
        let organization = self.world().organization_id().unwrap();
        let mut parameters = stack.parameters;
        parameters.insert("OrgId".to_owned(), organization);
        parameters.insert("Targets".to_owned(), noted.to_owned());
        // CloudFormation updates outputs only along with something else: the digest in the tag.
        let mut tags = stack.tags;
        let sum: u64 = noted.bytes().map(u64::from).sum();
        tags.insert("notebook-guard:settings".to_owned(), format!("{sum:016x}"));
        let parameter = |(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build();
        let tag = |(key, value)| Tag::builder().key(key).value(value).build();
        let call = client.update_stack().stack_name("notebook-guard-artifacts").use_previous_template(true);
        let call = call.set_parameters(Some(parameters.into_iter().map(parameter).collect()));
        let call = call.set_tags(Some(tags.into_iter().map(tag).collect()));
        if let Err(error) = call.send().await {
            let words = format!("{error:?}");
            assert!(words.contains("No updates are to be performed"), "{words}");
        }
        for looks in 0_u32.. {
            let stack = self.world().stack(MANAGEMENT, region, "notebook-guard-artifacts").unwrap().unwrap();
            assert!(looks < 1_000, "{stack:?}");
            if stack.status == "UPDATE_COMPLETE" && stack.outputs.get("Targets").is_some_and(|it| it == noted) {
                return;
            }
            assert!(!stack.status.contains("ROLLBACK"), "{stack:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Carries steps for the StackSet out.
    pub(crate) async fn sets(&self, steps: Vec<SetStep>) {
        use deployer::organization::apply::{Work, apply};
        use futures_util::future::FutureExt as _;
        let sets = Sets::new(&self.sdk(MANAGEMENT, HOME).await, HOME, CallAs::Own);
        let covered: BTreeMap<String, String> =
            ACTIVE.map(|account| (account.to_owned(), self.root.clone())).into_iter().collect();
        let plans = [SetPlan { name: SET.to_owned(), regions: regions(), steps }];
        let work = Work {
            sets: &sets,
            plans: &plans,
            administrator: MANAGEMENT,
            pace: Pace::default(),
            covered: &covered,
            patience: Duration::from_secs(30),
            on: &|_| {},
        };
        let applied = apply(work, std::future::pending().boxed_local().shared()).await;
        assert!(applied.is_through(), "{applied:?}");
    }

    /// The StackSet as the management account's own stack is.
    pub(crate) fn create(&self) -> SetStep {
        SetStep::Create(self.deploy(|_| {}))
    }

    pub(crate) fn deploy(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> SetDeploy {
        let stack = self.world().stack(MANAGEMENT, HOME, SET).unwrap().unwrap();
        let mut parameters = stack.parameters;
        change(&mut parameters);
        SetDeploy { template: Template::Member, parameters, tags: stack.tags, changes: Vec::new() }
    }

    pub(crate) fn everybody(&self) -> Chunk {
        Chunk { units: vec![self.root.clone()], accounts: Vec::new(), filter: Filter::None }
    }

    pub(crate) fn only(&self, accounts: &[&str]) -> Chunk {
        let accounts = accounts.iter().map(|account| (*account).to_owned()).collect();
        Chunk { units: vec![self.root.clone()], accounts, filter: Filter::Intersection }
    }

    pub(crate) fn add(on: Reach, chunks: Vec<Chunk>) -> SetStep {
        SetStep::AddInstances { on, regions: regions(), chunks }
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub(crate) fn set(&self) -> Option<StackSetView> {
        self.world().stack_set(HOME, SET)
    }

    pub(crate) async fn sdk(&self, account: &str, region: &str) -> SdkConfig {
        self.sandbox.sdk(account, region).unwrap().load().await
    }

    /// The command with the credentials of an account.
    pub(crate) fn deployer(&self, account: &str, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.envs(self.sandbox.environment(account, HOME).unwrap());
        command
    }

    /// Runs a command as the management account.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        self.run_as(MANAGEMENT, arguments).await
    }

    pub(crate) async fn run_as(&self, account: &str, arguments: &[&str]) -> Ran {
        ran(self.deployer(account, arguments)).await
    }

    /// The calls that changed something, since the log was last cleared.
    pub(crate) fn writes(&self) -> Vec<CallRecord> {
        self.world().calls().all().into_iter().filter(CallRecord::is_write).collect()
    }
}

pub(crate) fn auto() -> SetStep {
    SetStep::AutoDeployment { on: true }
}

pub(crate) fn regions() -> Vec<String> {
    REGIONS.map(str::to_owned).to_vec()
}

/// A run without what changes from run to run.
pub(crate) fn scrubbed(text: &str) -> String {
    let rules = [
        (r"\bo-[a-z0-9]{10}\b", "o-ORGANIZATION"),
        (r"\br-[a-z0-9]{4,32}\b", "r-ROOT"),
        (r"\bou-[a-z0-9]{4,32}-[a-z0-9]{8,32}", "ou-UNIT"),
        (r"[0-9a-f]{64}", "DIGEST"),
        (r"\d+(\.\d)? [kM]B", "0.0 MB"),
        (r"(?m)^warning: .*debug build[^\n]*\n(  [^\n]*\n)*", ""),
        (r"(?m)^note: [^\n]*\n(  [^\n]*\n)*", ""),
        (r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/ID"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, by)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *by).into_owned()
    })
}
