//! Any bundle verifies, and no byte of it can change.

use std::fs;

use deployer::evidence::Form;
use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};
use proptest::prelude::*;

use crate::bundle::{Bundle, FORMS, Files, told};

fn name() -> impl Strategy<Value = String> {
    "[a-m0-9]{1,6}(/[a-m0-9_]{1,6}[.][a-z]{1,4}){0,2}"
}

fn some_files() -> impl Strategy<Value = Files> {
    let bytes = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (any::<u8>(), 0..300_000_usize).prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::btree_map(name(), bytes, 0..8).prop_map(|files| {
        let mut taken: Vec<String> = Vec::new();
        let mut kept = Files::new();
        for (name, bytes) in files {
            // No file may be another's folder.
            if !taken.iter().any(|other| name.starts_with(&format!("{other}/"))) {
                taken.push(name.clone());
                kept.push((name, bytes));
            }
        }
        kept
    })
}

/// Whether the bundle is found to be wrong, in whatever way.
fn is_refused(bundle: &Bundle) -> bool {
    match Source::open(&bundle.path) {
        Err(_) => true,
        Ok(source) => verify(&source, &Request::default()).map_or(true, |told| !told.is_verified()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bundle_verifies(files in some_files(), is_signed in any::<bool>()) {
        for form in FORMS {
            let signer = is_signed.then(crate::bundle::signer);
            let bundle = Bundle::of(form, &files, signer.as_ref());
            let verification = bundle.verify();
            prop_assert_eq!(told(&verification), Vec::<String>::new());
            let mut content = bundle.content();
            content.retain(|(name, _)| !name.starts_with("manifest.json"));
            content.sort();
            prop_assert_eq!(&content, &files);
        }
    }

    #[test]
    fn a_flipped_byte_anywhere_in_a_folder_is_found(
        files in some_files(), of in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bits in 1..=255_u8,
    ) {
        let bundle = Bundle::of(Form::Directory, &files, Some(&crate::bundle::signer()));
        let content = bundle.content();
        let (name, mut bytes) = content[of.index(content.len())].clone();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
            fs::write(bundle.path.join(&name), bytes).unwrap();
            prop_assert!(is_refused(&bundle), "byte {at} of {name}");
        }
    }

    #[test]
    fn a_flipped_byte_anywhere_in_a_zip_is_found(
        files in some_files(), flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
        is_signed in any::<bool>(),
    ) {
        let signer = is_signed.then(crate::bundle::signer);
        let bundle = Bundle::of(Form::Zip, &files, signer.as_ref());
        let whole = fs::read(&bundle.path).unwrap();
        // Each alone: two flips of one byte may undo each other.
        for (at, bits) in flips {
            let mut bytes = whole.clone();
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
            fs::write(&bundle.path, bytes).unwrap();
            prop_assert!(is_refused(&bundle), "byte {at} of {}", whole.len());
        }
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600), is_zip in any::<bool>()) {
        let bundle = Bundle::unsigned(Form::Zip);
        let beginning: &[u8] = if is_zip { b"PK\x03\x04" } else { b"" };
        fs::write(&bundle.path, [beginning, &bytes].concat()).unwrap();
        prop_assert!(is_refused(&bundle));
        let folder = Bundle::unsigned(Form::Directory);
        fs::write(folder.path.join("manifest.json"), &bytes).unwrap();
        prop_assert!(is_refused(&folder));
    }
}

/// All of them, in the smallest bundle: what a random choice might miss.
#[test]
fn each_single_byte_of_a_small_zip() {
    let bundle = Bundle::of(
        Form::Zip,
        &vec![("a/b.txt".to_owned(), b"some words, some words".to_vec())],
        Some(&crate::bundle::signer()),
    );
    let whole = fs::read(&bundle.path).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&bundle.path, bytes).unwrap();
        assert!(is_refused(&bundle), "byte {at} of {}", whole.len());
    }
}
