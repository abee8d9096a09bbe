//! Quotas, and rules of AWS's own.

use super::*;

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
fn code_needs_room_only_where_code_is_brought() {
    let full = Headroom { code_used: 100 << 20, code_limit: 110 << 20, unreserved_concurrency: 900 };
    let sha256 = ["00"; 32].concat();
    let same = format!("{}=", ["A"; 43].concat());
    let present = ObjectState::Present { sha256 };
    for (version, code, artifact, expected) in [
        (crate::artifact::VERSION, same.as_str(), present.clone(), None),
        (crate::artifact::VERSION, "", present, Some("Bad quota-code-storage")),
        (crate::artifact::VERSION, same.as_str(), ObjectState::Missing, Some("Warning quota-code-storage")),
        ("0.0.1", same.as_str(), ObjectState::Missing, Some("Bad quota-code-storage")),
    ] {
        let said = of_region(|region| {
            let mut stack = stack("notebook-guard", "CREATE_COMPLETE", true);
            stack.tags.insert(crate::names::VERSION_TAG.to_owned(), version.to_owned());
            region.member = Ok(Some(stack));
            region.function = Ok(Some(FunctionState { code_sha256: code.to_owned(), ..function() }));
            region.artifact = Ok(artifact);
            region.headroom = Ok(full);
        });
        let told: Vec<&str> = said.iter().map(|line| line.split(':').next().unwrap_or_default()).collect();
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>(), "{version} {code}");
    }
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
