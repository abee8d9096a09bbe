//! From what is wanted and what is there to the step, or to everything that stands in the way.

use super::{AggregatorProblem, AggregatorState, AggregatorStep, MOST};
use crate::names::{COMPONENT_TAG, MANAGED_TAG, Names, SETTINGS_TAG, VERSION_TAG};
use crate::plan::{Change, Deploy, Sign, added, digest, resources, values};
use crate::settings::Settings;
use crate::stacks::{Base, base};
use crate::templates::{Template, aggregator_parameters, aggregator_resources};

/// What the aggregator is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What is installed in the accounts: its tags, and the path and boundary of roles.
    pub settings: &'a Settings,
    /// The names, with the administrator's account.
    pub names: Names<'a>,
    /// The version of this program.
    pub version: &'a str,
    /// Whether an older version may replace a newer one.
    pub allow_downgrade: bool,
}

/// Makes the step; none if everything is as it should be.
///
/// # Errors
/// Everything that stands in the way, at once.
pub fn plan(wanted: Wanted<'_>, state: &AggregatorState) -> Result<Option<AggregatorStep>, Vec<AggregatorProblem>> {
    let mut problems = Vec::new();
    match &state.may {
        Ok(true) => {}
        Ok(false) => problems.push(AggregatorProblem::NotAdministrator {
            account: wanted.names.account.to_owned(),
            management: state.management.clone(),
        }),
        Err(refusal) => problems.push(refusal.clone().into()),
    }
    let base = match of_stack(wanted, state) {
        Ok(base) => base,
        Err(problem) => {
            problems.push(problem);
            return Err(problems);
        }
    };
    if base.1.is_none() {
        problems.extend(of_region(wanted, state));
    }
    if problems.is_empty() { Ok(step(wanted, state, base)) } else { Err(problems) }
}

/// Whether the Region has room for one, and for one of that name.
fn of_region(wanted: Wanted<'_>, state: &AggregatorState) -> Option<AggregatorProblem> {
    let (region, name) = (state.region.clone(), wanted.names.aggregator());
    match &state.names {
        Err(refusal) => Some(refusal.clone().into()),
        Ok(names) if names.contains(&name) => Some(AggregatorProblem::NameTaken { name, region }),
        Ok(names) if names.len() >= MOST => Some(AggregatorProblem::Full { region, there: names.len() }),
        Ok(_) => None,
    }
}

fn of_stack<'a>(wanted: Wanted<'_>, state: &'a AggregatorState) -> Result<Base<'a>, AggregatorProblem> {
    let stack = state.stack.as_ref().map_err(Clone::clone)?.as_ref();
    Ok(base(stack, &state.region, (wanted.version, wanted.allow_downgrade))?)
}

fn step(wanted: Wanted<'_>, state: &AggregatorState, (remove, base): Base<'_>) -> Option<AggregatorStep> {
    let Wanted { settings, names, version, .. } = wanted;
    let parameters = aggregator_parameters(settings, names);
    let mut tags = settings.tags.clone();
    tags.insert(MANAGED_TAG.to_owned(), "true".to_owned());
    tags.insert(COMPONENT_TAG.to_owned(), Template::Aggregator.component().to_owned());
    tags.insert(SETTINGS_TAG.to_owned(), digest(Template::Aggregator, &parameters));
    tags.insert(VERSION_TAG.to_owned(), version.to_owned());
    let after = aggregator_resources(names, &state.region);
    let changes = match base {
        None => added(after),
        Some(stack) => {
            let mut changes = resources(&aggregator_resources(names, &state.region), &after);
            changes.extend(values("parameter", &stack.parameters, &parameters));
            changes.extend(values("tag", &stack.tags, &tags));
            if stack.template.as_deref().map(str::trim) != Some(Template::Aggregator.text().trim()) {
                let (kind, name) = ("template".to_owned(), Template::Aggregator.file().to_owned());
                changes.push(Change { sign: Sign::Change, kind, name, logical: None, from: None, to: None });
            }
            changes
        }
    };
    let (stack, template) = (names.aggregator_stack(), Template::Aggregator);
    let deploy = Deploy { stack, template, is_new: base.is_none(), parameters, tags, changes };
    (!deploy.changes.is_empty()).then(|| AggregatorStep { region: state.region.clone(), remove, deploy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::StackState;
    use crate::stacks::StackProblem;

    fn state() -> AggregatorState {
        AggregatorState {
            region: "eu-west-1".to_owned(),
            management: "111111111111".to_owned(),
            may: Ok(true),
            stack: Ok(None),
            names: Ok(Vec::new()),
        }
    }

    fn planned(state: &AggregatorState) -> Result<Option<AggregatorStep>, Vec<AggregatorProblem>> {
        let settings = Settings::new(vec!["eu-west-1".to_owned()]);
        let names = Names { prefix: "notebook-guard", account: "222222222222", partition: "aws" };
        plan(Wanted { settings: &settings, names, version: "1.0.0", allow_downgrade: false }, state)
    }

    #[test]
    fn everything_in_the_way_is_told_at_once() {
        let full: Vec<String> = (0..MOST).map(|at| format!("a{at}")).collect();
        let problems = planned(&AggregatorState { may: Ok(false), names: Ok(full), ..state() }).unwrap_err();
        let [AggregatorProblem::NotAdministrator { .. }, AggregatorProblem::Full { there: MOST, .. }] =
            problems.as_slice()
        else {
            panic!("{problems:?}")
        };
        let taken = planned(&AggregatorState { names: Ok(vec!["notebook-guard".to_owned()]), ..state() });
        assert!(matches!(taken.unwrap_err().as_slice(), [AggregatorProblem::NameTaken { .. }]));
    }

    #[test]
    fn a_stack_that_is_as_it_should_be_needs_nothing() {
        let step = planned(&state()).unwrap().unwrap();
        let stack = StackState {
            id: "arn".to_owned(),
            name: step.deploy.stack.clone(),
            status: "CREATE_COMPLETE".to_owned(),
            reason: None,
            parameters: step.deploy.parameters,
            tags: step.deploy.tags,
            outputs: std::collections::BTreeMap::new(),
            is_protected: false,
            template: Some(Template::Aggregator.text().to_owned()),
            has_our_change_set: false,
        };
        // The aggregator of our name is the stack's own.
        let there =
            AggregatorState { stack: Ok(Some(stack.clone())), names: Ok(vec!["notebook-guard".to_owned()]), ..state() };
        assert_eq!(planned(&there), Ok(None));
        let way = |stack: StackState| planned(&AggregatorState { stack: Ok(Some(stack)), ..state() }).unwrap_err();
        let foreign = StackState { tags: std::collections::BTreeMap::new(), ..stack.clone() };
        assert!(matches!(way(foreign).as_slice(), [AggregatorProblem::Stack(StackProblem::NotOurs { .. })]));
        let mut newer = stack.clone();
        newer.tags.insert(VERSION_TAG.to_owned(), "9.0.0".to_owned());
        assert!(matches!(way(newer).as_slice(), [AggregatorProblem::Stack(StackProblem::Downgrade { .. })]));
        let busy = StackState { status: "UPDATE_IN_PROGRESS".to_owned(), ..stack.clone() };
        assert!(matches!(way(busy).as_slice(), [AggregatorProblem::Stack(StackProblem::Stuck { .. })]));
        let failed = StackState { status: "ROLLBACK_COMPLETE".to_owned(), ..stack };
        let again = planned(&AggregatorState { stack: Ok(Some(failed)), ..state() }).unwrap().unwrap();
        assert!(again.remove.is_some() && again.deploy.is_new);
    }
}
