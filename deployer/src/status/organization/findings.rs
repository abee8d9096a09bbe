//! What is wrong with an installation in an organization, judged from what was read. Pure.

mod coverage;
mod own;
mod sets;

use super::{Finding, Guardrail, Head, Installed, Subject};
use crate::aggregator::AggregatorStatus;
use crate::aws::AwsRefusal;
use crate::output::counted;
use crate::status::Level;

/// All findings, in the order of their subjects.
#[must_use]
pub fn findings(head: &Head, installed: &Installed) -> Vec<Finding> {
    let mut found = sets::of(head, installed);
    found.extend(coverage::of(head, installed));
    found.extend(own::management(head, installed));
    found.extend(own::artifacts(head, installed));
    found.extend(guardrail(installed));
    found.extend(aggregator(installed));
    found.extend(packs(installed));
    found.extend(installed.unread.iter().map(|refusal| unread(Subject::Coverage, refusal)));
    found.sort_by_key(|finding| finding.subject);
    found
}

fn problem(subject: Subject, message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { subject, level: Level::Problem, message: message.into(), fix: Some(fix.into()) }
}

fn note(subject: Subject, message: impl Into<String>, fix: Option<String>) -> Finding {
    Finding { subject, level: Level::Note, message: message.into(), fix }
}

fn unread(subject: Subject, refusal: &AwsRefusal) -> Finding {
    Finding { subject, level: Level::Unread, message: refusal.to_string(), fix: Some(refusal.advice()) }
}

/// The flags that find this installation again.
fn flags(head: &Head) -> String {
    let prefix = if head.prefix == crate::settings::DEFAULT_PREFIX {
        String::new()
    } else {
        format!(" --prefix {}", head.prefix)
    };
    format!("--org --home-region {}{prefix}", head.home)
}

fn guardrail(installed: &Installed) -> Vec<Finding> {
    match &installed.guardrail {
        Err(refusal) => vec![unread(Subject::Guardrail, refusal)],
        Ok(None) => Vec::new(),
        Ok(Some(Guardrail { policies, troubles, .. })) => {
            let mut found: Vec<Finding> =
                troubles.iter().map(|(message, fix)| problem(Subject::Guardrail, message, fix)).collect();
            for (name, _) in policies.iter().filter(|(_, targets)| targets.is_empty() && troubles.is_empty()) {
                let fix = "attach it with: deployer install --org --deny-scp --scp-target UNIT";
                found.push(problem(Subject::Guardrail, format!("the policy {name} is attached to nothing"), fix));
            }
            found
        }
    }
}

fn aggregator(installed: &Installed) -> Vec<Finding> {
    let subject = Subject::Aggregator;
    match &installed.aggregator {
        Err(refusal) => vec![unread(subject, refusal)],
        Ok(None) => Vec::new(),
        Ok(Some(status)) => {
            let AggregatorStatus { name, stack, region, status: word, .. } = status;
            let mut found = Vec::new();
            if !status.is_settled() {
                let fix = "look at its events, then install again with --aggregator";
                found.push(problem(subject, format!("the stack {stack} in {region} is in {word}"), fix));
            }
            if !status.is_there {
                let message = format!("the aggregator {name} in {region} is gone, and its stack {stack} is there");
                let fix = format!(
                    "delete the stack and install again with --aggregator: aws cloudformation delete-stack --stack-name \
                     {stack} --region {region}"
                );
                found.push(problem(subject, message, fix));
            }
            found
        }
    }
}

fn packs(installed: &Installed) -> Vec<Finding> {
    let packs = match &installed.packs {
        Err(refusal) => return vec![unread(Subject::ManagedPack, refusal)],
        Ok(packs) => packs,
    };
    let told = packs.failures.iter().map(|failure| {
        let message = format!(
            "it failed in {} in {}: {} (one is {})",
            counted(failure.accounts, "account"),
            failure.regions.join(", "),
            failure.words,
            failure.sample
        );
        problem(Subject::ManagedPack, message, failure.fix.clone())
    });
    told.collect()
}
