//! The world of a sandbox: accounts, Regions, and everything in them, behind one lock.
//!
//! The lock is only ever held inside `World::change`, whose argument cannot wait for anything.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::SandboxError;
use super::calls::Calls;
use super::clock::Clock;
use super::credentials::Credential;
use super::faults::Faults;
use super::lambda::{Courier, Delivery, Function};
use super::state::{Place, State};
use super::{cloudformation, config};

mod aggregation;
mod beside;
mod compliance;
mod create;
mod functions;
mod keys;
mod organization;
mod permissions;
mod quirks;
mod resources;
mod spec;
mod stack_sets;
mod stacks;
mod usage;

pub use spec::OrganizationSpec;
pub use stacks::ResourceAction;
pub use usage::Quota;

pub(crate) use create::create;

/// A handle on the world. Clones are the same world.
#[derive(Debug, Clone)]
pub struct World(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    clock: Clock,
    faults: Faults,
    calls: Calls,
    courier: Courier,
    endpoint: OnceLock<String>,
    latency: Mutex<Duration>,
    retry_delay: Duration,
}

/// How a sandbox starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The port on 127.0.0.1; 0 for any.
    pub port: u16,
    /// What ids, tokens and random faults are made from.
    pub seed: u64,
    /// How long every call takes at least.
    pub latency: Duration,
    /// A file to which every call is appended as a line of JSON. `None`: the one that `SANDBOX_RECORD` names, if any.
    pub record: Option<PathBuf>,
    /// How long Lambda waits before it repeats a failed asynchronous invocation (on AWS: one minute, then two).
    pub retry_delay: Duration,
    /// How many calls the log keeps.
    pub keep_calls: usize,
    /// How long a notebook stays in `Pending`, `Stopping`, `Updating` and `Deleting`; `None`: until told otherwise.
    pub transition: Option<Duration>,
    /// Whether a rule that is put is evaluated at once. AWS does; tests that count calls rather do not.
    pub evaluate_new_rules: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            latency: Duration::ZERO,
            record: None,
            retry_delay: Duration::from_millis(20),
            keep_calls: 100_000,
            transition: Some(Duration::ZERO),
            evaluate_new_rules: false,
        }
    }
}

impl World {
    /// Looks at the state or changes it, and sends what that set off.
    pub(crate) fn change<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        let (seen, deliveries) = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(organization) = &mut state.organization {
                organization.settle(self.0.clock.now());
            }
            if cloudformation::is_moving(&state) {
                cloudformation::advance(&mut state);
            }
            config::advance_organization_packs(&mut state);
            let seen = look(&mut state);
            (seen, std::mem::take(&mut state.ambient.outbox))
        };
        self.0.courier.send(deliveries);
        seen
    }

    /// The scripted faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// The log of calls.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.0.calls
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where AWS clients find the sandbox.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.0.endpoint.get().cloned().unwrap_or_default()
    }

    /// Changes how long every call takes at least.
    pub fn set_latency(&self, latency: Duration) {
        *self.0.latency.lock().unwrap_or_else(PoisonError::into_inner) = latency;
    }

    pub(crate) fn latency(&self) -> Duration {
        *self.0.latency.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn retry_delay(&self) -> Duration {
        self.0.retry_delay
    }

    pub(crate) fn courier(&self) -> &Courier {
        &self.0.courier
    }

    pub(crate) fn credential(&self, access_key_id: &str) -> Option<Credential> {
        self.change(|state| state.credentials.get(access_key_id).cloned())
    }

    pub(crate) fn has(&self, place: &Place) -> bool {
        self.change(|state| state.regions.contains_key(place))
    }

    pub(crate) fn function(&self, place: &Place, name: &str) -> Option<Function> {
        self.change(|state| state.regions.get(place)?.functions.get(name).cloned())
    }

    /// A session for a new process of a function, and the name of its log stream.
    pub(crate) fn function_session(&self, function: &Function) -> (Credential, String) {
        self.change(|state| {
            let record = state.regions.get(function.place()).and_then(|region| region.lambda.get(function.name()));
            let role = record.and_then(|record| record.configuration.get("Role")?.as_str()?.rsplit('/').next());
            let role = role.unwrap_or_default().to_owned();
            let session = Credential::session(function.account(), &role, function.name(), &mut state.ambient.random);
            let credential = Credential { of_function: true, ..session };
            state.credentials.insert(credential.access_key_id.clone(), credential.clone());
            let day = state.ambient.clock.now().iso().get(..10).unwrap_or_default().replace('-', "/");
            (credential, format!("{day}/[$LATEST]{}", state.ambient.random.hex(32)))
        })
    }

    /// Ends all functions.
    pub(crate) fn stop(&self) {
        let functions = self.change(|state| {
            let functions = state.regions.values().flat_map(|region| region.functions.values());
            functions.cloned().collect::<Vec<_>>()
        });
        functions.iter().for_each(Function::stop);
    }

    /// The environment variables that make an AWS client use an account of this world.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn environment(&self, account: &str, region: &str) -> Result<Vec<(String, String)>, SandboxError> {
        let credential = self.administrator(account, region)?;
        let mut variables = credential.environment();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_REGION", region.to_owned()),
            ("AWS_DEFAULT_REGION", region.to_owned()),
        ] {
            variables.push((name.to_owned(), value));
        }
        Ok(variables)
    }

    /// The access key of an account's administrator.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn administrator(&self, account: &str, region: &str) -> Result<Credential, SandboxError> {
        self.change(|state| {
            let place = Place::new(account, region);
            let enabled = state.regions.contains_key(&place);
            let found = state.accounts.get(account).filter(|_| enabled).map(|account| account.administrator.clone());
            found.ok_or_else(|| SandboxError::unknown(&place))
        })
    }
}

/// The queue that a new world's courier works off.
pub(crate) type Queue = tokio::sync::mpsc::UnboundedReceiver<Delivery>;
