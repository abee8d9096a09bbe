//! From what is wanted and what is there to the step, or to everything that stands in the way.

mod drift;
mod given;

pub use drift::Drift;
pub(super) use drift::{edited, lines as drift_lines};
pub(super) use given::given;

use crate::names::{COMPONENT_TAG, MANAGED_TAG, Names, SETTINGS_TAG, VERSION_TAG};
use crate::observe::StackState;
use crate::plan::{Change, Deploy, Sign, added, digest, resources, values};
use crate::scp::documents::{self, Named};
use crate::scp::in_force::{Chain, FULL_ACCESS, Level};
use crate::scp::language::Policy;
use crate::scp::quotas::QUOTAS;
use crate::scp::settings::LARGEST_LIST;
use crate::scp::table::{Judged, Outcome, Place, judge, rows};
use crate::settings::{Delivery, Settings};
use crate::stacks::{Base, StackProblem, base};
use crate::templates::{Template, guardrail_parameters, guardrail_resources};

use super::{
    Agreed, EnableType, GuardrailProblem, GuardrailSettings, GuardrailState, GuardrailStep, PolicyText, RemoveFirst,
    TypeStatus,
};

/// What the guardrail is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Its own settings.
    pub guardrail: &'a GuardrailSettings,
    /// What is installed in the accounts.
    pub settings: &'a Settings,
    /// The names, with the administrator's account.
    pub names: Names<'a>,
    /// The version of this program.
    pub version: &'a str,
    /// What the user has agreed to.
    pub agreed: Agreed,
}

impl Wanted<'_> {
    fn policies(&self) -> Vec<Named> {
        documents::all(self.guardrail, self.names, &self.settings.path_of_role())
    }
}

