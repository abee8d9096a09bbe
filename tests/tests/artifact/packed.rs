//! What the zip holds, and that its bytes depend on nothing but its input.

use std::io::{Cursor, Read as _};
use std::path::Path;

use base64::Engine as _;
use deployer::artifact::{Architecture, Artifact, Bootstrap, Packed, unpack};
use deployer::exit::Exit;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::{CompressionMethod, ZipArchive};

use crate::elf::{Elf, mark};

const EXEMPTIONS: &[u8] = b"{\"exemptions\":[],\"version\":1}\n";

fn bootstrap(elf: &Elf) -> Bootstrap {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bootstrap");
    std::fs::write(&path, elf.bytes()).unwrap();
    Bootstrap::read(&path).unwrap()
}

fn fixed() -> Bootstrap {
    bootstrap(&Elf { mark: mark("1.2.3", "optimized"), ..Elf::arm64() })
}

#[test]
fn the_zip_holds_both_files_and_nothing_else() {
    let bootstrap = fixed();
    let artifact = Artifact::build(&bootstrap, EXEMPTIONS).unwrap();
    let mut zip = ZipArchive::new(Cursor::new(&artifact.zip)).unwrap();
    let mut seen = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(file.compression(), CompressionMethod::Deflated);
        let time = file.last_modified().unwrap().to_string();
        seen.push((file.name().unwrap().into_owned(), file.unix_mode().unwrap(), time, content));
    }
    let time = "1980-01-01 00:00:00".to_owned();
    assert_eq!(
        seen,
        [
            ("bootstrap".to_owned(), 0o100_755, time.clone(), bootstrap.bytes),
            ("exemptions.json".to_owned(), 0o100_644, time, EXEMPTIONS.to_vec()),
        ]
    );
}

/// Every field that could hold a time, a user or a machine, by the format's own description (APPNOTE.TXT 4.3.12).
#[test]
fn nothing_of_the_machine_is_in_the_zip() {
    let zip = Artifact::build(&fixed(), EXEMPTIONS).unwrap().zip;
    let half = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().unwrap());
    let word = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap());
    let end = zip.len() - 22;
    assert_eq!((word(end), half(end + 10), half(end + 20)), (0x0605_4b50, 2, 0), "two entries, no comment");
    let mut at = word(end + 16) as usize;
    for _ in 0..2 {
        assert_eq!(word(at), 0x0201_4b50);
        assert_eq!(zip[at + 5], 3, "made on Unix, wherever it was made");
        assert_eq!((half(at + 12), half(at + 14)), (0, 0x21), "midnight of the first of January 1980");
        assert_eq!((half(at + 30), half(at + 32)), (0, 0), "no extra fields and no comment");
        at += 46 + usize::from(half(at + 28));
    }
    assert_eq!(at, end);
}

/// A new compressor makes other bytes of the same input. That is allowed, but a change of every customer's function
/// has to be meant: then renew these two.
#[test]
fn the_bytes_are_those_of_every_other_machine() {
    let artifact = Artifact::build(&fixed(), EXEMPTIONS).unwrap();
    assert_eq!(artifact, Artifact::build(&fixed(), EXEMPTIONS).unwrap());
    assert_eq!(artifact.sha256, "717ed806970cc0973a87d5e35fbc53399415ca39ff97f486041611a5ecd5c862");
    // Long enough for the compressor to choose between matches.
    let text: Vec<u8> = (0_u32..200_000).map(|n| n.wrapping_mul(n).rotate_right(n % 23).to_le_bytes()[0]).collect();
    assert_eq!(
        Artifact::build(&fixed(), &text).unwrap().sha256,
        "7d6c51c6e98313f8fe4c24899901798d77f6485563f33ec27fb0440f151c096b"
    );
}

