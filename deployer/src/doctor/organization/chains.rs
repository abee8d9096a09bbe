//! Service control policies that are in force for the targets, and what they forbid of what StackSets do there.

use super::targets::listed;
use super::{Chain, Inside, Observed, Obstacle};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::output::{counted, grouped};

pub(super) fn findings(observed: &Observed, inside: &Inside) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    let chains = match &inside.chains {
        Err(refusal) => {
            notes.unread(topic::POLICIES_IN_FORCE, refusal);
            return notes.done();
        }
        Ok(chains) => chains,
    };
    let forbidden: Vec<(&Chain, &Obstacle)> =
        chains.iter().flat_map(|chain| chain.obstacles.iter().map(move |one| (chain, one))).collect();
    for (message, _) in told(observed, &forbidden) {
        // It keeps nobody from installing into the other accounts.
        notes.warning(
            topic::POLICIES_IN_FORCE,
            format!("forbidden to the StackSets' role: {message}"),
            "have the policy except arn:*:iam::*:role/stacksets-exec-*, or leave the target out",
        );
    }
    let unsure: Vec<(&Chain, &Obstacle)> =
        chains.iter().flat_map(|chain| chain.undecided.iter().map(move |one| (chain, one))).collect();
    for (message, _) in told(observed, &unsure) {
        notes.warning(
            topic::POLICIES_IN_FORCE,
            format!("cannot be decided beforehand: {message}"),
            "look at the policy's conditions; a canary (--canary) tells for certain",
        );
    }
    if forbidden.is_empty() && unsure.is_empty() && !chains.is_empty() {
        let asked = chains.iter().map(|chain| chain.asked).max().unwrap_or_default();
        let policies: std::collections::BTreeSet<&str> =
            chains.iter().flat_map(|chain| chain.policies.iter().map(|policy| policy.name.as_str())).collect();
        let unseen = match inside.unseen {
            0 => String::new(),
            many => format!("; {many} units and accounts below the targets were not looked at"),
        };
        notes.good(
            topic::POLICIES_IN_FORCE,
            format!(
                "{} forbid none of the {asked} actions of a member stack to the StackSets' role{unseen}",
                counted(policies.len(), "policy").replace("policys", "policies")
            ),
        );
    }
    notes.done()
}

/// The same obstacle at several targets is told once.
fn told<'a>(observed: &Observed, all: &'a [(&'a Chain, &'a Obstacle)]) -> Vec<(String, usize)> {
    let groups = grouped(all.iter(), |(_, one)| format!("{one:?}"));
    let told = groups.into_iter().filter_map(|group| {
        let (_, first) = group.first()?;
        let actions: Vec<&str> = first.actions.iter().map(String::as_str).collect();
        let places: Vec<&str> = group.iter().map(|(chain, _)| chain.path.as_str()).collect();
        let accounts = group.iter().map(|(chain, _)| chain.accounts).sum();
        let regions = if first.regions.len() == observed.regions.len() {
            String::new()
        } else {
            format!(" in {}", first.regions.join(", "))
        };
        let message = format!(
            "{} ({}){regions}: at {}, {}",
            listed(&actions),
            first.why,
            listed(&places),
            counted(accounts, "account")
        );
        Some((message, accounts))
    });
    told.collect()
}
