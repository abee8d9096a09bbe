//! An installation into a whole organization: the memory and the calls of `deployer`, from a hundred to ten thousand
//! accounts. The sandbox keeps the stacks of the accounts as records only.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use super::memory::high_water;
use super::{BenchError, Row};
use crate::example::USUAL_REGIONS;
use crate::sandbox::{LightStackSets, Options, RecorderState, Sandbox, StackSetsAccess};

const MANAGEMENT: &str = "111111111111";
const HOME: &str = "eu-west-1";
/// Accounts of one organizational unit.
const IN_A_UNIT: usize = 100;
/// How many of a million stacks fail, and why.
const FAILURES: [(u64, &str); 3] = [
    (
        20_000,
        "ResourceLogicalId:RootAccessRule, ResourceType:AWS::Config::ConfigRule, ResourceStatusReason:There are no \
         customer managed configuration recorders available.",
    ),
    (
        10_000,
        "ResourceLogicalId:Function, ResourceType:AWS::Lambda::Function, ResourceStatusReason:Resource handler \
         returned message: \"not authorized to perform: lambda:CreateFunction with an explicit deny in a service \
         control policy (Service: Lambda, Status Code: 403)\".",
    ),
    (5_000, "Region is not enabled"),
];
/// The high-water mark is read so often.
const LOOK: Duration = Duration::from_millis(50);

/// What a run took.
struct Taken {
    accounts: usize,
    seconds: f64,
    mebibytes: f64,
    /// Calls that read instances and results.
    pages: usize,
    calls: usize,
    lines: usize,
}

/// An installation and a look at what could be retried, at three sizes, or at one if the largest is below them.
pub(super) async fn growth(deployer: &Path, bootstrap: &Path, most: usize) -> Result<Vec<Row>, BenchError> {
    let mut rows = Vec::new();
    let sizes = [most.min(100), 1_000, 10_000];
    for accounts in sizes.into_iter().filter(|accounts| *accounts <= most) {
        let sandbox = stage(accounts).await?;
        let code = bootstrap.to_string_lossy().into_owned();
        let mut install = vec!["install", "--org", "--yes", "--no-management-account", "--home-region", HOME];
        install.extend(["--code", &code]);
        install.extend(USUAL_REGIONS.iter().flat_map(|region| ["--region", region]));
        let taken = run(&sandbox, deployer, accounts, &install, 3).await?;
        rows.push(row("install --org", &taken, 4));
        let retry = ["retry", "--dry-run", "--home-region", HOME];
        let taken = run(&sandbox, deployer, accounts, &retry, 0).await?;
        rows.push(row("retry --dry-run", &taken, 2));
        sandbox.stop().await;
    }
    Ok(rows)
}

/// Some three of a hundred stacks fail, for reasons that differ.
async fn stage(accounts: usize) -> Result<Sandbox, BenchError> {
    let options = Options { keep_calls: 4, record: Some("/dev/null".into()), ..Options::default() };
    let sandbox = Sandbox::start(options).await?;
    let world = sandbox.world();
    world.add_account(MANAGEMENT)?;
    for region in USUAL_REGIONS {
        world.enable_region(MANAGEMENT, region)?;
        world.set_recorder(MANAGEMENT, region, &RecorderState::ALL)?;
    }
    let root = world.create_organization(MANAGEMENT)?;
    world.set_stack_sets_access(StackSetsAccess::Enabled)?;
    let names: Vec<String> = (0..accounts).map(|number| format!("{:012}", 333_000_000_000 + number)).collect();
    for (number, some) in names.chunks(IN_A_UNIT).enumerate() {
        let unit = world.add_unit(&root, &format!("unit-{number}"))?;
        world.join_many(some.iter().cloned(), &unit)?;
    }
    let light = FAILURES.iter().fold(LightStackSets::default(), |light, (share, why)| light.failing(*share, why));
    world.set_light_stack_sets(Some(light));
    Ok(sandbox)
}

async fn run(
    sandbox: &Sandbox,
    deployer: &Path,
    accounts: usize,
    arguments: &[&str],
    code: i32,
) -> Result<Taken, BenchError> {
    let Ran { output, seconds, mebibytes } = ran(sandbox, deployer, (MANAGEMENT, HOME), arguments, code).await?;
    let calls = sandbox.world().calls();
    let pages = ["ListStackInstances", "ListStackSetOperationResults"].map(|name| calls.count("cloudformation", name));
    Ok(Taken {
        accounts,
        seconds,
        mebibytes,
        pages: pages.iter().sum(),
        calls: calls.total(),
        lines: String::from_utf8_lossy(&output.stdout).lines().count(),
    })
}

/// One run of `deployer`.
pub(super) struct Ran {
    output: Output,
    pub(super) seconds: f64,
    /// The peak of its resident memory, in MiB.
    pub(super) mebibytes: f64,
}

/// Runs `deployer` in an account and Region, and expects an exit code. The log of calls begins anew.
pub(super) async fn ran(
    sandbox: &Sandbox,
    deployer: &Path,
    (account, region): (&str, &str),
    arguments: &[&str],
    code: i32,
) -> Result<Ran, BenchError> {
    sandbox.world().calls().clear();
    let mut command = tokio::process::Command::new(deployer);
    command.args(arguments).env_clear().env("COLUMNS", "80").env("HOME", "/nonexistent");
    command.envs(sandbox.environment(account, region)?).stdin(Stdio::null());
    let began = Instant::now();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let process = child.id().map(|id| format!("/proc/{id}")).unwrap_or_default();
    let (output, mebibytes) = watched(child, Path::new(&process)).await?;
    if output.status.code() != Some(code) {
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        return Err(BenchError::Unexpected(format!("{arguments:?} ended with {}:\n{out}{err}", output.status)));
    }
    Ok(Ran { output, seconds: began.elapsed().as_secs_f64(), mebibytes })
}

/// The output of a process, and its peak of resident memory in MiB.
async fn watched(child: tokio::process::Child, process: &Path) -> Result<(Output, f64), BenchError> {
    let mut peak: f64 = 0.0;
    let output = child.wait_with_output();
    tokio::pin!(output);
    loop {
        tokio::select! {
            ended = &mut output => return Ok((ended?, peak)),
            () = tokio::time::sleep(LOOK) => peak = high_water(process).map_or(peak, |now| now.max(peak)),
        }
    }
}

/// `reads`: how often each instance may be read, on average.
fn row(what: &'static str, taken: &Taken, reads: usize) -> Row {
    const MEMORY: f64 = 512.0;
    const LINES: usize = 100;
    let pages = reads * (taken.accounts * USUAL_REGIONS.len()).div_ceil(100) + 2 * USUAL_REGIONS.len();
    let Taken { accounts, seconds, mebibytes, lines, calls, .. } = taken;
    Row {
        what,
        measured: format!(
            "{accounts} accounts x {}: {seconds:.1} s, {mebibytes:.1} MiB, {} pages of {calls} calls, {lines} lines",
            USUAL_REGIONS.len(),
            taken.pages
        ),
        bar: format!("< {MEMORY:.0} MiB, <= {pages} pages, < {LINES} lines"),
        holds: *mebibytes < MEMORY && taken.pages <= pages && *lines < LINES,
    }
}
