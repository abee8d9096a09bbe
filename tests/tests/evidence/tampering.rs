//! Every way to change a file of a bundle, one by one, in a folder and in a zip.

use deployer::evidence::verify::SignatureState;

use crate::bundle::{Bundle, FORMS, Files, file, told};

/// Changes a signed bundle in both forms and says what has to be found.
fn found(how: impl Fn(&mut Files), expected: &[&str]) {
    for form in FORMS {
        let bundle = Bundle::signed(form);
        bundle.change(&how);
        let verification = bundle.verify();
        assert_eq!(told(&verification), expected, "{form:?}: {:?}", verification.findings);
        assert_eq!(verification.is_verified(), expected.is_empty());
    }
}

#[test]
fn what_was_written_verifies_and_so_do_its_files_packed_by_another_program() {
    for form in FORMS {
        let bundle = Bundle::signed(form);
        let verification = bundle.verify();
        assert_eq!(told(&verification), Vec::<String>::new(), "{:?}", verification.findings);
        assert!(verification.is_verified() && verification.notes.is_empty());
        assert!(matches!(verification.signature, SignatureState::Unchecked(_)));
    }
    found(|_| {}, &[]);
}

#[test]
fn a_file_with_one_other_byte() {
    found(|files| file(files, "report.html")[3] ^= 1, &["changed report.html"]);
}

#[test]
fn a_file_that_is_longer_or_shorter() {
    found(|files| file(files, "report.html").push(b' '), &["changed report.html"]);
    found(|files| file(files, "report.html").truncate(5), &["changed report.html"]);
    found(|files| file(files, "report.html").clear(), &["changed report.html"]);
    found(|files| file(files, "raw/444455556666/list.jsonl").push(b'\n'), &["changed raw/444455556666/list.jsonl"]);
}

#[test]
fn a_file_that_is_missing() {
    found(|files| files.retain(|(name, _)| name != "report.html"), &["missing report.html"]);
    found(
        |files| files.retain(|(name, _)| name != "raw/444455556666/list.jsonl"),
        &["missing raw/444455556666/list.jsonl"],
    );
    found(
        |files| files.retain(|(name, _)| !name.starts_with("raw/")),
        &[
            "missing raw/111122223333.jsonl",
            "missing raw/111122223333/list.jsonl",
            "missing raw/444455556666/list.jsonl",
        ],
    );
}

#[test]
fn a_file_that_was_added() {
    for name in ["notes.txt", "raw/111122223333/more.jsonl", "other/x.json", "report.html.bak"] {
        found(|files| files.push((name.to_owned(), b"added".to_vec())), &[format!("added {name}").as_str()]);
    }
    // An empty one, which has the size and digest of another.
    found(|files| files.push(("raw/empty.jsonl".to_owned(), Vec::new())), &["added raw/empty.jsonl"]);
}

#[test]
fn a_file_under_another_name() {
    let rename = |from: &'static str, to: &'static str| {
        move |files: &mut Files| files.iter_mut().find(|(name, _)| name == from).unwrap().0 = to.to_owned()
    };
    found(rename("report.html", "Report2.html"), &["renamed report.html"]);
    found(rename("raw/444455556666/list.jsonl", "raw/x.jsonl"), &["renamed raw/444455556666/list.jsonl"]);
    let bundle = Bundle::signed(FORMS[0]);
    bundle.change(rename("report.html", "raw/page.html"));
    assert_eq!(bundle.verify().findings[0].message, "is now `raw/page.html`");
}

#[test]
fn a_renamed_file_that_was_changed_too_is_missing_and_added() {
    let how = |files: &mut Files| {
        let page = files.iter_mut().find(|(name, _)| name == "report.html").unwrap();
        page.0 = "page.html".to_owned();
        page.1[0] ^= 1;
    };
    found(how, &["added page.html", "missing report.html"]);
}

