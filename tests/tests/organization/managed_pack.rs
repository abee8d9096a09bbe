//! `--managed-rules-pack` from the first look to the removal.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_config::Client;
use aws_sdk_config::types::ConformancePackInputParameter;
use deployer::managed_pack::{
    Deployment, Mark, Observed, PackAction, PackCause, PackEvent, PackPlan, PackSettings, PackStep, Removal, Service,
    Waits, apply, catalogue, group, observe, outcome_lines, plan, plan_lines, remove, status,
};
use deployer::names::Names;
use deployer::permissions::{MANAGED_PACK, Permission, Use};
use deployer::settings::Settings;
use guard_tests::sandbox::{Effect, Fault, Lag, Lagging, Options, RecorderState, Sandbox, When};

const MANAGEMENT: &str = "111111111111";
const REGION: &str = "eu-west-1";
const NAME: &str = "notebook-guard-managed";
const PRINCIPAL: &str = "config-multiaccountsetup.amazonaws.com";

/// Real pauses would make the tests slow.
const WAITS: Waits =
    Waits { operation: Duration::from_secs(10), settling: Duration::from_secs(5), pause: Duration::from_millis(5) };
const HURRIED: Waits = Waits { settling: Duration::from_millis(50), ..WAITS };

fn member(at: usize) -> String {
    format!("2{at:011}")
}

async fn organization(members: usize, regions: &[&str]) -> Sandbox {
    founded(members, regions).await.0
}

/// An organization with so many members, with recorders everywhere; and the id of its root.
async fn founded(members: usize, regions: &[&str]) -> (Sandbox, String) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let world = sandbox.world();
    world.add_account(MANAGEMENT).unwrap();
    let root = world.create_organization(MANAGEMENT).unwrap();
    let accounts: Vec<String> = (0..members).map(member).collect();
    for account in &accounts {
        world.add_account(account).unwrap();
        world.join(account, &root).unwrap();
    }
    for account in accounts.iter().map(String::as_str).chain([MANAGEMENT]) {
        for region in regions {
            world.enable_region(account, region).unwrap();
            world.set_recorder(account, region, &RecorderState::ALL).unwrap();
        }
    }
    (sandbox, root)
}

async fn client(sandbox: &Sandbox, account: &str, region: &str) -> Client {
    let loader = sandbox.sdk(account, region).unwrap();
    Client::new(&loader.retry_config(RetryConfig::disabled()).load().await)
}

fn settings(excluded: &[&str]) -> PackSettings {
    let excluded = excluded.iter().map(|account| (*account).to_owned()).collect();
    PackSettings::new(&Settings::new(vec![REGION.to_owned()]), excluded)
}

/// The management account and so many members.
fn expected(members: usize) -> BTreeSet<String> {
    (0..members).map(member).chain([MANAGEMENT.to_owned()]).collect()
}

/// One administrator in one Region.
struct Administrator {
    client: Client,
    region: String,
}

impl Administrator {
    async fn new(sandbox: &Sandbox, account: &str, region: &str) -> Self {
        Self { client: client(sandbox, account, region).await, region: region.to_owned() }
    }

    fn service(&self) -> Service<'_> {
        Service { config: &self.client, region: &self.region }
    }

    async fn look(&self) -> Observed {
        observe(self.service(), NAME, Some(false)).await.unwrap()
    }

    async fn plan(&self, settings: &PackSettings) -> PackPlan {
        plan(settings, &self.look().await, false).unwrap()
    }

    async fn step(&self, settings: &PackSettings) -> PackStep {
        self.plan(settings).await.step.unwrap()
    }

    /// A run that is killed once the pack is put, while AWS Config is at it for a second.
    async fn begin(&self, sandbox: &Sandbox, step: &PackStep) {
        sandbox.world().set_stack_delay(Duration::from_secs(1));
        let nobody = BTreeSet::new();
        let put = async {
            while sandbox.world().calls().count("config", "PutOrganizationConformancePack") == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::select! {
            _ = self.apply(step, &nobody) => panic!("it was not killed"),
            () = put => (),
        }
    }

    async fn apply(&self, step: &PackStep, expected: &BTreeSet<String>) -> Deployment {
        apply(self.service(), step, expected, WAITS, &mut |_| ()).await.unwrap()
    }
}

