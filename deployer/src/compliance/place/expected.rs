//! The checks that are to judge in an account: those that its stack or the StackSet of the organization has on.

use std::collections::BTreeMap;

use rule::check::{ALL, Check};

use super::{Clients, Wanted};
use crate::compliance::{Reach, Scope};
use crate::evidence::rows::RuleRow;
use crate::names::Names;
use crate::observe::{STACK_TAG, StackState, find_stack_with};
use crate::organization::CallAs;
use crate::stack_set::Sets;
use crate::templates::parameter_of;

/// Whose installation it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    /// Whether the stack has the name that an installation in one account gives it: it is the caller's own account.
    pub(super) is_own: bool,
    /// What the StackSet has on.
    pub(super) set: Option<&'a [&'static Check]>,
    /// The rules that are there.
    pub(super) rules: &'a [RuleRow],
}

/// What the StackSet of the organization has on; none where there is none, or it may not be looked at. It stands for
/// every account that it covers, because none of them gets parameters of its own.
pub(in crate::compliance) async fn of_set(
    reach: &Reach,
    scope: &Scope,
    wanted: &Wanted,
) -> Option<Vec<&'static Check>> {
    let (Some(management), Some(home), None) = (&scope.management, &scope.home, &wanted.expected) else { return None };
    let is_own = *management == scope.caller;
    let call_as = if is_own { CallAs::Own } else { CallAs::DelegatedAdministrator };
    // All sets of an installation have the same parameters.
    let set = Sets::new(reach.sdk(), home, call_as).find(&names(wanted).stack_set(1)).await.ok().flatten()?;
    on(&set.parameters, wanted)
}

/// What is to judge in an account × Region; none where nothing tells of it. Then the rules that are there say what
/// judges.
pub(super) async fn read(clients: &Clients, of: Of<'_>, wanted: &Wanted) -> Option<Vec<&'static Check>> {
    if wanted.expected.is_some() {
        return None;
    }
    if of.is_own
        && let Some(checks) = of_stack(clients, &names(wanted).member_stack(), wanted).await
    {
        return Some(checks);
    }
    match of.set {
        Some(set) => Some(set.to_vec()),
        None => of_stack(clients, &made_by(clients, of.rules).await?, wanted).await,
    }
}

async fn of_stack(clients: &Clients, name: &str, wanted: &Wanted) -> Option<Vec<&'static Check>> {
    let client = aws_sdk_cloudformation::Client::new(&clients.sdk);
    let stack = find_stack_with(&client, &clients.region, name).await.ok().flatten()?;
    if StackState::is_ours(&stack) { on(&stack.parameters, wanted) } else { None }
}

/// The stack that made the function of the rules. That of a StackSet has a name that nobody can know.
async fn made_by(clients: &Clients, rules: &[RuleRow]) -> Option<String> {
    let function = rules.iter().map(|rule| rule.function.as_str()).find(|function| !function.is_empty())?;
    let lambda = aws_sdk_lambda::Client::new(&clients.sdk);
    let answer = lambda.list_tags().resource(function).send().await.ok()?;
    answer.tags()?.get(STACK_TAG).cloned()
}

/// The names do not depend on account and partition.
fn names(wanted: &Wanted) -> Names<'_> {
    Names { prefix: &wanted.prefix, account: "", partition: "" }
}

/// The wanted checks that are on; none if the parameters are not those of an installation.
fn on(parameters: &BTreeMap<String, String>, wanted: &Wanted) -> Option<Vec<&'static Check>> {
    let is_told = ALL.into_iter().any(|check| parameters.contains_key(&parameter_of(check)));
    let is_on = |check: &&Check| parameters.get(&parameter_of(check)).is_some_and(|value| value == "on");
    is_told.then(|| wanted.checks.iter().copied().filter(is_on).collect())
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn what_the_stack_has_on_is_expected() {
        let wanted = Wanted::all("notebook-guard", date!(2026 - 11 - 23));
        let parameters = [("RootAccess", "on"), ("ImdsV2", "off"), ("InsideVpc", "on"), ("Delivery", "rules")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let checks = on(&parameters, &wanted).unwrap();
        assert_eq!(checks.iter().map(|check| check.id).collect::<Vec<_>>(), ["inside-vpc", "root-access"]);
        assert!(on(&BTreeMap::from([("Size".to_owned(), "on".to_owned())]), &wanted).is_none(), "another stack");
    }
}
