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

#[test]
fn stacks_of_others_and_stacks_that_are_stuck() {
    let with = |status: &'static str, is_ours: bool, repair: bool| {
        let mut region = region();
        region.member = Ok(Some(stack("notebook-guard", status, is_ours)));
        troubles(&settings(), &account(), region, repair)
    };
    assert_eq!(with("CREATE_COMPLETE", true, false), Vec::<String>::new());
    assert_eq!(with("UPDATE_ROLLBACK_COMPLETE", true, false), Vec::<String>::new());
    for (status, is_ours, repair, told) in [
        ("CREATE_COMPLETE", false, true, "Bad stacks: the stack notebook-guard exists, and deployer did not make it"),
        ("REVIEW_IN_PROGRESS", false, true, "Bad stacks: the stack notebook-guard exists, and deployer did not"),
        ("ROLLBACK_COMPLETE", true, false, "Warning stacks: an earlier creation of the stack notebook-guard failed"),
        ("UPDATE_IN_PROGRESS", true, true, "Bad stacks: an operation on the stack notebook-guard is under way"),
        ("UPDATE_ROLLBACK_FAILED", true, false, "Bad stacks: the stack notebook-guard is in UPDATE_ROLLBACK_FAILED"),
        ("UPDATE_ROLLBACK_FAILED", true, true, "Warning stacks: the stack notebook-guard is in UPDATE_ROLLBACK_FAI"),
        ("DELETE_FAILED", true, false, "Bad stacks: the deletion of the stack notebook-guard stopped half-way (bec"),
        ("DELETE_FAILED", true, true, "Warning stacks: the stack notebook-guard is in DELETE_FAILED (because)"),
    ] {
        let said = with(status, is_ours, repair);
        assert!(said.iter().any(|line| line.starts_with(told)), "{status}: {said:?}");
    }
}

#[test]
fn names_that_are_taken() {
    let ours = "arn:aws:lambda:eu-west-1:111122223333:function:notebook-guard-evaluator";
    for (told, said) in [
        ("Bad bucket: the bucket notebook-guard-111122223333-eu-west-1 belongs to another account", {
            of_region(|region| region.bucket = Ok(BucketState::Foreign))
        }),
        ("Bad bucket: the bucket notebook-guard-111122223333-eu-west-1 is in another Region", {
            of_region(|region| region.bucket = Ok(BucketState::Elsewhere))
        }),
        ("Bad function: the function notebook-guard-evaluator exists, but no stack of ours made it", {
            of_region(|region| region.function = Ok(Some(function())))
        }),
        ("Bad rule-names: rules of our names exist, but no stack of ours made them: notebook-guard-root-access", {
            of_region(|region| region.rules = Ok(vec![rule("notebook-guard-root-access", ours, None)]))
        }),
        ("Bad rule-names: rules of our names exist, but no stack of ours made them: notebook-guard-root-access", {
            of_region(|region| {
                region.member = Ok(Some(stack("notebook-guard", "CREATE_COMPLETE", true)));
                region.rules = Ok(vec![rule("notebook-guard-root-access", "arn:aws:lambda:x:y:function:z", None)]);
            })
        }),
        ("Bad role-name: roles of our names exist without a stack of ours: notebook-guard-eu-west-1", {
            of_account(|_, account| account.role_names = Ok(vec!["notebook-guard-eu-west-1".to_owned()]))
        }),
    ] {
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said.iter().all(|line| line.starts_with(told)), "{said:?}");
    }
    let kept = of_region(|region| region.bucket = Ok(BucketState::Present));
    assert_eq!(kept, Vec::<String>::new());
}

#[test]
fn an_installation_of_ours_is_not_in_its_own_way() {
    let mut region = region();
    region.member = Ok(Some(stack("notebook-guard", "CREATE_COMPLETE", true)));
    region.artifacts = Ok(Some(stack("notebook-guard-artifacts", "CREATE_COMPLETE", true)));
    region.stack_room = Ok(StackRoom::NotNeeded);
    region.bucket = Ok(BucketState::Present);
    region.function = Ok(Some(function()));
    let source = function().arn;
    region.rules = Ok(settings().checks().map(|check| rule(&check.rule_name(), &source, None)).collect());
    let mut account = account();
    account.role_names = Ok(vec!["notebook-guard-eu-west-1".to_owned()]);
    assert_eq!(troubles(&settings(), &account, region, false), Vec::<String>::new());
}