async fn rules(sandbox: &Sandbox, account: &str, region: &str) -> Vec<String> {
    let answer = client(sandbox, account, region).await.describe_config_rules().send().await.unwrap();
    let mut names: Vec<String> =
        answer.config_rules().iter().filter_map(|rule| rule.config_rule_name().map(str::to_owned)).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_told_of_the_old_pack_is_not_taken_for_the_new_one() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    management.apply(&management.step(&settings(&[])).await, &expected(2)).await;
    let next = management.step(&settings(&[&member(1)])).await;
    sandbox.world().set_lag(Lagging::OrganizationPacks, Some(Lag::Time(Duration::from_mins(1))));
    let told = apply(management.service(), &next, &expected(1), HURRIED, &mut |_| {}).await.unwrap();
    assert!(told.is_stale && !told.is_whole(), "{told:?}");
}

#[tokio::test]
async fn it_is_put_read_and_left_alone_when_it_is_as_it_should_be() {
    let sandbox = organization(3, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let settings = settings(&[&member(2)]);
    let first = management.plan(&settings).await;
    let lines = plan_lines(std::slice::from_ref(&first));
    assert!(
        lines.iter().any(|line| line.sign == '+' && line.text.contains("7 rules of AWS, 1 account left out")),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.text.contains(PRINCIPAL)), "{lines:?}");
    let deployment = management.apply(&first.step.unwrap(), &expected(2)).await;
    assert!(deployment.is_whole(), "{deployment:?}");
    assert_eq!(outcome_lines(&[deployment]), ["in every account that should have it: eu-west-1"]);
    let made = rules(&sandbox, &member(0), REGION).await;
    assert_eq!(made.len(), 7);
    assert!(made.iter().any(|name| name.starts_with("sagemaker-domain-in-vpc-conformance-pack-")), "{made:?}");
    assert!(rules(&sandbox, &member(2), REGION).await.is_empty());
    assert_eq!(management.plan(&settings).await.step, None);
    let found = management.look().await.pack.unwrap();
    assert_eq!(found.excluded, [member(2)]);
    assert_eq!(found.mark.unwrap().version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn each_region_has_the_rules_that_exist_there() {
    let regions: Vec<&str> = catalogue().regions.keys().map(String::as_str).collect();
    let sandbox = organization(1, &regions).await;
    for region in regions {
        let management = Administrator::new(&sandbox, MANAGEMENT, region).await;
        let plan = management.plan(&settings(&[])).await;
        let known: Vec<&str> = catalogue().rules_in(region).map(|rule| rule.name.as_str()).collect();
        let Some(step) = plan.step else {
            assert!(known.is_empty() && plan.notes.len() == 1, "{region}: {:?}", plan.notes);
            continue;
        };
        // The sandbox refuses rules that the pages of AWS except from a Region.
        let deployment = management.apply(&step, &expected(1)).await;
        assert!(deployment.is_whole(), "{region}: {:?}", group(&[deployment]));
        assert_eq!(rules(&sandbox, &member(0), region).await.len(), known.len(), "{region}");
    }
}

#[tokio::test]
async fn no_recorder_in_27_accounts_is_told_once_and_put_again() {
    let sandbox = organization(120, &[REGION, "us-east-1"]).await;
    let world = sandbox.world();
    for at in 0..27 {
        world.set_recorder(&member(at), REGION, &RecorderState::Missing).unwrap();
        world.set_recorder(&member(at), "us-east-1", &RecorderState::Missing).unwrap();
    }
    world.fail_organization_packs(&member(50), Some(("InternalError", "Something nobody has seen yet")));
    let mut deployments = Vec::new();
    for region in [REGION, "us-east-1"] {
        let management = Administrator::new(&sandbox, MANAGEMENT, region).await;
        let step = management.step(&settings(&[])).await;
        deployments.push(management.apply(&step, &expected(120)).await);
    }
    assert_eq!(deployments[0].accounts.len(), 121);
    let groups = group(&deployments);
    let told: Vec<_> = groups.iter().map(|group| (group.cause, group.accounts, group.regions.len())).collect();
    assert_eq!(told, [(PackCause::NoRecorder, 27, 2), (PackCause::Other, 1, 2)]);
    assert_eq!(groups[1].sample.0, member(50));
    let lines = outcome_lines(&deployments);
    assert_eq!(lines.iter().filter(|line| line.contains("no configuration recorder in 27 accounts")).count(), 1);
    assert!(lines.len() < 10, "{lines:#?}");
    // Once the accounts have recorders, the same command mends it.
    for at in 0..27 {
        world.set_recorder(&member(at), REGION, &RecorderState::ALL).unwrap();
    }
    world.fail_organization_packs(&member(50), None);
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let step = management.step(&settings(&[])).await;
    let PackAction::Repeat { why } = &step.action else { panic!("{:?}", step.action) };
    assert!(why.contains("NoAvailableConfigurationRecorderException in 27 account(s)"), "{why}");
    assert!(management.apply(&step, &expected(120)).await.is_whole());
}

#[tokio::test]
async fn a_pack_that_is_in_use_is_waited_for() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let step = management.step(&settings(&[])).await;
    management.begin(&sandbox, &step).await;
    let again = management.step(&settings(&[])).await;
    assert_eq!(again.action, PackAction::Follow);
    let mut events = Vec::new();
    let change = management.step(&settings(&[&member(1)])).await;
    let mut tell = |event| events.push(event);
    let (service, expected) = (management.service(), expected(1));
    assert!(apply(service, &change, &expected, WAITS, &mut tell).await.unwrap().is_whole());
    let waited =
        events.iter().position(|event| matches!(event, PackEvent::Waiting { word } if word == "CREATE_IN_PROGRESS"));
    let put = events.iter().position(|event| *event == PackEvent::Put);
    assert!(waited.is_some() && waited < put, "{events:?}");
    assert_eq!(management.plan(&settings(&[&member(1)])).await.step, None);
}

#[tokio::test]
async fn a_run_that_comes_again_sees_the_end_of_what_was_begun() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let step = management.step(&settings(&[])).await;
    management.begin(&sandbox, &step).await;
    let again = management.step(&settings(&[])).await;
    assert!(management.apply(&again, &expected(2)).await.is_whole());
    let puts = sandbox.world().calls().of("config", "PutOrganizationConformancePack").len();
    assert_eq!(puts, 1);
}

