//! What is asked for: filters, files, exit codes.

use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::process::words;
use guard_tests::sandbox::{Domain, Effect, Fault};
use serde_json::json;

use crate::runner::{Ran, run, too_wide};
use crate::stage::{AGGREGATOR, BY_ROLE, ROLE, Stage};
use crate::truth::{CHECKS, EMPTY, HOME, MANAGEMENT, OLD, OTHER, PAYMENTS, Result, SEARCH, STUDIO, results};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn findings_fail_when_they_are_asked_to() {
    let stage = Stage::new().await;
    let with = |flags: &'static [&'static str]| [&BY_ROLE[..], flags].concat();
    stage.told(3, &with(&["--fail-on", "non-compliant"])).await;
    stage.told(3, &with(&["--fail-on", "no-data"])).await;
    stage.told(0, &with(&["--fail-on", "non-compliant", "--account", MANAGEMENT])).await;
    stage.told(0, &with(&["--fail-on", "no-data", "--account", MANAGEMENT])).await;
    stage.told(3, &with(&["--fail-on", "no-data", "--account", EMPTY])).await;
    // What is exempt is no finding; what was exempt is one.
    stage.told(0, &with(&["--fail-on", "non-compliant", "--notebook", "vendor"])).await;
    stage.told(3, &with(&["--fail-on", "non-compliant", "--notebook", "late"])).await;
    // One that has expired since the rule ran is one, too.
    let lapsed = results().into_iter().find(|one| one.account == MANAGEMENT && one.check == "root-access").unwrap();
    let annotation = Some("exempt until 2026-10-31 (SEC-9): a while".to_owned());
    stage.put_result(&Result { word: "NOT_APPLICABLE".to_owned(), annotation, ..lapsed });
    stage.told(3, &with(&["--fail-on", "non-compliant", "--account", MANAGEMENT])).await;
    // A notebook without a result is no data.
    stage.told(3, &with(&["--fail-on", "no-data", "--account", SEARCH])).await;
    stage.sandbox.stop().await;
}

/// A default installation judges notebooks alone. A Studio domain is then told of, and no gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_is_no_gap_where_no_check_of_domains_is_installed() {
    let stage = Stage::new().await;
    let world = stage.world();
    world.put_domain(MANAGEMENT, HOME, Domain::new("d-zyxwvutsrqpo", "lab", "VpcOnly")).unwrap();
    let of_notebooks = ["direct-internet-access", "root-access"];
    stage.delete_rule(CHECKS[2]).await;
    let flags = [&BY_ROLE[..4], &["--fail-on", "no-data", "--account", MANAGEMENT]].concat();
    let told = stage.told(0, &flags).await;
    assert_eq!(told.states()[&(MANAGEMENT.to_owned(), HOME.to_owned())], "read");
    assert_eq!(told.place(MANAGEMENT, HOME)["checks"], json!(of_notebooks));
    assert_eq!(told.place(MANAGEMENT, HOME)["notJudged"], 1);
    let resources =
        json!({"listed": 2, "evaluated": 1, "listedNotEvaluated": 0, "evaluatedNotListed": 0, "notJudged": 1});
    assert_eq!(told.totals()["resources"], resources);
    let one = &told.0["notJudged"][0];
    let why = "no installed check applies to Studio domains: studio-vpc-only is not installed";
    assert_eq!((&one["name"], &one["notJudged"]), (&json!("lab"), &json!(why)));
    // Whoever asks for the check is told that it is not there.
    let told = stage.told(3, &[&flags[..], &["--check", "studio-vpc-only"]].concat()).await;
    assert!(told.why(MANAGEMENT, HOME).contains("no rule of studio-vpc-only"), "{:?}", told.0);
    assert_eq!(told.totals()["resources"]["listedNotEvaluated"], 1);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_narrow_what_is_told() {
    let stage = Stage::new().await;
    let truth = |wanted: &dyn Fn(&Result) -> bool| results().into_iter().filter(wanted).collect::<Vec<_>>();
    let told = stage.told(0, &[&BY_ROLE[..], &["--ou", "Prod/Payments", "--account", SEARCH]].concat()).await;
    assert_eq!(told.results(), truth(&|one| [PAYMENTS, SEARCH].contains(&one.account.as_str())));
    assert_eq!(told.states().len(), 4);
    assert_eq!(told.0["meta"]["asked"].as_array().unwrap().len(), 3, "{}", told.0["meta"]);
    let told = stage.told(0, &[&BY_ROLE[..], &["--check", "root-access"]].concat()).await;
    assert_eq!(told.results(), truth(&|one| one.check == "root-access"));
    assert_eq!(told.totals()["resources"]["listed"], 8, "domains are not judged by it");
    let told = stage.told(0, &[&BY_ROLE[..], &["--notebook", "l*"]].concat()).await;
    assert_eq!(told.results(), truth(&|one| one.id.contains("/l")));
    assert_eq!(told.totals()["resources"]["listed"], 2);
    let sum: u64 = told.0["places"].as_array().unwrap().iter().map(|place| place["resources"].as_u64().unwrap()).sum();
    assert_eq!(sum, 2);
    let told = stage.told(0, &["--assume-role", ROLE, "--region", OTHER]).await;
    assert_eq!(told.results(), truth(&|one| one.region == OTHER));
    stage.sandbox.stop().await;
}

