//! `sandbox`: an AWS in one process, for people, scripts and demos.

use std::error::Error as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use guard_tests::sandbox::{
    Domain, FunctionSpec, Notebook, Options, OrganizationSpec, RecorderState, RoleSpec, RuleSpec, Sandbox,
    SandboxError, SecurityGroup, StackSetsAccess,
};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// The function that `--bootstrap` installs.
const FUNCTION: &str = "notebook-guard-evaluator";

const EXAMPLES: &str = "\
Examples:
  Start it, and point every AWS client of this shell at it:
    sandbox --port 4599 > /tmp/sandbox.env &
    sleep 1; . /tmp/sandbox.env
    aws sagemaker list-notebook-instances
    deployer evaluate --region all

  Let AWS Config run the evaluator on the example fleet:
    cargo build -p rule --bin bootstrap
    sandbox --port 4600 --bootstrap target/debug/bootstrap > /tmp/fleet.env &
    sleep 1; api=http://127.0.0.1:4600/_sandbox
    json=content-type:application/json
    rule=notebook-guard-direct-internet-access
    here='\"account\":\"111122223333\",\"region\":\"eu-west-1\"'
    curl -H $json -d \"{$here,\\\"rule\\\":\\\"$rule\\\"}\" $api/schedule
    curl \"$api/compliance?account=111122223333&region=eu-west-1&rule=$rule\"

  Throttle every second describe, with the variables of the example before:
    curl -H $json -d '{\"operation\":\"DescribeNotebookInstance\",
      \"when\":{\"probability\":0.5},\"effect\":\"throttle\"}' $api/faults

  An organization of the first account, with two units:
    sandbox --account 111122223333 --member Prod/Payments=222233334444 \
      --member Sandbox=333344445555 --without 333344445555=us-east-1
    aws organizations list-roots

Control API (unsigned, JSON): POST schedule, settle, faults; DELETE faults;
GET credentials?account=&region=, compliance?account=&region=&rule=, calls.
The rustdoc of guard_tests::sandbox says what each takes.";

