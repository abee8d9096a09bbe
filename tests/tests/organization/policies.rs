//! The service control policies of an installation that is there already.

use aws_config::retry::RetryConfig;

use super::stage::{HOME, MANAGEMENT, Stage, ran};
use crate::runner::Ran;

const GUARDRAIL: &str = "notebook-guard-guardrail";

async fn organizations(stage: &Stage) -> aws_sdk_organizations::Client {
    let loader = stage.sandbox.sdk(MANAGEMENT, HOME).unwrap();
    aws_sdk_organizations::Client::new(&loader.retry_config(RetryConfig::disabled()).load().await)
}

async fn status(stage: &Stage) -> Ran {
    ran(stage.deployer(MANAGEMENT, &["status", "--org", "--home-region", HOME])).await
}

/// The words of a run, however its lines were broken.
fn words(ran: &Ran) -> String {
    guard_tests::process::words(&ran.shown())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_was_detached_by_hand_is_told_and_attached_again() {
    let stage = Stage::new().await;
    let flags = ["--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass"];
    let ran = stage.install(&flags).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let stack = stage.world().stack(MANAGEMENT, HOME, GUARDRAIL).unwrap().unwrap();
    let (client, policy) = (organizations(&stage).await, stack.outputs["NetworkPolicyId"].clone());
    client.detach_policy().policy_id(&policy).target_id(&stage.test).send().await.unwrap();
    let told = status(&stage).await;
    assert!(words(&told).contains("the policy notebook-guard-network was detached from Test"), "{}", told.shown());
    let again = stage.install(&flags).await;
    assert_eq!(again.code, 0, "{}", again.shown());
    let line =
        format!("policy notebook-guard-network was detached from Test ({}) by hand: attach it again", stage.test);
    assert!(words(&again).contains(&line), "{}", again.shown());
    let third = stage.install(&flags).await;
    assert!(third.code == 0 && third.stdout.contains("Nothing to do."), "{}", third.shown());
    // A run that does not speak of policies leaves them, and that they were asked for, as they are.
    let without = stage.install(&[]).await;
    assert!(without.code == 0 && without.stdout.contains("Nothing to do."), "{}", without.shown());
    let told = status(&stage).await;
    assert!(words(&told).contains("notebook-guard-network is attached to Test"), "{}", told.shown());
    assert!(!words(&told).contains("detached"), "{}", told.shown());
    stage.world().disable_policies().unwrap();
    let told = status(&stage).await;
    let off = "service control policies are switched off in the organization, which detached all of them";
    assert!(words(&told).contains(off), "{}", told.shown());
    let refused = stage.install(&flags).await;
    assert!(refused.code != 0 && refused.stderr.contains("--enable-policy-type"), "{}", refused.shown());
    let back = stage.install(&[&flags[..], &["--enable-policy-type"]].concat()).await;
    assert!(back.code == 0 && words(&back).contains("which detached them: attach them again"), "{}", back.shown());
    assert!(words(&status(&stage).await).contains("notebook-guard-network is attached to Test"));
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_that_were_asked_for_and_never_came_are_missed() {
    let stage = Stage::new().await;
    stage.world().add_unit(&stage.root, "Empty").unwrap();
    let flags = ["--ou", "Empty", "--deny-scp", "--scp-target", "Test", "--break-glass", "BreakGlass"];
    let ran = stage.install(&flags).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let told = status(&stage).await;
    let line = "service control policies were asked for and are not attached: no stack notebook-guard-guardrail in";
    assert!(words(&told).contains(line), "{}", told.shown());
    stage.sandbox.stop().await;
}

/// What protects a conformance pack protects nothing once there is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_does_not_go_while_a_policy_protects_it() {
    let stage = Stage::new().await;
    let flags = ["--deny-scp", "--scp-target", "Test", "--scp-target", "Prod", "--break-glass", "BreakGlass"];
    let flags = [&flags[..], &["--studio", "--tamper-scp", "--conformance-pack"]].concat();
    let ran = stage.install(&flags).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let refused = stage.install(&[]).await;
    assert_ne!(refused.code, 0, "{}", refused.shown());
    assert!(words(&refused).contains("the policy notebook-guard-tamper is attached"), "{}", refused.shown());
    // Fewer targets, less protection: said before it is done.
    let less = ["--deny-scp", "--scp-target", "Test", "--break-glass", "OnCall", "--conformance-pack", "--dry-run"];
    let told = stage.install(&less).await;
    for line in [
        &format!("not bound any more, because --scp-target does not name it: Prod ({})", stage.prod),
        "public Studio domains are not denied any more",
        "the policy notebook-guard-tamper goes",
        "break-glass: arn:aws:iam::*:role/BreakGlass -> arn:aws:iam::*:role/OnCall",
    ] {
        assert!(words(&told).contains(line), "{line}: {}", told.shown());
    }
    stage.sandbox.stop().await;
}
