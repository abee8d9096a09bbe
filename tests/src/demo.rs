//! The demo: `deployer install --org` into an organization with every kind of notebook, AWS Config that invokes what it
//! installed and what it then holds, a creation that is denied, an account that joins, and the evidence of it all.

mod deployer;
mod evidence;
mod fleet;
mod notebook;
mod program;
mod table;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rule::check::{ALL, ROOT_ACCESS};

use notebook::Form;
use program::Programs;

use crate::sandbox::{Invocation, Notebook, Options, Sandbox, SandboxError, World};

/// Why the demo ended early.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("{0}")]
    Program(String),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Output(#[from] io::Error),
}

const HELP: &str = "\
Shows Notebook Guard on an AWS of its own, without an account and without network:
an installation into an organization, judgements, a creation that is denied, an
account that joins, a report, and signed evidence of it all. It takes a minute or
so, needs nothing, and leaves what it exported in a folder that it names.

Usage: cargo demo

It takes no arguments. The deployer that it runs has a help of its own:
    cargo run -p deployer -- --help
";

/// What the arguments come to before the demo runs: its help, or that it takes none. Without arguments it runs.
pub fn answered(arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    let arguments: Vec<String> = arguments.collect();
    let first = arguments.first()?;
    if arguments.iter().any(|one| one == "--help" || one == "-h") {
        let _ = io::stdout().write_all(HELP.as_bytes());
        return Some(ExitCode::SUCCESS);
    }
    let _ = writeln!(io::stderr(), "error: the demo takes no argument `{first}`\n\n{HELP}");
    Some(ExitCode::from(2))
}

