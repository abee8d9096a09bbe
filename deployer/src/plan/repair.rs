//! How a stack is mended whose resources somebody took away or changed, which no update would notice.

use std::collections::BTreeMap;

use super::{Intent, PlanError};
use crate::observe::{RegionState, StackState, function_damage, rules_damage};
use crate::settings::Delivery;
use crate::templates::parameter_of;

/// What is to be done about damage.
#[derive(Debug)]
pub(super) enum Repair {
    /// Nothing: there is none, or nobody asked for it.
    Nothing,
    /// First an update to these parameters, without what is gone; then the update that brings it back. The log and the
    /// results of the other rules stay.
    Without(BTreeMap<String, String>),
    /// The whole stack is made anew.
    Anew {
        /// Why.
        why: String,
    },
}

/// What a repair needs in this Region.
pub(super) fn needed(
    intent: Intent<'_>,
    state: &RegionState,
    stack: &StackState,
    wanted: &BTreeMap<String, String>,
) -> Result<Repair, PlanError> {
    if !intent.repair {
        return Ok(Repair::Nothing);
    }
    let names = intent.names();
    if let Some(what) = function_damage(&state.function, &stack.parameters, names) {
        let why = format!("{what}; its log and the results of its rules go too");
        if stack.is_protected {
            return Err(protected(stack, &state.region, &what));
        }
        return Ok(Repair::Anew { why });
    }
    let rules = state.rules.as_ref().map_err(Clone::clone)?;
    let damaged = rules_damage(&state.function, rules, &stack.parameters, names);
    if damaged.is_empty() {
        return Ok(Repair::Nothing);
    }
    let mut parameters = wanted.clone();
    let is_pack = stack.parameters.get("Delivery").is_some_and(|value| value == Delivery::ConformancePack.as_str());
    if is_pack {
        parameters.insert("Delivery".to_owned(), "none".to_owned());
    } else {
        parameters.extend(damaged.into_iter().map(|(check, _)| (parameter_of(check), "off".to_owned())));
    }
    Ok(Repair::Without(parameters))
}

/// The stack would have to be deleted, and somebody has forbidden that.
pub(super) fn protected(stack: &StackState, region: &str, why: &str) -> PlanError {
    PlanError::Protected { stack: stack.name.clone(), region: region.to_owned(), why: why.to_owned() }
}
