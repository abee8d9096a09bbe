//! Keys of AWS KMS: what they sign, and what they refuse to.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guard_tests::sandbox::{Denier, KeyState, Sandbox, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::client::{ACCOUNT, Client, OTHER, REGION, sandbox};

const MESSAGE: &[u8] = b"a manifest";

fn put(sandbox: &Sandbox, alias: &str, kind: SigningKey) -> String {
    sandbox.world().put_signing_key(ACCOUNT, REGION, alias, kind).unwrap()
}

fn request(key: &str, message: &[u8], (algorithm, kind): (&str, &str)) -> Value {
    json!({"KeyId": key, "Message": STANDARD.encode(message), "SigningAlgorithm": algorithm, "MessageType": kind})
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn signatures_verify_with_the_public_key() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let arn = put(&sandbox, "audit", SigningKey::P256);
    let public = client.json("kms", "GetPublicKey", json!({"KeyId": "alias/audit"})).await;
    assert_eq!((&public["KeyId"], &public["KeySpec"]), (&json!(arn), &json!("ECC_NIST_P256")));
    // The 26 bytes before the point say which curve it is on.
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes(&public["PublicKey"]).split_off(26));
    let id = arn.rsplit('/').next().unwrap();
    for (name, message, kind) in
        [(arn.as_str(), MESSAGE.to_vec(), "RAW"), (id, Sha256::digest(MESSAGE).to_vec(), "DIGEST")]
    {
        let signed = client.json("kms", "Sign", request(name, &message, ("ECDSA_SHA_256", kind))).await;
        key.verify(MESSAGE, &bytes(&signed["Signature"])).unwrap();
    }
    put(&sandbox, "edwards", SigningKey::Ed25519);
    let public = client.json("kms", "GetPublicKey", json!({"KeyId": "alias/edwards"})).await;
    assert_eq!(public["SigningAlgorithms"], json!(["ED25519_SHA_512", "ED25519_PH_SHA_512"]));
    let signed = client.json("kms", "Sign", request("alias/edwards", MESSAGE, ("ED25519_SHA_512", "RAW"))).await;
    let key = UnparsedPublicKey::new(&ED25519, bytes(&public["PublicKey"]).split_off(12));
    key.verify(MESSAGE, &bytes(&signed["Signature"])).unwrap();
}

#[tokio::test]
async fn what_a_key_cannot_sign_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let arn = put(&sandbox, "audit", SigningKey::P256);
    put(&sandbox, "edwards", SigningKey::Ed25519);
    let code = async |input: Value| client.refusal("kms", "Sign", input).await.1;
    client.json("kms", "Sign", request(&arn, &[0; 4096], ("ECDSA_SHA_256", "RAW"))).await;
    for (input, expected) in [
        (request(&arn, &[0; 4097], ("ECDSA_SHA_256", "RAW")), "ValidationException"),
        (request(&arn, b"", ("ECDSA_SHA_256", "RAW")), "ValidationException"),
        (request(&arn, MESSAGE, ("ECDSA_SHA_256", "DIGEST")), "ValidationException"),
        (request(&arn, MESSAGE, ("ECDSA_SHA_384", "RAW")), "InvalidKeyUsageException"),
        (request("alias/edwards", MESSAGE, ("ED25519_SHA_512", "DIGEST")), "ValidationException"),
        (request("alias/nobody", MESSAGE, ("ECDSA_SHA_256", "RAW")), "NotFoundException"),
    ] {
        assert_eq!(code(input.clone()).await, expected, "{input}");
    }
    let other = Client::of(sandbox.world(), OTHER);
    let refused = other.refusal("kms", "Sign", request(&arn, MESSAGE, ("ECDSA_SHA_256", "RAW"))).await;
    assert_eq!(refused.1, "AccessDeniedException");
    let sign = || request(&arn, MESSAGE, ("ECDSA_SHA_256", "RAW"));
    sandbox.world().set_key_state(ACCOUNT, REGION, "audit", KeyState::Disabled).unwrap();
    assert_eq!(code(sign()).await, "DisabledException");
    sandbox.world().set_key_state(ACCOUNT, REGION, "audit", KeyState::PendingDeletion).unwrap();
    assert_eq!(code(sign()).await, "KMSInvalidStateException");
    sandbox.world().deny_action(ACCOUNT, "kms:Sign", Denier::Nobody).unwrap();
    assert_eq!(code(sign()).await, "AccessDeniedException");
}
