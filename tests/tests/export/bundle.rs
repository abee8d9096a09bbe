//! Exports, and bundles as they came.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use guard_tests::sandbox::{ConfigurationItem, FunctionSpec, Instant, StackSpec};
use serde_json::{Value, json as value};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::runner::{Ran, command, run};
use crate::stage::{BY_ROLE, ROLE, Stage, rule};
use crate::truth::{EMPTY, GUARDED, HOME, MANAGEMENT, NOTEBOOK, PAYMENTS, REGIONS, SEARCH, arn};

/// The period of the history.
pub(crate) const PERIOD: [&str; 4] = ["--from", "2026-10-01", "--to", "2026-11-01T00:00:00Z"];
/// The function of the rules.
pub(crate) const FUNCTION: &str = "notebook-guard-evaluator";
/// The first second of the history, and a day, in milliseconds.
const OCTOBER: i64 = 1_790_812_800_000;
const DAY: i64 = 86_400_000;

/// The stage of the reports, installed as it should be, with roles that may read for evidence too, and a history of one
/// notebook.
pub(crate) async fn stage() -> Stage {
    let stage = Stage::new().await;
    install(&stage).await;
    for account in [PAYMENTS, SEARCH, EMPTY] {
        stage.put_role(account, &[policy(&["--account", account])]);
    }
    let (open, root) = ("direct-internet-access", "root-access");
    for (day, results) in [
        (2, [(open, "NON_COMPLIANT"), (root, "COMPLIANT")]),
        (5, [(open, "NON_COMPLIANT"), (root, "NON_COMPLIANT")]),
        (7, [(open, "NON_COMPLIANT"), (root, "COMPLIANT")]),
        (20, [(open, "NON_COMPLIANT"), (root, "NON_COMPLIANT")]),
    ] {
        let rules: Vec<Value> = results
            .iter()
            .map(|(check, word)| value!({"configRuleName": rule(check), "complianceType": word}))
            .collect();
        recorded(&stage, "fraud", day, "AWS::Config::ResourceCompliance", &value!({"configRuleList": rules}));
    }
    recorded(&stage, "fraud", 3, NOTEBOOK, &value!({"RootAccess": "Disabled"}));
    stage
}

/// The record of the installation, and in each place that has rules the stack, and the function with its artifact.
async fn install(stage: &Stage) {
    let world = stage.world();
    stage.record(&format!("accounts={PAYMENTS},{SEARCH},{EMPTY};regions={};management=on", REGIONS.join(","))).await;
    let zip = artifact();
    let digits: Vec<String> = Sha256::digest(&zip).iter().map(|byte| format!("{byte:02x}")).collect();
    let sha256 = digits.concat();
    let bucket = format!("notebook-guard-{MANAGEMENT}-{HOME}");
    world.put_bucket(MANAGEMENT, HOME, &bucket).unwrap();
    let key = format!("notebook-guard/1.0.0/{sha256}/bootstrap-arm64.zip");
    world.put_object(&bucket, &key, zip.clone()).unwrap();
    let text = |default: &str| value!({"Type": "String", "Default": default});
    let parameters = value!({"Version": text("1.0.0"), "ArtifactSha256": text(&sha256), "Architecture": text("arm64")});
    let template = value!({"Parameters": parameters, "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}});
    for (account, region) in GUARDED.into_iter().flat_map(|account| REGIONS.map(|region| (account, region))) {
        let stack = StackSpec::new("notebook-guard", "CREATE_COMPLETE").tag("notebook-guard:managed", "true");
        let stack = StackSpec { template: Some(template.to_string()), ..stack };
        world.put_stack_in_state(account, region, &stack).unwrap();
        world.install_function(account, region, FunctionSpec::new(FUNCTION, "/does/not/exist")).unwrap();
        world.set_function_code(account, region, FUNCTION, zip.clone()).unwrap();
    }
}

/// A package with the exemption of `vendor`.
pub(crate) fn artifact() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let exemption = value!({"account": PAYMENTS, "region": HOME, "notebook": "vendor", "check": "root-access",
        "reason": "the vendor's driver (v2) needs it", "owner": "research", "ticket": "SEC-7",
        "approved_by": "ciso@example.com", "expires": "2027-01-31"});
    let exemptions = value!({"version": 1, "exemptions": [exemption]}).to_string();
    for (name, text) in [("bootstrap", "#!/bin/sh\n"), ("exemptions.json", &exemptions)] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Puts an item of a day of October into the history of a notebook of the payments account.
pub(crate) fn recorded(stage: &Stage, name: &str, day: i64, kind: &str, configuration: &Value) {
    put(stage, name, day, (kind, "OK", Some(configuration)));
}

/// Deletes a notebook that only the history knows.
pub(crate) fn deleted(stage: &Stage, name: &str, day: i64) {
    put(stage, name, day, (NOTEBOOK, "ResourceDeleted", None));
}

fn put(stage: &Stage, name: &str, day: i64, (kind, status, configuration): (&str, &str, Option<&Value>)) {
    let of = arn(PAYMENTS, HOME, name);
    let item = ConfigurationItem {
        resource_type: kind.to_owned(),
        resource_id: if kind == NOTEBOOK { of.clone() } else { format!("{NOTEBOOK}/{of}") },
        resource_name: None,
        arn: of,
        status: status.to_owned(),
        captured: Instant(OCTOBER + (day - 1) * DAY),
        created: None,
        configuration: configuration.cloned(),
        tags: std::collections::BTreeMap::new(),
        daily: false,
    };
    stage.world().seed_history(PAYMENTS, HOME, item).unwrap();
}

/// What `render operator-policy --purpose evidence` prints.
pub(crate) fn policy(flags: &[&str]) -> Value {
    let ran = run(&[&["render", "operator-policy", "--purpose", "evidence"], flags].concat());
    assert_eq!(ran.code, 0, "{}", ran.shown());
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The policy of whoever exports from all accounts.
pub(crate) fn policy_of_exporter() -> Value {
    policy(&["--account", MANAGEMENT, "--org", "--assume-role", ROLE])
}

/// An export of the whole organization, account by account.
pub(crate) async fn export_all(stage: &Stage, arguments: &[&str]) -> Ran {
    export(stage, &[&["--org"], &BY_ROLE[..], arguments].concat()).await
}

/// A folder for bundles and keys.
pub(crate) struct Place(pub(crate) TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What there is in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The command as somebody of an account runs it.
pub(crate) fn exporter(stage: &Stage, account: &str, arguments: &[&str]) -> Command {
    let mut command = command(&[&["evidence", "export"], arguments].concat());
    command.envs(stage.sandbox.environment(account, HOME).unwrap());
    // What is throttled for good is not to take a minute.
    command.env("AWS_MAX_ATTEMPTS", "2");
    command
}

pub(crate) async fn export_as(stage: &Stage, account: &str, arguments: &[&str]) -> Ran {
    let mut command = exporter(stage, account, arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
}

pub(crate) async fn export(stage: &Stage, arguments: &[&str]) -> Ran {
    export_as(stage, MANAGEMENT, arguments).await
}

/// What `evidence verify` says.
pub(crate) fn verify(arguments: &[&str]) -> Ran {
    run(&[&["evidence", "verify"], arguments].concat())
}

/// The lines of a file.
pub(crate) fn rows(bundle: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(bundle.join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn json(bundle: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(bundle.join(name)).unwrap()).unwrap()
}
