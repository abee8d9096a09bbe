//! Pages of at most 20 entries.

use serde_json::{Map, Value};

use super::refusals::invalid;
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::Settings;

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
const PAGE: usize = 20;

/// The page that a call asks for, of entries in order of their keys. Only what is on the page is shown.
///
/// # Errors
/// `InvalidInputException`: the token is not one of this listing.
pub(super) fn listed<'a, T>(
    call: &Call<'_>,
    settings: &Settings,
    member: &str,
    all: impl Iterator<Item = (&'a str, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Value, Refusal> {
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    let wrong = || {
        let message = "You specified an invalid value for nextToken. You must get the value from the response to a \
                       previous call to the API.";
        invalid("INVALID_NEXT_TOKEN", message)
    };
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(wrong));
    let cursor = cursor.transpose()?.unwrap_or_default();
    if settings.empty_organization_pages && cursor.page == 0 {
        let token = Cursor { page: 1, after: None }.token(fingerprint);
        return Ok(answer(member, Vec::new(), Some(token)));
    }
    let after = cursor.after.as_ref().and_then(|after| after.first());
    let rest = all.filter(|(key, _)| after.is_none_or(|after| *key > after.as_str()));
    let rest = rest.map(|(key, entry)| (vec![key.to_owned()], show(entry)));
    let page = cut(rest, call.count("MaxResults").unwrap_or(PAGE), cursor.page, fingerprint);
    Ok(answer(member, page.items, page.next))
}

fn answer(member: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = Map::from_iter([(member.to_owned(), Value::Array(items))]);
    answer.extend(next.map(|next| ("NextToken".to_owned(), next.into())));
    Value::Object(answer)
}
