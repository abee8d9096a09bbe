//! Signatures: made, missing, wrong, another's; and keys that OpenSSL reads.

use std::process::Command;

use deployer::evidence::key::{KeyFault, generate};
use deployer::evidence::verify::{Request, SignatureState};
use deployer::evidence::{Form, SigningKey, VerifyingKey};
use deployer::exit::Exit;
use tempfile::TempDir;

use crate::bundle::{Bundle, FORMS, Files, KEY, file, forge, hexadecimal, public, signer, told};

/// What is found after a change of a signed bundle, in both forms.
fn found(how: impl Fn(&mut Files), request: &Request<'_>, says: &str) {
    for form in FORMS {
        let bundle = Bundle::signed(form);
        bundle.change(&how);
        let verification = bundle.verify_with(request);
        assert_eq!(told(&verification), ["signature manifest.json.sig"], "{form:?}: {:?}", verification.findings);
        assert_eq!(verification.signature, SignatureState::Bad);
        assert!(verification.findings[0].message.contains(says), "{:?}", verification.findings);
    }
}

fn fresh() -> (TempDir, SigningKey) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    generate(&path).unwrap();
    let (key, warning) = SigningKey::read(&path).unwrap();
    assert_eq!(warning, None);
    (folder, key)
}

#[test]
fn the_published_key_signs_as_published() {
    // RFC 8032, 7.1, test 1: the public key, and the signature of the empty message.
    let signature = signer().sign(b"").unwrap();
    assert_eq!(
        hexadecimal(signature.as_bytes()),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
         5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    );
    assert!(public().has_signed(b"", &signature) && !public().has_signed(b"x", &signature));
}

#[test]
fn a_signature_is_trusted_only_with_a_key_of_ones_own() {
    for form in FORMS {
        let bundle = Bundle::signed(form);
        let name = public().fingerprint().to_string();
        assert_eq!(bundle.verify().signature, SignatureState::Unchecked(name.clone()));
        let required = Request { key: None, requires_signature: true };
        assert!(bundle.verify_with(&required).is_verified());
        let checked = bundle.verify_with(&Request { key: Some(&public()), requires_signature: true });
        assert!(checked.is_verified());
        assert_eq!(checked.signature, SignatureState::Checked(name));
    }
}

#[test]
fn a_signature_that_was_taken_away_added_or_changed() {
    let all = Request::default();
    found(|files| files.retain(|(name, _)| name != "manifest.json.sig"), &all, "is missing: `manifest.json` says that");
    found(|files| file(files, "manifest.json.sig")[9] ^= 1, &all, "is wrong");
    found(|files| file(files, "manifest.json.sig").push(0), &all, "is wrong");
    found(|files| file(files, "manifest.json.sig").clear(), &all, "is wrong");
    found(|files| *file(files, "manifest.json.sig") = vec![0; 100_000], &all, "is wrong");
    for form in FORMS {
        let bundle = Bundle::unsigned(form);
        bundle.change(|files| files.push(("manifest.json.sig".to_owned(), vec![7; 64])));
        let verification = bundle.verify();
        assert_eq!(told(&verification), ["signature manifest.json.sig"]);
        assert!(verification.findings[0].message.contains("it was added"));
    }
}

#[test]
fn a_manifest_that_was_made_anew_lacks_the_signature() {
    let forge_created = |files: &mut Files| forge(files, |text| text.replace("09:30:00Z", "09:31:00Z"));
    found(forge_created, &Request::default(), "is wrong");
    // The whole bundle made anew, and signed by somebody else: only a key of one's own tells.
    let (_folder, other) = fresh();
    for form in FORMS {
        let bundle = Bundle::of(form, &crate::bundle::files(), Some(&SigningKey::from_pem(KEY.as_bytes()).unwrap()));
        let verification = bundle.verify_with(&Request { key: Some(other.public()), requires_signature: false });
        assert_eq!(told(&verification), ["signature manifest.json.sig"]);
        let message = &verification.findings[0].message;
        assert!(message.contains("is another's") && message.contains(&other.public().fingerprint().to_string()));
    }
}

#[test]
fn a_statement_about_the_key_that_contradicts_itself() {
    let fingerprint = public().fingerprint().to_string();
    let wrong = fingerprint.replace("sha256:", "sha256:0");
    found(
        |files| forge(files, |text| text.replace(&fingerprint, &wrong[..fingerprint.len()])),
        &Request::default(),
        "cannot be checked: it says that the key is",
    );
    found(
        |files| forge(files, |text| text.replace("MCowBQYDK2Vw", "MCowBQYDK2Vx")),
        &Request::default(),
        "none that is known",
    );
    found(
        |files| forge(files, |text| text.replace("\"Ed25519\"", "\"ECDSA-P256-SHA256\"")),
        &Request::default(),
        "it says ECDSA-P256-SHA256, and the key is of Ed25519",
    );
    found(|files| forge(files, |text| text.replace("MCowBQYDK2Vw", "?CowBQYDK2Vw")), &Request::default(), "no Base64");
}

#[test]
fn a_bundle_without_a_signature_where_one_is_asked_for() {
    for form in FORMS {
        let bundle = Bundle::unsigned(form);
        let verification = bundle.verify();
        assert_eq!((verification.is_verified(), &verification.signature), (true, &SignatureState::Unsigned));
        for request in [
            Request { key: None, requires_signature: true },
            Request { key: Some(&public()), requires_signature: false },
        ] {
            assert_eq!(told(&bundle.verify_with(&request)), ["signature manifest.json.sig"]);
        }
    }
}

