//! What the people of an account may do, and what of IAM is used up.

use serde_json::Value;

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::iam::{Denial, Denier, RoleSpec};
use crate::sandbox::state::Account;

impl World {
    fn in_account<T>(&self, account: &str, change: impl FnOnce(&mut Account) -> T) -> Result<T, SandboxError> {
        self.change(|state| {
            let found = state.accounts.get_mut(account);
            found.map(change).ok_or_else(|| SandboxError::BadAccount(account.to_owned()))
        })
    }

    /// Denies the people of an account an action, such as `lambda:CreateFunction` or `s3:*`: their calls are refused in
    /// the words of each service, steps of their stacks fail, and IAM's simulator says so. A denial by the organization
    /// holds for functions too.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`].
    pub fn deny_action(&self, account: &str, action: &str, by: Denier) -> Result<(), SandboxError> {
        let denial = Denial { action: action.to_owned(), by };
        self.in_account(account, |account| account.permissions.denials.push(denial))
    }

    /// Takes all denials away.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`].
    pub fn allow_actions(&self, account: &str) -> Result<(), SandboxError> {
        self.in_account(account, |account| account.permissions.denials.clear())
    }

    /// Gives the administrator of an account other policies than `AdministratorAccess`. Calls are refused if no policy
    /// allows their action on any resource; the simulator looks at resources and conditions too.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`].
    pub fn set_caller_policies(&self, account: &str, policies: &[Value]) -> Result<(), SandboxError> {
        self.in_account(account, |account| account.permissions.policies = policies.to_vec())
    }

    /// Puts a role, in place of one with the same name.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`].
    pub fn put_role(&self, account: &str, role: &RoleSpec) -> Result<(), SandboxError> {
        self.change(|state| {
            let (now, id) = (state.ambient.clock.now(), format!("AROA{}", state.ambient.random.upper(17)));
            let found = state.accounts.get_mut(account).ok_or_else(|| SandboxError::BadAccount(account.to_owned()))?;
            found.missing_roles.remove(role.name());
            found.iam.insert(role.name().to_owned(), role.made(account, id, now));
            Ok(())
        })
    }

    /// Puts a managed policy (`name` with its path, without the first slash); gives its ARN.
    ///
    /// # Errors
    /// [`SandboxError::BadAccount`].
    pub fn put_managed_policy(&self, account: &str, name: &str, document: &Value) -> Result<String, SandboxError> {
        let arn = format!("arn:aws:iam::{account}:policy/{name}");
        let (key, document) = (arn.clone(), document.clone());
        self.in_account(account, |account| account.permissions.managed.insert(key, document))?;
        Ok(arn)
    }
}