#[test]
fn packs_are_looked_at_for_a_pack_only() {
    let mut region = region();
    region.packs = Ok((0..50).map(|n| format!("pack-{n}")).chain(["notebook-guard".to_owned()]).collect());
    assert_eq!(troubles(&settings(), &account(), region.clone(), false), Vec::<String>::new());
    let pack = Settings { delivery: Delivery::ConformancePack, ..settings() };
    assert_eq!(
        troubles(&pack, &account(), region.clone(), false),
        [
            "Bad pack-name: the conformance pack notebook-guard exists, but no stack of ours made it",
            "Bad quota-conformance-packs: 51 of 50 conformance packs are used, and 0 come to it",
        ]
    );
    region.packs = denied();
    assert_eq!(
        troubles(&pack, &account(), region, false),
        ["Warning pack-name: could not be looked at: service:Operation: AccessDenied: no"]
    );
}

#[test]
fn a_recorder_that_does_not_tell_of_changes() {
    let with = |change: fn(&mut Recorder)| {
        of_region(|region| {
            let mut recorder = recorder();
            change(&mut recorder);
            region.recorder = Ok(RecorderState::Present(recorder));
        })
    };
    let notebook = "AWS::SageMaker::NotebookInstance";
    for (told, said) in [
        ("Warning recorder: there is no configuration recorder", {
            of_region(|region| region.recorder = Ok(RecorderState::Missing))
        }),
        ("Warning recorder: the configuration recorder is stopped", with(|recorder| recorder.is_recording = false)),
        ("Warning recorder: the configuration recorder's last attempt failed: no bucket", {
            with(|recorder| {
                recorder.last_status = Some("Failure".to_owned());
                recorder.last_error = Some("no bucket".to_owned());
            })
        }),
        (
            "Warning recorded-types: AWS::SageMaker::NotebookInstance is recorded once a day",
            with(|recorder| recorder.is_daily = true),
        ),
        ("Warning recorded-types: AWS::SageMaker::NotebookInstance is not recorded (the rules are made for the", {
            with(|recorder| recorder.types = RecordedTypes::Only(vec!["AWS::S3::Bucket".to_owned()]))
        }),
        ("Warning recorder-role: the recorder reads with the role config", {
            with(|recorder| recorder.role_arn = "arn:aws:iam::111122223333:role/config".to_owned())
        }),
        ("Warning delivery-channel: there is no delivery channel", {
            of_region(|region| region.delivery = Ok(DeliveryState::Missing))
        }),
    ] {
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said.iter().all(|line| line.starts_with(told)), "{said:?}");
    }
    assert_eq!(
        with(|recorder| {
            recorder.is_daily = true;
            recorder.overrides = vec![("AWS::SageMaker::NotebookInstance".to_owned(), false)];
        }),
        Vec::<String>::new()
    );
    let mut both = settings();
    both.checks.push("studio-vpc-only".to_owned());
    let mut region = region();
    let types = RecordedTypes::AllBut(vec!["AWS::SageMaker::Domain".to_owned()]);
    region.recorder = Ok(RecorderState::Present(Recorder { types, ..recorder() }));
    let said = troubles(&both, &account(), region, false);
    assert_eq!(said.len(), 1, "{notebook} is recorded: {said:?}");
    assert!(said.iter().all(|line| line.contains("AWS::SageMaker::Domain is not recorded")), "{said:?}");
}

#[test]
fn the_schedule_alone_needs_no_recording() {
    let scheduled = Settings { triggers: Triggers::Schedule, ..settings() };
    let mut region = region();
    let types = RecordedTypes::Only(Vec::new());
    let role_arn = "arn:aws:iam::111122223333:role/config".to_owned();
    let stopped = Recorder { types, role_arn, is_recording: false, ..recorder() };
    region.recorder = Ok(RecorderState::Present(stopped));
    assert_eq!(troubles(&scheduled, &account(), region, false), Vec::<String>::new());
}

