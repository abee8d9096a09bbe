//! Stopping the world at one call, so that a test can kill who has made it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// On which side of a call's effect it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The call has arrived, and nothing was done.
    Before,
    /// The call was done, and the answer was not sent.
    After,
}

/// A call that was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCall {
    /// The service's name in a credential scope.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Shut,
    Open,
    /// Who waits is sent away.
    Abandoned,
}

/// What a hold and the calls that it stops share.
#[derive(Debug)]
struct Shared {
    at: usize,
    hold: Hold,
    seen: Mutex<usize>,
    reached: watch::Sender<Option<HeldCall>>,
    gate: watch::Sender<Gate>,
}

/// A hold that is set. Dropping it closes the connections of the calls that wait, without doing them.
#[derive(Debug)]
#[must_use = "dropping it takes the hold away"]
pub struct Held(Arc<Shared>);

impl Held {
    /// Waits until the call has come; with [`Hold::After`], until it was done. From then on no other call is done.
    pub async fn reached(&self) -> HeldCall {
        let mut reached = self.0.reached.subscribe();
        loop {
            if let Some(call) = reached.borrow_and_update().clone() {
                return call;
            }
            // The sender lives as long as this does.
            let _ = reached.changed().await;
        }
    }

    /// Whether the call has come.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.0.reached.borrow().is_some()
    }

    /// Lets the calls that wait go on, and all others.
    pub fn release(self) {
        self.0.gate.send_replace(Gate::Open);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Who was released before stays so.
        self.0.gate.send_if_modified(|gate| {
            let shut = *gate == Gate::Shut;
            if shut {
                *gate = Gate::Abandoned;
            }
            shut
        });
    }
}

/// The one hold of a world.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<Option<Arc<Shared>>>);

impl Slot {
    /// Sets a hold in place of the one before, which goes on holding what it has stopped.
    pub(super) fn set(&self, at: usize, hold: Hold) -> Held {
        let (reached, gate) = (watch::Sender::new(None), watch::Sender::new(Gate::Shut));
        let shared = Arc::new(Shared { at, hold, seen: Mutex::new(0), reached, gate });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&shared));
        Held(shared)
    }

    /// A call has come.
    pub(super) fn arrive(&self, call: impl FnOnce() -> HeldCall) -> Stop {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(shared) = slot.as_ref().filter(|shared| *shared.gate.borrow() == Gate::Shut) else {
            return Stop::default();
        };
        let mut seen = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen += 1;
        if *seen < shared.at {
            return Stop::default();
        }
        let is_first = *seen == shared.at;
        if is_first && shared.hold == Hold::After {
            return Stop { before: None, after: Some((Arc::clone(shared), call())) };
        }
        if is_first {
            shared.reached.send_replace(Some(call()));
        }
        Stop { before: Some(Arc::clone(shared)), after: None }
    }
}

/// Where a call has to wait.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    before: Option<Arc<Shared>>,
    after: Option<(Arc<Shared>, HeldCall)>,
}

impl Stop {
    /// Waits before the call is done. False: it must not be done.
    pub(crate) async fn before(&self) -> bool {
        match &self.before {
            Some(shared) => passed(shared).await,
            None => true,
        }
    }

    /// Whether the call's answer is to be held.
    pub(crate) fn holds_answer(&self) -> bool {
        self.after.is_some()
    }

    /// Waits before the answer is sent. False: it must not be sent.
    pub(crate) async fn after(self) -> bool {
        let Some((shared, call)) = self.after else { return true };
        shared.reached.send_replace(Some(call));
        passed(&shared).await
    }
}

async fn passed(shared: &Shared) -> bool {
    let mut gate = shared.gate.subscribe();
    let open = gate.wait_for(|gate| *gate != Gate::Shut).await;
    open.is_ok_and(|gate| *gate == Gate::Open)
}