/// Standard error without its line ends, which are where the width is.
fn said(ran: &Ran) -> String {
    words(&ran.stderr)
}

/// A slip of the pen is not to look like an organization without findings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_nothing_matches_is_told_and_is_no_success() {
    let stage = Stage::new().await;
    for (flags, told, verdict) in [
        (
            &["--notebook", "fruad", "--fail-on", "non-compliant"][..],
            "--notebook fruad matches no notebook or domain; did you mean `fraud`? there are admin, batch, fraud, gone, index and more",
            "No notebook or domain matches what was asked for.",
        ),
        (&["--notebook", "fruad"], "did you mean `fraud`?", "No notebook or domain matches what was asked for."),
        (&["--notebook", "admin", "--notebook", "zzz"], "--notebook zzz matches no", "not everything was judged."),
        (
            &["--check", "imds-v2", "--fail-on", "no-data"],
            "--check imds-v2: no such rule was seen; there are: direct-internet-access, root-access, studio-vpc-only",
            "Nothing could be judged.",
        ),
        (&["--check", "imds-v2", "--check", "root-access"], "--check imds-v2: no such rule was seen", "do not comply"),
        (
            &["--prefix", "guard"],
            "no rule of guard was seen; rules of the prefix notebook-guard are there (--prefix notebook-guard)",
            "Nothing could be judged.",
        ),
    ] {
        let ran = stage.run(&[&["--org"], &BY_ROLE[..], flags].concat()).await;
        assert_eq!(ran.code, 3, "{flags:?}: {}", ran.shown());
        assert!(said(&ran).contains(told), "{flags:?}: {}", ran.shown());
        assert!(ran.stdout.contains(verdict), "{flags:?}: {}", ran.shown());
    }
    let told = stage.told(3, &[&BY_ROLE[..], &["--check", "imds-v2"]].concat()).await;
    let why = "no rule of imds-v2; the checks installed there are direct-internet-access, root-access, studio-vpc-only";
    assert!(told.why(MANAGEMENT, HOME).starts_with(why), "{}", told.why(MANAGEMENT, HOME));
    // Everything that was asked for is out of scope.
    let told = stage.told(3, &[&BY_ROLE[..], &["--account", OLD]].concat()).await;
    assert_eq!(told.totals()["places"]["excluded"], 2);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aggregator_tells_of_filters_that_nothing_matches_too() {
    let stage = Stage::new().await;
    stage.aggregate(AGGREGATOR, &[HOME, OTHER]).await;
    for (flags, told) in [
        (&["--notebook", "ledgre"][..], "did you mean `ledger`?"),
        (&["--check", "imds-v2"], "no such rule has a result in the aggregator; there are: direct-internet-access"),
        (&["--prefix", "guard"], "no rule of guard has a result in the aggregator; rules of the prefix notebook-guard"),
    ] {
        let ran = stage.run(&[&["--org", "--region", HOME, "--region", OTHER], flags].concat()).await;
        assert_eq!(ran.code, 3, "{flags:?}: {}", ran.shown());
        assert!(said(&ran).contains(told), "{flags:?}: {}", ran.shown());
    }
    stage.sandbox.stop().await;
}

