//! Texts that come a hundred thousand times, each kept once.

use std::collections::HashSet;
use std::sync::Arc;

use super::reason::{Reason, Reasons};

/// What a read has seen: accounts, Regions, units, operations and reasons.
#[derive(Debug, Default)]
pub struct Interner {
    names: HashSet<Arc<str>>,
    /// The reasons.
    pub reasons: Reasons,
}

impl Interner {
    /// The one copy of a name.
    pub fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    /// The one copy of a reason; none if nothing was said.
    pub fn reason(&mut self, raw: Option<&str>) -> Option<Reason> {
        raw.map(str::trim).filter(|raw| !raw.is_empty()).map(|raw| self.reasons.intern(raw))
    }
}
