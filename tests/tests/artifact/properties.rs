//! No file, however broken, ends the judge in anything but an answer.

use std::path::Path;

use deployer::artifact::Bootstrap;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::elf::Elf;

fn judged(folder: &Path, bytes: &[u8]) -> Result<Bootstrap, String> {
    let path = folder.join("bootstrap");
    std::fs::write(&path, bytes).unwrap();
    Bootstrap::read(&path).map_err(|failure| failure.message)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_and_cut_executables_get_an_answer(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = TempDir::new().unwrap();
        let mut bytes = Elf::good().bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(accepted) = judged(folder.path(), &bytes) {
            // Whatever was flipped, it is still an executable for Lambda of some version of ours.
            let newest = accepted.linkage.glibc().map(|glibc| glibc.to_string()).unwrap_or_default();
            prop_assert!(bytes.starts_with(b"\x7fELF\x02\x01") && !accepted.version.is_empty());
            prop_assert!(newest.is_empty() || newest.starts_with("2."), "{newest}");
        }
    }

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in any::<bool>()) {
        let folder = TempDir::new().unwrap();
        let beginning: &[u8] = if magic { b"\x7fELF\x02\x01\x01\0" } else { b"PK\x03\x04" };
        prop_assert!(judged(folder.path(), &[beginning, &bytes].concat()).is_err());
    }
}
