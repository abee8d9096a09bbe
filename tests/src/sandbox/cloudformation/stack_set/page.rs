//! Pages of listings that may have a hundred thousand entries.

use serde_json::Value;

use super::Late;
use crate::sandbox::page::{Cursor, Page, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;

/// Where a listing goes on, and how long its pages are.
pub(super) struct Listing {
    pub(super) cursor: Cursor,
    fingerprint: u64,
    size: usize,
}

/// What a call asks for.
///
/// # Errors
/// `ValidationError`.
pub(super) fn asked(call: &Call<'_>) -> Result<Listing, Refusal> {
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    let invalid = || Refusal::validation_error("NextToken is not valid");
    let cursor = call.text("NextToken").map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid));
    Ok(Listing {
        cursor: cursor.transpose()?.unwrap_or_default(),
        fingerprint,
        size: call.count("MaxResults").unwrap_or(100),
    })
}

impl Listing {
    /// The part of the key of the last entry of the page before.
    pub(super) fn after(&self, part: usize) -> Option<&str> {
        self.cursor.after.as_ref()?.get(part).map(String::as_str)
    }

    /// A page of entries that are past the cursor. Each is made only if it is shown.
    pub(super) fn page<T>(
        &self,
        entries: impl Iterator<Item = (Vec<String>, T)>,
        shown: impl Fn(T) -> Value,
    ) -> Page<Value> {
        let Page { items, next } = cut(entries, self.size, self.cursor.page, self.fingerprint);
        Page { items: items.into_iter().map(shown).collect(), next }
    }

    /// A page of what has a position and no other key.
    pub(super) fn numbered<T>(&self, all: impl Iterator<Item = T>, shown: impl Fn(T) -> Value) -> Page<Value> {
        let start = self.after(0).and_then(|last| last.parse::<usize>().ok()).map_or(0, |last| last + 1);
        self.page(all.enumerate().skip(start).map(|(at, entry)| (vec![at.to_string()], entry)), shown)
    }
}

/// How many entries a listing shows, if it does not show all yet. A listing is counted at its first page, and stays as
/// long as it was.
pub(super) fn visible(late: &mut Option<Late>, first: bool) -> Option<usize> {
    let known = late.as_mut()?;
    if first {
        if known.listings == 0 {
            *late = None;
            return None;
        }
        known.listings -= 1;
    }
    Some(known.shown)
}
