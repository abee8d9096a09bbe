//! A whole organization at once.

use std::collections::BTreeMap;

use super::World;
use crate::sandbox::SandboxError;

/// An organization as a test or a demo wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationSpec {
    /// The management account.
    pub management: String,
    /// The Regions that every account has.
    pub regions: Vec<String>,
    /// Accounts with the path of their unit, such as `Prod/Payments`; empty is the root.
    pub accounts: Vec<(String, String)>,
    /// Regions that an account has not enabled all the same.
    pub disabled: Vec<(String, String)>,
    /// Whether the members have no Region at all: then ten thousand of them need little memory. Nobody can call in
    /// them, and only StackSets that make no stacks can deploy into them.
    pub light: bool,
}

impl OrganizationSpec {
    /// An organization of the management account alone.
    #[must_use]
    pub fn new(management: &str, regions: &[&str]) -> Self {
        Self {
            management: management.to_owned(),
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            accounts: Vec::new(),
            disabled: Vec::new(),
            light: false,
        }
    }

    /// The same with one more account, in the unit of that path.
    #[must_use]
    pub fn account(mut self, unit: &str, account: &str) -> Self {
        self.accounts.push((unit.to_owned(), account.to_owned()));
        self
    }

    /// The same, but the account has not enabled the Region.
    #[must_use]
    pub fn without_region(mut self, account: &str, region: &str) -> Self {
        self.disabled.push((account.to_owned(), region.to_owned()));
        self
    }

    /// The same with members that have no Region.
    #[must_use]
    pub fn light(mut self) -> Self {
        self.light = true;
        self
    }

    /// The same with so many accounts more, `200000000001` and so on, spread evenly over so many units, `unit-001` and
    /// so on.
    #[must_use]
    pub fn crowd(mut self, accounts: usize, units: usize) -> Self {
        let of = |at: usize| (format!("unit-{:03}", at % units.max(1) + 1), format!("{}", 200_000_000_001 + at as u64));
        self.accounts.extend((0..accounts).map(of));
        self
    }
}

impl World {
    /// Makes accounts, enables their Regions, and puts them into an organization, in place of one that was there. Gives
    /// the ids of its units by their paths; the root's path is empty. `CloudFormation` may not deploy into it yet:
    /// [`World::set_stack_sets_access`].
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`]: an id is not twelve digits.
    pub fn put_organization(&self, spec: &OrganizationSpec) -> Result<BTreeMap<String, String>, SandboxError> {
        let members = spec.accounts.iter().map(|(_, account)| account);
        for account in [&spec.management].into_iter().chain(members) {
            self.add_account(account)?;
            let light = spec.light && *account != spec.management;
            for region in spec.regions.iter().filter(|_| !light) {
                if !spec.disabled.iter().any(|(without, off)| without == account && off == region) {
                    self.enable_region(account, region)?;
                }
            }
        }
        let mut units = BTreeMap::from([(String::new(), self.create_organization(&spec.management)?)]);
        for (path, account) in &spec.accounts {
            let unit = self.unit_of(&mut units, path)?;
            self.join(account, &unit)?;
        }
        Ok(units)
    }

    /// The id of the unit of a path, made with all above it where they are missing.
    fn unit_of(&self, units: &mut BTreeMap<String, String>, path: &str) -> Result<String, SandboxError> {
        if let Some(known) = units.get(path) {
            return Ok(known.clone());
        }
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.unit_of(units, above)?;
        let id = self.add_unit(&parent, name)?;
        units.insert(path.to_owned(), id.clone());
        Ok(id)
    }
}
