//! An organization whose truth is known.

use crate::bundle::{Place, export, json, rows, verify};
use crate::stage::{BY_ROLE, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization() {
    let stage = Stage::new().await;
    let place = Place::new();
    let out = place.text("bundle");
    let ran = export(&stage, &[&["--org", "--out", &out, "--from", "2026-09-01"], &BY_ROLE[..]].concat()).await;
    println!("{}", ran.shown());
    let verified = verify(&[&out]);
    println!("{}", verified.shown());
    for name in ["timeline.jsonl", "remediation.jsonl", "functions.jsonl", "stacks.jsonl", "exemptions.jsonl"] {
        println!("== {name}");
        if place.path("bundle").join(name).exists() {
            rows(&place.path("bundle"), name).iter().for_each(|row| println!("{row}"));
        }
    }
    println!("{:#}", json(&place.path("bundle"), "report.json"));
    let _ = std::process::Command::new("cp").args(["-r", &out, "/tmp/exp-bundle"]).status();
    panic!("look");
}