#[test]
fn keys_are_never_replaced_and_only_the_owner_reads_the_private_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("audit.key");
    let made = generate(&path).unwrap();
    let bits = |path: &std::path::Path| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((bits(&path), made.public.clone()), (0o600, folder.path().join("audit.key.pub")));
    let before = std::fs::read(&path).unwrap();
    for taken in [&path, &made.public] {
        let other = if taken == &path { &made.public } else { &path };
        let kept = std::fs::read(other).unwrap();
        std::fs::remove_file(other).unwrap();
        let refused = generate(&path).unwrap_err();
        assert_eq!(refused.exit, Exit::Refused, "{refused}");
        assert!(!other.exists(), "no half of a pair is left");
        std::fs::write(other, kept).unwrap();
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(VerifyingKey::read(&made.public).unwrap().fingerprint(), made.fingerprint);
    assert_eq!(generate(&folder.path().join("no/such/folder")).unwrap_err().exit, Exit::Usage);
}

#[test]
fn a_private_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, KEY).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_, warning) = SigningKey::read(&path).unwrap();
    assert!(warning.unwrap().contains("chmod 600"));
    let shown = format!("{:?}", SigningKey::from_pem(KEY.as_bytes()).unwrap());
    assert!(!shown.contains("9d61b1") && !shown.contains("nWGxne"), "{shown}");
}

#[test]
fn what_is_no_key_of_ours_is_named() {
    let public_pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
                      -----END PUBLIC KEY-----\n";
    assert_eq!(VerifyingKey::from_pem(public_pem.as_bytes()).unwrap(), public());
    assert_eq!(VerifyingKey::from_pem(KEY.as_bytes()), Err(KeyFault::Private));
    assert_eq!(SigningKey::from_pem(public_pem.as_bytes()).unwrap_err(), KeyFault::Public);
    for nothing in
        ["", "no key", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n"]
    {
        assert_eq!(VerifyingKey::from_pem(nothing.as_bytes()), Err(KeyFault::NoKey), "{nothing}");
    }
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert_eq!(SigningKey::from_pem(locked.as_bytes()).unwrap_err(), KeyFault::Locked);
    let other = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
                 -----END PUBLIC KEY-----\n";
    assert_eq!(VerifyingKey::from_pem(other.as_bytes()), Err(KeyFault::Other), "X25519");
}

/// Whether OpenSSL is here; the suites run where it may be missing.
fn openssl(arguments: &[&str], folder: &std::path::Path) -> Option<(bool, String)> {
    let ran = Command::new("openssl").args(arguments).current_dir(folder).output().ok()?;
    let told = [ran.stdout, ran.stderr].concat();
    Some((ran.status.success(), String::from_utf8_lossy(&told).into_owned()))
}

#[test]
fn openssl_reads_our_keys_and_verifies_our_signatures() {
    let (folder, key) = fresh();
    let folder = folder.path();
    let Some((read, told)) = openssl(&["pkey", "-in", "key", "-pubout", "-out", "derived.pub"], folder) else { return };
    assert!(read, "{told}");
    assert_eq!(std::fs::read(folder.join("derived.pub")).unwrap(), std::fs::read(folder.join("key.pub")).unwrap());
    crate::bundle::write(&folder.join("bundle"), Form::Directory, &crate::bundle::files(), Some(&key)).unwrap();
    let verify = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pub",
        "-rawin",
        "-in",
        "bundle/manifest.json",
        "-sigfile",
        "bundle/manifest.json.sig",
    ];
    let (verified, told) = openssl(&verify, folder).unwrap();
    assert!(verified, "{told}");
    let mut manifest = std::fs::read(folder.join("bundle/manifest.json")).unwrap();
    manifest[100] ^= 1;
    std::fs::write(folder.join("bundle/manifest.json"), manifest).unwrap();
    assert!(!openssl(&verify, folder).unwrap().0, "OpenSSL sees a change too");
}

#[test]
fn we_read_keys_by_openssl_and_name_them_as_it_does() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    if openssl(&["genpkey", "-algorithm", "ED25519", "-out", "theirs"], folder).is_none() {
        return;
    }
    openssl(&["pkey", "-in", "theirs", "-pubout", "-out", "theirs.pub"], folder).unwrap();
    openssl(&["pkey", "-pubin", "-in", "theirs.pub", "-outform", "DER", "-out", "theirs.der"], folder).unwrap();
    let (_, hashed) = openssl(&["dgst", "-sha256", "-r", "theirs.der"], folder).unwrap();
    let (key, _) = SigningKey::read(&folder.join("theirs")).unwrap();
    let name = VerifyingKey::read(&folder.join("theirs.pub")).unwrap().fingerprint().to_string();
    assert_eq!(name, key.public().fingerprint().to_string());
    assert_eq!(name, format!("sha256:{}", hashed.split_whitespace().next().unwrap()));
    openssl(&["genpkey", "-algorithm", "X25519", "-out", "other"], folder).unwrap();
    assert!(SigningKey::read(&folder.join("other")).unwrap_err().message.contains("no Ed25519 key"));
}
