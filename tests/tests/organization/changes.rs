//! What is asked for changes, and so does what is installed.

use aws_sdk_cloudformation::types::Parameter;
use guard_tests::sandbox::RecorderState;

use super::stage::{ACTIVE, HOME, MANAGEMENT, PAYMENTS, SEARCH, SET, Stage, TEST};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_goes_canary_first() {
    let stage = Stage::new().await;
    let first = stage.install(&[]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let ran = stage.install(&["--checks", "all", "--tag", "team=ml", "--canary", SEARCH]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("update the canary first"), "{}", ran.stdout);
    let updates = stage.world().calls().of("cloudformation", "UpdateStackSet");
    let targets: Vec<bool> =
        updates.iter().map(|call| call.body.contains(&format!("Accounts.member.1={SEARCH}"))).collect();
    assert_eq!(targets, [true, false], "the canary, then everybody");
    assert_eq!(stage.set().parameters["StudioVpcOnly"], "on");
    assert_eq!(stage.covered(HOME), ACTIVE);
    let again = stage.install(&["--checks", "all", "--tag", "team=ml", "--canary", SEARCH]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_version_is_not_replaced_unless_allowed() {
    let stage = Stage::new().await;
    let first = stage.install(&["--no-management-account"]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    newer(&stage).await;
    stage.world().calls().clear();
    let refused = stage.install(&["--no-management-account"]).await;
    assert_eq!(refused.code, 2, "{}", refused.shown());
    assert!(refused.stderr.contains("99.0.0") && refused.stderr.contains("--allow-downgrade"), "{}", refused.stderr);
    assert_eq!(stage.writes(), vec![]);
    let allowed = stage.install(&["--no-management-account", "--allow-downgrade"]).await;
    assert_eq!(allowed.code, 0, "{}", allowed.shown());
    assert_ne!(stage.set().parameters["Version"], "99.0.0");
    stage.sandbox.stop().await;
}

/// Gives the StackSet a version that nobody has, as a newer deployer would.
async fn newer(stage: &Stage) {
    let sdk = stage.sandbox.sdk(MANAGEMENT, HOME).unwrap();
    let client = aws_sdk_cloudformation::Client::new(&sdk.load().await);
    let parameters = stage.set().parameters.into_keys().map(|key| {
        let parameter = Parameter::builder().parameter_key(key.clone());
        if key == "Version" {
            parameter.parameter_value("99.0.0").build()
        } else {
            parameter.use_previous_value(true).build()
        }
    });
    let call = client.update_stack_set().stack_set_name(SET).use_previous_template(true);
    let call = call.set_parameters(Some(parameters.collect()));
    call.capabilities(aws_sdk_cloudformation::types::Capability::CapabilityNamedIam).send().await.unwrap();
    while stage.set().operations.iter().any(|operation| operation.status == "RUNNING") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_unit_is_added_and_one_that_is_left_out_keeps_what_it_has() {
    let stage = Stage::new().await;
    let first = stage.install(&["--ou", "Payments"]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let more = stage.install(&["--ou", "Payments", "--ou", "Test"]).await;
    assert_eq!(more.code, 0, "{}", more.shown());
    let is_named = |units: &str| more.stdout.contains(&format!("-> units={units}\n"));
    assert!(is_named("Prod/Payments, Test") || is_named("Test, Prod/Payments"), "{}", more.stdout);
    let adds = stage.world().calls().of("cloudformation", "CreateStackInstances");
    assert_eq!(adds.len(), 1);
    assert!(adds[0].body.contains(&stage.test) && !adds[0].body.contains("member.2=ou-"), "{}", adds[0].body);
    assert_eq!(stage.world().calls().count("cloudformation", "UpdateStackSet"), 0);
    assert_eq!(stage.covered(HOME), [PAYMENTS, TEST, "666666666666"]);
    let fewer = stage.install(&["--ou", "Test"]).await;
    assert_eq!(fewer.code, 0, "{}", fewer.shown());
    assert!(fewer.stdout.contains(&format!("keep what they have: {PAYMENTS}")), "{}", fewer.stdout);
    assert_eq!(stage.covered(HOME), [PAYMENTS, TEST, "666666666666"]);
    assert!(!stage.set().auto_deployment, "it would go on to cover whoever joins Payments");
    assert!(fewer.stdout.contains("it would also cover all of Prod/Payments"), "{}", fewer.stdout);
    let both = stage.install(&["--ou", "Prod", "--ou", "Test"]).await;
    assert!(both.code == 0 && stage.set().auto_deployment, "{}", both.shown());
    let fewer = stage.install(&["--account", SEARCH]).await;
    assert!(fewer.stdout.contains("that ends it also for the units that were covered before"), "{}", fewer.shown());
    assert!(!stage.set().auto_deployment);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_region_is_added_from_itself() {
    let stage = Stage::new().await;
    for account in [MANAGEMENT, PAYMENTS, SEARCH, TEST, "666666666666"] {
        stage.world().enable_region(account, "ap-south-1").unwrap();
        stage.world().set_recorder(account, "ap-south-1", &RecorderState::ALL).unwrap();
    }
    let first = in_region(&stage, "eu-west-1").await;
    assert_eq!(first.code, 0, "{}", first.shown());
    let second = in_region(&stage, "ap-south-1").await;
    assert_eq!(second.code, 0, "{}", second.shown());
    // The home Region is found from the record, and keeps its own stacks.
    assert_eq!(stage.covered("ap-south-1"), ACTIVE);
    assert_eq!(stage.covered("eu-west-1"), ACTIVE);
    let again = in_region(&stage, "ap-south-1").await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}

async fn in_region(stage: &Stage, region: &str) -> crate::runner::Ran {
    let code = super::stage::small();
    let flags = ["install", "--org", "--yes", "--region", region, "--code", code];
    super::stage::ran(stage.deployer(MANAGEMENT, &flags)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_of_somebody_else_is_never_touched() {
    let stage = Stage::new().await;
    let first = stage.install(&["--prefix", "other"]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    assert!(stage.world().stack_set(HOME, "other").is_some());
    stage.sandbox.stop().await;
}

/// Policies on the root bind everybody: `--yes` alone is not enough for that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_on_the_root_need_its_id() {
    let stage = Stage::new().await;
    let root = stage.root.clone();
    let flags = ["--deny-scp", "--scp-target", &root, "--break-glass", "BreakGlass", "--allow-root"];
    let flags = [&flags[..], &["--enable-policy-type"]].concat();
    for more in [&[][..], &["--confirm-root", "r-wxyz"]] {
        let refused = stage.install(&[&flags, more].concat()).await;
        assert_eq!(refused.code, 4, "{}", refused.shown());
        assert!(refused.stderr.contains(&format!("--confirm-root {root}")), "{}", refused.stderr);
        assert_eq!(stage.writes(), vec![]);
    }
    let agreed = [&flags[..], &["--confirm-root", &root]].concat();
    let ran = stage.install(&agreed).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert!(ran.stdout.contains("service control policies: attached"), "{}", ran.stdout);
    let again = stage.install(&agreed).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    stage.sandbox.stop().await;
}
