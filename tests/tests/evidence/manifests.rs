//! Every way to change the manifest, by somebody who does not know how its digest is made and by somebody who does.

use deployer::evidence::Form;
use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, verify};
use deployer::exit::Exit;

use crate::bundle::{Bundle, FORMS, Files, file, forge, told};

/// Changes an unsigned bundle in both forms and says what has to be found.
fn found(how: impl Fn(&mut Files), expected: &[&str]) {
    for form in FORMS {
        let bundle = Bundle::unsigned(form);
        bundle.change(&how);
        let verification = bundle.verify();
        assert_eq!(told(&verification), expected, "{form:?}: {:?}", verification.findings);
    }
}

fn edit(from: &'static str, to: &'static str) -> impl Fn(&mut Files) {
    move |files| {
        let manifest = file(files, "manifest.json");
        let text = String::from_utf8(manifest.clone()).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        *manifest = text.replacen(from, to, 1).into_bytes();
    }
}

/// The same by somebody who makes the digest anew.
fn forged(from: &'static str, to: &'static str) -> impl Fn(&mut Files) {
    move |files| {
        forge(files, |text| {
            assert!(text.contains(from), "{from} is not in {text}");
            text.replacen(from, to, 1)
        });
    }
}

#[test]
fn a_manifest_that_is_gone_or_none() {
    let gone = |files: &mut Files| files.retain(|(name, _)| name != "manifest.json");
    found(gone, &["manifest manifest.json"]);
    for text in ["", "{", "[]", "null", "{\"format\":1}", "{}", "\u{feff}{}", "\0"] {
        found(|files| *file(files, "manifest.json") = text.as_bytes().to_vec(), &["manifest manifest.json"]);
    }
    found(|files| *file(files, "manifest.json") = vec![b'['; 100_000], &["manifest manifest.json"]);
    found(|files| file(files, "manifest.json").truncate(300), &["manifest manifest.json"]);
    found(edit("notebook-guard-evidence", "notebook-guard-evidense"), &["manifest manifest.json"]);
    found(edit("\"subject\": {", "\"unknown\": 1, \"subject\": {"), &["manifest manifest.json"]);
    found(edit("\"created\"", "\"creator\""), &["manifest manifest.json"]);
    found(edit("\"created\": \"2026-11-23", "\"created\": \"2026-13-23"), &["manifest manifest.json"]);
    found(edit("\"size\": 36", "\"size\": -36"), &["manifest manifest.json"]);
    found(edit("\"bundle\": {", "\"bundle\": {}, \"bundle\": {"), &["manifest manifest.json"]);
}

#[test]
fn whatever_is_said_beside_the_files_cannot_change_unnoticed() {
    found(edit("o-example", "o-another"), &["manifest manifest.json"]);
    found(edit("2026-11-23T09:30:00Z", "2026-11-23T09:30:01Z"), &["manifest manifest.json"]);
    found(edit("text/html", "text/hTml"), &["manifest manifest.json"]);
    found(edit("\"files\": 8", "\"files\": 9"), &["manifest manifest.json"]);
    found(edit("\"version\": \"", "\"version\": \"1"), &["manifest manifest.json"]);
}

#[test]
fn not_even_its_white_space_or_spelling_changes() {
    found(edit("  \"format\"", " \"format\""), &["manifest manifest.json"]);
    found(edit("o-example", "o-\\u0065xample"), &["manifest manifest.json"]);
    found(|files| file(files, "manifest.json").push(b'\n'), &["manifest manifest.json"]);
    found(|files| file(files, "manifest.json").push(0), &["manifest manifest.json"]);
    found(edit("\"scope\": {", "\"scope\": {\"accounts\": 1, "), &["manifest manifest.json"]);
}

#[test]
fn entries_that_are_changed_are_told_with_what_they_hide() {
    found(
        edit("\"size\": 36", "\"size\": 37"),
        &["changed report.html", "manifest manifest.json", "manifest manifest.json"],
    );
    let hide = |text: String| {
        let at = text.find("    {\n      \"path\": \"report.html\"").unwrap();
        let end = at + text[at..].find("    },\n").unwrap() + "    },\n".len();
        let (before, after) = (&text[..at], &text[end..]);
        format!("{before}{after}")
    };
    found(|files| forge(files, hide), &["added report.html", "manifest manifest.json"]);
    // And with the numbers made to fit: then only the file itself tells.
    let bytes: usize = crate::bundle::files().iter().map(|(_, bytes)| bytes.len()).sum();
    let fitting = move |text: String| {
        let text = hide(text).replace("\"files\": 8", "\"files\": 7");
        text.replace(&format!("\"size\": {bytes}"), &format!("\"size\": {}", bytes - 36))
    };
    found(|files| forge(files, fitting), &["added report.html"]);
}

