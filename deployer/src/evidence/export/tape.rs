//! Answers that come before the bundle is begun: what the organization is decides what is read.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use super::raw::{self, To};
use crate::compliance::Watch;

/// Keeps answers until they can be written. They are those about an organization's tree: some pages for each unit.
#[derive(Debug, Default)]
pub(crate) struct Tape(Mutex<Vec<(String, Value)>>);

impl Tape {
    /// Sees every call of an account.
    pub(crate) fn watch(self: &Arc<Self>, prefix: &str) -> Watch {
        let (tape, prefix) = (self.clone(), prefix.to_owned());
        Arc::new(move |account: &str, region: &str| raw::of(To::Tape(tape.clone()), &prefix, (account, region)))
    }

    /// Keeps an answer.
    pub(super) fn keep<T: Serialize>(&self, account: &str, page: &T) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.extend(serde_json::to_value(page).ok().map(|page| (account.to_owned(), page)));
    }

    /// Writes what was kept.
    pub(super) fn play(&self, desk: &Desk) {
        let pages = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (account, page) in &pages {
            desk.raw(account, page);
        }
    }
}