/// Makes the step; none if everything is as it should be.
///
/// # Errors
/// Everything that stands in the way, at once.
pub fn plan(wanted: Wanted<'_>, state: &GuardrailState) -> Result<Option<GuardrailStep>, Vec<GuardrailProblem>> {
    let mut problems = of_settings(wanted, state);
    problems.extend(of_organization(wanted, state));
    for (target, levels) in &state.targets {
        match levels {
            Ok(levels) => problems.extend(of_target(wanted, (target, &state.place(target)), levels)),
            Err(refusal) => problems.push(refusal.clone().into()),
        }
    }
    let stack = match of_stack(wanted, state) {
        Ok(stack) => stack,
        Err(problem) => {
            problems.push(problem);
            (None, None)
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(step(wanted, state, stack))
}

/// What does not stand in the way and has to be said: rows of the table that other policies in force decide otherwise
/// than a working account needs, or that cannot be decided.
#[must_use]
pub fn warnings(wanted: Wanted<'_>, state: &GuardrailState) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if wanted.guardrail.break_glass.is_empty() {
        found
            .push("no --break-glass role is named: nobody but the management account can make an exception".to_owned());
    } else {
        let roles = wanted.guardrail.break_glass.join(", ");
        found.push(format!(
            "whether the break-glass roles exist in the member accounts cannot be looked up from here; make them first, \
             because afterwards only they themselves can be used to change them: {roles}"
        ));
    }
    for (target, levels) in &state.targets {
        let Ok(levels) = levels else { continue };
        let other =
            judged(wanted, target, levels).into_iter().filter(|one| !one.is_as_intended() && !is_ours(one, wanted));
        found.extend(other.map(|one| format!("on {}: {}", state.place(target), one.sentence())));
    }
    found
}

fn of_settings(wanted: Wanted<'_>, state: &GuardrailState) -> Vec<GuardrailProblem> {
    let mut problems = Vec::new();
    let GuardrailSettings { targets, tamper, .. } = wanted.guardrail;
    if targets.is_empty() {
        problems.push(GuardrailProblem::NoTarget);
    }
    if *tamper && wanted.settings.delivery != Delivery::ConformancePack {
        problems.push(GuardrailProblem::TamperNeedsPack);
    }
    if targets.contains(&state.root) && !wanted.agreed.allow_root {
        problems.push(GuardrailProblem::Root { root: state.root.clone() });
    }
    if targets.contains(&state.management) {
        problems.push(GuardrailProblem::Management { account: state.management.clone() });
    }
    let lists = [
        ("targets", targets.join(",")),
        ("break-glass roles", wanted.guardrail.principals(wanted.names.partition).join(",")),
    ];
    for (what, text) in lists.into_iter().filter(|(_, text)| text.len() > LARGEST_LIST) {
        problems.push(GuardrailProblem::ListTooLong { what, size: text.len() });
    }
    for Named { name, document } in wanted.policies() {
        if document.size() > QUOTAS.characters {
            problems.push(GuardrailProblem::TooLong { policy: name, size: document.size() });
        }
    }
    problems
}

fn of_organization(wanted: Wanted<'_>, state: &GuardrailState) -> Vec<GuardrailProblem> {
    let mut problems = Vec::new();
    if !state.all_features {
        problems.push(GuardrailProblem::NotAllFeatures);
    }
    match &state.policy_type {
        TypeStatus::Off if state.all_features && !wanted.agreed.enable_policy_type => {
            problems.push(GuardrailProblem::TypeOff { root: state.root.clone() });
        }
        TypeStatus::Other(status) => {
            problems.push(GuardrailProblem::TypeUnknown { root: state.root.clone(), status: status.clone() });
        }
        TypeStatus::Off | TypeStatus::Enabled | TypeStatus::Pending => {}
    }
    match &state.names {
        Ok(names) => {
            let ours = wanted.policies().into_iter().filter(|policy| names.contains(&policy.name));
            problems.extend(ours.map(|policy| GuardrailProblem::NameTaken { name: policy.name }));
        }
        Err(refusal) => problems.push(refusal.clone().into()),
    }
    problems
}

fn of_target(wanted: Wanted<'_>, (target, name): (&str, &str), levels: &[Level]) -> Vec<GuardrailProblem> {
    let mut problems = Vec::new();
    let ours = wanted.policies();
    if let Some(own) = levels.last() {
        let others = own.policies.iter().filter(|policy| ours.iter().all(|our| our.name != policy.name)).count();
        if others + ours.len() > QUOTAS.attached {
            problems.push(GuardrailProblem::Full { target: name.to_owned(), attached: others, more: ours.len() });
        }
    }
    let bad = judged(wanted, target, levels).into_iter().filter(|one| !one.is_as_intended() && is_ours(one, wanted));
    problems.extend(bad.map(|one| GuardrailProblem::Unintended {
        target: name.to_owned(),
        is: one.word(),
        intended: one.row.intended.word(),
        why: one.by(),
        row: one.row.id.clone(),
    }));
    problems
}

/// The table on a target as it will be: with our policies as they are to be, and the others as they are.
fn judged(wanted: Wanted<'_>, target: &str, levels: &[Level]) -> Vec<Judged> {
    let mut levels = levels.to_vec();
    let ours = wanted.policies();
    for level in &mut levels {
        level.policies.retain(|policy| ours.iter().all(|our| our.name != policy.name));
    }
    let mut chain = Chain::read(&levels);
    if chain.levels.is_empty() {
        // The policy type is off: AWS will attach FullAWSAccess everywhere.
        chain.levels.push(named("FullAWSAccess", FULL_ACCESS));
    }
    if let Some(last) = chain.levels.last_mut() {
        last.extend(ours.iter().flat_map(|our| named(&our.name, &our.document.text(false))));
    }
    let place = Place::on(target, wanted.names.partition, wanted.settings.regions.first().map(String::as_str));
    judge(&rows(wanted.guardrail, wanted.names, &wanted.settings.path_of_role(), &place), &chain)
}

/// A policy of a text that we know.
fn named(name: &str, text: &str) -> Vec<(String, Policy)> {
    Policy::parse(text).map(|policy| (name.to_owned(), policy)).into_iter().collect()
}

/// Whether a row that is not as intended is ours to answer for: what has to be denied is our part, and so is what our
/// own policies deny.
fn is_ours(judged: &Judged, wanted: Wanted<'_>) -> bool {
    match judged.row.intended {
        Outcome::Denied => true,
        Outcome::Allowed => {
            judged.denied_by().is_some_and(|policy| wanted.policies().iter().any(|our| our.name == policy))
        }
    }
}

fn of_stack<'a>(wanted: Wanted<'_>, state: &'a GuardrailState) -> Result<Base<'a>, GuardrailProblem> {
    let stack = state.stack.as_ref().map_err(Clone::clone)?.as_ref();
    let found = base(stack, &state.region, (wanted.version, wanted.agreed.allow_downgrade))?;
    if let (None, Some(stack)) = found
        && let Some(policy) = drift::gone(state.policies.as_ref().map_err(Clone::clone)?)
    {
        return without(stack, state.region.clone(), policy);
    }
    Ok(found)
}

/// A stack whose policy somebody deleted: CloudFormation would change what is not there, and fail.
fn without<'a>(stack: &StackState, region: String, policy: &str) -> Result<Base<'a>, GuardrailProblem> {
    let (name, why) = (stack.name.clone(), format!("somebody deleted its policy {policy}"));
    if stack.is_protected {
        let status = format!("{}, {why}, and it is protected from deletion", stack.status);
        return Err(StackProblem::Stuck { stack: name, region, status }.into());
    }
    Ok((Some(RemoveFirst { stack: name, id: stack.id.clone(), why }), None))
}

fn step(wanted: Wanted<'_>, state: &GuardrailState, (remove, base): Base<'_>) -> Option<GuardrailStep> {
    let parameters = guardrail_parameters(wanted.guardrail, wanted.names, &wanted.settings.path_of_role());
    let mut tags = wanted.settings.tags.clone();
    tags.insert(MANAGED_TAG.to_owned(), "true".to_owned());
    tags.insert(COMPONENT_TAG.to_owned(), Template::Guardrail.component().to_owned());
    tags.insert(SETTINGS_TAG.to_owned(), digest(Template::Guardrail, &parameters));
    tags.insert(VERSION_TAG.to_owned(), wanted.version.to_owned());
    let after = guardrail_resources(&parameters, wanted.names);
    let mut changes = match base {
        None => added(after),
        Some(stack) => {
            let mut changes = resources(&guardrail_resources(&stack.parameters, wanted.names), &after);
            changes.extend(values("parameter", &stack.parameters, &parameters));
            changes.extend(values("tag", &stack.tags, &tags));
            if stack.template.as_deref().map(str::trim) != Some(Template::Guardrail.text().trim()) {
                let (kind, name) = ("template".to_owned(), Template::Guardrail.file().to_owned());
                changes.push(Change { sign: Sign::Change, kind, name, logical: None, from: None, to: None });
            }
            changes
        }
    };
    for change in changes.iter_mut().filter(|change| change.name == "Targets") {
        change.from = change.from.take().map(|ids| named_all(state, &ids));
        change.to = change.to.take().map(|ids| named_all(state, &ids));
    }
    let drift = base.map(|stack| drift::find(wanted, state, stack)).unwrap_or_default();
    if changes.is_empty() && drift.is_empty() {
        return None;
    }
    let given_up = base.map(|stack| given::given_up(wanted, state, stack)).unwrap_or_default();
    let policies = wanted.policies().into_iter();
    let targets = state.targets.keys().map(|id| state.place(id));
    Some(GuardrailStep {
        region: state.region.clone(),
        policy_type: match state.policy_type {
            TypeStatus::Off => Some(EnableType { root: state.root.clone(), is_pending: false }),
            TypeStatus::Pending => Some(EnableType { root: state.root.clone(), is_pending: true }),
            TypeStatus::Enabled | TypeStatus::Other(_) => None,
        },
        remove,
        deploy: Deploy {
            stack: wanted.names.guardrail_stack(),
            template: Template::Guardrail,
            is_new: base.is_none(),
            parameters,
            tags,
            changes,
        },
        drift,
        given_up,
        policies: policies.map(|one| PolicyText { name: one.name, content: one.document.text(false) }).collect(),
        targets: targets.collect(),
    })
}

/// Ids with their names.
fn named_all(state: &GuardrailState, ids: &str) -> String {
    ids.split(',').map(|id| state.place(id)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
