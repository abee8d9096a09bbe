//! The StackSets of the home Region: how many there are, which have our names, and what runs on those.

use super::Look;
use crate::doctor::organization::{Running, SetFact, SetStanding, Sets};
use crate::observe::Read;
use crate::organization::CallAs;
use crate::organization::site::{is_set_name, set_names};
use crate::stack_set::{PermissionModel, Sets as Reader, StackSet};

/// The StackSets, and the names of all.
pub(super) async fn read(look: Look<'_>, call_as: CallAs) -> Read<(Sets, Vec<String>)> {
    let reader = Reader::new(look.sdk, look.home, call_as);
    let names = set_names(look.sdk, look.home, call_as).await?;
    let mut sets = Sets { total: names.len(), named: Vec::new() };
    for name in names.iter().filter(|name| is_set_name(name, &look.settings.prefix)) {
        let Some(set) = reader.find(name).await? else { continue };
        let running = if set.is_ours() { running(&reader, name).await? } else { Vec::new() };
        sets.named.push(SetFact {
            name: name.clone(),
            standing: standing(&set),
            regions: set.regions.clone(),
            running,
        });
    }
    Ok((sets, names))
}

fn standing(set: &StackSet) -> SetStanding {
    if !set.is_ours() {
        SetStanding::Foreign
    } else if set.permission_model == PermissionModel::ServiceManaged {
        SetStanding::Ours(set.version().unwrap_or("unknown").to_owned())
    } else {
        SetStanding::SelfManaged
    }
}

async fn running(reader: &Reader, name: &str) -> Read<Vec<Running>> {
    let operations = reader.operations(name).await?;
    let running = operations.into_iter().filter(|operation| !operation.status.is_final());
    Ok(running
        .map(|operation| Running {
            is_ours: operation.is_ours(),
            id: operation.id,
            action: operation.action.to_string(),
            status: operation.status.to_string(),
        })
        .collect())
}