/// An AWS in one process: SageMaker, AWS Config, EC2, STS, CloudFormation, S3, IAM and more over their real wire
/// protocols, and Lambda functions that are real processes. It listens on 127.0.0.1 only. Standard output is ready for `eval`.
#[derive(Debug, Parser)]
#[command(name = "sandbox", after_help = EXAMPLES)]
struct Arguments {
    /// The port on 127.0.0.1; any free one if 0
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// An account (repeatable). The credentials that are printed are the first one's
    #[arg(long = "account", value_name = "ID", default_values = ["111122223333", "444455556666"])]
    accounts: Vec<String>,
    /// A Region that every account has enabled (repeatable)
    #[arg(long = "region", value_name = "REGION", default_values = ["eu-west-1", "us-east-1"])]
    regions: Vec<String>,
    /// An account in a unit, by its path: the first --account then manages an organization (repeatable)
    #[arg(long = "member", value_name = "UNIT=ID", value_parser = pair)]
    members: Vec<(String, String)>,
    /// So many more accounts in the organization, in ten units
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    crowd: usize,
    /// A Region that an account of the organization has not enabled (repeatable)
    #[arg(long = "without", value_name = "ID=REGION", value_parser = pair)]
    without: Vec<(String, String)>,
    /// A role of an account, with its path, that the first --account may assume (repeatable)
    #[arg(long = "role", value_name = "ID=ROLE", value_parser = pair)]
    roles: Vec<(String, String)>,
    /// Install this program as the function `notebook-guard-evaluator`, with a rule, in every account and Region
    #[arg(long, value_name = "PATH")]
    bootstrap: Option<PathBuf>,
    /// Append every call to this file as a line of JSON
    #[arg(long, value_name = "FILE", env = "SANDBOX_RECORD")]
    record: Option<PathBuf>,
    /// How long every call takes at least, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency_ms: u64,
    /// What ids and tokens are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Start without notebooks, domains and recorders
    #[arg(long)]
    empty: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(missing) = arguments.bootstrap.as_ref().filter(|path| !path.is_file()) {
        let _ = writeln!(
            io::stderr(),
            "sandbox: there is no {}; build it with: cargo build -p rule --bin bootstrap",
            missing.display()
        );
        return ExitCode::from(2);
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let reason = error.source().map_or_else(String::new, |source| format!(": {source}"));
            let _ = writeln!(io::stderr(), "sandbox: {error}{reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), SandboxError> {
    let sandbox = Sandbox::start(Options {
        port: arguments.port,
        seed: arguments.seed,
        latency: Duration::from_millis(arguments.latency_ms),
        record: arguments.record.clone(),
        evaluate_new_rules: true,
        ..Options::default()
    })
    .await?;
    for account in &arguments.accounts {
        sandbox.world().add_account(account)?;
        for region in &arguments.regions {
            sandbox.world().enable_region(account, region)?;
        }
    }
    organize(&sandbox, &arguments)?;
    for (account, role) in &arguments.roles {
        let trusted: Vec<&str> = arguments.accounts.iter().map(String::as_str).take(1).collect();
        sandbox.world().put_role(account, &RoleSpec::new(role, &trusted))?;
    }
    for place in sandbox.world().places() {
        furnish(&sandbox, &arguments, &place.account, &place.region)?;
    }
    if let (Some(account), Some(region)) = (arguments.accounts.first(), arguments.regions.first()) {
        announce(&sandbox, account, region)?;
    }
    stop_asked().await;
    sandbox.stop().await;
    Ok(())
}

/// Makes the organization of the first account, if there is to be one.
fn organize(sandbox: &Sandbox, arguments: &Arguments) -> Result<(), SandboxError> {
    let Some(management) = arguments.accounts.first() else { return Ok(()) };
    if arguments.members.is_empty() && arguments.crowd == 0 {
        return Ok(());
    }
    let regions: Vec<&str> = arguments.regions.iter().map(String::as_str).collect();
    let mut spec = OrganizationSpec::new(management, &regions).crowd(arguments.crowd, 10);
    spec.accounts.extend(arguments.members.iter().cloned());
    spec.disabled.clone_from(&arguments.without);
    sandbox.world().put_organization(&spec)?;
    sandbox.world().set_stack_sets_access(StackSetsAccess::Enabled)
}

/// The two halves of `Prod/Payments=222233334444`.
fn pair(text: &str) -> Result<(String, String), String> {
    let halves = text.split_once('=').ok_or_else(|| "write it as LEFT=RIGHT".to_owned())?;
    Ok((halves.0.to_owned(), halves.1.to_owned()))
}

/// Waits for Ctrl-C or SIGTERM. Functions are processes of their own, and have to be ended with the sandbox.
async fn stop_asked() {
    let terminated = signal(SignalKind::terminate());
    let interrupted = signal(SignalKind::interrupt());
    // Without handlers there is no way to be asked: then run until killed.
    let (Ok(mut terminated), Ok(mut interrupted)) = (terminated, interrupted) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
}

fn furnish(sandbox: &Sandbox, arguments: &Arguments, account: &str, region: &str) -> Result<(), SandboxError> {
    let world = sandbox.world();
    if !arguments.empty {
        world.set_recorder(account, region, &RecorderState::ALL)?;
        example_fleet(sandbox, account, region)?;
    }
    if let Some(bootstrap) = &arguments.bootstrap {
        let program = std::path::absolute(bootstrap).unwrap_or_else(|_| bootstrap.clone());
        world.install_function(account, region, FunctionSpec::new(FUNCTION, program))?;
        let parameters = json!({"check": "direct-internet-access"});
        let scope = "AWS::SageMaker::NotebookInstance";
        let rule = RuleSpec::hybrid("notebook-guard-direct-internet-access", FUNCTION, parameters, scope);
        world.put_config_rule(account, region, &rule)?;
    }
    Ok(())
}

/// Seven notebooks and two domains: AWS's defaults, a good one, and each thing that can be wrong alone.
fn example_fleet(sandbox: &Sandbox, account: &str, region: &str) -> Result<(), SandboxError> {
    let world = sandbox.world();
    let groups = [
        SecurityGroup::new("sg-0a000000000000001", "notebooks"),
        SecurityGroup::new("sg-0a000000000000002", "wide-open").admits("0.0.0.0/0", 22),
    ];
    for group in groups {
        world.put_security_group(account, region, group)?;
    }
    let good = |name: &str| {
        let mut notebook = Notebook::new(name).hardened();
        notebook.security_groups = vec!["sg-0a000000000000001".to_owned()];
        notebook.kms_key_id = Some(format!("arn:aws:kms:{region}:{account}:key/0a1b2c3d-0000-4000-8000-000000000001"));
        notebook
    };
    let with = |name: &str, change: fn(&mut Notebook)| {
        let mut notebook = good(name);
        change(&mut notebook);
        notebook
    };
    let fleet = [
        Notebook::new("quick-experiment"),
        good("fraud-model"),
        with("churn-analysis", |notebook| notebook.direct_internet_access = Some("Enabled".to_owned())),
        with("forecasting", |notebook| notebook.root_access = Some("Enabled".to_owned())),
        with("image-labels", |notebook| notebook.security_groups = vec!["sg-0a000000000000002".to_owned()]),
        with("old-platform", |notebook| notebook.platform_identifier = Some("notebook-al2-v1".to_owned())),
        Notebook::new("forgotten-demo").status("Stopped"),
    ];
    for notebook in fleet {
        world.put_notebook(account, region, notebook)?;
    }
    world.put_domain(account, region, Domain::new("d-a1b2c3d4e5f6", "research", "VpcOnly"))?;
    world.put_domain(account, region, Domain::new("d-f6e5d4c3b2a1", "playground", "PublicInternetOnly"))
}

fn announce(sandbox: &Sandbox, account: &str, region: &str) -> Result<(), SandboxError> {
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    for (name, value) in sandbox.environment(account, region)? {
        // Keys, tokens and Region names hold nothing that a shell would read as its own.
        let _ = writeln!(stdout, "export {name}={value}");
    }
    // What another session left would be sent along with the sandbox's keys.
    let _ = writeln!(stdout, "unset AWS_SESSION_TOKEN AWS_PROFILE");
    let _ = stdout.flush();
    let _ = writeln!(
        stderr,
        "sandbox: an AWS at {} (account {account}, Region {region}); Ctrl-C ends it",
        sandbox.endpoint()
    );
    Ok(())
}
