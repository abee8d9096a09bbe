//! Sources of aggregators that are not as one would wish.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::config::Held;
use crate::sandbox::state::Place;

impl World {
    /// Lets a source of all aggregators fail with an error code and a message: it gives nothing. `None`: no more.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn fail_source(&self, account: &str, region: &str, error: Option<(&str, &str)>) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        self.change(|state| {
            if !state.regions.contains_key(&place) {
                return Err(SandboxError::unknown(&place));
            }
            match error {
                Some((code, message)) => {
                    state.aggregation.failed.insert(place, (code.to_owned(), message.to_owned()));
                }
                None => {
                    state.aggregation.failed.remove(&place);
                }
            }
            Ok(())
        })
    }

    /// Lets a source send nothing from now on: all aggregators show what it holds at this moment, and call it outdated.
    /// `false`: it sends again.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn stop_source(&self, account: &str, region: &str, stopped: bool) -> Result<(), SandboxError> {
        let place = Place::new(account, region);
        self.change(|state| {
            let held = state.regions.get(&place).map(Held::of).ok_or_else(|| SandboxError::unknown(&place))?;
            let now = state.ambient.clock.now();
            if stopped {
                state.aggregation.stopped.insert(place, (now, held));
            } else {
                state.aggregation.stopped.remove(&place);
            }
            Ok(())
        })
    }
}
