//! Every way to break a zip, or to make it say two things.

use std::io::{Cursor, Write as _};

use deployer::evidence::Form;
use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};
use deployer::exit::Exit;
use zip::write::SimpleFileOptions;

use crate::bundle::{Bundle, Files, told};

/// A bundle whose zip was changed byte by byte.
fn patched(how: impl FnOnce(&mut Vec<u8>)) -> Bundle {
    let bundle = Bundle::signed(Form::Zip);
    let mut bytes = std::fs::read(&bundle.path).unwrap();
    how(&mut bytes);
    std::fs::write(&bundle.path, bytes).unwrap();
    bundle
}

/// A bundle whose zip was made anew, with more in it.
fn repacked(more: impl FnOnce(&mut zip::ZipWriter<Cursor<Vec<u8>>>)) -> Bundle {
    let bundle = Bundle::signed(Form::Zip);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in bundle.content() {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    more(&mut zip);
    std::fs::write(&bundle.path, zip.finish().unwrap().into_inner()).unwrap();
    bundle
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let found: Vec<usize> = (0..=bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    for at in &found {
        bytes[*at..*at + to.len()].copy_from_slice(to);
    }
    found.len()
}

#[test]
fn a_zip_that_is_cut_off_anywhere() {
    let whole = std::fs::read(&Bundle::signed(Form::Zip).path).unwrap();
    for length in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        let bundle = patched(|bytes| bytes.truncate(length));
        let told = told(&bundle.verify());
        assert!(told.contains(&"container -".to_owned()), "{length} of {} bytes: {told:?}", whole.len());
        assert!(!bundle.verify().is_verified());
    }
}

#[test]
fn bytes_before_behind_and_within() {
    assert_eq!(told(&patched(|bytes| bytes.push(0)).verify())[0], "container -");
    assert_eq!(told(&patched(|bytes| bytes.splice(0..0, *b"#!/bin/sh\n").for_each(drop)).verify())[0], "container -");
    let one_more = patched(|bytes| *bytes = [bytes.as_slice(), bytes].concat());
    assert!(!one_more.verify().is_verified());
}

#[test]
fn bytes_behind_a_zip_that_has_no_seal() {
    let bundle = repacked(|_| {});
    assert!(bundle.verify().is_verified());
    let bytes = [std::fs::read(&bundle.path).unwrap(), b"more".to_vec()].concat();
    std::fs::write(&bundle.path, bytes).unwrap();
    assert_eq!(told(&bundle.verify()), ["container -"]);
}

#[test]
fn a_name_that_is_there_twice() {
    let bundle = repacked(|zip| {
        zip.start_file("report.htmL", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"another").unwrap();
    });
    // They are one where letter case does not count.
    assert_eq!(told(&bundle.verify()), ["path report.htmL"]);
    let mut bytes = std::fs::read(&bundle.path).unwrap();
    assert_eq!(replace(&mut bytes, b"report.htmL", b"report.html"), 2);
    std::fs::write(&bundle.path, bytes).unwrap();
    let told = told(&bundle.verify());
    assert!(told.contains(&"duplicate report.html".to_owned()), "{told:?}");
}

#[test]
fn names_that_lead_out_of_the_folder() {
    for name in
        ["../report.html", "/etc/passwd", "a\\b", "C:\\x", "raw/../../x", "con.txt", "./report.html", "a//b", "a\nb"]
    {
        let bundle = repacked(|zip| {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(b"x").unwrap();
        });
        let told = told(&bundle.verify());
        assert_eq!(told, [format!("path {}", name.escape_debug())], "{name}");
    }
}

#[test]
fn links_and_folders_in_a_zip() {
    let bundle = repacked(|zip| zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap());
    assert_eq!(told(&bundle.verify()), ["not-a-file link"]);
    let bundle = repacked(|zip| zip.add_directory("raw/", SimpleFileOptions::default()).unwrap());
    assert!(bundle.verify().is_verified(), "other programs write entries for folders");
    let bundle = repacked(|zip| zip.add_directory("more/", SimpleFileOptions::default()).unwrap());
    assert_eq!(told(&bundle.verify()), ["added more"]);
}

#[test]
fn a_file_that_only_some_programs_see() {
    // The zip's directory forgets it, but its header and bytes are there.
    let bundle = repacked(|zip| {
        zip.start_file("zzz.html", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"hidden").unwrap();
    });
    let mut bytes = std::fs::read(&bundle.path).unwrap();
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let last = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06").unwrap();
    bytes.drain(last..end);
    let end = last;
    let count = u16::from_le_bytes([bytes[end + 8], bytes[end + 9]]) - 1;
    for at in [8, 10] {
        bytes[end + at..end + at + 2].copy_from_slice(&count.to_le_bytes());
    }
    let size = u32::try_from(end - directory).unwrap();
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    std::fs::write(&bundle.path, bytes).unwrap();
    let verification = bundle.verify();
    assert_eq!(told(&verification), ["container -"], "{:?}", verification.findings);
}

#[test]
fn a_name_that_differs_between_the_two_places_where_a_zip_has_it() {
    let bundle = repacked(|_| {});
    let mut bytes = std::fs::read(&bundle.path).unwrap();
    let first = bytes.windows(11).position(|eleven| eleven == b"report.html").unwrap();
    bytes[first..first + 11].copy_from_slice(b"report.HTML");
    std::fs::write(&bundle.path, bytes).unwrap();
    let told = told(&bundle.verify());
    assert!(told.contains(&"container -".to_owned()), "{told:?}");
}

/// A gigabyte that is a megabyte in the zip.
fn bomb() -> impl std::io::Read {
    std::io::Read::take(std::io::repeat(0), 1 << 30)
}

#[test]
fn bombs_are_bounded_by_the_manifest() {
    let started = std::time::Instant::now();
    let bundle = Bundle::signed(Form::Zip);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in bundle.content() {
        let is_bomb = name == "report.html";
        zip.start_file(name, SimpleFileOptions::default().compression_level(Some(1))).unwrap();
        if is_bomb { std::io::copy(&mut bomb(), &mut zip).map(drop) } else { zip.write_all(&bytes) }.unwrap();
    }
    zip.start_file("added.bin", SimpleFileOptions::default().compression_level(Some(1))).unwrap();
    std::io::copy(&mut bomb(), &mut zip).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    std::fs::write(&bundle.path, &bytes).unwrap();
    let made = started.elapsed();
    let verified = std::time::Instant::now();
    assert_eq!(told(&bundle.verify()), ["added added.bin", "changed report.html"]);
    assert!(verified.elapsed() * 4 < made, "nothing of the bombs was unpacked: {:?} of {made:?}", verified.elapsed());
    // One that lies about its size: 36 bytes, as the manifest says.
    assert!(replace(&mut bytes, &(1_u32 << 30).to_le_bytes(), &36_u32.to_le_bytes()) >= 2);
    std::fs::write(&bundle.path, &bytes).unwrap();
    let verified = std::time::Instant::now();
    let told = told(&bundle.verify());
    assert!(told.iter().any(|one| one.ends_with("report.html")), "{told:?}");
    assert!(verified.elapsed() * 4 < made, "{:?} of {made:?}", verified.elapsed());
}

#[test]
fn a_seal_that_is_another_or_no_longer_there() {
    let label = b"notebook-guard-evidence sha256:";
    let sealed = |bytes: &[u8]| bytes.windows(label.len()).rposition(|some| some == label).unwrap();
    let other = patched(|bytes| {
        let at = sealed(bytes) + label.len();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    });
    assert_eq!(told(&other.verify()), ["container -"]);
    let foreign = patched(|bytes| {
        let at = sealed(bytes);
        bytes[at] ^= 1;
    });
    assert_eq!(told(&foreign.verify()), ["container -"]);
}

#[test]
fn what_no_file_depends_on_cannot_change_in_a_sealed_zip() {
    // The time of the first file, and what system made it, in the zip's directory.
    for offset in [5, 12] {
        let bundle = patched(|bytes| {
            let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
            bytes[directory + offset] ^= 1;
        });
        assert!(!bundle.verify().is_verified(), "byte {offset}");
    }
}

#[test]
fn a_zip_without_files_or_of_something_else() {
    let bundle = Bundle::signed(Form::Zip);
    bundle.replace(&Files::new());
    let failure = verify(&Source::open(&bundle.path).unwrap(), &Request::default()).unwrap_err();
    assert!(failure.exit == Exit::Usage && failure.message.contains("this is no bundle"), "{failure}");
    std::fs::write(&bundle.path, b"this is no zip").unwrap();
    assert_eq!(told(&bundle.verify()), ["container -"]);
}