/// The codes of `docs/report.md`, each but 130, which has a test of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_exit_code() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.txt");
    std::fs::write(&file, "mine").unwrap();
    let home = ["--region", HOME];
    let code = async |flags: &[&str]| stage.run_as(PAYMENTS, &[&home[..], flags].concat()).await.code;
    assert_eq!(code(&[]).await, 0, "violations are no failure");
    for format in ["table", "json", "csv", "html", "ocsf", "asff"] {
        let mut full = stage.command(PAYMENTS, &["--region", HOME, "--format", format]);
        full.stdout(std::fs::File::create("/dev/full").unwrap());
        let ended: Ran = tokio::task::spawn_blocking(move || full.output().unwrap().into()).await.unwrap();
        assert!(ended.code == 1 && ended.stderr.contains("No space left"), "{format}: {}", ended.shown());
    }
    assert_eq!(code(&["--check", "nonsense"]).await, 2);
    assert_eq!(code(&["--fail-on", "non-compliant"]).await, 3);
    assert_eq!(code(&["--notebook", "zzz"]).await, 3);
    assert_eq!(code(&["--check", "imds-v2"]).await, 3);
    assert_eq!(code(&["--out", file.to_str().unwrap()]).await, 4);
    let nowhere = folder.path().join("reports").join("report.txt");
    let ran = stage.run_as(PAYMENTS, &["--region", HOME, "--out", nowhere.to_str().unwrap()]).await;
    assert!(ran.code == 2 && said(&ran).contains("make the folder first: mkdir -p"), "{}", ran.shown());
    // Nothing is installed there.
    assert_eq!(stage.run_as(EMPTY, &home).await.code, 3);
    // AWS Config has no data, and says so: that is no failure while another place has some.
    stage.put_rule(PAYMENTS, HOME, "imds-v2");
    assert_eq!(code(&[]).await, 0);
    assert_eq!(code(&["--fail-on", "no-data"]).await, 3);
    // Read in part, because a call failed; then nothing.
    let throttle = |service, call| Fault::on(service, call, Effect::Throttle).at(PAYMENTS, HOME);
    stage.world().faults().add(throttle("sagemaker", "ListDomains"));
    assert_eq!(code(&[]).await, 3);
    stage.world().faults().add(throttle("sagemaker", "ListNotebookInstances"));
    stage.world().faults().add(throttle("config", "DescribeConfigRules"));
    assert_eq!(code(&[]).await, 5);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_meant_is_told_before_anything_is_read() {
    let stage = Stage::new().await;
    for (flags, told) in [
        (&["--account", PAYMENTS][..], "--org"),
        (
            &["--org", "--assume-role", ROLE, "--account", "999999999999", "--region", HOME],
            "is not in the organization",
        ),
        (&["--org", "--assume-role", ROLE, "--account", "222222222223", "--region", HOME], "did you mean"),
        (&["--org", "--assume-role", ROLE, "--ou", "Nowhere", "--region", HOME], "no organizational unit `Nowhere`"),
        (&["--org", "--assume-role", ROLE, "--aggregator", "x"], "cannot be used with"),
        (&["--org", "--assume-role", ROLE], "which Regions the installation covers is recorded nowhere"),
        (&["--org", "--account", "12"], "an account is expected"),
        (&["--notebook", "a b"], "it is"),
        (&["--check", "nonsense"], "nonsense"),
        (&["--check", "root-acess"], "did you mean `root-access`?"),
        (
            &["--org", "--assume-role", "arn:aws:iam::222222222222:role/audit/Reader"],
            "give the role's NAME, which is the same in every account, and no ARN: audit/Reader",
        ),
        (&["--region", "eu-wset-1"], "there is no Region eu-wset-1; did you mean `eu-west-1`?"),
        (&["--out", "/nonexistent/report.html", "--format", "json"], "is a name for html, and the format is json"),
        (&["--out", "/nonexistent/report.HTML"], "add --format html, or choose another name"),
        (&["--out", "/"], "is a folder"),
    ] {
        let ran = stage.run(flags).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{flags:?}: {}", ran.shown());
        assert!(said(&ran).contains(told), "{flags:?}: {}", ran.stderr);
    }
    assert_eq!(stage.world().calls().count("sts", "AssumeRole"), 0);
    stage.sandbox.stop().await;
}