#[test]
fn quotas_are_told_before_they_are_reached() {
    let rules = |count: usize| -> Vec<RuleState> { (0..count).map(|n| rule(&format!("r{n}"), "X", None)).collect() };
    for (told, said) in [
        ("Bad quota-config-rules: 997 of 1000 AWS Config rules are used, and 4 come to it", {
            of_region(|region| region.rules = Ok(rules(997)))
        }),
        ("Warning quota-config-rules: 996 of 1000 AWS Config rules are used, and 4 come to it", {
            of_region(|region| region.rules = Ok(rules(996)))
        }),
        ("Bad quota-stacks: 1999 of 2000 CloudFormation stacks are used, and 2 come to it", {
            of_region(|region| region.stack_room = Ok(StackRoom::Counted { used: 1999, limit: Some(2000) }))
        }),
        ("Bad quota-code-storage: 100 of 110 MiB of function code are used", {
            of_region(|region| {
                let (code_used, code_limit) = (100 << 20, 110 << 20);
                region.headroom = Ok(Headroom { code_used, code_limit, unreserved_concurrency: 900 });
            })
        }),
        ("Warning concurrency: only 10 functions can run at the same time", {
            of_region(|region| {
                region.headroom = Ok(Headroom { code_used: 0, code_limit: 80 << 30, unreserved_concurrency: 10 });
            })
        }),
        ("Bad quota-roles: 1000 of 1000 IAM roles are used, and 1 come to it", {
            of_account(|_, account| account.roles = Ok(RolesQuota { used: 1000, limit: 1000 }))
        }),
    ] {
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said.iter().all(|line| line.starts_with(told)), "{said:?}");
    }
    assert!(of_region(|region| region.rules = Ok(rules(946))).is_empty());
    assert!(of_region(|r| r.stack_room = Ok(StackRoom::Counted { used: 1998, limit: Some(2000) })).is_empty());
}

#[test]
fn rules_that_are_there_already_take_no_new_room() {
    let mut region = region();
    let source = function().arn;
    let mut rules: Vec<RuleState> = (0..996).map(|n| rule(&format!("r{n}"), "X", None)).collect();
    rules.extend(settings().checks().map(|check| rule(&check.rule_name(), &source, None)));
    region.rules = Ok(rules);
    region.member = Ok(Some(stack("notebook-guard", "CREATE_COMPLETE", true)));
    assert_eq!(
        troubles(&settings(), &account(), region, false),
        ["Warning quota-config-rules: 1000 of 1000 AWS Config rules are used, and 0 come to it"]
    );
}

#[test]
fn managed_rules_that_judge_the_same() {
    let said = of_region(|region| {
        let hub = Some("securityhub.amazonaws.com");
        region.rules = Ok(vec![
            rule("mine", "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS", None),
            rule("securityhub-x-0a1b2c", "SAGEMAKER_NOTEBOOK_INSTANCE_ROOT_ACCESS_CHECK", hub),
            rule("other", "SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED", None),
        ]);
    });
    assert_eq!(
        said,
        [
            "Warning duplicate-rules: the managed rule mine judges the same as our direct-internet-access: AWS Config \
             bills each evaluation of both (list price 0.001 USD)",
            "Warning duplicate-rules: Security Hub's rule sagemaker-notebook-instance-root-access-check judges the \
             same as our root-access: AWS Config bills each evaluation of both (list price 0.001 USD)",
        ]
    );
}

#[test]
fn a_region_that_is_not_enabled_is_told_once_and_not_looked_at() {
    for (region, told) in [
        ("eu-wset-1", "Bad region: eu-wset-1 is not enabled in the account, or there is no such Region; did you mean"),
        ("af-south-1", "Bad region: af-south-1 is not enabled in the account, or there is no such Region"),
        ("cn-north-1", "Bad region: cn-north-1 is in partition aws-cn, and the account in aws"),
        ("us-gov-west-1", "Bad region: us-gov-west-1 is in partition aws-us-gov, and the account in aws"),
    ] {
        let settings = Settings::new(vec![region.to_owned()]);
        let mut state = self::region();
        state.region = region.to_owned();
        state.member = denied();
        let said = troubles(&settings, &account(), state, false);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said.iter().all(|line| line.starts_with(told)), "{said:?}");
    }
}

#[test]
fn who_denies_is_said_with_what_to_do() {
    let deny = |action: &str, by: Denier, is_required: bool| Denied {
        action: action.to_owned(),
        resource: "*".to_owned(),
        by,
        is_required,
    };
    let said = of_account(|_, account| {
        account.permissions = Ok(Simulation::Done {
            asked: 9,
            denied: vec![
                deny("lambda:CreateFunction", Denier::Nobody, true),
                deny("iam:PassRole", Denier::Nobody, true),
                deny("iam:PassRole", Denier::Nobody, true),
                deny("lambda:UntagResource", Denier::Nobody, false),
                deny("iam:CreateRole", Denier::Organization, true),
                deny("s3:CreateBucket", Denier::Boundary, true),
                deny("s3:PutObject", Denier::Statement, true),
                deny("config:PutConfigRule", Denier::Condition, true),
            ],
        });
    });
    assert_eq!(
        said,
        [
            "Bad permissions: a service control policy forbids the caller: iam:CreateRole",
            "Bad permissions: the caller's permissions boundary does not allow: s3:CreateBucket",
            "Bad permissions: a statement denies the caller: s3:PutObject",
            "Bad permissions: no policy allows the caller: iam:PassRole, lambda:CreateFunction",
            "Warning permissions: no policy allows the caller: lambda:UntagResource (CloudFormation may do without)",
            "Warning permissions: whether the caller may is decided by a condition that cannot be tested beforehand: \
             config:PutConfigRule",
        ]
    );
    let root = of_account(|_, account| account.permissions = Ok(Simulation::Impossible("the root user")));
    assert_eq!(root, ["Warning permissions: the caller is the root user: IAM cannot say beforehand what it may do"]);
}

