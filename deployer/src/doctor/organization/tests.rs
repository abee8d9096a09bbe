//! What is made of what was read.

use super::*;
use crate::aws::AwsRefusal;
use crate::doctor::{Level, ORGANIZATION_TOPICS, TOPICS, render};
use crate::observe::BucketState;

/// Nothing is in the way of it.
fn good() -> Observed {
    let regions = vec!["eu-west-1".to_owned(), "us-east-1".to_owned()];
    let place = |region: &String| Place {
        region: region.clone(),
        bucket: format!("notebook-guard-111111111111-{region}"),
        state: Ok(BucketState::Missing),
        other_organization: None,
    };
    let tree = Tree {
        states: [("ACTIVE".to_owned(), 12), ("SUSPENDED".to_owned(), 1)].into(),
        targets: vec![TargetFact { id: "ou-abcd-prod0000".to_owned(), path: "Prod".to_owned(), active: 11 }],
        in_scope: 11,
        covers_management: true,
        ..Tree::default()
    };
    Observed {
        prefix: "notebook-guard".to_owned(),
        caller: Caller {
            arn: "arn:aws:iam::111111111111:user/op".to_owned(),
            account: "111111111111".to_owned(),
            partition: "aws".to_owned(),
        },
        wishes: Wishes::default(),
        home: "eu-west-1".to_owned(),
        enabled: Ok(regions.clone()),
        membership: Ok(Some(Membership {
            id: "o-abcdefghij".to_owned(),
            management: "111111111111".to_owned(),
            all_features: true,
            role: Role::Management,
        })),
        inside: Some(Inside {
            access: Ok(StackSetAccess::Enabled),
            services: Ok(Vec::new()),
            delegates: Ok(Vec::new()),
            tree: Ok(tree),
            sets: Ok(Sets::default()),
            places: regions.iter().map(place).collect(),
            packs: Vec::new(),
            aggregator: None,
            policy_type: Ok(PolicyType::Enabled),
            policy_room: Ok(Vec::new()),
            chains: Ok(Vec::new()),
            unseen: 0,
        }),
        regions,
    }
}

fn changed(change: impl FnOnce(&mut Observed, &mut Inside)) -> Vec<Finding> {
    let mut observed = good();
    let mut inside = observed.inside.take().unwrap();
    change(&mut observed, &mut inside);
    observed.inside = Some(inside);
    examine(&observed)
}

/// The findings of a topic: level and words.
fn told(findings: &[Finding], topic: &str) -> Vec<(Level, String)> {
    let own = findings.iter().filter(|finding| finding.topic == topic);
    own.map(|finding| (finding.level, finding.message.clone())).collect()
}

fn refusal() -> AwsRefusal {
    AwsRefusal {
        call: "cloudformation:ListStackSets".to_owned(),
        region: "eu-west-1".to_owned(),
        code: Some("AccessDenied".to_owned()),
        message: String::new(),
        request_id: None,
    }
}

#[test]
fn nothing_is_in_the_way() {
    let findings = changed(|_, _| {});
    assert!(findings.iter().all(|finding| finding.level != Level::Bad), "{findings:?}");
    for finding in &findings {
        assert!(TOPICS.contains(&finding.topic) || ORGANIZATION_TOPICS.contains(&finding.topic), "{}", finding.topic);
    }
}

#[test]
fn what_could_not_be_read_stands_in_the_way_only_where_nothing_can_be_planned_without_it() {
    let findings = changed(|observed, inside| {
        observed.enabled = Err(refusal());
        inside.services = Err(refusal());
        inside.delegates = Err(refusal());
        inside.chains = Err(refusal());
    });
    assert!(findings.iter().all(|finding| finding.level != Level::Bad), "{findings:?}");
    let findings = changed(|_, inside| inside.sets = Err(refusal()));
    assert_eq!(told(&findings, "stack-sets").first().map(|(level, _)| *level), Some(Level::Bad));
}

