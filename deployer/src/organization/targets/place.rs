//! Places that service control policies are attached to, as people call them.

use super::asked::{is_account_id, unit};
use crate::organization::Organization;

/// The id of the root, a unit (by id, name or path) or an account (by id) that policies can bind.
///
/// # Errors
/// There is no such place, more than one, or it is the management account.
pub(crate) fn place(organization: &Organization, name: &str) -> Result<String, String> {
    if !is_account_id(name) {
        return unit(organization, name);
    }
    if name == organization.management {
        return Err(format!("{name} is the management account, which no service control policy binds"));
    }
    let is_there = organization.accounts.contains_key(name);
    is_there.then(|| name.to_owned()).ok_or_else(|| format!("{name} is not in the organization {}", organization.id))
}

/// How messages name a place: an account by its name, a unit by its path.
pub(crate) fn place_name(organization: &Organization, id: &str) -> String {
    let account = organization.accounts.get(id).map(|account| account.name.clone());
    account.unwrap_or_else(|| if id == organization.root.id { "the root".to_owned() } else { organization.path(id) })
}