#[test]
fn boundary_and_topic_of_the_alarms() {
    let said = of_account(|settings, account| {
        settings.permissions_boundary = Some("ops/bound".to_owned());
        account.boundary = Ok(BoundaryState::Missing);
        settings.alarm_topic = Some("999988887777:security".to_owned());
    });
    assert_eq!(
        said,
        [
            "Bad boundary: the account has no policy ops/bound for --permissions-boundary",
            "Warning alarm-topic: alarms notify the topic security of account 999988887777; whether it takes them \
             cannot be seen here",
        ]
    );
    let own = of_account(|settings, account| {
        settings.permissions_boundary = Some("ops/bound".to_owned());
        account.boundary = Ok(BoundaryState::Present);
        settings.alarm_topic = Some("111122223333:security".to_owned());
    });
    assert_eq!(own, Vec::<String>::new());
}

#[test]
fn what_could_not_be_read_stops_only_what_cannot_be_planned_without_it() {
    let said = of_region(|region| {
        region.artifacts = denied();
        region.member = denied();
        region.bucket = denied();
        region.artifact = denied();
        region.function = denied();
        region.recorder = denied();
        region.delivery = denied();
        region.rules = denied();
        region.headroom = denied();
        region.stack_room = denied();
    });
    let topics = |level: &str| -> Vec<String> {
        let of_level = said.iter().filter_map(|line| line.strip_prefix(level));
        of_level.map(|line| line.trim().split(':').next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(topics("Bad"), ["stacks", "stacks", "bucket", "bucket", "function"]);
    assert_eq!(topics("Warning"), ["rule-names", "recorder", "quota-stacks", "quota-code-storage"]);
    let said = of_account(|settings, account| {
        settings.permissions_boundary = Some("b".to_owned());
        account.regions = denied();
        account.boundary = denied();
        account.roles = denied();
        account.role_names = denied();
        account.permissions = denied();
    });
    assert!(said.len() == 5 && said.iter().all(|line| line.starts_with("Warning")), "{said:?}");
}

#[test]
fn silence_is_no_answer_and_not_a_refusal() {
    let silent = |code: Option<&str>| {
        let mut region = region();
        region.member = Err(refusal(code));
        region.function = Err(refusal(code));
        region.rules = Err(refusal(code));
        is_silent(&[region])
    };
    assert!(silent(None) && silent(Some("ServiceUnavailable")) && silent(Some("Throttling")));
    assert!(!silent(Some("AccessDenied")) && !silent(Some("UnrecognizedClientException")));
    assert!(!is_silent(&[]) && !is_silent(&[region()]));
}

#[test]
fn the_same_in_many_regions_is_said_once() {
    let names: Vec<String> = (1..=17).map(|n| format!("xx-north-{n}")).collect();
    let mut account = account();
    account.regions = Ok(names.clone());
    let regions: Vec<RegionState> = names
        .iter()
        .map(|name| RegionState {
            region: name.clone(),
            recorder: Ok(RecorderState::Present(Recorder { is_recording: false, ..recorder() })),
            bucket: Ok(if name.ends_with("-3") { BucketState::Foreign } else { BucketState::Missing }),
            ..region()
        })
        .collect();
    let findings = examine(&Settings::new(names), &account, &regions, false);
    let text = render::text(&findings, 80);
    assert!(text.lines().count() < 24, "{text}");
    assert!(text.lines().all(|line| strip(line).chars().count() <= 80), "{text}");
    assert!(text.contains("recorder in all 17 Regions") && text.contains("--region REGION"), "{text}");
    assert!(text.contains("bucket in xx-north-3") && text.contains("111122223333-xx-north-3"), "{text}");
    let place = |words: &str| text.find(words).unwrap();
    assert!(place("bucket in") < place("recorder in"), "{text}");
    assert_eq!(render::list(&findings).as_array().map(Vec::len), Some(findings.len()));
}

/// Without colours.
fn strip(line: &str) -> String {
    anstream::adapter::strip_str(line).to_string()
}