/// Runs the demo; what it shows goes to standard output.
pub async fn main() -> ExitCode {
    match story().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(DemoError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn story() -> Result<(), DemoError> {
    let programs = program::build()?;
    let started = Instant::now();
    let sandbox = Sandbox::start(Options { evaluate_new_rules: false, ..Options::default() }).await?;
    let world = sandbox.world();
    say(&format!(
        "An AWS of our own listens on {}: an organization of six accounts, two Regions, no network.",
        sandbox.endpoint()
    ))?;
    let units = fleet::put_up(world)?;
    rollout(&sandbox, &programs).await?;
    judgement(world).await?;
    change(world).await?;
    prevention(&sandbox).await?;
    newcomer(&sandbox, &programs, &units).await?;
    evidence::story(&sandbox, &programs).await?;
    chapter(9, "All of it is taken away again")?;
    in_management(&sandbox, &programs, &["uninstall", "--org", "--yes"]).await?;
    say(&format!(
        "\nThat was the real function and the real command line, {} AWS calls, in {:.1} s.",
        world.calls().all().len(),
        started.elapsed().as_secs_f32()
    ))?;
    say("Judge your own account, without installing anything: cargo run -p deployer -- evaluate --region all\n")?;
    sandbox.stop().await;
    Ok(())
}

async fn in_management(sandbox: &Sandbox, programs: &Programs, arguments: &[&str]) -> Result<(), DemoError> {
    deployer::run(sandbox, programs, (fleet::MANAGEMENT, fleet::RESEARCH.1), arguments).await
}

async fn rollout(sandbox: &Sandbox, programs: &Programs) -> Result<(), DemoError> {
    chapter(1, "Notebook Guard is installed into the organization, one account first")?;
    let whom = ["install", "--org", "--ou", "Prod", "--ou", "Research", "--canary", "555566667777"];
    let what = ["--region", "all", "--checks", "all", "--deny-scp", "--scp-target", "Prod", "--yes"];
    in_management(sandbox, programs, &[whom, what].concat()).await
}

async fn judgement(world: &World) -> Result<(), DemoError> {
    chapter(2, "AWS Config runs every rule on its schedule")?;
    let invocations = schedule(world).await?;
    say(&told(&invocations))?;
    chapter(3, "What AWS Config holds now")?;
    say(&table::compliance(world)?)?;
    Ok(())
}

async fn change(world: &World) -> Result<(), DemoError> {
    chapter(4, "A notebook is created with SageMaker's defaults, and mended: AWS Config tells the rules")?;
    let (account, region) = fleet::RESEARCH;
    world.put_notebook(account, region, Notebook::new("quick-test"))?;
    say(&told(&world.settle().await))?;
    say(&table::one(world, (account, region), "quick-test", &ALL)?)?;
    world.update_notebook(account, region, "quick-test", |notebook| {
        notebook.root_access = Some("Disabled".to_owned());
    })?;
    world.settle().await;
    say(&table::one(world, (account, region), "quick-test", &[&ROOT_ACCESS])?)?;
    Ok(())
}

async fn prevention(sandbox: &Sandbox) -> Result<(), DemoError> {
    chapter(5, "In production the same notebook is not created at all: the service control policy")?;
    say(&notebook::create(sandbox, fleet::PRODUCTION, "quick-test", Form::Default).await?)?;
    say(&notebook::create(sandbox, fleet::PRODUCTION, "safe-test", Form::Safe).await?)?;
    Ok(())
}

async fn newcomer(sandbox: &Sandbox, programs: &Programs, units: &BTreeMap<String, String>) -> Result<(), DemoError> {
    chapter(6, "An account is moved into a unit that is covered")?;
    let unit = units.get(fleet::MOVED_TO).ok_or_else(|| DemoError::Program("the fleet has no such unit".to_owned()))?;
    say(&format!("account {} moves from the root to {}", fleet::NEWCOMER, fleet::MOVED_TO))?;
    sandbox.world().move_account(fleet::NEWCOMER, unit)?;
    covered(sandbox.world()).await?;
    in_management(sandbox, programs, &["status", "--org"]).await
}

/// Waits until the automatic deployment has reached the account that was moved.
async fn covered(world: &World) -> Result<(), DemoError> {
    for _ in 0..600 {
        let sets = world.stack_sets(fleet::RESEARCH.1);
        let mine = sets.iter().flat_map(|set| &set.instances).filter(|((account, _), _)| account == fleet::NEWCOMER);
        let statuses: Vec<&str> = mine.map(|(_, instance)| instance.status).collect();
        if !statuses.is_empty() && statuses.iter().all(|status| *status == "CURRENT") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(DemoError::Program("the account that was moved is not covered after a minute".to_owned()))
}

/// Every rule that is installed.
async fn schedule(world: &World) -> Result<Vec<Invocation>, DemoError> {
    let mut invocations = Vec::new();
    for place in table::installed(world)? {
        for check in ALL {
            invocations.push(world.trigger_schedule(&place.account, &place.region, &check.rule_name()).await?);
        }
    }
    Ok(invocations)
}

/// How invocations went. The one that cannot do all of its work is part of the story: it has to say so.
fn told(invocations: &[Invocation]) -> String {
    let (fine, failed): (Vec<_>, Vec<_>) = invocations.iter().partition(|invocation| invocation.succeeded());
    let mut text = format!("{} invocations did all of their work.\n", fine.len());
    for invocation in failed {
        let last = invocation.attempts.last().map(|attempt| format!("{:?}", attempt.outcome)).unwrap_or_default();
        let last = last.split("error_message: ").nth(1).unwrap_or(&last).trim_end_matches([' ', '}']).to_owned();
        text.push_str(&table::wrapped(&format!(
            "1 did not, told Lambda so ({}), and was tried {} times: {last}",
            invocation.error_type().unwrap_or_default(),
            invocation.attempts.len()
        )));
    }
    text
}

fn chapter(number: u8, title: &str) -> io::Result<()> {
    let strong = anstyle::Style::new().bold();
    say(&format!("\n{strong}{number}. {title}{strong:#}"))
}

fn say(text: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{text}")
}
