//! Somebody takes away or changes what was installed, behind CloudFormation's back.

use guard_tests::process::words;
use guard_tests::sandbox::{Effect, Fault, Refusal};

use crate::stage::{ACCOUNT, Stage, events};

const REGION: &str = "eu-west-1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_is_gone_is_told_and_made_anew() {
    for flags in [&[][..], &["--conformance-pack"]] {
        let stage = Stage::with(&[REGION]).await;
        assert_eq!(stage.install(flags).await.code, 0);
        let stack = stage.stack(REGION, "notebook-guard").unwrap();
        let (kind, logical) = match flags {
            [] => ("AWS::Config::ConfigRule", "RootAccessRule"),
            _ => ("AWS::Config::ConformancePack", "Pack"),
        };
        let physical = &stack.resources[logical].physical_id;
        stage.world().remove_resource(ACCOUNT, REGION, kind, physical).unwrap();
        stage.world().calls().clear();
        let told = stage.install(flags).await;
        assert_eq!(told.code, 3, "{}", told.shown());
        let said = words(&told.stderr);
        assert!(said.contains("the rule notebook-guard-root-access is gone") && said.contains("--repair"), "{said}");
        assert_eq!(stage.writes(), vec![], "telling of it changes nothing");
        let repaired = stage.install(&[&["--repair"], flags].concat()).await;
        assert_eq!(repaired.code, 0, "{}", repaired.shown());
        let after = stage.stack(REGION, "notebook-guard").unwrap();
        assert_eq!(after.id, stack.id, "the log and the results of the other rules stay");
        let again = stage.install(flags).await;
        assert_eq!(again.code, 0, "{}", again.shown());
        stage.sandbox.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_code_in_our_function_is_told_and_replaced() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().set_function_code(ACCOUNT, REGION, "notebook-guard-evaluator", zip()).unwrap();
    let told = stage.install(&["--format", "json"]).await;
    assert_eq!(told.code, 3, "{}", told.shown());
    let events = events(&told);
    let damage = events.iter().find(|event| event["event"] == "damage").unwrap();
    assert_eq!(
        damage["damage"][0]["message"],
        "the function notebook-guard-evaluator runs other code than was installed"
    );
    let repaired = stage.install(&["--repair"]).await;
    assert_eq!(repaired.code, 0, "{}", repaired.shown());
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.sandbox.stop().await;
}

/// A function that runs other code is made anew with its stack, unless somebody forbids that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_stack_is_told_before_anything_is_written() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    stage.world().set_function_code(ACCOUNT, REGION, "notebook-guard-evaluator", zip()).unwrap();
    stage.world().set_stack_protected(ACCOUNT, REGION, "notebook-guard", true).unwrap();
    stage.world().calls().clear();
    let ran = stage.install(&["--repair"]).await;
    assert_eq!(ran.code, 2, "{}", ran.shown());
    assert!(ran.stderr.contains("update-termination-protection"), "{}", ran.stderr);
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

/// Rules that cannot be read are not said to be fine.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_looked_at_is_not_fine() {
    let stage = Stage::with(&[REGION]).await;
    assert_eq!(stage.install(&[]).await.code, 0);
    let refusal = Effect::Refuse(Refusal::new("AccessDeniedException", "no"));
    stage.world().faults().add(Fault::on("config", "DescribeConfigRules", refusal));
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    stage.sandbox.stop().await;
}

fn zip() -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    zip.write_all(b"#!/bin/sh\n").unwrap();
    zip.finish().unwrap().into_inner()
}
