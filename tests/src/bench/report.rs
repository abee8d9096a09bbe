//! Reports and evidence on a whole organization: calls against what paging allows, memory and time of `deployer`. The
//! organization is held by this process, and `deployer` is another one.

use std::path::Path;

use deployer::templates::parameter_of;
use rule::check::ALL;
use serde_json::{Map, Value, json};

use super::organization::{Ran, ran};
use super::{BenchError, Row, stack_set};
use crate::sandbox::{
    Domain, FunctionSpec, Instant, Notebook, Options, OrganizationSpec, RecorderState, RoleSpec, RuleSpec, Sandbox,
    StackSpec, StoredEvaluation, World,
};

const MANAGEMENT: &str = "111111111111";
const HOME: &str = "eu-west-1";
const REGIONS: [&str; 4] = [HOME, "eu-central-1", "us-east-1", "us-west-2"];
const ROLE: &str = "Audit";
const AGGREGATOR: &str = "organization";
const FUNCTION: &str = "notebook-guard-evaluator";
/// The SHA-256 of nothing: what a function that was put there without a package runs.
const NO_CODE: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// A ledger without exemptions.
const LEDGER: &str = "exemptions: []\n";
const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";
const DOMAIN: &str = "AWS::SageMaker::Domain";
const STUDIO_CHECK: &str = "studio-vpc-only";
/// In each account and Region: with seven checks of notebooks and one of domains, 25 evaluations.
const NOTEBOOKS: usize = 3;
const DOMAINS: usize = 4;
const EVALUATIONS: usize = 25;
/// When everything was judged.
const JUDGED: Instant = Instant(1_790_000_000_000);
/// What `deployer` may hold at most, in MiB.
const MEMORY: f64 = 256.0;

