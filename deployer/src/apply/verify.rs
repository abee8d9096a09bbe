//! A look at the result: is what runs what was installed?

use std::time::Duration;

use futures_util::join;
use tokio::time::sleep;

use super::Problem;
use super::region::Worker;
use crate::observe::{Read, function, rules, stack_damage};
use crate::plan::{Deploy, Step};

/// AWS Config and Lambda may show what was made a little later.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(15),
];

/// Compares the function's code and the rules with the plan.
pub(super) async fn verify(worker: &Worker<'_>) -> Result<(), Problem> {
    let Some(deployed) = member(worker) else { return Ok(()) };
    let mut pauses = PAUSES.into_iter();
    loop {
        let problems = look(worker, deployed).await?;
        match pauses.next() {
            _ if problems.is_empty() => return Ok(()),
            Some(pause) => sleep(pause).await,
            None => return Err(Problem::Unverified(problems)),
        }
    }
}

fn member<'a>(worker: &'a Worker<'_>) -> Option<&'a Deploy> {
    let name = worker.plan.names().member_stack();
    worker.region.steps.iter().find_map(|step| match step {
        Step::Deploy(deploy) if deploy.stack == name => Some(deploy),
        Step::Deploy(_) | Step::Remove { .. } | Step::ContinueRollback { .. } | Step::Upload { .. } => None,
    })
}

async fn look(worker: &Worker<'_>, deployed: &Deploy) -> Read<Vec<String>> {
    let names = worker.plan.names();
    let name = names.function();
    let (function, rules) = join!(function::read(&worker.clients, &name), rules::read(&worker.clients));
    Ok(stack_damage(&Ok(function?), &Ok(rules?), &deployed.parameters, names))
}
