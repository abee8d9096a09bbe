//! After the run was interrupted: operations go on, and a second Ctrl-C asks whether they should.

use std::io::IsTerminal as _;
use std::time::Duration;

use futures_util::future::join_all;

use super::SetsApplied;
use crate::aws::AwsRefusal;
use crate::confirm::confirm;
use crate::output::{Printer, counted};
use crate::stack_set::Sets;

/// For how long a second Ctrl-C is listened for.
const WINDOW: Duration = Duration::from_secs(5);

/// Says that operations go on, and listens a while for a second Ctrl-C: then a person is asked whether to stop them.
/// Nobody is asked with `--yes` or without a terminal. Gives back what came of each that was to be stopped.
pub async fn offer_to_stop(
    sets: &Sets,
    applied: &SetsApplied,
    printer: Printer,
    assume_yes: bool,
) -> Vec<(String, Result<(), AwsRefusal>)> {
    let going_on = applied.going_on();
    if going_on.is_empty() {
        return Vec::new();
    }
    let what = if going_on.len() == 1 { "goes on" } else { "go on" };
    for (set, id) in &going_on {
        printer.note(&format!("operation {id} on StackSet {set} in {} goes on without this run", sets.region));
    }
    printer.note("run the same command again to follow it to its end");
    if assume_yes || !std::io::stdin().is_terminal() || !printer.is_watched() {
        return Vec::new();
    }
    printer.note(&format!("press Ctrl-C again within {} s to stop what {what}", WINDOW.as_secs()));
    if tokio::time::timeout(WINDOW, tokio::signal::ctrl_c()).await.is_err() {
        return Vec::new();
    }
    let question = format!(
        "Stop {}? Accounts that it has reached keep what they have; the others are left out until the next run.",
        counted(going_on.len(), "operation")
    );
    if !confirm(printer, &question, false).await.unwrap_or(false) {
        return Vec::new();
    }
    let stops = going_on.iter().map(|(set, id)| async move { ((*id).to_owned(), sets.stop(set, id).await) });
    join_all(stops).await
}
