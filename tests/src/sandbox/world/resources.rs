//! Putting resources straight into the world, as if someone had made them.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::config::{self, RecorderState};
use crate::sandbox::ec2::SecurityGroup;
use crate::sandbox::sagemaker::{self, Domain, Notebook};
use crate::sandbox::state::{Ambient, Place, Region};

impl World {
    /// Looks at one account in one Region, or changes it.
    pub(super) fn in_region<T>(
        &self,
        place: &Place,
        look: impl FnOnce(&mut Region, &mut Ambient) -> T,
    ) -> Result<T, SandboxError> {
        self.change(|state| {
            let ambient = &mut state.ambient;
            let region = state.regions.get_mut(place).ok_or_else(|| SandboxError::unknown(place))?;
            Ok(look(region, ambient))
        })
    }

    /// Puts a notebook, in any state, in place of one with the same name. A recorder sees it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn put_notebook(&self, account: &str, region: &str, mut notebook: Notebook) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| {
            let now = ambient.clock.now();
            notebook.created.get_or_insert(now);
            notebook.modified.get_or_insert(now);
            sagemaker::put(region, ambient, notebook);
        })
    }

    /// Changes a notebook. A recorder sees it if its configuration item differs.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownNotebook`].
    pub fn update_notebook(
        &self,
        account: &str,
        region: &str,
        name: &str,
        update: impl FnOnce(&mut Notebook),
    ) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| {
            let found = region.sagemaker.notebooks.get(name);
            let mut notebook = found.cloned().ok_or_else(|| SandboxError::UnknownNotebook(name.to_owned()))?;
            update(&mut notebook);
            notebook.name.clear();
            notebook.name.push_str(name);
            sagemaker::put(region, ambient, notebook);
            Ok(())
        })?
    }

    /// Takes a notebook away at once. A recorder sees it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::UnknownNotebook`].
    pub fn remove_notebook(&self, account: &str, region: &str, name: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| {
            if !region.sagemaker.notebooks.contains_key(name) {
                return Err(SandboxError::UnknownNotebook(name.to_owned()));
            }
            sagemaker::remove(region, ambient, name);
            Ok(())
        })?
    }

    /// The notebooks of a Region, by name.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn notebooks(&self, account: &str, region: &str) -> Result<Vec<Notebook>, SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| region.sagemaker.notebooks.values().cloned().collect())
    }

    /// Lets every notebook that is in a passing status arrive.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn finish_transitions(&self, account: &str, region: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), sagemaker::settle_all)
    }

    /// Puts a domain, in place of one with the same id. A recorder sees it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn put_domain(&self, account: &str, region: &str, mut domain: Domain) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| {
            domain.created.get_or_insert(ambient.clock.now());
            sagemaker::put_domain(region, ambient, domain);
        })
    }

    /// Takes a domain away. A recorder sees it.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn remove_domain(&self, account: &str, region: &str, id: &str) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| sagemaker::remove_domain(region, ambient, id))
    }

    /// Puts a security group, in place of one with the same id.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn put_security_group(
        &self,
        account: &str,
        region: &str,
        mut group: SecurityGroup,
    ) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            group.vpc.get_or_insert_with(|| region.ec2.vpc.clone());
            region.ec2.groups.insert(group.id.clone(), group);
        })
    }

    /// Puts the configuration recorder into a state. One that starts finds everything that is there.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn set_recorder(&self, account: &str, region: &str, state: &RecorderState) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, ambient| config::set_recorder(region, ambient, state))
    }
}
