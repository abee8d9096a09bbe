//! The demo: `deployer install` in two accounts with every kind of notebook, AWS Config that invokes what it installed,
//! and what it then holds.

mod deployer;
mod fleet;
mod program;
mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use rule::check::{ALL, ROOT_ACCESS};

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
    say(&format!("An AWS of our own listens on {}: two accounts, two Regions, no network.", sandbox.endpoint()))?;
    fleet::put_up(world)?;

    chapter(1, "Notebook Guard is installed in both accounts")?;
    for account in fleet::ACCOUNTS {
        let install = ["install", "--region", "all", "--checks", "all", "--yes"];
        deployer::run(&sandbox, &programs, (account, fleet::FIRST.1), &install).await?;
    }

    chapter(2, "AWS Config runs every rule on its schedule")?;
    let invocations = schedule(world).await?;
    say(&told(&invocations))?;
    chapter(3, "What AWS Config holds now")?;
    say(&table::compliance(world)?)?;

    chapter(4, "A notebook is created with SageMaker's defaults: AWS Config tells the rules")?;
    let (account, region) = fleet::FIRST;
    world.put_notebook(account, region, Notebook::new("quick-test"))?;
    say(&told(&world.settle().await))?;
    say(&table::one(world, (account, region), "quick-test", &ALL)?)?;

    chapter(5, "Root access is taken from it, and later it is deleted")?;
    world.update_notebook(account, region, "quick-test", |notebook| {
        notebook.root_access = Some("Disabled".to_owned());
    })?;
    world.settle().await;
    say(&table::one(world, (account, region), "quick-test", &[&ROOT_ACCESS])?)?;
    world.remove_notebook(account, region, "quick-test")?;
    world.settle().await;
    say(&table::one(world, (account, region), "quick-test", &[&ROOT_ACCESS])?)?;

    chapter(6, "What is installed is proved, and taken away again")?;
    deployer::run(&sandbox, &programs, fleet::FIRST, &["status", "--region", "all"]).await?;
    let [_, second] = fleet::ACCOUNTS;
    deployer::run(&sandbox, &programs, (second, fleet::FIRST.1), &["uninstall", "--region", "all", "--yes"]).await?;
    say(&format!(
        "\nThat was the real function and the real command line, {} AWS calls, in {:.1} s.",
        world.calls().all().len(),
        started.elapsed().as_secs_f32()
    ))?;
    say("Judge your own account, without installing anything: cargo run -p deployer -- evaluate --region all\n")?;
    sandbox.stop().await;
    Ok(())
}

async fn schedule(world: &World) -> Result<Vec<Invocation>, DemoError> {
    let mut invocations = Vec::new();
    for place in world.places() {
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