#[test]
fn both_hashes_are_of_the_whole_zip_and_name_it() {
    let artifact = Artifact::build(&fixed(), EXEMPTIONS).unwrap();
    let hash = Sha256::digest(&artifact.zip);
    assert_eq!(artifact.code_sha256, base64::engine::general_purpose::STANDARD.encode(hash));
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&artifact.sha256[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert_eq!(bytes, hash.to_vec());
    assert_eq!(artifact.sha256, artifact.sha256.to_lowercase());
    assert_eq!((artifact.architecture, artifact.version.as_str()), (Architecture::Arm64, "1.2.3"));
    assert_eq!(artifact.key("guard"), format!("guard/1.2.3/{}/bootstrap-arm64.zip", artifact.sha256));
    let other = Artifact::build(&fixed(), b"{}").unwrap();
    assert_ne!(other.sha256, artifact.sha256);
}

#[test]
fn a_zip_of_ours_is_read_back_and_packed_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("guard.zip");
    let artifact = Artifact::build(&fixed(), EXEMPTIONS).unwrap();
    std::fs::write(&path, &artifact.zip).unwrap();
    let again = Bootstrap::read(&path).unwrap();
    assert_eq!((&again.bytes, &again.path), (&fixed().bytes, &path));
    assert_eq!(again.packed_exemptions.as_deref(), Some(EXEMPTIONS));
    assert_eq!(Artifact::build(&again, EXEMPTIONS).unwrap(), artifact);
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn another_zip_is_refused_with_the_reason() {
    let elf = Elf::good().bytes();
    let ours = zip_of(&[("bootstrap", &elf), ("exemptions.json", EXEMPTIONS)]);
    assert_eq!(unpack(&ours), Ok(Packed { bootstrap: elf.clone(), exemptions: EXEMPTIONS.to_vec() }));
    for (zip, says) in [
        (zip_of(&[("bootstrap", &elf)]), "it holds no `exemptions.json`"),
        (zip_of(&[("exemptions.json", EXEMPTIONS)]), "it holds no `bootstrap`"),
        (zip_of(&[("bootstrap", &elf), ("exemptions.json", EXEMPTIONS), ("x/../y", b"")]), "it holds `x/../y`"),
        (ours[..ours.len() - 1].to_vec(), ""),
        (b"PK\x03\x04".to_vec(), ""),
    ] {
        let why = unpack(&zip).unwrap_err();
        assert!(why.contains(says) && !why.is_empty(), "{why}");
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("guard.zip");
        std::fs::write(&path, &zip).unwrap();
        let failure = Bootstrap::read(&path).unwrap_err();
        assert!(failure.message.contains("/guard.zip` is no zip that `deployer package` made: "), "{failure}");
    }
}

#[test]
fn a_small_zip_of_a_huge_file_is_refused_before_it_fills_the_memory() {
    let huge = vec![0; usize::try_from(deployer::artifact::LARGEST).unwrap() + 1];
    let zip = zip_of(&[("bootstrap", &huge), ("exemptions.json", EXEMPTIONS)]);
    assert!(zip.len() < 1_000_000);
    assert!(unpack(&zip).unwrap_err().contains("more than 262144000 bytes"));
}

#[test]
fn the_executable_in_a_zip_is_judged_as_any_other() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("guard.zip");
    let mut elf = Elf::good();
    elf.libraries.push("libssl.so.3");
    std::fs::write(&path, zip_of(&[("bootstrap", &elf.bytes()), ("exemptions.json", EXEMPTIONS)])).unwrap();
    let failure = Bootstrap::read(Path::new(&path)).unwrap_err();
    assert!(failure.message.contains("`bootstrap` in `"), "{failure}");
    assert!(failure.message.contains("needs the library `libssl.so.3`"), "{failure}");
}

#[test]
fn what_is_larger_than_lambda_takes_is_refused() {
    let mut bootstrap = fixed();
    bootstrap.bytes.resize(usize::try_from(deployer::artifact::LARGEST).unwrap(), 0);
    let failure = Artifact::build(&bootstrap, EXEMPTIONS).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.message.contains("Lambda takes 262144000"), "{failure}");
}
