//! The checks that are to judge in the caller's own account: those that its stack has on.

use std::collections::BTreeMap;

use rule::check::Check;

use super::{Clients, Wanted};
use crate::names::Names;
use crate::observe::{StackState, find_stack_with};
use crate::templates::parameter_of;

/// Asks the stack of the Region; none where there is no such stack, or it may not be looked at. Then the rules that are
/// there say what judges.
pub(super) async fn read(clients: &Clients, wanted: &Wanted) -> Option<Vec<&'static Check>> {
    if wanted.expected.is_some() {
        return None;
    }
    // The name does not depend on account and partition.
    let name = Names { prefix: &wanted.prefix, account: "", partition: "" }.member_stack();
    let client = aws_sdk_cloudformation::Client::new(&clients.sdk);
    let stack = find_stack_with(&client, &clients.region, &name).await.ok().flatten()?;
    StackState::is_ours(&stack).then(|| on(&stack.parameters, wanted))
}

fn on(parameters: &BTreeMap<String, String>, wanted: &Wanted) -> Vec<&'static Check> {
    let is_on = |check: &&Check| parameters.get(&parameter_of(check)).is_some_and(|value| value == "on");
    wanted.checks.iter().copied().filter(is_on).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn what_the_stack_has_on_is_expected() {
        let parameters = [("RootAccess", "on"), ("ImdsV2", "off"), ("InsideVpc", "on"), ("Delivery", "rules")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let checks = on(&parameters, &Wanted::all("notebook-guard", date!(2026 - 11 - 23)));
        assert_eq!(checks.iter().map(|check| check.id).collect::<Vec<_>>(), ["inside-vpc", "root-access"]);
    }
}
