//! The organization of the truth, in the sandbox.

use std::collections::BTreeMap;
use std::process::Command;

use guard_tests::sandbox::{
    AccountState, Domain, Instant, Notebook, Options, OrganizationSpec, RecorderState, RoleSpec, RuleSpec, Sandbox,
    StoredEvaluation, World,
};
use serde_json::{Value, json};

use crate::runner::{Ran, command, run};
use crate::truth::{
    CHECKS, EMPTY, GUARDED, HOME, MANAGEMENT, NOTEBOOKS, OLD, OTHER, PAYMENTS, REGIONS, Result, SEARCH, STUDIO, results,
};

pub(crate) const ROLE: &str = "audit/Reader";
pub(crate) const AGGREGATOR: &str = "organization";
/// When everything was judged.
const JUDGED: Instant = Instant(1_790_000_000_000);

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = Sandbox::start(Options { record: Some("/dev/null".into()), ..Options::default() }).await.unwrap();
        let stage = Self { sandbox };
        let world = stage.world();
        let spec = OrganizationSpec::new(MANAGEMENT, &REGIONS)
            .account("Prod/Payments", PAYMENTS)
            .account("Prod", SEARCH)
            .account("Test", EMPTY)
            .account("Test", OLD);
        world.put_organization(&spec).unwrap();
        world.set_account_state(OLD, AccountState::Suspended).unwrap();
        for account in GUARDED {
            for region in REGIONS {
                world.set_recorder(account, region, &RecorderState::ALL).unwrap();
            }
        }
        world.set_recorder(EMPTY, HOME, &RecorderState::Missing).unwrap();
        world.set_recorder(EMPTY, OTHER, &RecorderState::ALL).unwrap();
        for account in [PAYMENTS, SEARCH, EMPTY] {
            stage.put_role(account, &[policy(account)]);
        }
        stage.fill();
        stage
    }

    fn fill(&self) {
        let world = self.world();
        for (account, region, name) in NOTEBOOKS {
            world.put_notebook(account, region, Notebook::new(name)).unwrap();
        }
        let (account, region, id, name) = STUDIO;
        world.put_domain(account, region, Domain::new(id, name, "PublicInternetOnly")).unwrap();
        for account in GUARDED {
            for region in REGIONS {
                for check in CHECKS {
                    self.put_rule(account, region, check);
                }
            }
        }
        for result in results() {
            self.put_result(&result);
        }
    }

    /// The role that reads, in an account: whoever is administrator in the management account may become it.
    pub(crate) fn put_role(&self, account: &str, policies: &[Value]) {
        let role = RoleSpec::new(ROLE, &[MANAGEMENT]);
        let role = policies.iter().fold(role, |role, policy| role.policy(policy.clone()));
        self.world().put_role(account, &role).unwrap();
    }

    pub(crate) fn put_rule(&self, account: &str, region: &str, check: &str) {
        let rule = RuleSpec::scheduled(&rule(check), "notebook-guard-evaluator", json!({"check": check}));
        self.world().seed_rule(account, region, &rule).unwrap();
    }

    pub(crate) fn put_result(&self, result: &Result) {
        let Result { account, region, check, kind, id, word, annotation } = result;
        let stored = StoredEvaluation::new(kind, id, word, JUDGED);
        let stored = StoredEvaluation { annotation: annotation.clone(), ..stored };
        self.world().seed_compliance(account, region, &rule(check), stored).unwrap();
    }

    /// An aggregator of the organization in the management account.
    pub(crate) async fn aggregate(&self, name: &str, regions: &[&str]) {
        let trust = json!({"Statement": [
            {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        self.world().put_role(MANAGEMENT, &RoleSpec::new("aggregator", &[]).trust(trust)).unwrap();
        let source = aws_sdk_config::types::OrganizationAggregationSource::builder()
            .role_arn(format!("arn:aws:iam::{MANAGEMENT}:role/aggregator"))
            .set_aws_regions(Some(regions.iter().map(|region| (*region).to_owned()).collect()))
            .build()
            .unwrap();
        let client = aws_sdk_config::Client::new(&self.sdk().await);
        let call = client.put_configuration_aggregator().configuration_aggregator_name(name);
        call.organization_aggregation_source(source).send().await.unwrap();
    }

    /// A stack in the home Region that records targets as an installation does.
    pub(crate) async fn record(&self, targets: &str) {
        self.put_stack("notebook-guard-artifacts", json!({"Targets": {"Value": targets}}), &[]).await;
    }

    /// A stack of ours in the home Region of the management account.
    pub(crate) async fn put_stack(&self, name: &str, outputs: Value, parameters: &[(&str, &str)]) {
        let all: BTreeMap<&str, Value> =
            parameters.iter().map(|(name, _)| (*name, json!({"Type": "String"}))).collect();
        let template = json!({"Parameters": all, "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}},
            "Outputs": outputs});
        let client = aws_sdk_cloudformation::Client::new(&self.sdk().await);
        let ours = aws_sdk_cloudformation::types::Tag::builder().key("notebook-guard:managed").value("true").build();
        let mut call = client.create_stack().stack_name(name).template_body(template.to_string()).tags(ours);
        for (name, value) in parameters {
            let parameter = aws_sdk_cloudformation::types::Parameter::builder();
            call = call.parameters(parameter.parameter_key(*name).parameter_value(*value).build());
        }
        call.send().await.unwrap();
        for looks in 0_u32.. {
            let stack = self.world().stack(MANAGEMENT, HOME, name).unwrap().unwrap();
            if stack.status == "CREATE_COMPLETE" {
                return;
            }
            assert!(looks < 1_000, "{stack:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Somebody deletes a rule in the home Region of the management account.
    pub(crate) async fn delete_rule(&self, check: &str) {
        let client = aws_sdk_config::Client::new(&self.sdk().await);
        client.delete_config_rule().config_rule_name(rule(check)).send().await.unwrap();
        for looks in 0_u32.. {
            let rules = client.describe_config_rules().send().await.unwrap().config_rules.unwrap_or_default();
            if rules.iter().all(|one| one.config_rule_name() != Some(rule(check).as_str())) {
                return;
            }
            assert!(looks < 1_000, "{rules:?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// The StackSet of the installation, as its administrator has it.
    pub(crate) async fn put_stack_set(&self, parameters: &[(&str, &str)]) {
        let all: BTreeMap<&str, Value> =
            parameters.iter().map(|(name, _)| (*name, json!({"Type": "String"}))).collect();
        let template = json!({"Parameters": all, "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}});
        let client = aws_sdk_cloudformation::Client::new(&self.sdk().await);
        client.activate_organizations_access().send().await.unwrap();
        let mut call = client.create_stack_set().stack_set_name("notebook-guard").template_body(template.to_string());
        for (name, value) in parameters {
            let parameter = aws_sdk_cloudformation::types::Parameter::builder();
            call = call.parameters(parameter.parameter_key(*name).parameter_value(*value).build());
        }
        call.permission_model(aws_sdk_cloudformation::types::PermissionModels::ServiceManaged)
            .auto_deployment(aws_sdk_cloudformation::types::AutoDeployment::builder().enabled(false).build())
            .send()
            .await
            .unwrap();
    }

    pub(crate) async fn sdk(&self) -> aws_config::SdkConfig {
        self.sandbox.sdk(MANAGEMENT, HOME).unwrap().load().await
    }

    /// The id of the organization's root.
    pub(crate) async fn root(&self) -> String {
        let organizations = aws_sdk_organizations::Client::new(&self.sdk().await);
        organizations.list_roots().send().await.unwrap().roots()[0].id().unwrap().to_owned()
    }

    pub(crate) fn world(&self) -> &World {
        self.sandbox.world()
    }

    pub(crate) fn command(&self, account: &str, arguments: &[&str]) -> Command {
        let mut command = command(&[&["report"], arguments].concat());
        command.envs(self.sandbox.environment(account, HOME).unwrap());
        // What is throttled for good is not to take a minute.
        command.env("AWS_MAX_ATTEMPTS", "2");
        command
    }

    /// A report as somebody of an account makes it.
    pub(crate) async fn run_as(&self, account: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(account, arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
    }

    /// A report as the management account makes it.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        self.run_as(MANAGEMENT, arguments).await
    }

    /// A report on the organization as JSON.
    pub(crate) async fn told(&self, code: i32, arguments: &[&str]) -> Told {
        let ran = self.run(&[&["--org", "--format", "json"], arguments].concat()).await;
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.shown());
        Told(serde_json::from_str(&ran.stdout).unwrap())
    }
}

pub(crate) fn rule(check: &str) -> String {
    format!("notebook-guard-{check}")
}

/// What a role or a person needs for a report on one account.
pub(crate) fn policy(account: &str) -> Value {
    policies(&["--account", account]).remove(0)
}

/// What `render operator-policy --purpose report` prints.
pub(crate) fn policies(flags: &[&str]) -> Vec<Value> {
    let ran = run(&[&["render", "operator-policy", "--purpose", "report"], flags].concat());
    assert_eq!(ran.code, 0, "{}", ran.shown());
    vec![serde_json::from_str(&ran.stdout).unwrap()]
}

/// The flags that read account by account, in both Regions.
pub(crate) const BY_ROLE: [&str; 6] = ["--assume-role", ROLE, "--region", HOME, "--region", OTHER];

/// A report as JSON.
pub(crate) struct Told(pub(crate) Value);

impl Told {
    /// The evaluations, as the truth has them.
    pub(crate) fn results(&self) -> Vec<Result> {
        let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
        let result = |row: &Value| Result {
            account: text(row, "account"),
            region: text(row, "region"),
            check: text(row, "check"),
            kind: text(row, "resourceType"),
            id: text(row, "resourceId"),
            word: text(row, "complianceType"),
            annotation: row["annotation"].as_str().map(str::to_owned),
        };
        let mut all: Vec<Result> = self.0["evaluations"].as_array().unwrap().iter().map(result).collect();
        all.sort();
        all
    }

    /// The evaluation of a notebook by a check.
    pub(crate) fn evaluation(&self, check: &str, notebook: &str) -> &Value {
        let rows = self.0["evaluations"].as_array().unwrap();
        rows.iter().find(|row| row["check"] == check && row["notebook"] == notebook).unwrap()
    }

    /// How each account × Region was read.
    pub(crate) fn states(&self) -> BTreeMap<(String, String), &str> {
        let place = |place: &Value| place["account"].as_str().unwrap().to_owned();
        let region = |place: &Value| place["region"].as_str().unwrap().to_owned();
        let places = self.0["places"].as_array().unwrap();
        let states: BTreeMap<_, _> =
            places.iter().map(|one| ((place(one), region(one)), one["state"].as_str().unwrap())).collect();
        assert_eq!(states.len(), places.len(), "a place is there twice");
        states
    }

    pub(crate) fn place(&self, account: &str, region: &str) -> &Value {
        let places = self.0["places"].as_array().unwrap();
        places.iter().find(|one| one["account"] == account && one["region"] == region).unwrap()
    }

    pub(crate) fn why(&self, account: &str, region: &str) -> &str {
        self.place(account, region)["why"].as_str().unwrap_or_default()
    }

    pub(crate) fn totals(&self) -> &Value {
        &self.0["totals"]
    }
}

/// What the totals of these results have to be, counted anew.
pub(crate) fn counts<'a>(results: impl Iterator<Item = &'a Result>) -> Value {
    let (mut counts, mut exempt) = (BTreeMap::<&str, u64>::new(), 0);
    for result in results {
        *counts.entry(&result.word).or_default() += 1;
        exempt += u64::from(result.word == "NOT_APPLICABLE" && result.kind != crate::truth::ACCOUNT_TYPE);
    }
    let of = |word: &str| counts.get(word).copied().unwrap_or_default();
    json!({"compliant": of("COMPLIANT"), "nonCompliant": of("NON_COMPLIANT"), "notApplicable": of("NOT_APPLICABLE"),
        "insufficientData": of("INSUFFICIENT_DATA"), "exempt": exempt, "lapsed": 0})
}
