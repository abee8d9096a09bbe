//! Bundles to play with. What their files say is written by hand, so that it is known to be true.

use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use deployer::evidence::source::Source;
use deployer::evidence::verify::{Request, Verification, verify};
use deployer::evidence::{Form, Moment, SigningKey, VerifyingKey, Writer};
use deployer::failure::Failure;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

pub(crate) const FORMS: [Form; 2] = [Form::Directory, Form::Zip];
pub(crate) const ONE: &str = "111122223333";
pub(crate) const TWO: &str = "444455556666";
pub(crate) const REGION: &str = "eu-west-1";
const TYPE: &str = "AWS::SageMaker::NotebookInstance";

pub(crate) fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{account}:notebook-instance/{name}")
}

/// Rows as a file has them.
pub(crate) fn lines(rows: &[Value]) -> String {
    let lines: Vec<String> = rows.iter().map(|row| format!("{row}\n")).collect();
    lines.concat()
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Two accounts: one with three notebooks, of which one is gone, and one that could not be read.
pub(crate) fn population() -> Vec<Value> {
    let resource = |name: &str, known: &str| {
        json!({"row": "resource", "account": ONE, "region": REGION, "resourceType": TYPE, "resourceId": arn(ONE, name),
            "name": name, "status": "InService", "created": "2026-01-05T08:00:00Z", "known": known})
    };
    vec![
        json!({"row": "place", "account": ONE, "accountName": "research", "region": REGION, "state": "read",
            "resources": 2, "asked": [{"call": "sagemaker:ListNotebookInstances", "at": "2026-11-23T09:00:00Z",
            "pages": 1, "items": 2}]}),
        json!({"row": "place", "account": TWO, "region": REGION, "state": "unread", "resources": 0,
            "why": "sts:AssumeRole was denied (AccessDenied)"}),
        resource("research-notebook", "listed"),
        resource("legacy", "listed"),
        resource("gone", "evaluated-only"),
    ]
}

pub(crate) fn evaluation(check: &str, name: &str, compliance: &str) -> Value {
    json!({"account": ONE, "region": REGION, "check": check, "rule": format!("notebook-guard-{check}"),
        "resourceType": TYPE, "resourceId": arn(ONE, name), "notebook": name, "complianceType": compliance,
        "resultRecordedTime": "2026-11-22T10:00:00.500Z", "orderingTimestamp": "2026-11-22T09:59:58Z"})
}

pub(crate) fn evaluations() -> Vec<Value> {
    let mut open = evaluation("direct-internet-access", "research-notebook", "NON_COMPLIANT");
    open["annotation"] = "DirectInternetAccess is \"Enabled\"; recreate the notebook with it \"Disabled\"".into();
    let mut exempt = evaluation("root-access", "research-notebook", "NOT_APPLICABLE");
    exempt["annotation"] = "exempt until 2027-01-31 (SEC-123): the vendor needs root".into();
    exempt["exempt"] = json!({"ticket": "SEC-123", "reason": "the vendor needs root", "owner": "research",
        "approvedBy": "ciso@example.com", "expires": "2027-01-31", "expired": false});
    let gone = evaluation("direct-internet-access", "gone", "NOT_APPLICABLE");
    vec![open, exempt, evaluation("inside-vpc", "research-notebook", "COMPLIANT"), gone]
}

/// What [`population`] and [`evaluations`] come to: counted by hand.
pub(crate) fn report() -> Value {
    let counts = |compliant, non_compliant, not_applicable, exempt| {
        json!({"compliant": compliant, "nonCompliant": non_compliant, "notApplicable": not_applicable,
            "insufficientData": 0, "exempt": exempt, "lapsed": 0})
    };
    // `legacy` has no result of any check.
    let standing = |word: &str, count, not_applicable, without| {
        let mut all = json!({"violating": 0, "insufficientData": 0, "exempt": 0, "compliant": 0,
            "notApplicable": not_applicable, "listedNotEvaluated": without});
        all[word] = json!(count);
        all
    };
    json!({"title": "members that nobody knows are passed over",
        "period": {"from": "2026-10-01T08:02:00Z", "to": "2026-11-01T00:00:00Z"}, "totals": {
        "places": {"read": 1, "incomplete": 0, "unread": 1, "excluded": 0},
        "resources": {"listed": 2, "evaluated": 2, "listedNotEvaluated": 1, "evaluatedNotListed": 1},
        "evaluations": counts(1, 1, 2, 1),
        "checks": {"direct-internet-access": counts(0, 1, 1, 0), "inside-vpc": counts(1, 0, 0, 0),
            "root-access": counts(0, 0, 1, 1)},
        "checkResources": {"direct-internet-access": standing("violating", 1, 1, 1),
            "inside-vpc": standing("compliant", 1, 0, 1), "root-access": standing("exempt", 1, 0, 1)},
        "accounts": {ONE: counts(1, 1, 2, 1)}}})
}

pub(crate) fn timeline() -> Vec<Value> {
    let row = |at: &str, more: Value| {
        let mut row = json!({"account": ONE, "region": REGION, "resourceType": TYPE,
            "resourceId": arn(ONE, "research-notebook"), "at": at});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let change = |check: &str, from: &str, to: &str| json!({"event": "compliance", "check": check, "rule": format!("notebook-guard-{check}"), "from": from, "to": to});
    vec![
        row(
            "2026-10-01T08:00:00Z",
            json!({"event": "configuration-item", "status": "ResourceDiscovered",
            "configuration": {"DirectInternetAccess": "Enabled", "RootAccess": "Enabled"}}),
        ),
        row("2026-10-01T08:05:00Z", change("root-access", "INSUFFICIENT_DATA", "NON_COMPLIANT")),
        row(
            "2026-10-03T09:00:00Z",
            json!({"event": "configuration-item", "status": "OK",
            "configuration": {"DirectInternetAccess": "Enabled", "RootAccess": "Disabled"}}),
        ),
        row("2026-10-03T09:05:00Z", change("root-access", "NON_COMPLIANT", "COMPLIANT")),
        row("2026-10-09T12:00:00Z", change("direct-internet-access", "COMPLIANT", "NON_COMPLIANT")),
        json!({"account": ONE, "region": REGION, "at": "2026-10-10T00:00:00Z", "event": "gap",
            "until": "2026-10-12T06:00:00Z", "reason": "recorder-stopped", "detail": "StopConfigurationRecorder"}),
    ]
}

/// An answer of AWS.
pub(crate) fn answer(call: &str, request: &Value, body: &Value) -> Value {
    json!({"call": call, "at": "2026-11-23T09:00:00Z", "region": REGION, "status": 200,
        "request": request.to_string(), "body": body.to_string()})
}

/// The files of a bundle.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

pub(crate) fn files() -> Files {
    let texts = [
        ("report.json", report().to_string()),
        ("population.jsonl", lines(&population())),
        ("evaluations.jsonl", lines(&evaluations())),
        ("timeline.jsonl", lines(&timeline())),
        ("raw/111122223333.jsonl", lines(&[answer("sagemaker:ListNotebookInstances", &json!({}), &json!({}))])),
        ("raw/111122223333/list.jsonl", "{\"NotebookInstances\":[]}\n".repeat(50)),
        ("raw/444455556666/list.jsonl", String::new()),
        ("report.html", "<!doctype html><title>Report</title>".to_owned()),
    ];
    texts.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec()
}

pub(crate) fn subject() -> Map<String, Value> {
    let Value::Object(subject) = json!({"scope": {"organization": "o-example", "accounts": 2},
        "exportedBy": "arn:aws:iam::111122223333:role/Auditor"})
    else {
        panic!("it is an object")
    };
    subject
}

pub(crate) fn created() -> Moment {
    "2026-11-23T09:30:00Z".parse().unwrap()
}

pub(crate) fn write(target: &Path, form: Form, files: &Files, signer: Option<&SigningKey>) -> Result<(), Failure> {
    let mut writer = Writer::create(target, form)?;
    for (name, bytes) in files {
        writer.put(name, bytes)?;
    }
    writer.finish(created(), subject(), signer).map(|_| ())
}

/// A bundle on the disk, and a key.
pub(crate) struct Bundle {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) form: Form,
}

/// A fixed key: the first test vector of RFC 8032, 7.1, as PKCS#8.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

pub(crate) fn signer() -> SigningKey {
    SigningKey::from_pem(KEY.as_bytes()).unwrap()
}

pub(crate) fn public() -> VerifyingKey {
    SigningKey::from_pem(KEY.as_bytes()).unwrap().public().clone()
}

impl Bundle {
    pub(crate) fn of(form: Form, files: &Files, signer: Option<&SigningKey>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(if form == Form::Zip { "evidence.zip" } else { "evidence" });
        write(&path, form, files, signer).unwrap();
        Self { folder, path, form }
    }

    /// A bundle of the files above.
    pub(crate) fn signed(form: Form) -> Self {
        Self::of(form, &files(), Some(&signer()))
    }

    pub(crate) fn unsigned(form: Form) -> Self {
        Self::of(form, &files(), None)
    }

    pub(crate) fn verify(&self) -> Verification {
        self.verify_with(&Request::default())
    }

    pub(crate) fn verify_with(&self, request: &Request<'_>) -> Verification {
        verify(&Source::open(&self.path).unwrap(), request).unwrap()
    }

    /// What is in it, the manifest and its signature too.
    pub(crate) fn content(&self) -> Files {
        if self.form == Form::Directory {
            let mut files = Vec::new();
            collect(&self.path, "", &mut files);
            return files;
        }
        let mut zip = zip::ZipArchive::new(Cursor::new(std::fs::read(&self.path).unwrap())).unwrap();
        let read = |index| {
            let mut entry = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        };
        (0..zip::ZipArchive::new(Cursor::new(std::fs::read(&self.path).unwrap())).unwrap().len()).map(read).collect()
    }

    /// Writes other files in place of those that are there, as somebody would who has no deployer.
    pub(crate) fn replace(&self, files: &Files) {
        if self.form == Form::Directory {
            std::fs::remove_dir_all(&self.path).unwrap();
            for (name, bytes) in files {
                let path = self.path.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, bytes).unwrap();
            }
        } else {
            std::fs::write(&self.path, packed(files)).unwrap();
        }
    }

    /// Changes the files in some way.
    pub(crate) fn change(&self, how: impl FnOnce(&mut Files)) {
        let mut files = self.content();
        how(&mut files);
        self.replace(&files);
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
}

/// A zip by another program.
pub(crate) fn packed(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(crate) fn file<'a>(files: &'a mut Files, name: &str) -> &'a mut Vec<u8> {
    &mut files.iter_mut().find(|(other, _)| other == name).unwrap_or_else(|| panic!("no {name}")).1
}

/// The digest of a bundle as `docs/evidence.md` defines it, made here anew: the manifest without `bundle`, compact,
/// its members sorted, and a line break.
pub(crate) fn digest(manifest: &str) -> String {
    let mut value: Value = serde_json::from_str(manifest).unwrap();
    value.as_object_mut().unwrap().remove("bundle");
    hexadecimal(&Sha256::digest(format!("{value}\n")))
}

/// Changes the text of the manifest as somebody would who knows how its digest is made.
pub(crate) fn forge(files: &mut Files, how: impl FnOnce(String) -> String) {
    let manifest = file(files, "manifest.json");
    let before = String::from_utf8(manifest.clone()).unwrap();
    let old = digest(&before);
    let after = how(before);
    let new = digest(&after);
    *manifest = after.replace(&old, &new).into_bytes();
}

/// The findings, as `kind path`.
pub(crate) fn told(verification: &Verification) -> Vec<String> {
    let mut told: Vec<String> = verification
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.kind.as_str(), finding.path.as_deref().unwrap_or("-")))
        .collect();
    told.sort();
    told
}