#[test]
fn two_files_in_each_others_place() {
    let how = |files: &mut Files| {
        let page = file(files, "report.html").clone();
        let list = std::mem::replace(file(files, "raw/111122223333/list.jsonl"), page);
        *file(files, "report.html") = list;
    };
    found(how, &["changed raw/111122223333/list.jsonl", "changed report.html"]);
    // Of the same size, so that only their digests tell.
    let equal = |files: &mut Files| {
        files.push(("a".to_owned(), b"one".to_vec()));
        files.push(("b".to_owned(), b"two".to_vec()));
    };
    let mut files = crate::bundle::files();
    equal(&mut files);
    for form in FORMS {
        let bundle = Bundle::of(form, &files, None);
        bundle.change(|files| {
            *file(files, "a") = b"two".to_vec();
            *file(files, "b") = b"one".to_vec();
        });
        let messages: Vec<String> = bundle.verify().findings.into_iter().map(|finding| finding.message).collect();
        assert_eq!(
            messages,
            ["was changed: it holds what `b` should hold", "was changed: it holds what `a` should hold"]
        );
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let how = |files: &mut Files| {
        file(files, "report.html")[0] ^= 1;
        files.retain(|(name, _)| name != "raw/444455556666/list.jsonl" && name != "manifest.json.sig");
        files.push(("more.txt".to_owned(), b"more".to_vec()));
        files.iter_mut().find(|(name, _)| name == "raw/111122223333/list.jsonl").unwrap().0 = "raw/l.jsonl".to_owned();
    };
    found(
        how,
        &[
            "added more.txt",
            "changed report.html",
            "missing raw/444455556666/list.jsonl",
            "renamed raw/111122223333/list.jsonl",
            "signature manifest.json.sig",
        ],
    );
}

/// What only a folder can hold.
#[cfg(unix)]
mod in_a_folder {
    use std::fs;
    use std::os::unix::fs::symlink;

    use deployer::evidence::Form;

    use super::*;

    fn after(how: impl FnOnce(&std::path::Path)) -> Vec<String> {
        let bundle = Bundle::signed(Form::Directory);
        how(&bundle.path);
        told(&bundle.verify())
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_none_even_to_the_same_bytes() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let linked = after(|path| {
            fs::copy(path.join("report.html"), outside.path()).unwrap();
            fs::remove_file(path.join("report.html")).unwrap();
            symlink(outside.path(), path.join("report.html")).unwrap();
        });
        assert_eq!(linked, ["not-a-file report.html"]);
    }

    #[test]
    fn a_linked_folder_is_not_looked_into() {
        let outside = tempfile::TempDir::new().unwrap();
        let linked = after(|path| {
            fs::rename(path.join("raw/111122223333"), outside.path().join("raw")).unwrap();
            symlink(outside.path().join("raw"), path.join("raw/111122223333")).unwrap();
        });
        assert_eq!(linked, ["missing raw/111122223333/list.jsonl", "not-a-file raw/111122223333"]);
        // One that leads back to where it is would never end.
        assert_eq!(after(|path| symlink(".", path.join("loop")).unwrap()), ["not-a-file loop"]);
        assert_eq!(after(|path| symlink("/nonexistent", path.join("nowhere")).unwrap()), ["not-a-file nowhere"]);
    }

    #[test]
    fn a_linked_manifest_is_none() {
        let linked = after(|path| {
            fs::rename(path.join("manifest.json"), path.parent().unwrap().join("elsewhere.json")).unwrap();
            symlink("../elsewhere.json", path.join("manifest.json")).unwrap();
        });
        assert_eq!(linked, ["manifest manifest.json", "not-a-file manifest.json"]);
    }

    #[test]
    fn a_pipe_is_named_and_not_waited_for() {
        let piped = after(|path| {
            fs::remove_file(path.join("report.html")).unwrap();
            let made = std::process::Command::new("mkfifo").arg(path.join("report.html")).status().unwrap();
            assert!(made.success());
        });
        assert_eq!(piped, ["not-a-file report.html"]);
    }

    #[test]
    fn folders_and_hidden_files_are_added_ones() {
        assert_eq!(after(|path| fs::create_dir(path.join("empty")).unwrap()), ["added empty"]);
        assert_eq!(after(|path| fs::create_dir_all(path.join("raw/a/b")).unwrap()), ["added raw/a", "added raw/a/b"]);
        assert_eq!(after(|path| fs::write(path.join(".DS_Store"), "x").unwrap()), ["added .DS_Store"]);
        assert_eq!(after(|path| fs::write(path.join("a\nb\u{1b}[2J"), "x").unwrap()), ["added a\\nb\\u{1b}[2J"]);
    }

    #[test]
    fn a_folder_in_the_place_of_a_file_and_names_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt as _;
        let replaced = after(|path| {
            fs::remove_file(path.join("report.html")).unwrap();
            fs::create_dir(path.join("report.html")).unwrap();
        });
        assert_eq!(replaced, ["added report.html", "missing report.html"]);
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
        assert_eq!(after(|path| fs::write(path.join(name), "x").unwrap()), ["added caf\u{fffd}"]);
    }
}