/// All sources of a report, and an export.
pub(super) async fn organization(deployer: &Path, accounts: usize) -> Result<Vec<Row>, BenchError> {
    let sandbox = stage(accounts).await?;
    let folder = tempfile::tempdir()?;
    let regions = REGIONS.iter().flat_map(|region| ["--region", region]).collect::<Vec<_>>();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (json, html, bundle) = (path("report.json"), path("report.html"), path("bundle"));
    let ledger = path("exemptions.yaml");
    std::fs::write(&ledger, LEDGER)?;
    let by_role = ["--org", "--assume-role", ROLE];
    let by_aggregator = ["--org", "--aggregator", AGGREGATOR];
    let runs: [(&'static str, Vec<&str>, usize); 4] = [
        (
            "report --assume-role",
            [&["report", "--format", "json", "--out", &json], &by_role[..]].concat(),
            each(accounts),
        ),
        (
            "report --aggregator",
            [&["report", "--format", "html", "--out", &html], &by_aggregator[..]].concat(),
            aggregated(accounts),
        ),
        (
            "evidence export --assume-role",
            [&["evidence", "export", "--out", &bundle], &by_role[..], &["--exemptions", &ledger]].concat(),
            each(accounts) + made(accounts),
        ),
        ("evidence verify", vec!["evidence", "verify", &bundle], 0),
    ];
    let mut rows = Vec::new();
    for (what, arguments, least) in runs {
        let reads = what != "evidence verify";
        let arguments = if reads { [&arguments[..], &regions].concat() } else { arguments };
        let Ran { seconds, mebibytes, .. } = ran(&sandbox, deployer, (MANAGEMENT, HOME), &arguments, 0).await?;
        let calls = sandbox.world().calls().total();
        rows.push(row(what, accounts, (seconds, mebibytes), (calls, least)));
    }
    sandbox.stop().await;
    Ok(rows)
}

/// The pages that results, rules and lists fill at least, account by account: eight rules on one page, each with one
/// page of results; notebooks and domains on one page each; and a role for each account.
fn each(accounts: usize) -> usize {
    let places = (accounts + 1) * REGIONS.len();
    places * (1 + ALL.len() + 2) + accounts + accounts.div_ceil(20)
}

/// Who made what runs: a function for each place, the instances of the StackSet by the page, and the stacks of the
/// management account, in which a StackSet has none.
fn made(accounts: usize) -> usize {
    (accounts + 1) * REGIONS.len() + (accounts * REGIONS.len()).div_ceil(100) + REGIONS.len()
}

/// The same through an aggregator: sources, rules, resources, and one page for each rule and place.
fn aggregated(accounts: usize) -> usize {
    let places = (accounts + 1) * REGIONS.len();
    let resources = places * (NOTEBOOKS + DOMAINS);
    let rules = places * ALL.len();
    (places + 1).div_ceil(100) + rules.div_ceil(1000) + resources.div_ceil(100) + rules + accounts.div_ceil(20)
}

fn row(what: &'static str, accounts: usize, (seconds, mebibytes): (f64, f64), (calls, least): (usize, usize)) -> Row {
    // What is asked once for an organization: who calls, its tree, the installation.
    let most = if least == 0 { 0 } else { least + least / 100 + 50 };
    let evaluations = (accounts + 1) * REGIONS.len() * EVALUATIONS;
    Row {
        what,
        measured: format!(
            "{accounts} accounts x {}, {evaluations} evaluations: {seconds:.1} s, {mebibytes:.1} MiB, {calls} calls",
            REGIONS.len()
        ),
        bar: format!("< {MEMORY:.0} MiB, <= {most} calls"),
        holds: mebibytes < MEMORY && calls <= most,
    }
}

async fn stage(accounts: usize) -> Result<Sandbox, BenchError> {
    let options = Options { keep_calls: 4, record: Some("/dev/null".into()), ..Options::default() };
    let sandbox = Sandbox::start(options).await?;
    let world = sandbox.world();
    let spec = OrganizationSpec::new(MANAGEMENT, &REGIONS).crowd(accounts, 10);
    let units = world.put_organization(&spec)?;
    for (_, account) in &spec.accounts {
        world.put_role(account, &RoleSpec::new(ROLE, &[MANAGEMENT]))?;
    }
    for place in world.places() {
        furnish(world, &place.account, &place.region)?;
    }
    for region in REGIONS {
        world.put_stack_in_state(MANAGEMENT, region, &stack())?;
    }
    let root = units.get("").map(String::as_str).unwrap_or_default();
    let at = (MANAGEMENT, HOME);
    stack_set::put(&sandbox, at, (root, &REGIONS), &installed()).await?;
    let targets = format!("units={root};accounts=;exclude=;regions={};management=on", REGIONS.join(","));
    world.put_stack_in_state(MANAGEMENT, HOME, &record(&targets))?;
    world.put_organization_aggregator(MANAGEMENT, HOME, AGGREGATOR)?;
    Ok(sandbox)
}

/// The notebooks and domains of one account and Region, and what was found of them.
fn furnish(world: &World, account: &str, region: &str) -> Result<(), BenchError> {
    world.set_recorder(account, region, &RecorderState::ALL)?;
    // Nobody invokes it.
    world.install_function(account, region, FunctionSpec::new(FUNCTION, "/nonexistent"))?;
    let arn = |name: &str| format!("arn:aws:sagemaker:{region}:{account}:notebook-instance/{name}");
    let notebooks: Vec<String> = (0..NOTEBOOKS).map(|at| format!("notebook-{at}")).collect();
    for name in &notebooks {
        world.put_notebook(account, region, Notebook::new(name))?;
    }
    let domains: Vec<String> = (0..DOMAINS).map(|at| format!("d-{account}{at}")).collect();
    for id in &domains {
        world.put_domain(account, region, Domain::new(id, id, "VpcOnly"))?;
    }
    for check in ALL {
        let name = format!("notebook-guard-{}", check.id);
        world.seed_rule(account, region, &RuleSpec::scheduled(&name, FUNCTION, json!({"check": check.id})))?;
        let (kind, ids): (_, Vec<String>) = if check.id == STUDIO_CHECK {
            (DOMAIN, domains.clone())
        } else {
            (NOTEBOOK, notebooks.iter().map(|name| arn(name)).collect())
        };
        for (at, id) in ids.iter().enumerate() {
            let compliance = if at == 0 { "NON_COMPLIANT" } else { "COMPLIANT" };
            let mut stored = StoredEvaluation::new(kind, id, compliance, JUDGED);
            stored.annotation = (at == 0).then(|| format!("{} is not as it should be", check.id));
            world.seed_compliance(account, region, &name, stored)?;
        }
    }
    Ok(())
}

/// What an installation tells its stacks: what their functions run, and that all checks are on.
fn installed() -> Vec<(String, String)> {
    let code = [("Version", "1.0.0"), ("ArtifactSha256", NO_CODE), ("Architecture", "arm64")];
    let code = code.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    code.chain(ALL.into_iter().map(|check| (parameter_of(check), "on".to_owned()))).collect()
}

/// The stack of a Region of the management account.
fn stack() -> StackSpec {
    let text = |(name, value)| (name, json!({"Type": "String", "Default": value}));
    let parameters: Map<String, Value> = installed().into_iter().map(text).collect();
    ours("notebook-guard", &Value::from(parameters), &json!({}))
}

/// The stack that says who is covered.
fn record(targets: &str) -> StackSpec {
    ours("notebook-guard-artifacts", &json!({}), &json!({"Targets": {"Value": targets}}))
}

fn ours(name: &str, parameters: &Value, outputs: &Value) -> StackSpec {
    let resources = json!({"Log": {"Type": "AWS::Logs::LogGroup"}});
    let template = json!({"Parameters": parameters, "Resources": resources, "Outputs": outputs});
    let stack = StackSpec::new(name, "CREATE_COMPLETE").tag("notebook-guard:managed", "true");
    StackSpec { template: Some(template.to_string()), ..stack }
}