#[test]
fn a_large_organization_needs_several_stack_sets() {
    let sized = |accounts: usize, regions: usize| {
        let findings = changed(|observed, inside| {
            observed.regions = (1..=regions).map(|number| format!("eu-west-{number}")).collect();
            observed.enabled = Ok(observed.regions.clone());
            if let Ok(tree) = &mut inside.tree {
                tree.in_scope = accounts;
            }
        });
        told(&findings, "quota-stack-instances")
    };
    let (level, message) = sized(10_000, 17).remove(0);
    assert_eq!(level, Level::Good);
    assert_eq!(message, "10000 accounts × 17 Regions are 170000 instances, for 2 StackSets of at most 100000");
    assert!(sized(11, 2).remove(0).1.contains("for 1 StackSet "));
    assert_eq!(sized(95_000, 1).remove(0).0, Level::Bad);
}

#[test]
fn quotas_that_are_used_up() {
    let findings = changed(|observed, inside| {
        observed.wishes = Wishes { managed_pack: true, policies: 2, ..Wishes::default() };
        inside.sets = Ok(Sets { total: MOST_SETS, named: Vec::new() });
        let names = (0..MOST_PACKS).map(|number| format!("pack-{number}")).collect();
        inside.packs = vec![PackRoom { region: "eu-west-1".to_owned(), names: Ok(names) }];
        let sizes = vec![("network".to_owned(), 11_000, 10_240), ("tamper".to_owned(), 100, 10_240)];
        inside.policy_room = Ok(vec![PolicyRoom { target: "Prod".to_owned(), others: 9, limit: 10, sizes }]);
    });
    for topic in ["quota-stack-sets", "quota-organization-packs"] {
        assert_eq!(told(&findings, topic).first().map(|(level, _)| *level), Some(Level::Bad), "{topic}");
    }
    let policies = told(&findings, "quota-policies");
    assert_eq!(policies.iter().filter(|(level, _)| *level == Level::Bad).count(), 2, "{policies:?}");
}

#[test]
fn a_pack_that_is_there_already_needs_no_room() {
    let findings = changed(|observed, inside| {
        observed.wishes.managed_pack = true;
        let mut names: Vec<String> = (1..MOST_PACKS).map(|number| format!("pack-{number}")).collect();
        names.push("notebook-guard-managed".to_owned());
        inside.packs = vec![PackRoom { region: "eu-west-1".to_owned(), names: Ok(names) }];
    });
    assert!(told(&findings, "quota-organization-packs").iter().all(|(level, _)| *level == Level::Good));
}

#[test]
fn the_same_obstacle_at_many_targets_is_told_once() {
    let chain = |number: usize| Chain {
        target: format!("ou-abcd-{number:08}"),
        path: format!("Unit-{number}"),
        accounts: 10,
        policies: vec![Attached { name: "lockdown".to_owned(), at: "r-abcd".to_owned() }],
        obstacles: vec![Obstacle {
            why: "lockdown, NoLambda".to_owned(),
            regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
            actions: vec!["lambda:CreateFunction".to_owned()],
        }],
        asked: 30,
        undecided: Vec::new(),
    };
    let findings = changed(|_, inside| inside.chains = Ok((0..120).map(chain).collect()));
    let told = told(&findings, "policies-in-force");
    let [(Level::Warning, message)] = told.as_slice() else { panic!("{told:?}") };
    assert!(message.contains("lambda:CreateFunction (lockdown, NoLambda)"), "{message}");
    assert!(message.contains("and 110 more, 1200 accounts"), "{message}");
    assert!(render::text(&findings, 80).lines().count() < 100);
}

#[test]
fn names_that_are_taken() {
    let findings = changed(|_, inside| {
        let set = |name: &str, standing| SetFact {
            name: name.to_owned(),
            standing,
            regions: Vec::new(),
            running: Vec::new(),
        };
        inside.sets = Ok(Sets {
            total: 3,
            named: vec![
                set("notebook-guard", SetStanding::Ours("0.1.0".to_owned())),
                set("notebook-guard-set-2", SetStanding::Foreign),
                set("notebook-guard-set-3", SetStanding::SelfManaged),
            ],
        });
        for place in &mut inside.places {
            place.state = Ok(BucketState::Foreign);
        }
    });
    let levels: Vec<Level> = told(&findings, "stack-sets").into_iter().map(|(level, _)| level).collect();
    assert_eq!(levels, [Level::Good, Level::Bad, Level::Bad]);
    assert!(told(&findings, "bucket").iter().all(|(level, _)| *level == Level::Bad));
}
