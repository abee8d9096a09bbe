//! Targets as they are asked for, and their ids: names and paths are for people, ids are what AWS takes.

use std::collections::BTreeSet;

use super::Targets;
use crate::near::nearest;
use crate::organization::model::{AccountState, Organization};

/// Names that are told as a choice, at most.
const TOLD: usize = 12;

/// Targets as they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Units by name, path or id.
    pub units: Vec<String>,
    /// Accounts by id.
    pub accounts: Vec<String>,
    /// Accounts by id that are left out.
    pub excluded: Vec<String>,
    /// Accounts by id, or units, that go first.
    pub canary: Vec<String>,
}

/// Targets by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Who is covered.
    pub targets: Targets,
    /// The accounts that go first, by id.
    pub canary: Vec<String>,
    /// What was asked for and makes no difference.
    pub notes: Vec<String>,
}

impl Asked {
    /// Finds the ids. Nothing asked for means the root.
    ///
    /// # Errors
    /// Everything that is not in the organization, or is more than one thing in it.
    pub fn find(&self, organization: &Organization) -> Result<Named, Vec<String>> {
        let (mut faults, mut notes) = (Vec::new(), Vec::new());
        let mut found = |name: &String| unit(organization, name).map_err(|fault| faults.push(fault)).ok();
        let units: BTreeSet<String> = self.units.iter().filter_map(&mut found).collect();
        let units = topmost(organization, &units, &mut notes);
        let mut targets = Targets { units, ..Targets::default() };
        if self.units.is_empty() && self.accounts.is_empty() {
            targets.units.push(organization.root.id.clone());
        }
        self.add_accounts(organization, &mut targets, &mut faults, &mut notes);
        self.leave_out(organization, &mut targets, &mut faults, &mut notes);
        let canary = if faults.is_empty() { self.first(organization, &targets, &mut faults) } else { BTreeSet::new() };
        if faults.is_empty() { Ok(Named { targets, canary: canary.into_iter().collect(), notes }) } else { Err(faults) }
    }

    fn add_accounts(
        &self,
        organization: &Organization,
        targets: &mut Targets,
        faults: &mut Vec<String>,
        notes: &mut Vec<String>,
    ) {
        for id in self.accounts.iter().collect::<BTreeSet<_>>() {
            if *id == organization.management {
                faults.push(format!(
                    "--account {id} is the management account, which no StackSet reaches: leave it out (it gets a stack \
                     of its own when it is the one that installs)"
                ));
            } else if !organization.accounts.contains_key(id) {
                faults.push(format!("--account {id} is not in the organization {}", organization.id));
            } else if let Some(unit) = targets.unit_of(organization, id) {
                notes.push(format!("account {id} is in {} and covered through it", organization.path(unit)));
            } else {
                targets.accounts.push(id.clone());
            }
        }
    }

    fn leave_out(
        &self,
        organization: &Organization,
        targets: &mut Targets,
        faults: &mut Vec<String>,
        notes: &mut Vec<String>,
    ) {
        for id in self.excluded.iter().collect::<BTreeSet<_>>() {
            if *id == organization.management {
                faults.push(format!(
                    "--exclude-account {id} is the management account, which no StackSet reaches: leave it out with \
                     --no-management-account"
                ));
            } else if self.accounts.contains(id) {
                faults.push(format!("account {id} is both asked for (--account) and left out (--exclude-account)"));
            } else if !organization.accounts.contains_key(id) {
                faults.push(format!("--exclude-account {id} is not in the organization {}", organization.id));
            } else if targets.unit_of(organization, id).is_none() {
                notes.push(format!("account {id} is left out anyway: it is in none of the targets"));
            } else {
                targets.excluded.push(id.clone());
            }
        }
    }