#[tokio::test]
async fn results_that_come_late_are_waited_for() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    sandbox.world().set_lag(Lagging::OrganizationPacks, Some(Lag::Reads(4)));
    let step = management.step(&settings(&[])).await;
    assert!(management.apply(&step, &expected(2)).await.is_whole());
    // The old result of an update is told for a while, and is not taken for the new one.
    sandbox.world().fail_organization_packs(&member(0), Some(("InternalError", "no")));
    let step = management.step(&settings(&[&member(1)])).await;
    let deployment = management.apply(&step, &expected(1)).await;
    assert_eq!(group(&[deployment]).len(), 1);
}

#[tokio::test]
async fn throttles_are_outlived() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    for operation in ["DescribeOrganizationConformancePacks", "GetOrganizationConformancePackDetailedStatus"] {
        sandbox.world().faults().add(Fault::on("config", operation, Effect::Throttle).when(When::Times(2)));
    }
    let step = management.step(&settings(&[])).await;
    assert!(management.apply(&step, &expected(2)).await.is_whole());
}

#[tokio::test]
async fn a_foreign_pack_is_never_touched() {
    let sandbox = organization(1, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let body = "Parameters: {NotebookGuard: {Type: String, Default: ours}}\nResources: {R: {Type: \
                'AWS::Config::ConfigRule', Properties: {Source: {Owner: AWS, SourceIdentifier: X}}}}";
    let put = management.client.put_organization_conformance_pack().organization_conformance_pack_name(NAME);
    let said = ConformancePackInputParameter::builder().parameter_name(Mark::PARAMETER).parameter_value("theirs");
    put.template_body(body).conformance_pack_input_parameters(said.build().unwrap()).send().await.unwrap();
    let error = plan(&settings(&[]), &management.look().await, true).unwrap_err();
    assert!(error.to_string().contains("was not made by deployer"), "{error}");
    let removal = remove(management.service(), NAME, Some(true), WAITS, &mut |_| ()).await.unwrap();
    assert_eq!(removal, Removal::Foreign);
    assert!(management.look().await.pack.is_some());
    assert!(sandbox.world().calls().of("config", "DeleteOrganizationConformancePack").is_empty());
}

#[tokio::test]
async fn it_is_removed_from_every_account() {
    let sandbox = organization(2, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let remove = async || remove(management.service(), NAME, Some(false), WAITS, &mut |_| ()).await.unwrap();
    assert_eq!(remove().await, Removal::Nothing);
    let step = management.step(&settings(&[])).await;
    management.apply(&step, &expected(2)).await;
    let world = sandbox.world();
    world.fail_organization_packs(&member(1), Some(("InternalError", "not today")));
    // What is left is told, twice.
    for _ in 0..2 {
        let Removal::Left(left) = remove().await else { panic!("removed") };
        assert_eq!(left.beyond.keys().collect::<Vec<_>>(), [&member(1)]);
        assert_eq!(left.overall.unwrap().word, "DELETE_FAILED");
    }
    world.fail_organization_packs(&member(1), None);
    assert_eq!(remove().await, Removal::Removed);
    for account in [MANAGEMENT.to_owned(), member(0), member(1)] {
        assert!(rules(&sandbox, &account, REGION).await.is_empty());
    }
    assert_eq!(remove().await, Removal::Nothing);
}

#[tokio::test]
async fn accounts_outside_the_targets_that_joined_since_are_told() {
    let (sandbox, root) = founded(1, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    let step = management.step(&settings(&[])).await;
    management.apply(&step, &expected(1)).await;
    let world = sandbox.world();
    let new = member(7);
    world.add_account(&new).unwrap();
    world.enable_region(&new, REGION).unwrap();
    world.set_recorder(&new, REGION, &RecorderState::ALL).unwrap();
    world.join(&new, &root).unwrap();
    let told = status(management.service(), NAME, &expected(1)).await.unwrap();
    assert!(told.is_whole());
    assert_eq!(told.unexpected().collect::<Vec<_>>(), [new.as_str()]);
    let lines = outcome_lines(&[told]);
    assert!(lines.iter().any(|line| line.contains("1 account outside the targets")), "{lines:?}");
}

#[tokio::test]
async fn who_may_not_is_told_what_to_do() {
    let sandbox = organization(2, &[REGION]).await;
    let delegate = Administrator::new(&sandbox, &member(0), REGION).await;
    sandbox.world().trust(PRINCIPAL).unwrap();
    let refusal = observe(delegate.service(), NAME, Some(true)).await.unwrap_err();
    let error = deployer::managed_pack::PackError::from(refusal);
    assert!(error.advice().contains("register-delegated-administrator"), "{}", error.advice());
    sandbox.world().delegate(&member(0), PRINCIPAL).unwrap();
    let step = delegate.step(&settings(&[MANAGEMENT])).await;
    let members: BTreeSet<String> = (0..2).map(member).collect();
    assert!(delegate.apply(&step, &members).await.is_whole());
    // The other administrator does not see it.
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    assert_eq!(management.look().await.pack, None);
}

/// The operator's policy, without one action of the pack if one is named.
fn policy(without: &str) -> serde_json::Value {
    let settings = Settings::new(vec![REGION.to_owned()]);
    let names = Names { prefix: "notebook-guard", account: MANAGEMENT, partition: "aws" };
    let more: Vec<Permission> = MANAGED_PACK.iter().copied().filter(|one| one.action != without).collect();
    let uses = [Use::Look, Use::Install, Use::Status, Use::Uninstall];
    let document = deployer::policy::operator(&settings, names, &uses, &more);
    serde_json::from_str(&document.to_json(false).unwrap()).unwrap()
}

/// The pack from its first look to its removal; the code of what was refused.
async fn life(policy: serde_json::Value) -> Option<String> {
    let sandbox = organization(1, &[REGION]).await;
    let management = Administrator::new(&sandbox, MANAGEMENT, REGION).await;
    sandbox.world().set_caller_policies(MANAGEMENT, &[policy]).unwrap();
    let run = async || {
        let observed = observe(management.service(), NAME, None).await;
        // Without trusted access there is nothing to look at yet.
        let unseen = Observed { region: REGION.to_owned(), pack: None, packs: 0 };
        let is_untrusted = |message: &str| message.contains("is not enabled in the organization");
        let observed = match observed {
            Err(refusal) if is_untrusted(&refusal.message) => unseen,
            other => other?,
        };
        let step = plan(&settings(&[]), &observed, false).unwrap().step.unwrap();
        apply(management.service(), &step, &expected(1), WAITS, &mut |_| ()).await?;
        observe(management.service(), NAME, None).await?;
        remove(management.service(), NAME, None, WAITS, &mut |_| ()).await
    };
    run().await.err().and_then(|refusal| refusal.code)
}

#[tokio::test]
async fn the_operators_policy_is_enough_and_nothing_in_it_is_without_use() {
    assert_eq!(life(policy("")).await, None);
    for permission in MANAGED_PACK {
        // The management account needs no leave to ask who the delegated administrators are, and a role that is not
        // there yet need not be read.
        if ["organizations:ListDelegatedAdministrators", "iam:GetRole"].contains(&permission.action) {
            continue;
        }
        let refused = life(policy(permission.action)).await;
        assert!(refused.is_some(), "{} is allowed for nothing", permission.action);
    }
}
