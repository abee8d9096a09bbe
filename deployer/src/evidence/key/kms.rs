//! A key that stays in AWS KMS: it signs the digest of a manifest there, and its public half goes into the bundle, so
//! that a signature is checked without AWS.

use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use aws_types::region::Region;

use super::{Algorithm, Signature, VerifyingKey};
use crate::aws::{AwsRefusal, refused};
use crate::evidence::Digest;
use crate::failure::Failure;

/// What makes a key that signs.
const MAKE: &str = "make one with: aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY";

/// What is signed to see whether the caller may: no manifest, because it is no JSON.
const PROBE: &[u8] = b"notebook-guard: may this key sign?";

/// A key of AWS KMS, which was found and can sign.
#[derive(Debug)]
pub struct KmsKey {
    client: Client,
    region: String,
    /// Its ARN: an alias may name another key a moment later.
    arn: String,
    public: VerifyingKey,
}

/// Whether a text names a key of AWS KMS: an ARN of a key or an alias, `alias/NAME`, or a key's id, which is a UUID or
/// begins with `mrk-` (<https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>).
pub(crate) fn is_kms(text: &str) -> bool {
    let is_uuid = |text: &str| {
        text.len() == 36
            && text
                .char_indices()
                .all(|(at, one)| if [8, 13, 18, 23].contains(&at) { one == '-' } else { one.is_ascii_hexdigit() })
    };
    let is_arn = text.starts_with("arn:") && text.split(':').nth(2) == Some("kms");
    is_arn || text.starts_with("alias/") || is_uuid(text) || text.strip_prefix("mrk-").is_some_and(|id| id.len() == 32)
}

/// The Region of an ARN.
fn region_of(key: &str) -> Option<&str> {
    if key.starts_with("arn:") { key.split(':').nth(3) } else { None }
}

/// What to do about a key that cannot be had.
fn not_found(key: &str, refusal: AwsRefusal) -> Failure {
    let region = &refusal.region;
    match refusal.code.as_deref() {
        Some("NotFoundException") => {
            let list = if key.contains("alias/") { "list-aliases" } else { "list-keys" };
            Failure::usage(format!("there is no KMS key `{key}` in {region}; nothing was read"))
                .help(format!(
                    "check the name: aws kms {list} --region {region}; a key of another Region needs its ARN"
                ))
                .help(MAKE)
        }
        Some("DisabledException" | "KMSInvalidStateException") => {
            Failure::usage(format!("the KMS key `{key}` cannot be used: {refusal}"))
                .help(format!("enable it, or undo its deletion: aws kms describe-key --key-id {key} --region {region}"))
        }
        Some("UnsupportedOperationException") => {
            Failure::usage(format!("the KMS key `{key}` is no signing key: {refusal}")).help(MAKE)
        }
        _ => refusal.into(),
    }
}

impl KmsKey {
    /// Finds a key, reads its public half, and signs something with it that nobody keeps: whether the caller may sign is
    /// to be known before anything is read. An ARN says in which Region; another name is of the configured one.
    ///
    /// # Errors
    /// AWS refuses, the key cannot sign bundles, or the caller may not sign with it.
    pub(crate) async fn find(sdk: &SdkConfig, key: &str) -> Result<Self, Failure> {
        let sdk = match region_of(key) {
            Some(region) => sdk.to_builder().region(Region::new(region.to_owned())).build(),
            None => sdk.clone(),
        };
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let client = Client::new(&sdk);
        let answer = client.get_public_key().key_id(key).send().await;
        let answer = answer.map_err(|error| not_found(key, refused("kms:GetPublicKey", &region, &error)))?;
        if answer.key_usage() != Some(&KeyUsageType::SignVerify) || answer.key_spec() != Some(&KeySpec::EccNistP256) {
            let spec = answer.key_spec().map_or("of no known kind", KeySpec::as_str);
            return Err(Failure::usage(format!(
                "the KMS key `{key}` is {spec}, and bundles are signed with ECC_NIST_P256"
            ))
            .help(MAKE));
        }
        let der = answer.public_key().map(Blob::as_ref).unwrap_or_default();
        let public = VerifyingKey::from_der(der).ok().filter(|public| public.algorithm() == Algorithm::EcdsaP256);
        let public =
            public.ok_or_else(|| Failure::aws(format!("AWS KMS gave no public key of the curve P-256 for `{key}`")))?;
        let arn = answer.key_id().unwrap_or(key).to_owned();
        let key = Self { client, region, arn, public };
        key.sign(PROBE).await?;
        Ok(key)
    }

    /// The public key to it.
    #[must_use]
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The key's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Signs the SHA-256 of a manifest.
    pub(crate) async fn sign(&self, manifest: &[u8]) -> Result<Signature, Failure> {
        let call = self.client.sign().key_id(&self.arn).message_type(MessageType::Digest);
        let call = call.signing_algorithm(SigningAlgorithmSpec::EcdsaSha256);
        let answer = call.message(Blob::new(Digest::of(manifest).as_bytes().to_vec())).send().await;
        let answer = answer.map_err(|error| Failure::from(refused("kms:Sign", &self.region, &error)))?;
        let signature = answer.signature.ok_or_else(|| Failure::aws("AWS KMS answered Sign without a signature"))?;
        Ok(Signature::from(signature.into_inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_key_of_kms_and_what_a_file() {
        for key in [
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/audit",
            "alias/audit",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert!(is_kms(key), "{key}");
        }
        for file in
            ["audit.key", "alias", "./alias/audit", "mrk-x", "arn.key", "keys/1234abcd-12ab-34cd-56ef-1234567890ab"]
        {
            assert!(!is_kms(file), "{file}");
        }
        assert_eq!(region_of("arn:aws:kms:eu-west-1:111122223333:alias/audit"), Some("eu-west-1"));
    }
}
