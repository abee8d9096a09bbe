//! The names and resources that the plan tells are those that the templates make.

use deployer::names::Names;
use deployer::templates::{artifact_resources, member_resources};
use guard_tests::sandbox::StackView;

use crate::stage::{ACCOUNT, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_plan_tells_is_what_is_made() {
    let variants: [(&str, &[&str]); 5] = [
        ("notebook-guard", &[]),
        ("nb-all", &["--checks", "all"]),
        ("nb-pack", &["--conformance-pack"]),
        ("nb-quiet", &["--alarms", "off", "--triggers", "schedule"]),
        ("nb-one", &["--checks", "studio-vpc-only", "--alarm-topic", "111122223333:security"]),
    ];
    for (prefix, flags) in variants {
        let stage = Stage::with(&["eu-west-1"]).await;
        let ran = stage.install(&[&["--prefix", prefix], flags].concat()).await;
        assert_eq!(ran.code, 0, "{}", ran.shown());
        let names = Names { prefix, account: ACCOUNT, partition: "aws" };
        let member = stage.stack("eu-west-1", &names.member_stack()).unwrap();
        compare(&member, &member_resources(&member.parameters, names, "eu-west-1"));
        let artifacts = stage.stack("eu-west-1", &names.artifact_stack()).unwrap();
        compare(&artifacts, &artifact_resources(&artifacts.parameters, names, "eu-west-1"));
        stage.sandbox.stop().await;
    }
}

fn compare(stack: &StackView, told: &[deployer::templates::Resource]) {
    let mut logical: Vec<&str> = told.iter().map(|resource| resource.logical.as_str()).collect();
    logical.sort_unstable();
    assert_eq!(logical, stack.resources.keys().map(String::as_str).collect::<Vec<_>>(), "{}", stack.name);
    for resource in told {
        // Physical ids of these are no names.
        if ["Permission", "AsynchronousInvocation", "BucketPolicy"].contains(&resource.logical.as_str()) {
            continue;
        }
        let physical = &stack.resources[&resource.logical].physical_id;
        assert!(physical.contains(&resource.name), "{}: {physical} is not {}", resource.logical, resource.name);
    }
}
