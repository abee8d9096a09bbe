//! The organization, as whoever owns it would set it up.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::organizations::{AccountState, StackSetsAccess, Store};
use crate::sandbox::state::Ambient;

impl World {
    /// Makes the organization of this world, with all features, in place of one that was there; gives the id of its
    /// root. It has one account, the management account, and service control policies are in force.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`]: there is no such account.
    pub fn create_organization(&self, management: &str) -> Result<String, SandboxError> {
        self.change(|state| {
            if !state.accounts.contains_key(management) {
                return Err(SandboxError::BadAccount(management.to_owned()));
            }
            let made = Store::new(management, state.ambient.clock.now(), &mut state.ambient.random);
            let root = made.root.clone();
            state.organization = Some(made);
            Ok(root)
        })
    }

    /// Adds an organizational unit to the root or a unit; gives its id.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::UnknownParent`].
    pub fn add_unit(&self, parent: &str, name: &str) -> Result<String, SandboxError> {
        self.in_organization(|organization, ambient| {
            let parent = known_parent(organization, parent)?;
            Ok(organization.add_unit(&parent, name, &mut ambient.random))
        })
    }

    /// Lets an account of this world join the organization, in the root or a unit.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::UnknownParent`], [`SandboxError::BadAccount`].
    pub fn join(&self, account: &str, parent: &str) -> Result<(), SandboxError> {
        if !self.change(|state| state.accounts.contains_key(account)) {
            return Err(SandboxError::BadAccount(account.to_owned()));
        }
        self.in_organization(|organization, ambient| {
            let parent = known_parent(organization, parent)?;
            organization.join(account, &parent, ambient.clock.now());
            Ok(())
        })
    }

    /// Moves an account of the organization to the root or a unit.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::UnknownParent`], [`SandboxError::BadAccount`].
    pub fn move_account(&self, account: &str, parent: &str) -> Result<(), SandboxError> {
        self.in_organization(|organization, ambient| {
            let parent = known_parent(organization, parent)?;
            known_member(organization, account)?;
            organization.join(account, &parent, ambient.clock.now());
            Ok(())
        })
    }

    /// Lets an account leave the organization.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::BadAccount`].
    pub fn leave(&self, account: &str) -> Result<(), SandboxError> {
        self.in_organization(|organization, _| {
            known_member(organization, account)?;
            organization.leave(account);
            Ok(())
        })
    }

    /// Puts an account of the organization into a state.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::BadAccount`].
    pub fn set_account_state(&self, account: &str, to: AccountState) -> Result<(), SandboxError> {
        self.in_organization(|organization, _| {
            let member = organization.members.get_mut(account);
            member.ok_or_else(|| SandboxError::BadAccount(account.to_owned()))?.state = to;
            Ok(())
        })
    }

    /// Gives a service trusted access to the organization, by its principal.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`].
    pub fn trust(&self, principal: &str) -> Result<(), SandboxError> {
        self.in_organization(|organization, ambient| {
            organization.trusted.insert(principal.to_owned(), ambient.clock.now());
            Ok(())
        })
    }

    /// Makes an account a delegated administrator of a service.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`], [`SandboxError::BadAccount`].
    pub fn delegate(&self, account: &str, principal: &str) -> Result<(), SandboxError> {
        self.in_organization(|organization, ambient| {
            known_member(organization, account)?;
            let accounts = organization.delegates.entry(principal.to_owned()).or_default();
            accounts.insert(account.to_owned(), ambient.clock.now());
            Ok(())
        })
    }

    /// Lets whatever AWS Config does with organization conformance packs in an account fail with an error code and a
    /// message; `None`: no more.
    pub fn fail_organization_packs(&self, account: &str, error: Option<(&str, &str)>) {
        self.change(|state| {
            let failures = &mut state.organization_packs.failures;
            match error {
                Some((code, message)) => {
                    failures.insert(account.to_owned(), (code.to_owned(), message.to_owned()));
                }
                None => {
                    failures.remove(account);
                }
            }
        });
    }

    /// Whether `CloudFormation` may deploy into the organization.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`].
    pub fn set_stack_sets_access(&self, access: StackSetsAccess) -> Result<(), SandboxError> {
        self.in_organization(|organization, ambient| {
            organization.set_stack_sets(access, ambient.clock.now());
            Ok(())
        })
    }

    /// Whether the organization has all features, or consolidated billing alone.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`].
    pub fn set_all_features(&self, all: bool) -> Result<(), SandboxError> {
        self.in_organization(|organization, _| {
            organization.all_features = all;
            Ok(())
        })
    }

    /// Turns service control policies off: no policy is attached to anything any more.
    ///
    /// # Errors
    /// [`SandboxError::NoOrganization`].
    pub fn disable_policies(&self) -> Result<(), SandboxError> {
        self.in_organization(|organization, _| {
            organization.disable_policies();
            Ok(())
        })
    }

    /// The id of the organization, if there is one.
    #[must_use]
    pub fn organization_id(&self) -> Option<String> {
        self.change(|state| state.organization.as_ref().map(|organization| organization.id.clone()))
    }

    pub(super) fn in_organization<T>(
        &self,
        act: impl FnOnce(&mut Store, &mut Ambient) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        self.change(|state| {
            let organization = state.organization.as_mut().ok_or(SandboxError::NoOrganization)?;
            act(organization, &mut state.ambient)
        })
    }
}

fn known_parent(organization: &Store, parent: &str) -> Result<String, SandboxError> {
    let unknown = || SandboxError::UnknownParent(parent.to_owned());
    organization.is_parent(parent).then(|| parent.to_owned()).ok_or_else(unknown)
}

fn known_member(organization: &Store, account: &str) -> Result<(), SandboxError> {
    let unknown = || SandboxError::BadAccount(account.to_owned());
    organization.members.contains_key(account).then_some(()).ok_or_else(unknown)
}
