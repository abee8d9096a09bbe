//! Keys of AWS KMS, and locks of buckets.

use super::World;
use crate::sandbox::SandboxError;
use crate::sandbox::kms::{Key, KeyState, SigningKey};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::s3::{self, Lock};
use crate::sandbox::state::Place;

impl World {
    /// Makes a key that signs, with an alias (`audit` for `alias/audit`); gives its ARN.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`], [`SandboxError::Refused`]: this machine cannot make one.
    pub fn put_signing_key(
        &self,
        account: &str,
        region: &str,
        alias: &str,
        kind: SigningKey,
    ) -> Result<String, SandboxError> {
        let place = Place::new(account, region);
        self.in_region(&place, |region, ambient| {
            let parts = [8, 4, 4, 4, 12].map(|length| ambient.random.hex(length));
            let id = parts.join("-");
            let refused = || SandboxError::Refused(Refusal::new("KMSInternalException", "no key could be made"));
            let key = Key::new(&place, &id, alias, kind).ok_or_else(refused)?;
            let arn = key.arn.clone();
            region.kms.insert(id, key);
            Ok(arn)
        })?
    }

    /// Puts the keys of an alias into a state.
    ///
    /// # Errors
    /// [`SandboxError::UnknownPlace`].
    pub fn set_key_state(&self, account: &str, region: &str, alias: &str, to: KeyState) -> Result<(), SandboxError> {
        self.in_region(&Place::new(account, region), |region, _| {
            let alias = format!("alias/{alias}");
            region.kms.values_mut().filter(|key| key.alias == alias).for_each(|key| key.state = to);
        })
    }

    /// The versions of an object, oldest first.
    #[must_use]
    pub fn versions(&self, bucket: &str, key: &str) -> Vec<String> {
        self.change(|state| {
            let objects = state.s3.get(bucket).and_then(|bucket| bucket.objects.get(key));
            objects.into_iter().flatten().map(|object| object.version.clone()).collect()
        })
    }

    /// Turns object lock on for a bucket, and with it versioning. `default` is the mode (`GOVERNANCE` or `COMPLIANCE`)
    /// and the days for which every new object is locked.
    ///
    /// # Errors
    /// [`SandboxError::Refused`]: there is no such bucket.
    pub fn lock_bucket(&self, name: &str, default: Option<(&str, u64)>) -> Result<(), SandboxError> {
        let lock = Lock { default: default.map(|(mode, days)| (mode.to_owned(), days)) };
        self.change(|state| s3::lock_bucket(state, name, lock)).map_err(SandboxError::Refused)
    }
}
