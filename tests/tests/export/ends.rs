//! An export that does not come to its end leaves no bundle.

use std::process::{Command, Stdio};
use std::time::Duration;

use guard_tests::kill::run_until;
use guard_tests::process::words;
use guard_tests::sandbox::Hold;
use tokio::time::sleep;

use crate::bundle::{PERIOD, Place, export_all, exporter, stage, verify};
use crate::stage::BY_ROLE;
use crate::truth::MANAGEMENT;

/// Nothing under the target's name, and nothing that verifies.
fn leaves_nothing(place: &Place) {
    for name in place.names() {
        assert!(name.ends_with(".partial"), "{name}");
        let ran = verify(&[&place.text(&name)]);
        assert_eq!(ran.code, 2, "{}", ran.shown());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_some_of_its_calls() {
    let stage = stage().await;
    let mut number = 1;
    loop {
        let place = Place::new();
        let out = place.text("bundle.zip");
        let arguments = [&["--org", "--out", &out], &BY_ROLE[..], &PERIOD].concat();
        let command = exporter(&stage, MANAGEMENT, &arguments);
        let run = run_until(stage.world(), command.into(), number, Hold::After).await.unwrap();
        if run.killed_at.is_none() {
            assert!(run.status.success(), "{}", run.stderr);
            assert_eq!(verify(&[&out]).code, 0);
            break;
        }
        leaves_nothing(&place);
        number += 11;
    }
    assert!(number > 50, "{number}");
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted() {
    let (stage, place) = (stage().await, Place::new());
    let out = place.text("bundle");
    let arguments = [&["--org", "--out", &out], &BY_ROLE[..], &PERIOD].concat();
    let trap = stage.world().calls().hold_at(30, Hold::Before);
    let mut command = exporter(&stage, MANAGEMENT, &arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    trap.reached().await;
    // The handler is there once work has begun.
    sleep(Duration::from_millis(100)).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    drop(trap);
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("there is no bundle"), "{stderr}");
    assert!(place.names().is_empty(), "{:?}", place.names());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_is_never_replaced() {
    let (stage, place) = (stage().await, Place::new());
    std::fs::write(place.path("bundle.zip"), "mine").unwrap();
    stage.world().calls().clear();
    let ran = export_all(&stage, &["--out", &place.text("bundle.zip")]).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert!(stage.world().calls().all().is_empty(), "it is told before anything is asked");
    for (flags, said) in [
        (
            &["--from", "2026-11-01", "--to", "2026-10-01"][..],
            "--from 2026-11-01T00:00:00Z is not before --to 2026-10-01T23:59:59Z",
        ),
        (&["--from", "2026-11-01", "--to", "2099-01-01"], "--to 2099-01-01T23:59:59Z is in the future"),
        (&["--from", "2099-01-01"], "--from 2099-01-01T00:00:00Z is in the future"),
        (&["--sign", "alias/no-such-key"], "there is no KMS key `alias/no-such-key` in eu-west-1"),
        (&["--sign", "no-such.key"], "cannot be read"),
    ] {
        let ran = export_all(&stage, &[&["--out", &place.text("other")], flags].concat()).await;
        assert_eq!(ran.code, 2, "{}", ran.shown());
        let words = words(&ran.stderr);
        assert!(words.contains(said), "{}", ran.stderr);
        assert!(!words.contains("run the same command again"), "{}", ran.stderr);
    }
    let ran = export_all(&stage, &["--out", &place.text("q3.tar.gz")]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("a bundle is a zip or a folder"), "{}", ran.stderr);
    stage.sandbox.stop().await;
}
