//! Next tokens: opaque to the client, bound to the request that they continue.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::service::Call;

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cursor {
    /// The number of the page, from 0.
    pub(crate) page: usize,
    /// The key of the last entry before it.
    pub(crate) after: Option<Vec<String>>,
}

impl Cursor {
    /// The token for a request with this fingerprint.
    pub(crate) fn token(&self, fingerprint: u64) -> String {
        URL_SAFE_NO_PAD.encode(json!({"v": 1, "r": fingerprint, "p": self.page, "a": self.after}).to_string())
    }

    /// Reads a token. `None`: it is not one, or was made for another request.
    pub(crate) fn parse(token: &str, fingerprint: u64) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        if value.get("r")?.as_u64()? != fingerprint {
            return None;
        }
        let page = usize::try_from(value.get("p")?.as_u64()?).ok()?;
        let after = serde_json::from_value(value.get("a")?.clone()).ok()?;
        Some(Self { page, after })
    }
}

/// Tells requests apart by operation, place and members, except those that may differ from page to page.
pub(crate) fn fingerprint(call: &Call<'_>, except: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (call.operation, call.account, call.region).hash(&mut hasher);
    for (name, value) in
        call.input.as_object().into_iter().flatten().filter(|(name, _)| !except.contains(&name.as_str()))
    {
        (name, value.to_string()).hash(&mut hasher);
    }
    hasher.finish()
}

/// A page of something that has an order, and the token for the next one.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// Cuts a page out of keyed entries that are already past the cursor.
pub(crate) fn cut<T>(
    entries: impl Iterator<Item = (Vec<String>, T)>,
    size: usize,
    page: usize,
    fingerprint: u64,
) -> Page<T> {
    let mut keyed: Vec<(Vec<String>, T)> = entries.take(size + 1).collect();
    let more = keyed.len() > size;
    keyed.truncate(size);
    let last = keyed.last().map(|(key, _)| key.clone()).filter(|_| more);
    let next = last.map(|key| Cursor { page: page + 1, after: Some(key) }.token(fingerprint));
    Page { items: keyed.into_iter().map(|(_, item)| item).collect(), next }
}
