//! An account that has not enabled a Region: nothing can be there, and no report fails for it.

use aws_sdk_cloudformation::types as cf;
use guard_tests::process::words;
use guard_tests::sandbox::{Denier, StackSetsAccess};
use serde_json::json;

use crate::stage::{AGGREGATOR, BY_ROLE, Stage};
use crate::truth::{HOME, MANAGEMENT, OTHER, REGIONS};

/// An account that lacks the second Region.
const NARROW: &str = "666666666666";
const WHY: &str = "Region not enabled in the account; what may be left there cannot be seen";
const WHY_OF_STACKS: &str = "Region not enabled in the account, as CloudFormation told when a stack was to be made \
                             there; what may be left there cannot be seen";
const BOTH: [&str; 4] = ["--region", HOME, "--region", OTHER];

async fn narrow() -> (Stage, String) {
    let stage = Stage::new().await;
    let world = stage.world();
    let root = stage.root().await;
    world.add_account(NARROW).unwrap();
    world.enable_region(NARROW, HOME).unwrap();
    world.join(NARROW, &root).unwrap();
    stage.put_role(NARROW, &[crate::stage::policy(NARROW)]);
    stage.put_rule(NARROW, HOME, "root-access");
    (stage, root)
}

/// A StackSet of the installation's name that could not be put there.
async fn roll_out(stage: &Stage, root: &str) {
    stage.world().set_stack_sets_access(StackSetsAccess::Enabled).unwrap();
    let client = aws_sdk_cloudformation::Client::new(&stage.sdk().await);
    let template = json!({"Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}}}).to_string();
    let set = client.create_stack_set().stack_set_name("notebook-guard").template_body(template);
    let set = set.permission_model(cf::PermissionModels::ServiceManaged);
    set.auto_deployment(cf::AutoDeployment::builder().enabled(false).build()).send().await.unwrap();
    let targets = cf::DeploymentTargets::builder().organizational_unit_ids(root);
    let targets = targets.accounts(NARROW).account_filter_type(cf::AccountFilterType::Intersection).build();
    let instances = client.create_stack_instances().stack_set_name("notebook-guard").regions(HOME).regions(OTHER);
    let begun = instances.deployment_targets(targets).send().await.unwrap();
    let id = begun.operation_id().unwrap().to_owned();
    for looks in 0_u32.. {
        let operation = client.describe_stack_set_operation().stack_set_name("notebook-guard").operation_id(&id);
        if operation.send().await.unwrap().stack_set_operation().unwrap().end_timestamp().is_some() {
            return;
        }
        assert!(looks < 1_000, "the operation does not end");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_by_account_it_is_out_of_scope() {
    let (stage, _) = narrow().await;
    let told = stage.told(0, &BY_ROLE).await;
    assert_eq!(told.states()[&(NARROW.to_owned(), HOME.to_owned())], "read");
    assert_eq!(told.states()[&(NARROW.to_owned(), OTHER.to_owned())], "excluded");
    assert_eq!(told.why(NARROW, OTHER), WHY);
    // One that may not be asked for its Regions may be hiding something.
    stage.world().deny_action(NARROW, "ec2:DescribeRegions", Denier::Nobody).unwrap();
    let told = stage.told(3, &BY_ROLE).await;
    assert_eq!(told.states()[&(NARROW.to_owned(), OTHER.to_owned())], "unread");
    assert!(told.why(NARROW, OTHER).contains("UnrecognizedClientException"), "{}", told.why(NARROW, OTHER));
    // The caller's own account, and nothing else is asked for.
    let ran = stage.run(&["--region", "af-south-1"]).await;
    assert_eq!(ran.code, 3, "{}", ran.shown());
    let told = words(&ran.stdout);
    assert!(told.contains(&format!("out of scope: {WHY}")), "{}", ran.stdout);
    assert!(ran.stdout.contains("Nothing could be judged."), "{}", ran.stdout);
    stage.sandbox.stop().await;
}

/// The aggregator has no source there and does not say why; the StackSet does, as in `status`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_an_aggregator_the_stack_sets_tell() {
    let (stage, root) = narrow().await;
    stage.aggregate(AGGREGATOR, &REGIONS).await;
    roll_out(&stage, &root).await;
    // Without the record of the installation nobody knows where its StackSets are.
    let told = stage.told(3, &BOTH).await;
    assert_eq!(told.states()[&(NARROW.to_owned(), OTHER.to_owned())], "unread");
    assert!(told.why(NARROW, OTHER).starts_with("the aggregator has no such source"), "{}", told.why(NARROW, OTHER));
    stage.record(&format!("units={root};accounts=;exclude=;regions={HOME},{OTHER};management=on")).await;
    stage.world().calls().clear();
    let told = stage.told(0, &BOTH).await;
    assert_eq!(told.states()[&(NARROW.to_owned(), OTHER.to_owned())], "excluded");
    assert_eq!(told.why(NARROW, OTHER), WHY_OF_STACKS);
    let asked = stage.world().calls().count("cloudformation", "ListStackInstances");
    assert_eq!(asked, 2, "of one Region alone, and that there is no second StackSet");
    let html = stage.run(&[&["--org", "--format", "html"], &BOTH[..]].concat()).await;
    assert!(html.stdout.contains("as CloudFormation told"), "{}", html.stderr);
    stage.world().deny_action(MANAGEMENT, "cloudformation:ListStackInstances", Denier::Nobody).unwrap();
    let told = stage.told(3, &BOTH).await;
    assert_eq!(told.states()[&(NARROW.to_owned(), OTHER.to_owned())], "unread");
    stage.sandbox.stop().await;
}
