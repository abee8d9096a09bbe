//! Bundles in a bucket.

use guard_tests::process::words;
use guard_tests::sandbox::{Denier, Effect, Fault, Refusal};

use crate::bundle::{Place, export_all, stage};
use crate::truth::{HOME, MANAGEMENT, OTHER};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_arrives_as_it_is_and_is_never_replaced() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    // In another Region than the caller's.
    world.put_bucket(MANAGEMENT, OTHER, "audit-evidence").unwrap();
    let to = ["--upload", "s3://audit-evidence/2026"];
    let ran = export_all(&stage, &[&["--out", &place.text("q3.zip")], &to[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(words(&ran.stderr).contains("does not lock objects"), "{}", ran.stderr);
    assert!(ran.stdout.contains("s3://audit-evidence/2026/q3.zip"), "{}", ran.stdout);
    let zip = std::fs::read(place.path("q3.zip")).unwrap();
    assert_eq!(world.object("audit-evidence", "2026/q3.zip").unwrap(), zip);
    std::fs::remove_file(place.path("q3.zip")).unwrap();
    let ran = export_all(&stage, &[&["--out", &place.text("q3.zip")], &to[..]].concat()).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert!(place.path("q3.zip").exists(), "the new one stays on the disk");
    assert_eq!(world.object("audit-evidence", "2026/q3.zip").unwrap(), zip);
    let ran = export_all(&stage, &[&["--out", &place.text("q3")], &to[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    for file in ["manifest.json", "raw/111111111111.jsonl", "report.html"] {
        let there = world.object("audit-evidence", &format!("2026/q3/{file}")).unwrap();
        assert_eq!(there, std::fs::read(place.path("q3").join(file)).unwrap(), "{file}");
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_locks_keeps_it() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    for bucket in ["with-default", "without-default", "without-lock"] {
        world.put_bucket(MANAGEMENT, HOME, bucket).unwrap();
    }
    world.lock_bucket("with-default", Some(("COMPLIANCE", 400))).unwrap();
    world.lock_bucket("without-default", None).unwrap();
    for (url, days, said) in [
        ("s3://without-default/x", None, "say it: --retain-days"),
        ("s3://without-lock/x", Some("30"), "does not lock objects"),
        ("s3://no-such-bucket/x", None, "there is no bucket `no-such-bucket`; nothing was read check the name"),
    ] {
        world.calls().clear();
        let days: Vec<&str> = days.into_iter().flat_map(|days| ["--retain-days", days]).collect();
        let ran = export_all(&stage, &[&["--out", &place.text("none.zip"), "--upload", url], &days[..]].concat()).await;
        assert!(ran.code == 2 || ran.code == 5, "{}", ran.shown());
        assert!(words(&ran.stderr).contains(said), "{}", ran.stderr);
        assert_eq!(world.calls().count("config", "DescribeConfigRules"), 0, "{url}");
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
    for (url, days) in [("s3://with-default/x", None), ("s3://without-default/x", Some("30"))] {
        let days: Vec<&str> = days.into_iter().flat_map(|days| ["--retain-days", days]).collect();
        let out = place.text(if days.is_empty() { "one.zip" } else { "two.zip" });
        let ran = export_all(&stage, &[&["--out", &out, "--upload", url], &days[..]].concat()).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        assert!(words(&ran.stdout).contains("locked until"), "{}", ran.stdout);
    }
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_is_confirmed_by_the_object_or_told_to_be_unconfirmed() {
    let (stage, place) = (stage().await, Place::new());
    let world = stage.world();
    world.put_bucket(MANAGEMENT, HOME, "audit-evidence").unwrap();
    world.lock_bucket("audit-evidence", Some(("COMPLIANCE", 400))).unwrap();
    let to = ["--upload", "s3://audit-evidence/x"];
    // Whoever may not read the object sees no header of it.
    let refusal = Refusal::new("AccessDenied", "Access Denied").with_status(403);
    world.faults().add(Fault::on("s3", "HeadObject", Effect::Refuse(refusal)));
    let ran = export_all(&stage, &[&["--out", &place.text("one.zip")], &to[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(words(&ran.stdout).contains("locked until"), "{}", ran.stdout);
    assert_eq!(world.calls().count("s3", "GetObjectRetention"), 1);
    world.faults().clear();
    // With this, S3 shows no lock, as if there were none.
    world.deny_action(MANAGEMENT, "s3:GetObjectRetention", Denier::Nobody).unwrap();
    let ran = export_all(&stage, &[&["--out", &place.text("two.zip")], &to[..]].concat()).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let said = words(&format!("{}{}", ran.stdout, ran.stderr));
    assert!(said.contains("its lock could not be confirmed") && said.contains("AccessDenied"), "{said}");
    assert!(!said.contains("locked until"), "{said}");
    assert!(world.object("audit-evidence", "x/two.zip").is_some());
    stage.sandbox.stop().await;
}