    /// Whoever goes first has to be covered at all.
    fn first(&self, organization: &Organization, targets: &Targets, faults: &mut Vec<String>) -> BTreeSet<String> {
        let scope = targets.resolve(organization);
        let mut first = BTreeSet::new();
        for name in &self.canary {
            if is_account_id(name) {
                match uncovered(organization, targets, name) {
                    None => drop(first.insert(name.clone())),
                    Some(why) => faults.push(format!("--canary {name} {why}")),
                }
                continue;
            }
            match unit(organization, name) {
                Err(fault) => faults.push(fault),
                Ok(id) => {
                    let before = first.len();
                    let covered = organization.under(&id).filter(|account| scope.accounts.contains_key(&account.id));
                    first.extend(covered.map(|account| account.id.clone()));
                    if first.len() == before {
                        faults.push(format!("--canary {name} has no active account that is covered"));
                    }
                }
            }
        }
        first
    }
}

/// Whether a text has the form of an account id.
#[must_use]
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why nothing is installed in an account; none if something is.
fn uncovered(organization: &Organization, targets: &Targets, id: &str) -> Option<String> {
    let Some(account) = organization.accounts.get(id) else {
        return Some(format!("is not in the organization {}", organization.id));
    };
    if id == organization.management {
        return Some("is the management account, which no StackSet reaches".to_owned());
    }
    if targets.excluded.iter().any(|own| own == id) {
        return Some("is left out (--exclude-account)".to_owned());
    }
    if targets.unit_of(organization, id).is_none() {
        return Some("is in none of the targets".to_owned());
    }
    (account.state != AccountState::Active).then(|| format!("is {}, not ACTIVE", account.state.as_str()))
}

/// The id of a unit that is called by id, name or path. `root` is the root.
///
/// # Errors
/// There is none, or more than one.
pub(in crate::organization) fn unit(organization: &Organization, name: &str) -> Result<String, String> {
    if organization.has_unit(name) {
        return Ok(name.to_owned());
    }
    let wanted = name.trim_matches('/');
    let paths: Vec<(String, &String)> = organization.units.keys().map(|id| (organization.path(id), id)).collect();
    // A path from the root is the only one of its kind; a name may have namesakes.
    if name.contains('/')
        && let Some((_, id)) = paths.iter().find(|(path, _)| path == wanted)
    {
        return Ok((*id).clone());
    }
    let tail = format!("/{wanted}");
    let matching: Vec<&(String, &String)> =
        paths.iter().filter(|(path, _)| path == wanted || path.ends_with(&tail)).collect();
    match matching.as_slice() {
        [(_, id)] => Ok((*id).clone()),
        [] if wanted.eq_ignore_ascii_case("root") => Ok(organization.root.id.clone()),
        [] => Err(unknown(organization, name, &paths)),
        many => {
            let told: Vec<String> = many.iter().map(|(path, id)| format!("{path} ({id})")).collect();
            Err(format!("`{name}` is the name of {} organizational units: {}", many.len(), shortened(told)))
        }
    }
}

fn unknown(organization: &Organization, name: &str, paths: &[(String, &String)]) -> String {
    if is_account_id(name) {
        return format!("`{name}` is the id of an account, and no organizational unit: use --account {name}");
    }
    if paths.is_empty() {
        return format!(
            "there is no organizational unit `{name}`: the organization has none but its root, {}",
            organization.root.id
        );
    }
    let mut told: Vec<String> = paths.iter().map(|(path, _)| path.clone()).collect();
    told.sort();
    let names = organization.units.values().map(|unit| unit.name.as_str());
    let known: Vec<&str> = told.iter().map(String::as_str).chain(names).collect();
    let meant = nearest(name, &known);
    format!("there is no organizational unit `{name}`{meant}; there are: {}", shortened(told))
}

fn shortened(mut told: Vec<String>) -> String {
    let rest = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    told.join(", ") + &more
}

/// The units without those that another one covers.
fn topmost(organization: &Organization, units: &BTreeSet<String>, notes: &mut Vec<String>) -> Vec<String> {
    let above = |id: &String| organization.ancestors(id).into_iter().find(|parent| units.contains(*parent));
    for id in units {
        if let Some(parent) = above(id) {
            notes.push(format!("{} is in {} and covered through it", organization.path(id), organization.path(parent)));
        }
    }
    units.iter().filter(|id| above(id).is_none()).cloned().collect()
}

#[cfg(test)]
mod tests;
