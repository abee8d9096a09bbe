//! What `docs/evidence.md` says that anybody can do without deployer, done with the tools of others.

use std::path::Path;
use std::process::Command;

use deployer::evidence::Form;

use crate::bundle::{Bundle, digest, file, files};

/// What a script says, if the programs that it needs are here.
fn shell(script: &str, needs: &[&str], folder: &Path) -> Option<String> {
    let is_here = |program: &&str| {
        Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
    };
    if !needs.iter().all(is_here) {
        return None;
    }
    let ran = Command::new("sh").args(["-c", script]).current_dir(folder).output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{script}: {told}{}", String::from_utf8_lossy(&ran.stderr));
    Some(told)
}

#[test]
fn sha256sum_checks_the_files_of_the_manifest() {
    let bundle = Bundle::signed(Form::Directory);
    let script = r#"jq -r '.files[] | "\(.sha256)  \(.path)"' manifest.json | sha256sum --check --strict"#;
    let Some(told) = shell(script, &["jq", "sha256sum"], &bundle.path) else { return };
    assert_eq!(told.lines().filter(|line| line.ends_with(": OK")).count(), files().len(), "{told}");
}

#[test]
fn jq_and_sha256sum_make_the_digest_of_the_bundle() {
    let bundle = Bundle::signed(Form::Directory);
    let manifest = String::from_utf8(file(&mut bundle.content(), "manifest.json").clone()).unwrap();
    let says: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(says["bundle"]["sha256"], digest(&manifest));
    let script = "jq -cS 'del(.bundle)' manifest.json | sha256sum";
    let Some(told) = shell(script, &["jq", "sha256sum"], &bundle.path) else { return };
    assert_eq!(told.split_whitespace().next(), says["bundle"]["sha256"].as_str());
}

#[test]
fn unzip_and_python_read_our_zip() {
    let bundle = Bundle::signed(Form::Zip);
    let folder = bundle.folder.path();
    if let Some(told) = shell("unzip -tq evidence.zip", &["unzip"], folder) {
        assert!(told.contains("No errors detected"), "{told}");
    }
    shell("unzip -q evidence.zip -d unpacked", &["unzip"], folder);
    if folder.join("unpacked").exists() {
        let unpacked = Bundle { path: folder.join("unpacked"), ..Bundle::unsigned(Form::Directory) };
        assert!(unpacked.verify().is_verified());
    }
    let script = "python3 -c 'import zipfile; z = zipfile.ZipFile(\"evidence.zip\"); assert z.testzip() is None; print(len(z.namelist()))'";
    if let Some(told) = shell(script, &["python3"], folder) {
        assert_eq!(told.trim(), (files().len() + 2).to_string());
    }
}

#[test]
fn what_zip_and_python_pack_anew_verifies() {
    let bundle = Bundle::signed(Form::Directory);
    let python = "python3 -c 'import shutil; shutil.make_archive(\"../again\", \"zip\", \".\")'";
    for (script, program) in [("zip -qr ../again.zip .", "zip"), (python, "python3")] {
        if shell(script, &[program], &bundle.path).is_none() {
            continue;
        }
        let path = bundle.folder.path().join("again.zip");
        let again = Bundle { path: path.clone(), ..Bundle::unsigned(Form::Zip) };
        let verification = again.verify();
        assert!(verification.is_verified(), "{program}: {:?}", verification.findings);
        assert_eq!(verification.notes.len(), 1, "that another program packed it is said");
        std::fs::remove_file(path).unwrap();
    }
}
