//! Signatures: by a key in a file, and by a key that stays in AWS KMS.

use guard_tests::process::words;
use guard_tests::sandbox::{Effect, Fault, KeyState, Refusal, SigningKey};

use crate::bundle::{Place, export_all, json, stage, verify};
use crate::runner::run;
use crate::truth::{HOME, MANAGEMENT};

/// The public key that a bundle names, as a file that OpenSSL reads.
fn public_key(place: &Place) -> String {
    let key = json(&place.path("bundle"), "manifest.json")["signature"]["publicKey"].as_str().unwrap().to_owned();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
    std::fs::write(place.path("kms.pub"), pem).unwrap();
    place.text("kms.pub")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_kms_signs_and_is_checked_offline() {
    let (stage, place) = (stage().await, Place::new());
    let arn = stage.world().put_signing_key(MANAGEMENT, HOME, "audit", SigningKey::P256).unwrap();
    let ran = export_all(&stage, &["--out", &place.text("bundle"), "--sign", "alias/audit"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(json(&place.path("bundle"), "manifest.json")["signature"]["algorithm"], "ECDSA-P256-SHA256");
    let key = public_key(&place);
    let ran = verify(&[&place.text("bundle"), "--key", &key, "--require-signature"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = export_all(&stage, &["--out", &place.text("bundle.zip"), "--sign", &arn]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(verify(&[&place.text("bundle.zip"), "--key", &key]).code, 0);
    // Another key, and one byte.
    let other = run(&["evidence", "keygen", "--out", &place.text("mine.key")]);
    assert_eq!(other.code, 0, "{}", other.shown());
    assert_eq!(verify(&[&place.text("bundle"), "--key", &place.text("mine.key.pub")]).code, 3);
    let mut signature = std::fs::read(place.path("bundle/manifest.json.sig")).unwrap();
    *signature.last_mut().unwrap() ^= 1;
    std::fs::write(place.path("bundle/manifest.json.sig"), signature).unwrap();
    let ran = verify(&[&place.text("bundle")]);
    assert_eq!(ran.code, 3, "{}", ran.shown());
    assert!(ran.stdout.contains("is wrong"), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_cannot_sign_is_told_before_anything_is_read() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    world.put_signing_key(MANAGEMENT, HOME, "edwards", SigningKey::Ed25519).unwrap();
    world.put_signing_key(MANAGEMENT, HOME, "off", SigningKey::P256).unwrap();
    world.set_key_state(MANAGEMENT, HOME, "off", KeyState::Disabled).unwrap();
    for (key, code, said) in [
        ("alias/edwards", 2, "--key-spec ECC_NIST_P256"),
        ("alias/none", 2, "there is no KMS key `alias/none` in eu-west-1; nothing was read check the name"),
        ("alias/off", 2, "cannot be used: kms:GetPublicKey in eu-west-1: DisabledException"),
    ] {
        world.calls().clear();
        let ran = export_all(&stage, &["--out", &place.text("bundle"), "--sign", key]).await;
        assert_eq!(ran.code, code, "{}", ran.shown());
        let words = words(&ran.stderr);
        assert!(words.contains(said), "{key}: {}", ran.stderr);
        assert_eq!(world.calls().count("config", "DescribeConfigRules"), 0, "{key}");
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
    // One that is there, and that the caller may not use.
    world.put_signing_key(MANAGEMENT, HOME, "theirs", SigningKey::P256).unwrap();
    world.faults().add(Fault::on(
        "kms",
        "Sign",
        Effect::Refuse(Refusal::new("AccessDeniedException", "not authorized to perform: kms:Sign")),
    ));
    world.calls().clear();
    let ran = export_all(&stage, &["--out", &place.text("bundle"), "--sign", "alias/theirs"]).await;
    assert_eq!(ran.code, 5, "{}", ran.shown());
    assert!(ran.stderr.contains("kms:Sign"), "{}", ran.stderr);
    assert_eq!(world.calls().count("config", "DescribeConfigRules"), 0);
    assert!(place.names().is_empty(), "{:?}", place.names());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_a_file_signs() {
    let (stage, place) = (stage().await, Place::new());
    let key = place.text("audit.key");
    assert_eq!(run(&["evidence", "keygen", "--out", &key]).code, 0);
    let ran = export_all(&stage, &["--out", &place.text("bundle.zip"), "--sign", &key]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let ran = verify(&[&place.text("bundle.zip"), "--key", &format!("{key}.pub"), "--require-signature"]);
    assert_eq!(ran.code, 0, "{}", ran.shown());
    stage.sandbox.stop().await;
}
