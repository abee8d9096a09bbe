//! The service control policies that are wanted, planned as `install` plans them: what keeps it from a plan is told
//! beforehand.

use super::{Known, Look};
use crate::doctor::notes::Notes;
use crate::doctor::{Finding, topic};
use crate::names::Names;
use crate::organization::install::guardrail_settings;
use crate::scp::guardrail::{GuardrailProblem, Wanted, observe, plan};
use crate::scp::settings::Agreed;

/// Why the policies could not be made, but for their type and their room, which have topics of their own.
pub(crate) async fn guardrail(look: Look<'_>, known: &Known) -> Vec<Finding> {
    let mut notes = Notes::of_account();
    let (Some(asked), Some(Ok(organization))) = (&look.asked.guardrail, &known.organization) else {
        return notes.done();
    };
    let settings = match guardrail_settings(asked, organization) {
        Ok(settings) => settings,
        Err(faults) => {
            for fault in faults {
                notes.bad(topic::POLICY_TARGETS, fault, "name units, accounts or the root with --scp-target");
            }
            return notes.done();
        }
    };
    let names =
        Names { prefix: &look.settings.prefix, account: &look.identity.account, partition: look.identity.partition() };
    let agreed =
        Agreed { enable_policy_type: asked.enable_policy_type, allow_root: asked.allow_root, allow_downgrade: false };
    let version = env!("CARGO_PKG_VERSION");
    let wanted = Wanted { guardrail: &settings, settings: look.settings, names, version, agreed };
    let state = observe(look.sdk, organization, &settings, names, look.home).await;
    let problems = plan(wanted, &state).err().unwrap_or_default();
    let untold: Vec<&GuardrailProblem> = problems.iter().filter(|problem| !is_told_elsewhere(problem)).collect();
    for problem in &untold {
        notes.bad(topic::POLICY_TARGETS, problem.to_string(), problem.advice());
    }
    if untold.is_empty() {
        notes.good(topic::POLICY_TARGETS, "the policies can be attached to what was named");
    }
    notes.done()
}

fn is_told_elsewhere(problem: &GuardrailProblem) -> bool {
    match problem {
        GuardrailProblem::NotAllFeatures
        | GuardrailProblem::TypeOff { .. }
        | GuardrailProblem::TypeUnknown { .. }
        | GuardrailProblem::TooLong { .. }
        | GuardrailProblem::Full { .. } => true,
        GuardrailProblem::Unread(_)
        | GuardrailProblem::NoTarget
        | GuardrailProblem::TamperNeedsPack
        | GuardrailProblem::TamperStays { .. }
        | GuardrailProblem::Root { .. }
        | GuardrailProblem::Management { .. }
        | GuardrailProblem::ListTooLong { .. }
        | GuardrailProblem::NameTaken { .. }
        | GuardrailProblem::Stack(_)
        | GuardrailProblem::Unintended { .. } => false,
    }
}
