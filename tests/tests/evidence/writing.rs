//! The writer: the same files give the same zip, nothing is replaced, nothing is left behind, nobody else can read it.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use deployer::evidence::key::SignedBy;
use deployer::evidence::{Form, Writer};
use deployer::exit::Exit;
use tempfile::TempDir;

use crate::bundle::{Bundle, FORMS, created, files, signer, subject, write};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_same_files_give_the_same_zip_in_any_order_and_side_by_side() {
    let folder = TempDir::new().unwrap();
    let (one, two) = (folder.path().join("one.zip"), folder.path().join("two.zip"));
    write(&one, Form::Zip, &files(), Some(&signer())).unwrap();
    let mut writer = Writer::create(&two, Form::Zip).unwrap();
    let mut open: Vec<_> =
        files().into_iter().rev().map(|(name, bytes)| (writer.file(&name).unwrap(), bytes)).collect();
    // A byte here, a byte there.
    for at in 0..open.iter().map(|(_, bytes)| bytes.len()).max().unwrap() {
        for (file, bytes) in &mut open {
            file.write_all(bytes.get(at..=at).unwrap_or_default()).unwrap();
        }
    }
    for (file, _) in open {
        writer.close(file).unwrap();
    }
    writer.finish(created(), subject(), Some(&signer())).unwrap();
    assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
}

#[test]
fn only_the_owner_may_read_it() {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let bundle = Bundle::signed(Form::Directory);
    for folder in ["", "raw", "raw/111122223333"] {
        assert_eq!(mode(&bundle.path.join(folder)), 0o700, "{folder}");
    }
    for (name, _) in bundle.content() {
        assert_eq!(mode(&bundle.path.join(&name)), 0o600, "{name}");
    }
    assert_eq!(mode(&Bundle::signed(Form::Zip).path), 0o600);
}

#[test]
fn what_is_there_is_never_replaced() {
    for form in FORMS {
        let bundle = Bundle::signed(form);
        let before = bundle.content();
        let refused = write(&bundle.path, form, &files(), None).unwrap_err();
        assert_eq!(refused.exit, Exit::Refused, "{refused}");
        assert_eq!(bundle.content(), before);
        assert_eq!(names(bundle.folder.path()).len(), 1, "nothing is left behind");
        let link = bundle.folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert_eq!(write(&link, form, &files(), None).unwrap_err().exit, Exit::Refused);
    }
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    write(&empty, Form::Directory, &files(), None).unwrap();
    assert_eq!(names(folder.path()), ["empty"]);
    let unknown = write(&folder.path().join("no/such/folder"), Form::Zip, &files(), None).unwrap_err();
    assert_eq!(unknown.exit, Exit::Usage);
}

#[test]
fn what_came_meanwhile_is_not_replaced_either() {
    for form in FORMS {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("evidence");
        let mut writer = Writer::create(&target, form).unwrap();
        writer.put("a", b"a").unwrap();
        std::fs::write(&target, "somebody else's").unwrap();
        assert_eq!(writer.finish(created(), subject(), None).unwrap_err().exit, Exit::Refused);
        assert_eq!(names(folder.path()), ["evidence"]);
        assert_eq!(std::fs::read(&target).unwrap(), b"somebody else's");
    }
}

#[test]
fn a_writer_that_is_dropped_takes_everything_away() {
    for form in FORMS {
        let folder = TempDir::new().unwrap();
        let mut writer = Writer::create(&folder.path().join("evidence"), form).unwrap();
        writer.put("raw/a", b"a").unwrap();
        let mut open = writer.file("raw/b").unwrap();
        open.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(writer);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        // And so does one that is sealed.
        let mut writer = Writer::create(&folder.path().join("evidence"), form).unwrap();
        writer.put("raw/a", b"a").unwrap();
        drop(writer.seal(created(), subject(), None).unwrap());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}

#[test]
fn a_writer_takes_no_names_that_it_would_not_verify() {
    let folder = TempDir::new().unwrap();
    let mut writer = Writer::create(&folder.path().join("evidence"), Form::Directory).unwrap();
    writer.put("raw/a.json", b"a").unwrap();
    for name in [
        "../x",
        "/x",
        "raw/a.json",
        "raw/A.json",
        "RAW/b.json",
        "raw",
        "raw/a.json/b",
        "manifest.json",
        "manifest.json.sig",
        "nul",
        "a b",
        ".hidden",
        "",
    ] {
        let refused = writer.put(name, b"x").unwrap_err();
        assert!(refused.message.contains("cannot be in a bundle"), "{name}: {refused}");
    }
    let open = writer.file("open.json").unwrap();
    let refused = writer.finish(created(), subject(), None).unwrap_err();
    assert!(refused.message.contains("1 files of the bundle were not closed"), "{refused}");
    drop(open);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn a_signature_that_does_not_fit_is_not_written() {
    for form in FORMS {
        let folder = TempDir::new().unwrap();
        let sealed = |statement| {
            let writer = Writer::create(&folder.path().join("evidence"), form).unwrap();
            writer.seal(created(), subject(), statement).unwrap()
        };
        let wrong = signer().sign(b"something else").unwrap();
        assert!(sealed(Some(SignedBy::of(signer().public()))).commit(Some(&wrong)).is_err());
        assert!(sealed(Some(SignedBy::of(signer().public()))).commit(None).is_err());
        assert!(sealed(None).commit(Some(&wrong)).is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
        let right = sealed(Some(SignedBy::of(signer().public())));
        let signature = signer().sign(right.manifest()).unwrap();
        right.commit(Some(&signature)).unwrap();
        assert_eq!(names(folder.path()), ["evidence"]);
    }
}

#[test]
fn what_an_interrupted_export_left_is_refused_by_its_name() {
    let bundle = Bundle::signed(Form::Directory);
    let left = bundle.folder.path().join("evidence.123.partial");
    std::fs::rename(&bundle.path, &left).unwrap();
    for path in [left.clone(), left.join("."), left.join("raw/..")] {
        let refused = deployer::evidence::source::Source::open(&path).unwrap_err();
        assert!(refused.message.contains("interrupted export"), "{refused}");
    }
}
