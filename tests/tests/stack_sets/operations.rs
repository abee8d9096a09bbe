//! A whole installation, its calls and their limits.

use deployer::organization::CallAs;
use deployer::organization::apply::{Phase, SetEnd};
use deployer::organization::plan::{Chunk, Filter, Reach, SetStep};
use deployer::stack_set::Counts;
use guard_tests::sandbox::{Effect, Fault, When};

use crate::stage::{DELEGATE, Stage, add, deploy, plan};

#[tokio::test]
async fn a_first_installation() {
    let stage = Stage::new(5).await;
    let applied = stage.apply(&[stage.fresh(1)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert_eq!((applied.counts, applied.incomplete), (Counts { good: 10, ..Counts::default() }, None));
    let phases: Vec<(Phase, usize)> =
        applied.sets[0].phases.iter().map(|phase| (phase.phase, phase.counts.good)).collect();
    let expected = [(Phase::Create, 0), (Phase::CanaryAdd, 2), (Phase::Add, 10), (Phase::AutoDeploymentOn, 10)];
    assert_eq!(phases, expected);
    let set = stage.set();
    assert!(set.auto_deployment && set.managed_execution);
    assert_eq!(stage.statuses(), [("CURRENT", 10)].into());
}

/// Every call of a delegated administrator says that it is one, also while it follows an operation.
#[tokio::test]
async fn a_delegated_administrator_says_so_in_every_call() {
    let stage = Stage::new(3).await;
    stage.world().join(DELEGATE, &stage.root).unwrap();
    stage.world().delegate(DELEGATE, "member.org.stacksets.cloudformation.amazonaws.com").unwrap();
    let sets = stage.sets(DELEGATE, CallAs::DelegatedAdministrator).await;
    let applied = stage.apply_as(&sets, &[stage.fresh(1)], std::future::pending()).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    let calls = stage.world().calls().all();
    let calls: Vec<_> = calls.iter().filter(|call| call.service == "cloudformation").collect();
    assert!(calls.len() > 10);
    for call in calls {
        assert_eq!(call.request["CallAs"], "DELEGATED_ADMIN", "{}", call.operation);
    }
}

#[tokio::test]
async fn a_hundred_and_twenty_units_are_worked_on_fifty_at_a_time() {
    let mut stage = Stage::new(0).await;
    let units: Vec<String> =
        (0..120).map(|number| stage.world().add_unit(&stage.root, &format!("unit-{number}")).unwrap()).collect();
    for (number, unit) in units.iter().enumerate() {
        let account = format!("{:012}", 444_444_000_000_u64 + number as u64);
        stage.world().join_many(std::iter::once(account.clone()), unit).unwrap();
        stage.covered.insert(account, unit.clone());
    }
    let chunk = |units: &[String]| Chunk { units: units.to_vec(), accounts: Vec::new(), filter: Filter::None };
    let chunks: Vec<Chunk> = units.chunks(50).map(chunk).collect();
    let steps = vec![SetStep::Create(deploy("one")), add(Reach::Everything, chunks)];
    let applied = stage.apply(&[plan(crate::stage::SET, steps)]).await;
    assert_eq!(applied.counts, Counts { good: 240, ..Counts::default() }, "{applied:?}");
    assert_eq!(applied.sets[0].phases[1].operations.len(), 3);
    assert_eq!((stage.calls("CreateStackInstances"), stage.set().operations.len()), (3, 3));
}

/// <https://github.com/hashicorp/terraform-provider-aws/issues/23349>
#[tokio::test]
async fn an_empty_unit_is_well() {
    let stage = Stage::new(0).await;
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert_eq!((applied.counts, applied.incomplete), (Counts::default(), None));
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
}

#[tokio::test]
async fn an_update_reaches_all_and_the_same_again_changes_nothing() {
    let stage = Stage::new(4).await;
    stage.apply(&[stage.fresh(0)]).await;
    let update = |word: &str| {
        let canary = Some(stage.canary(1));
        let first = SetStep::Update { deploy: deploy(word), on: Reach::Canary, canary };
        plan(
            crate::stage::SET,
            vec![first, SetStep::Update { deploy: deploy(word), on: Reach::Everything, canary: None }],
        )
    };
    for word in ["two", "two"] {
        let applied = stage.apply(&[update(word)]).await;
        assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
        assert_eq!(applied.counts, Counts { good: 8, ..Counts::default() });
        let canary = &applied.sets[0].phases[0];
        assert_eq!((canary.phase, canary.counts.good), (Phase::CanaryUpdate, 2));
        assert_eq!(stage.statuses(), [("CURRENT", 8)].into());
    }
    assert_eq!(stage.set().parameters["LogRetentionDays"], "30");
    // An automatic deployment that was on stays on.
    assert!(stage.set().auto_deployment);
}

/// Throttles, faults of AWS and a network that drops answers neither lose an operation nor begin one twice.
#[tokio::test]
async fn what_passes_is_lived_through() {
    let stage = Stage::new(3).await;
    for (operation, effect, times) in [
        ("CreateStackInstances", Effect::LostAnswer, 1),
        ("DescribeStackSetOperation", Effect::Throttle, 4),
        ("DescribeStackSetOperation", Effect::Reset, 4),
        ("DescribeStackSetOperation", Effect::ServerError(503), 4),
        ("ListStackSetOperationResults", Effect::Throttle, 4),
        ("ListStackInstances", Effect::Throttle, 4),
        ("ListStackSetOperations", Effect::ServerError(500), 4),
        ("DescribeStackSet", Effect::Throttle, 4),
    ] {
        stage.world().faults().add(Fault::on("cloudformation", operation, effect).when(When::Times(times)));
    }
    let applied = stage.apply(&[stage.fresh(0)]).await;
    assert_eq!(applied.sets[0].end, SetEnd::Done, "{applied:?}");
    assert_eq!(applied.counts, Counts { good: 6, ..Counts::default() });
    let adding = stage.set().operations.iter().filter(|operation| operation.action == "CREATE").count();
    assert_eq!(adding, 1);
}
