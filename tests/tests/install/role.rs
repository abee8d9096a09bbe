//! The role of the installed function allows what the function calls, and nothing else.

use std::collections::BTreeSet;

use deployer::templates::Template;
use guard_tests::sandbox::{Domain, Notebook, Oversized, SecurityGroup};
use rule::check::ALL;

use crate::stage::{ACCOUNT, BOOTSTRAP, Stage};

const REGION: &str = "eu-west-1";

/// The actions of the role in the template; those on its log are Lambda's own to use.
fn allowed() -> BTreeSet<String> {
    let template = Template::Member.text();
    let role = template.split("\n  Role:\n").nth(1).unwrap().split("\n  Function:\n").next().unwrap();
    let action = regex::Regex::new(r"\b(config|sagemaker|ec2|logs):[A-Z][A-Za-z]+").unwrap();
    // Conditions have keys of the same form.
    let found = action.find_iter(role).map(|found| found.as_str().to_owned()).filter(|found| found != "ec2:Region");
    found.filter(|action| !action.starts_with("logs:")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_allows_what_the_function_calls_and_nothing_else() {
    let stage = Stage::with(&[REGION]).await;
    let ran = stage.install(&["--checks", "all", "--code", BOOTSTRAP]).await;
    assert_eq!(ran.code, 0, "{}", ran.shown());
    let world = stage.world();
    world.put_security_group(ACCOUNT, REGION, SecurityGroup::new("sg-0a", "closed").admits("10.0.0.0/8", 443)).unwrap();
    world.put_domain(ACCOUNT, REGION, Domain::new("d-studio", "research", "VpcOnly")).unwrap();
    let mut notebook = Notebook::new("in-vpc").hardened();
    notebook.security_groups = vec!["sg-0a".to_owned()];
    world.calls().clear();
    // Changes, whole and too large for their notification.
    world.put_notebook(ACCOUNT, REGION, notebook).unwrap();
    world.settle().await;
    world.set_oversized(Oversized::Full);
    world.put_notebook(ACCOUNT, REGION, Notebook::new("defaults")).unwrap();
    world.settle().await;
    // Sweeps, the second with a result that has gone stale.
    for _ in 0..2 {
        for check in ALL {
            let invocation = world.trigger_schedule(ACCOUNT, REGION, &check.rule_name()).await.unwrap();
            assert!(invocation.succeeded(), "{invocation:?}");
        }
        if world.notebooks(ACCOUNT, REGION).unwrap().len() == 2 {
            world.remove_notebook(ACCOUNT, REGION, "defaults").unwrap();
        }
    }
    let own = world.administrator(ACCOUNT, REGION).unwrap().access_key_id;
    let calls = world.calls().all().into_iter().filter(|call| call.access_key_id != own);
    let called: BTreeSet<String> = calls.map(|call| format!("{}:{}", call.service, call.operation)).collect();
    assert_eq!(called, allowed());
    stage.sandbox.stop().await;
}
