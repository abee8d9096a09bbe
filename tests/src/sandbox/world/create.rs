//! Making a world, and its accounts and Regions.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::{Options, Queue, Shared, World};
use crate::sandbox::SandboxError;
use crate::sandbox::calls::Calls;
use crate::sandbox::clock::Clock;
use crate::sandbox::cloudformation::StackSets;
use crate::sandbox::config::{Aggregation, OrganizationPacks, Oversized};
use crate::sandbox::credentials::Credential;
use crate::sandbox::faults::Faults;
use crate::sandbox::iam::{MOST_ROLES, Permissions};
use crate::sandbox::lambda::Courier;
use crate::sandbox::random::Random;
use crate::sandbox::state::{Account, Ambient, Place, Settings, State};

/// An empty world, and the queue of its courier.
///
/// # Errors
/// The record cannot be opened.
pub(crate) fn create(options: &Options) -> Result<(World, Queue), SandboxError> {
    let clock = Clock::default();
    let random = Random::new(options.seed);
    let ambient = Ambient { clock: clock.clone(), random, outbox: Vec::new(), settings: settings(options), odd: false };
    let state = State {
        accounts: BTreeMap::new(),
        regions: BTreeMap::new(),
        credentials: HashMap::new(),
        s3: BTreeMap::new(),
        organization: None,
        organization_packs: OrganizationPacks::default(),
        aggregation: Aggregation::default(),
        stack_sets: StackSets::default(),
        moving: BTreeSet::new(),
        ambient,
    };
    // The validator's runs set the variable for a whole suite.
    let record = options.record.clone().or_else(|| std::env::var_os("SANDBOX_RECORD").map(Into::into));
    let calls = Calls::new(options.keep_calls, record.as_deref()).map_err(SandboxError::Record)?;
    let (courier, queue) = Courier::new();
    let shared = Shared {
        state: Mutex::new(state),
        clock,
        faults: Faults::new(options.seed),
        calls,
        courier,
        endpoint: OnceLock::new(),
        latency: Mutex::new(options.latency),
        retry_delay: options.retry_delay,
    };
    Ok((World(Arc::new(shared)), queue))
}

fn settings(options: &Options) -> Settings {
    Settings {
        transition: options.transition,
        empty_list_page: None,
        overlapping_pages: false,
        empty_history_page: false,
        hollow_aggregate_pages: false,
        aggregation_delay: Duration::ZERO,
        short_rule_names: false,
        rules_need_recorder: false,
        evaluation_pause: true,
        evaluate_new_rules: options.evaluate_new_rules,
        lambda_concurrency: 1000,
        stack_delay: Duration::from_millis(10),
        resource_failures: Vec::new(),
        validation_failures: Vec::new(),
        late_stacks: 0,
        lags: BTreeMap::new(),
        organization_delay: Duration::from_millis(10),
        empty_organization_pages: false,
        account_status: false,
        oversized: Oversized::No,
    }
}

impl World {
    pub(crate) fn open_at(&self, endpoint: String) {
        // Set once, by the sandbox that has made this world.
        let _ = self.0.endpoint.set(endpoint);
    }

    /// Adds an account. Adding it again changes nothing.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`]: the id is not twelve digits.
    pub fn add_account(&self, account: &str) -> Result<(), SandboxError> {
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SandboxError::BadAccount(account.to_owned()));
        }
        self.change(|state| {
            if !state.accounts.contains_key(account) {
                let administrator = Credential::administrator(account, &mut state.ambient.random);
                state.credentials.insert(administrator.access_key_id.clone(), administrator.clone());
                let added = Account {
                    administrator,
                    missing_roles: HashSet::new(),
                    iam: BTreeMap::new(),
                    permissions: Permissions::administrator(),
                    other_roles: 0,
                    most_roles: MOST_ROLES,
                };
                state.accounts.insert(account.to_owned(), added);
            }
        });
        Ok(())
    }

    /// Enables a Region for an account.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`]: there is no such account.
    pub fn enable_region(&self, account: &str, region: &str) -> Result<(), SandboxError> {
        self.change(|state| {
            if !state.accounts.contains_key(account) {
                return Err(SandboxError::BadAccount(account.to_owned()));
            }
            state.enable(&Place::new(account, region));
            Ok(())
        })
    }

    /// Takes a role, named without its path, away from an account.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`]: there is no such account.
    pub fn remove_role(&self, account: &str, role: &str) -> Result<(), SandboxError> {
        self.change(|state| {
            let found = state.accounts.get_mut(account).ok_or_else(|| SandboxError::BadAccount(account.to_owned()))?;
            found.iam.remove(role);
            found.missing_roles.insert(role.to_owned());
            Ok(())
        })
    }

    /// All accounts, with their Regions.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        self.change(|state| state.regions.keys().cloned().collect())
    }
}
