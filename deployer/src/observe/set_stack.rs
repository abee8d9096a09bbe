//! Whether a StackSet of the organization made what has our names: its stack has another name than ours.

use super::stack::find;
use super::{FunctionState, Read};
use crate::aws::{Clients, refused};
use crate::organization::targets::is_account_id;

/// CloudFormation's tag on everything that it makes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>).
pub(crate) const STACK_TAG: &str = "aws:cloudformation:stack-name";
/// What the names of StackSets' stacks begin with, before the StackSet's name and an id.
const BEGINNING: &str = "StackSet-";
/// The length of that id with the hyphen before it.
const ID: usize = 37;

/// A stack that a StackSet made in this account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetStack {
    /// Its name.
    pub stack: String,
    /// The StackSet.
    pub set: String,
    /// The account that installed; none if that could not be seen.
    pub administrator: Option<String>,
}

impl SetStack {
    /// What is to be said of it.
    #[must_use]
    pub fn told(&self) -> String {
        let by = self.administrator.as_ref().map_or_else(String::new, |account| format!(" (administrator {account})"));
        format!("installed by the StackSet {} of the organization{by}", self.set)
    }

    /// Where it is managed.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.administrator {
            Some(account) => format!("in account {account}"),
            None => "in the account that administers the StackSet".to_owned(),
        }
    }
}

/// The stack of a StackSet that made a function; none if something else did.
pub(crate) async fn read(clients: &Clients, function: &FunctionState) -> Read<Option<SetStack>> {
    let answer = clients.lambda.list_tags().resource(&function.arn).send().await;
    let answer = answer.map_err(|error| refused("lambda:ListTags", &clients.region, &error))?;
    let Some(stack) = answer.tags().and_then(|tags| tags.get(STACK_TAG)) else { return Ok(None) };
    let Some(set) = set_of(stack) else { return Ok(None) };
    // Without it only the administrator is not told.
    let state = find(clients, stack).await.ok().flatten();
    let bucket = state.and_then(|state| state.parameters.get("ArtifactBucketPrefix").cloned());
    let administrator = bucket.as_deref().and_then(|prefix| prefix.rsplit('-').next());
    let administrator = administrator.filter(|account| is_account_id(account)).map(str::to_owned);
    Ok(Some(SetStack { stack: stack.clone(), set: set.to_owned(), administrator }))
}

/// The StackSet in the name of a stack.
fn set_of(stack: &str) -> Option<&str> {
    let rest = stack.strip_prefix(BEGINNING)?;
    rest.get(..rest.len().checked_sub(ID)?).filter(|set| !set.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_set_is_in_the_name_of_its_stack() {
        for (stack, set) in [
            ("StackSet-notebook-guard-0a1b2c3d-0000-4000-8000-0123456789ab", Some("notebook-guard")),
            ("StackSet-guard-set-2-0a1b2c3d-0000-4000-8000-0123456789ab", Some("guard-set-2")),
            ("notebook-guard", None),
            ("StackSet-guard", None),
            ("StackSet-0a1b2c3d-0000-4000-8000-0123456789ab", None),
        ] {
            assert_eq!(set_of(stack), set, "{stack}");
        }
    }
}
