//! Which files are accepted as the function, and what is said about the others.

use std::path::{Path, PathBuf};

use deployer::artifact::{Architecture, Bootstrap, Linkage};
use deployer::exit::Exit;
use deployer::failure::Failure;
use tempfile::TempDir;

use crate::elf::{ARM64, Elf, mark};

const REAL: &str = env!("CARGO_BIN_EXE_bootstrap-under-test");

fn read(bytes: &[u8]) -> Result<Bootstrap, Failure> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bootstrap");
    std::fs::write(&path, bytes).unwrap();
    Bootstrap::read(&path)
}

/// What is said about a file that is refused: always its name, an exit code, and a command that builds a right one.
fn refused(bytes: &[u8]) -> String {
    let failure = read(bytes).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.message.contains("/bootstrap`"), "{failure}");
    let help = failure.help.join("\n");
    assert!(help.contains("--profile lambda -p rule"), "{help}");
    failure.message
}

fn refused_elf(change: impl FnOnce(&mut Elf)) -> String {
    let mut elf = Elf::good();
    change(&mut elf);
    refused(&elf.bytes())
}

fn needed_glibc(bootstrap: &Bootstrap) -> String {
    bootstrap.linkage.glibc().map(|glibc| glibc.to_string()).unwrap_or_default()
}

#[test]
fn the_executable_that_the_suites_run_is_accepted() {
    let real = Bootstrap::read(Path::new(REAL)).unwrap();
    assert_eq!(
        real.architecture,
        if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 }
    );
    assert_eq!(real.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(real.debug, cfg!(debug_assertions));
    assert_eq!(real.path, PathBuf::from(REAL));
    assert!(real.is_current() && real.packed_exemptions.is_none());
    assert!(needed_glibc(&real).starts_with("2."), "{:?}", real.linkage);
    if cfg!(debug_assertions) {
        let warnings = real.warnings().join("\n");
        assert!(warnings.contains("debug build") && warnings.contains("--profile lambda"), "{warnings}");
    }
}

#[test]
fn both_processors_and_static_executables_are_accepted() {
    let good = read(&Elf::good().bytes()).unwrap();
    assert_eq!((good.architecture, needed_glibc(&good).as_str()), (Architecture::X86_64, "2.34"));
    assert_eq!(good.warnings(), Vec::<String>::new());
    let arm = read(&Elf::arm64().bytes()).unwrap();
    assert_eq!((arm.architecture, needed_glibc(&arm).as_str()), (Architecture::Arm64, "2.34"));
    let alone = Elf { interpreter: None, libraries: vec![], versions: vec![], ..Elf::good() };
    assert_eq!(read(&alone.bytes()).unwrap().linkage, Linkage::Static);
    let fixed = Elf { kind: 2, dynamic: false, ..alone };
    assert_eq!(read(&fixed.bytes()).unwrap().linkage, Linkage::Static);
    let unversioned = Elf { versions: vec![], ..Elf::good() };
    assert_eq!(read(&unversioned.bytes()).unwrap().linkage, Linkage::Dynamic(None));
}

#[test]
fn a_newer_glibc_is_refused_and_an_older_one_is_not() {
    let needing = |version| {
        let mut elf = Elf::good();
        elf.versions.insert(1, ("libm.so.6", version, false));
        elf.libraries.push("libm.so.6");
        elf
    };
    for version in ["GLIBC_2.35", "GLIBC_2.38", "GLIBC_2.34.1", "GLIBC_3.0", "GLIBC_2.100"] {
        let said = refused(&needing(version).bytes());
        let number = version.trim_start_matches("GLIBC_");
        assert!(said.contains(&format!("needs glibc {number};")) && said.contains("glibc 2.34"), "{said}");
    }
    for version in ["GLIBC_2.9", "GLIBC_2.2.5", "GLIBC_2.34"] {
        assert_eq!(needed_glibc(&read(&needing(version).bytes()).unwrap()), "2.34");
    }
    for odd in ["GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GLIBC_2", "GLIBC_2.x", "GLIBC_2.3.4.5", "GLIBCXX_3.4.29", ""] {
        let said = refused(&needing(odd).bytes());
        assert!(said.contains(&format!("needs `{odd}` of the library `libm.so.6`")), "{said}");
    }
}

#[test]
fn a_version_in_a_real_executable_counts() {
    let mut real = std::fs::read(REAL).unwrap();
    let name = b"GLIBC_2.34\0";
    let at = real.windows(name.len()).position(|window| window == name).unwrap();
    real[at..at + name.len()].copy_from_slice(b"GLIBC_2.38\0");
    let said = refused(&real);
    assert!(said.contains("needs glibc 2.38;"), "{said}");
}

#[test]
fn a_version_that_the_loader_may_do_without_does_not_count() {
    let mut elf = Elf::good();
    elf.versions.push(("libc.so.6", "GLIBC_2.40", true));
    assert_eq!(needed_glibc(&read(&elf.bytes()).unwrap()), "2.34");
}

