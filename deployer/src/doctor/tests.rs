mod caller;
mod limits;
mod places;
mod recording;
mod rendering;

use std::collections::BTreeMap;

use super::*;
use crate::aws::AwsRefusal;
use crate::names::MANAGED_TAG;
use crate::observe::{
    BoundaryState, BucketState, DeliveryState, Denied, Denier, FunctionState, Headroom, ObjectState, RecordedTypes,
    Recorder, RecorderState, RolesQuota, RuleState, Simulation, StackRoom, StackState,
};
use crate::settings::{Delivery, Triggers};

const REGION: &str = "eu-west-1";

fn settings() -> Settings {
    Settings::new(vec![REGION.to_owned()])
}

fn account() -> AccountState {
    AccountState {
        account: "111122223333".to_owned(),
        partition: "aws".to_owned(),
        caller: "arn:aws:iam::111122223333:user/operator".to_owned(),
        regions: Ok(vec![REGION.to_owned(), "us-east-1".to_owned()]),
        boundary: Ok(BoundaryState::NotWanted),
        roles: Ok(RolesQuota { used: 10, limit: 1000 }),
        role_names: Ok(Vec::new()),
        permissions: Ok(Simulation::Done { asked: 80, denied: Vec::new() }),
    }
}

fn recorder() -> Recorder {
    Recorder {
        name: "default".to_owned(),
        role_arn: "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
            .to_owned(),
        is_recording: true,
        last_status: Some("Success".to_owned()),
        last_error: None,
        last_started: None,
        last_stopped: None,
        types: RecordedTypes::All,
        is_daily: false,
        overrides: Vec::new(),
    }
}

/// A Region in which nothing is installed and nothing is in the way.
fn region() -> RegionState {
    RegionState {
        region: REGION.to_owned(),
        artifacts: Ok(None),
        member: Ok(None),
        bucket: Ok(BucketState::Missing),
        artifact: Ok(ObjectState::Missing),
        function: Ok(None),
        recorder: Ok(RecorderState::Present(recorder())),
        delivery: Ok(DeliveryState::Present { bucket: "config".to_owned() }),
        rules: Ok(Vec::new()),
        packs: Ok(Vec::new()),
        set_stack: Ok(None),
        headroom: Ok(Headroom { code_used: 0, code_limit: 80 << 30, unreserved_concurrency: 1000 }),
        stack_room: Ok(StackRoom::Plenty),
    }
}

fn stack(name: &str, status: &str, is_ours: bool) -> StackState {
    let tag = (MANAGED_TAG.to_owned(), "true".to_owned());
    StackState {
        id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/1"),
        name: name.to_owned(),
        status: status.to_owned(),
        reason: Some("because".to_owned()),
        parameters: BTreeMap::new(),
        tags: is_ours.then_some(tag).into_iter().collect(),
        outputs: BTreeMap::new(),
        is_protected: false,
        template: None,
        has_our_change_set: false,
    }
}

fn rule(name: &str, source: &str, created_by: Option<&str>) -> RuleState {
    RuleState {
        name: name.to_owned(),
        state: "ACTIVE".to_owned(),
        owner: if source.starts_with("arn:") { "CUSTOM_LAMBDA" } else { "AWS" }.to_owned(),
        source: source.to_owned(),
        created_by: created_by.map(str::to_owned),
        is_of_our_pack: false,
    }
}

fn function() -> FunctionState {
    FunctionState {
        arn: "arn:aws:lambda:eu-west-1:111122223333:function:notebook-guard-evaluator".to_owned(),
        code_sha256: String::new(),
        architecture: "arm64".to_owned(),
        state: "Active".to_owned(),
        role: String::new(),
        last_modified: String::new(),
    }
}

fn refusal(code: Option<&str>) -> AwsRefusal {
    AwsRefusal {
        call: "service:Operation".to_owned(),
        region: REGION.to_owned(),
        code: code.map(str::to_owned),
        message: "no".to_owned(),
        request_id: None,
    }
}

fn denied<T>() -> Result<T, AwsRefusal> {
    Err(refusal(Some("AccessDenied")))
}

/// What is not good, as `level topic: message`.
fn troubles(settings: &Settings, account: &AccountState, region: RegionState, repair: bool) -> Vec<String> {
    let findings = examine(settings, account, &[region], repair);
    let bad = findings.into_iter().filter(|finding| finding.level != Level::Good);
    bad.map(|finding| {
        assert!(finding.fix.as_ref().is_some_and(|fix| !fix.is_empty()), "{finding:?} has no fix");
        assert!(!finding.message.ends_with('.'), "{finding:?}");
        format!("{:?} {}: {}", finding.level, finding.topic, finding.message)
    })
    .collect()
}

fn of_region(change: impl FnOnce(&mut RegionState)) -> Vec<String> {
    let mut region = region();
    change(&mut region);
    troubles(&settings(), &account(), region, false)
}

fn of_account(change: impl FnOnce(&mut Settings, &mut AccountState)) -> Vec<String> {
    let (mut settings, mut account) = (settings(), account());
    change(&mut settings, &mut account);
    troubles(&settings, &account, region(), false)
}

#[test]
fn a_fresh_account_has_nothing_in_the_way_and_every_topic_is_known() {
    assert_eq!(of_region(|_| {}), Vec::<String>::new());
    for finding in examine(&settings(), &account(), &[region()], false) {
        assert!(TOPICS.contains(&finding.topic), "{}", finding.topic);
    }
}