#[test]
fn an_entry_that_is_there_twice() {
    let twice = |text: String| {
        let at = text.find("    {\n      \"path\": \"report.html\"").unwrap();
        let end = at + text[at..].find("    },\n").unwrap() + "    },\n".len();
        let (before, entry, after) = (&text[..at], &text[at..end], &text[end..]);
        format!("{before}{entry}{entry}{after}")
    };
    found(|files| forge(files, twice), &["duplicate report.html", "manifest manifest.json"]);
}

#[test]
fn entries_out_of_order() {
    let turned = |text: String| {
        let text = text.replace("\"path\": \"report.html\"", "\"path\": \"REPORT\"");
        text.replace("\"path\": \"report.json\"", "\"path\": \"report.html\"").replace("\"REPORT\"", "\"report.json\"")
    };
    found(|files| forge(files, turned), &["changed report.html", "changed report.json", "manifest manifest.json"]);
}

#[test]
fn an_entry_whose_digest_is_none_is_named() {
    for form in FORMS {
        let bundle = Bundle::unsigned(form);
        bundle.change(|files| {
            forge(files, |text| {
                let at = text.find("\"path\": \"report.html\"").unwrap();
                let digest = at + text[at..].find("\"sha256\": \"").unwrap() + "\"sha256\": \"".len();
                format!("{}X{}", &text[..digest], &text[digest + 1..])
            });
        });
        assert_eq!(told(&bundle.verify()), ["added report.html", "manifest report.html"]);
    }
}

#[test]
fn paths_that_lead_elsewhere_are_named_and_never_opened() {
    for (path, shown) in [
        ("../report.html", "../report.html"),
        ("/etc/passwd", "/etc/passwd"),
        ("raw/../../report.html", "raw/../../report.html"),
        ("raw\\\\report.html", "raw\\\\report.html"),
        ("C:report.html", "C:report.html"),
        ("nul.html", "nul.html"),
        ("report.html\\u0000", "report.html\\0"),
        (" report.html", " report.html"),
        ("", ""),
        (".", "."),
    ] {
        for form in FORMS {
            let bundle = Bundle::unsigned(form);
            let to = format!("\"path\": \"{path}\"");
            bundle.change(|files| forge(files, |text| text.replace("\"path\": \"report.html\"", &to)));
            // Beside it: the file that lost its entry, and entries out of order.
            let told = told(&bundle.verify());
            assert!(told.contains(&format!("path {shown}")), "{path}: {told:?}");
            assert!(told.contains(&"added report.html".to_owned()), "{path}: {told:?}");
        }
    }
}

#[test]
fn names_that_are_one_somewhere_are_named() {
    for (other, shown) in [("Report.json", "report.json"), ("RAW", "raw/111122223333/list.jsonl")] {
        for form in FORMS {
            let bundle = Bundle::unsigned(form);
            let to = format!("\"path\": \"{other}\"");
            bundle.change(|files| forge(files, |text| text.replace("\"path\": \"report.html\"", &to)));
            let told = told(&bundle.verify());
            assert!(told.iter().any(|one| one.starts_with("path ")), "{shown}: {told:?}");
        }
    }
}

#[test]
fn an_entry_of_the_manifest_itself_is_none() {
    found(
        forged("\"path\": \"report.html\"", "\"path\": \"manifest.json\""),
        &["added report.html", "manifest manifest.json", "manifest manifest.json"],
    );
}

#[test]
fn a_form_of_tomorrow_is_not_judged() {
    let bundle = Bundle::unsigned(Form::Directory);
    bundle.change(edit("\"formatVersion\": 1", "\"formatVersion\": 2"));
    let failure = verify(&Source::open(&bundle.path).unwrap(), &Request::default()).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.message.contains("form 2, and this deployer reads form 1"), "{failure}");
    // No version at all is a broken manifest.
    bundle.change(edit("\"formatVersion\": 2,", ""));
    assert_eq!(told(&bundle.verify()), ["manifest manifest.json"]);
}