#[test]
fn what_the_image_may_lack_is_refused() {
    let musl = refused_elf(|elf| elf.interpreter = Some("/lib/ld-musl-x86_64.so.1"));
    assert!(musl.contains("needs the loader of musl `/lib/ld-musl-x86_64.so.1`"), "{musl}");
    let nix = refused_elf(|elf| elf.interpreter = Some("/nix/store/x-glibc-2.34/lib/ld-linux-x86-64.so.2"));
    assert!(nix.contains("needs the loader `/nix/store/"), "{nix}");
    let other = refused_elf(|elf| elf.machine = ARM64);
    assert!(other.contains("needs the loader `/lib64/ld-linux-x86-64.so.2`"), "{other}");
    let library = refused_elf(|elf| elf.libraries.push("libssl.so.3"));
    assert!(library.contains("needs the library `libssl.so.3`"), "{library}");
    let of_a_version = refused_elf(|elf| elf.versions.push(("libstdc++.so.6", "GLIBC_2.2.5", false)));
    assert!(of_a_version.contains("needs the library `libstdc++.so.6`"), "{of_a_version}");
    let gcc = refused_elf(|elf| elf.versions.push(("libgcc_s.so.1", "GCC_12.0.0", false)));
    assert!(gcc.contains("needs `GCC_12.0.0` of the library `libgcc_s.so.1`"), "{gcc}");
    let packed = refused_elf(|elf| elf.packed_relocations = true);
    assert!(packed.contains("packed relocations"), "{packed}");
    let hostile = refused_elf(|elf| elf.libraries.push("lib\u{1b}[31m.so"));
    assert!(hostile.contains("`lib\\x1b[31m.so`"), "{hostile}");
}

#[test]
fn other_executables_are_refused_by_what_they_are() {
    let mut said = Vec::new();
    said.push(refused_elf(|elf| elf.class = 1));
    said.push(refused_elf(|elf| elf.order = 2));
    said.push(refused_elf(|elf| elf.system = 9));
    said.push(refused_elf(|elf| elf.machine = 40));
    said.push(refused_elf(|elf| elf.machine = 243));
    said.push(refused_elf(|elf| elf.kind = 1));
    said.push(refused_elf(|elf| elf.kind = 4));
    said.push(refused_elf(|elf| elf.kind = 7));
    said.push(refused_elf(|elf| (elf.interpreter, elf.program) = (None, false)));
    said.push(refused_elf(|elf| elf.interpreter = None));
    for bytes in [
        &b""[..],
        b"#!/bin/sh\nexec python3 -m lambda\n",
        b"\xcf\xfa\xed\xfe\x0c\0\0\x01\0\0\0\0\x02\0\0\0",
        b"\xca\xfe\xba\xbe\0\0\0\x02",
        b"MZ\x90\0\x03\0\0\0",
        b"\0asm\x01\0\0\0",
        b"!<arch>\n",
        b"\x1f\x8b\x08\0",
        b"hello",
        b"\x7fEL",
        b"\x7fELF",
    ] {
        said.push(refused(bytes));
    }
    let said: Vec<&str> = said.iter().map(|said| said.split_once("/bootstrap` ").unwrap().1).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let whole = Elf::good().bytes();
    for length in 0..whole.len() {
        let said = refused(&whole[..length]);
        assert!(said.contains("cut off") || said.contains("empty"), "{length}: {said}");
    }
    let real = std::fs::read(REAL).unwrap();
    for cut in [1, 1000, real.len() / 2, real.len() - 4096] {
        let said = refused(&real[..real.len() - cut]);
        assert!(said.contains("cut off"), "{cut}: {said}");
    }
}

#[test]
fn only_our_own_function_is_accepted() {
    let foreign = refused_elf(|elf| elf.mark = String::new());
    assert!(foreign.contains("is not Notebook Guard's function"), "{foreign}");
    // The CLI knows the mark, because it looks for it, and yet is not the function.
    let deployer = Bootstrap::read(Path::new(env!("CARGO_BIN_EXE_deployer-under-test"))).unwrap_err();
    assert!(deployer.message.contains("is not Notebook Guard's function"), "{deployer}");
}

#[test]
fn another_version_and_a_debug_build_are_told() {
    let old = read(&Elf { mark: mark("0.0.9", "debug"), ..Elf::good() }.bytes()).unwrap();
    assert!(!old.is_current());
    let warnings = old.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("is version 0.0.9, and this deployer is"), "{warnings:?}");
    assert!(warnings[1].contains("is a debug build"), "{warnings:?}");
    let mut large = Elf::good().bytes();
    large.resize(10_000_001, 0);
    let warnings = read(&large).unwrap().warnings();
    assert!(warnings[0].contains("has 10.0 MB, more than it needs"), "{warnings:?}");
}

#[test]
fn what_is_no_file_or_too_large_is_refused() {
    let folder = TempDir::new().unwrap();
    let said = Bootstrap::read(folder.path()).unwrap_err();
    assert!(said.message.ends_with("is not a file"), "{said}");
    let missing = Bootstrap::read(&folder.path().join("none")).unwrap_err();
    assert!(missing.message.contains("/none` cannot be read"), "{missing}");
    let path = folder.path().join("large");
    std::fs::File::create(&path).unwrap().set_len(deployer::artifact::LARGEST + 1).unwrap();
    let large = Bootstrap::read(&path).unwrap_err();
    assert!(large.message.contains("larger than the 262144000 bytes"), "{large}");
}
