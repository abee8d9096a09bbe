//! What is in the way in the Regions: stacks, buckets, functions, names, and Regions themselves.

use super::*;

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
