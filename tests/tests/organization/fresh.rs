//! A first installation, and the second that finds nothing to do.

use super::stage::{ACTIVE, HOME, MANAGEMENT, OLD, OTHER, REGIONS, Stage, events, ran, shown};
use crate::runner::too_wide;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_in_two_regions() {
    let stage = Stage::new().await;
    let ran = stage.install(&[]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    assert_eq!(too_wide(&ran.stdout), Vec::<&str>::new());
    insta::assert_snapshot!(shown(&ran));
    for region in REGIONS {
        assert_eq!(stage.covered(region), ACTIVE, "{region}");
        let own = stage.world().stack(MANAGEMENT, region, "notebook-guard").unwrap().unwrap();
        assert_eq!(own.status, "CREATE_COMPLETE", "the management account in {region}");
    }
    let set = stage.set();
    assert!(set.auto_deployment && set.managed_execution);
    assert_eq!(set.tags["notebook-guard:managed"], "true");
    assert_eq!(set.targets.keys().collect::<Vec<_>>(), [&stage.root]);
    stage.sandbox.stop().await;
}

/// The zip is read by the organization's StackSets alone, and the record tells later commands what is covered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buckets_are_for_the_organization_and_the_targets_are_recorded() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--ou", "Prod", "--exclude-account", "222222222222"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let organization = stage.world().organization_id().unwrap();
    for region in REGIONS {
        let stack = stage.world().stack(MANAGEMENT, region, "notebook-guard-artifacts").unwrap().unwrap();
        assert_eq!(stack.parameters["OrgId"], organization);
        let noted = if region == HOME {
            format!("units={};accounts=;exclude=222222222222;regions=eu-west-1,us-east-1;management=on", stage.prod)
        } else {
            format!("home={HOME}")
        };
        assert_eq!(stack.outputs["Targets"], noted, "{region}");
    }
    assert_eq!(stage.covered(HOME), ["333333333333"]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_writes_nothing() {
    let stage = Stage::new().await;
    let first = stage.install(&[]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    stage.world().calls().clear();
    let again = stage.install(&[]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let stage = Stage::new().await;
    let dry = ran(stage.installer(MANAGEMENT, &["--dry-run"])).await;
    assert_eq!(dry.code, 0, "{}", dry.shown());
    assert_eq!(stage.writes(), vec![], "a dry run writes nothing");
    let real = stage.install(&[]).await;
    assert!(real.stdout.starts_with(&dry.stdout), "not the plan that was applied:\n{}\n{}", dry.stdout, real.stdout);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_to_ask_is_refused_before_anything_is_written() {
    let stage = Stage::new().await;
    let ran = ran(stage.installer(MANAGEMENT, &[])).await;
    assert_eq!(ran.code, 4, "{}", ran.shown());
    assert_eq!(stage.writes(), vec![]);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_one_event_in_each_line() {
    let stage = Stage::new().await;
    let ran = stage.install(&["--format", "json"]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let events = events(&ran);
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["preflight", "plan", "result"]);
    let result = &events[2];
    assert_eq!(result["stacks"]["good"], 8);
    assert_eq!(result["exitCode"], 0);
    assert_eq!(result["skipped"][0]["account"], OLD);
    assert!(result["managementAccount"].as_str().unwrap().contains("stacks of its own"), "{result}");
    stage.sandbox.stop().await;
}

/// No call for each account: the organization is read unit by unit, its root once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_organization_is_read_with_few_calls() {
    let stage = Stage::new().await;
    let ran = ran(stage.installer(MANAGEMENT, &["--dry-run"])).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let calls = stage.world().calls().all();
    let count = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
    assert_eq!(count("ListRoots"), 1);
    assert_eq!(count("DescribeOrganization"), 1);
    assert_eq!(count("ListOrganizationalUnitsForParent"), 4, "the root and three units");
    assert_eq!(count("ListAccountsForParent"), 4);
    assert_eq!(count("ListAccounts"), 0);
    stage.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn home_is_where_it_is_said_and_found_again_without_being_said() {
    let stage = Stage::new().await;
    let first = stage.install(&["--home-region", OTHER]).await;
    assert_eq!(first.code, 0, "{}", first.shown());
    assert!(stage.world().stack_set(OTHER, "notebook-guard").is_some());
    // The configured Region is another one.
    let again = stage.install(&[]).await;
    assert!(again.code == 0 && again.stdout.contains("Nothing to do."), "{}", again.shown());
    let wrong = stage.install(&["--home-region", HOME]).await;
    assert_eq!(wrong.code, 2, "{}", wrong.shown());
    assert!(wrong.stderr.contains("--home-region us-east-1"), "{}", wrong.stderr);
    stage.sandbox.stop().await;
}