/// What is installed where is read from the record of the installation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_of_the_installation_gives_regions_and_targets() {
    let stage = Stage::new().await;
    let units = stage.told(0, &BY_ROLE).await;
    assert_eq!(units.states().len(), 10);
    let targets = format!("units=;accounts={PAYMENTS};exclude=;regions={OTHER};management=off");
    stage.record(&targets).await;
    let told = stage.told(0, &["--assume-role", ROLE]).await;
    let read = |account: &str| told.states()[&(account.to_owned(), OTHER.to_owned())].to_owned();
    assert_eq!(told.states().len(), 5, "one Region");
    assert_eq!((read(PAYMENTS).as_str(), read(SEARCH).as_str(), read(OLD).as_str()), ("read", "excluded", "excluded"));
    assert_eq!(told.why(MANAGEMENT, OTHER), "the installation leaves the management account out");
    assert_eq!(told.why(SEARCH, OTHER), "it is no target of the installation");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_there_whole_and_replaces_none() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.txt");
    let path = file.to_str().unwrap().to_owned();
    let ran = stage.run_as(PAYMENTS, &["--region", HOME, "--out", &path]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.shown());
    assert!(said(&ran).contains("report.txt` was written ("), "{}", ran.stderr);
    assert!(said(&ran).contains("3 of 5 notebooks and domains do not comply."), "{}", ran.stderr);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("fraud") && !text.contains('\u{1b}'), "{text}");
    stage.world().calls().clear();
    let ran = stage.run_as(PAYMENTS, &["--region", HOME, "--out", &path]).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert!(ran.stderr.contains("is there already") && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(stage.world().calls().total(), 0);
    let ran = stage.run_as(PAYMENTS, &["--region", HOME, "--format", "json", "--out", &path, "--force"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with('{'));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(left, ["report.txt"]);
    stage.sandbox.stop().await;
}

#[test]
fn help_fits_80_columns() {
    let ran = run(&["report", "--help"]);
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!("help", ran.shown());
}

/// Ctrl-C: nothing is left, and nothing says that it is a report.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_report_is_none() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    stage.world().set_latency(Duration::from_millis(400));
    let arguments = [&["--org", "--format", "json", "--out", file.to_str().unwrap()], &BY_ROLE[..]].concat();
    let mut command = stage.command(MANAGEMENT, &arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id().to_string();
    // It is in the middle of the organization.
    for looks in 0_u32.. {
        if stage.world().calls().count("organizations", "ListRoots") > 0 {
            break;
        }
        assert!(looks < 1_000, "it never began");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ran: Ran = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().into()).await.unwrap();
    assert_eq!((ran.code, ran.stdout.as_str()), (130, ""), "{}", ran.shown());
    assert!(ran.stderr.contains("the report is not whole"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    stage.sandbox.stop().await;
}

/// What each form says is the business of the reports' own tests; here each comes out of the command.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_format_has_every_violation() {
    let stage = Stage::new().await;
    let violations = results().into_iter().filter(|one| one.word == "NON_COMPLIANT");
    let ids: Vec<String> = violations.map(|one| one.id).collect();
    for format in ["table", "json", "csv", "html", "ocsf", "asff"] {
        let ran = stage.run(&[&["--org", "--format", format, "--all"], &BY_ROLE[..]].concat()).await;
        assert_eq!(ran.code, 0, "{format}: {}", ran.shown());
        for id in &ids {
            let name = id.rsplit('/').next().unwrap();
            let name = if name == STUDIO.2 && ["table", "html"].contains(&format) { STUDIO.3 } else { name };
            assert!(ran.stdout.contains(name), "{format}: {name}");
        }
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_for_people() {
    let stage = Stage::new().await;
    let ran = stage.run(&[&["--org"], &BY_ROLE[..]].concat()).await;
    let text = regex::Regex::new(r"o-[a-z0-9]{10}|\d{4}-\d\d-\d\dT[\d:]+Z").unwrap();
    insta::assert_snapshot!("table", text.replace_all(&ran.shown(), "…"));
    stage.sandbox.stop().await;
}
