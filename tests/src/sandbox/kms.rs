//! AWS KMS: keys that sign and never leave it.
//!
//! Of asymmetric keys there are those of the curves P-256 and Ed25519; signatures are real ones.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::service::{Call, Service};
use super::state::{Place, State};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "kms",
    model_text: include_str!("model/kms.json"),
    operations: &[("GetPublicKey", get_public_key), ("Sign", sign)],
};

/// The keys of a Region, by id.
pub(crate) type Store = BTreeMap<String, Key>;

/// What a key is, for [`World::put_signing_key`](crate::sandbox::World::put_signing_key).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKey {
    /// `ECC_NIST_P256`.
    P256,
    /// `ECC_NIST_EDWARDS25519`.
    Ed25519,
}

/// The state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It can be used.
    Enabled,
    /// Somebody has disabled it.
    Disabled,
    /// Somebody has asked for its deletion.
    PendingDeletion,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) arn: String,
    /// `alias/` and a name.
    pub(crate) alias: String,
    pub(crate) state: KeyState,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// A new key; nothing if this machine cannot make one.
    pub(crate) fn new(place: &Place, id: &str, alias: &str, kind: SigningKey) -> Option<Self> {
        let random = SystemRandom::new();
        let pair = match kind {
            SigningKey::P256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).ok()?;
                Pair::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref()).ok()?)
            }
            SigningKey::Ed25519 => {
                let made = Ed25519KeyPair::generate_pkcs8(&random).ok()?;
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(made.as_ref()).ok()?)
            }
        };
        let arn = place.arn("kms", &format!("key/{id}"));
        Some(Self { arn, alias: format!("alias/{alias}"), state: KeyState::Enabled, pair })
    }

    fn spec(&self) -> &'static str {
        match self.pair {
            Pair::P256(_) => "ECC_NIST_P256",
            Pair::Ed25519(_) => "ECC_NIST_EDWARDS25519",
        }
    }

    fn algorithms(&self) -> &'static [&'static str] {
        match self.pair {
            Pair::P256(_) => &["ECDSA_SHA_256"],
            Pair::Ed25519(_) => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
        }
    }

    /// The public key as an X.509 `SubjectPublicKeyInfo`.
    fn public(&self) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::P256(pair) => Some(pair.public_key().as_der().ok()?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Some(pair.public_key().as_der().ok()?.as_ref().to_vec()),
        }
    }
}

/// The key that a call names by its id, ARN, alias or alias ARN.
fn key<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Key, Refusal> {
    let named = call.required("KeyId");
    let here = Place::new(call.account, call.region);
    let own = here.arn("kms", "");
    let name = match named.strip_prefix(&own) {
        Some(resource) => resource.strip_prefix("key/").unwrap_or(resource),
        // Keys of others would need a key policy that lets the caller in; there are none here.
        None if named.starts_with("arn:") && !named.contains(&format!(":{}:", call.account)) => {
            let message = format!(
                "User: {} is not authorized to perform: kms:{} on resource: {named} because the resource does not exist \
                 in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies \
                 access",
                call.caller.arn, call.operation
            );
            return Err(Refusal::new("AccessDeniedException", message));
        }
        None if named.starts_with("arn:") => {
            return Err(Refusal::new("NotFoundException", format!("Invalid arn {}", call.region)));
        }
        None => named,
    };
    let keys = state.regions.get(&here).map(|region| &region.kms);
    let found = keys.and_then(|keys| keys.get(name).or_else(|| keys.values().find(|key| key.alias == name)));
    let found = found.ok_or_else(|| {
        let message = if name.starts_with("alias/") {
            format!("Alias {own}{name} is not found.")
        } else {
            format!("Key '{own}key/{name}' does not exist")
        };
        Refusal::new("NotFoundException", message)
    })?;
    match found.state {
        KeyState::Enabled => Ok(found),
        KeyState::Disabled => Err(Refusal::new("DisabledException", format!("{} is disabled.", found.arn))),
        KeyState::PendingDeletion => {
            Err(Refusal::new("KMSInvalidStateException", format!("{} is pending deletion.", found.arn)))
        }
    }
}

fn broken() -> Refusal {
    Refusal::new("KMSInternalException", "The request was rejected because an internal exception occurred.")
        .with_status(500)
}

fn get_public_key(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = key(state, call)?;
    let public = key.public().ok_or_else(broken)?;
    let mut answer = json!({
        "KeyId": key.arn, "KeySpec": key.spec(), "KeyUsage": "SIGN_VERIFY", "SigningAlgorithms": key.algorithms(),
        "PublicKey": STANDARD.encode(public),
    });
    // The old name of the same member knows no kinds of keys that came after it.
    if let (Pair::P256(_), Some(members)) = (&key.pair, answer.as_object_mut()) {
        members.insert("CustomerMasterKeySpec".to_owned(), key.spec().into());
    }
    Ok(answer)
}

fn sign(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let key = key(state, call)?;
    let (algorithm, kind) = (call.required("SigningAlgorithm"), call.text("MessageType").unwrap_or("RAW"));
    if !key.algorithms().contains(&algorithm) {
        let message = format!("Algorithm {algorithm} is incompatible with key spec {}.", key.spec());
        return Err(Refusal::new("InvalidKeyUsageException", message));
    }
    let message = STANDARD.decode(call.required("Message")).unwrap_or_default();
    let signature = match (&key.pair, algorithm, kind) {
        (Pair::P256(pair), _, "RAW") => {
            pair.sign(&SystemRandom::new(), &message).map_err(|_| broken())?.as_ref().to_vec()
        }
        (Pair::P256(pair), _, "DIGEST") => {
            let digest = Digest::import_less_safe(&message, &digest::SHA256);
            let short = || Refusal::validation(format!("Digest is invalid length for algorithm {algorithm}."));
            let digest = digest.map_err(|_| short())?;
            pair.sign_digest(&digest).map_err(|_| broken())?.as_ref().to_vec()
        }
        (Pair::Ed25519(pair), "ED25519_SHA_512", "RAW") => pair.sign(&message).as_ref().to_vec(),
        (Pair::Ed25519(_), "ED25519_PH_SHA_512", "DIGEST") => {
            let message = "the sandbox does not sign with ED25519_PH_SHA_512";
            return Err(Refusal::new("UnsupportedOperationException", message));
        }
        _ => {
            return Err(Refusal::validation(format!(
                "Message type {kind} is not supported for algorithm {algorithm}."
            )));
        }
    };
    Ok(json!({"KeyId": key.arn, "SigningAlgorithm": algorithm, "Signature": STANDARD.encode(signature)}))
}
