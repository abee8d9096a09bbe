//! `ListStackSetOperationResults`.

use std::ops::Bound;

use serde_json::{Value, json};

use super::model::Key;
use super::operation::OperationResult;
use super::{access, operations, page};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::State;

fn shown(key: &Key, result: &OperationResult) -> Value {
    json!({
        "Account": &*key.account, "Region": &*key.region, "Status": result.outcome.word(),
        "StatusReason": result.reason.as_deref(), "OrganizationalUnitId": &*result.unit,
        "AccountGateResult": {
            "Status": "SKIPPED",
            "StatusReason": "Function not found",
        },
    })
}

pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = page::asked(call)?;
    let id = call.required("OperationId");
    if access::find(state, call)?.operation(id).is_none() {
        return Err(operations::missing(id));
    }
    let visible = page::visible(&mut state.stack_sets.late_results, call.text("NextToken").is_none());
    state.ambient.odd |= visible.is_some();
    let results = &access::find(state, call)?.operation(id).ok_or_else(|| operations::missing(id))?.results;
    let wanted = call.list("Filters").first().and_then(|filter| filter.get("Values")?.as_str());
    let fits = |result: &OperationResult| wanted.is_none_or(|wanted| wanted == result.outcome.word());
    let after = listing.after(0).zip(listing.after(1)).map(|(account, region)| Key::new(account, region));
    let seen = after
        .as_ref()
        .filter(|_| visible.is_some())
        .map_or(0, |after| results.range(..=after).filter(|(_, result)| fits(result)).count());
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = results.range((start, Bound::Unbounded)).filter(|(_, result)| fits(result));
    let rest = rest.take(visible.map_or(usize::MAX, |visible| visible.saturating_sub(seen)));
    let keyed = rest.map(|(key, result)| (vec![key.account.to_string(), key.region.to_string()], (key, result)));
    let page = listing.page(keyed, |(key, result)| shown(key, result));
    Ok(json!({"Summaries": page.items, "NextToken": page.next}))
}
