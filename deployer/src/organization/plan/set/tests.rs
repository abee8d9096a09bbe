use super::super::build::sets;
use super::super::{Crowded, Observed};
use super::*;
use crate::organization::model::TrustedAccess;
use crate::organization::model::tests::sample;
use crate::organization::plan::Filter;
use crate::organization::targets::Asked;
use crate::plan::Intent;
use crate::settings::Settings;
use crate::stack_set::{AutoDeployment, InstanceStatus, SetStatus};
use crate::templates::ArtifactName;

const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// What a plan is asked for.
struct Stage {
    settings: Settings,
    artifact: ArtifactName,
    organization: Organization,
    asked: Asked,
    allow_downgrade: bool,
}

impl Stage {
    fn new() -> Self {
        let artifact = ArtifactName {
            version: "0.2.0".to_owned(),
            sha256: "0".repeat(64),
            code_sha256: String::new(),
            size: 1,
            architecture: "arm64".to_owned(),
        };
        Self {
            settings: Settings::new(list(&REGIONS)),
            artifact,
            organization: sample(),
            asked: Asked::default(),
            allow_downgrade: false,
        }
    }

    fn with_canary(mut self, canary: &[&str]) -> Self {
        self.asked.canary = list(canary);
        self
    }

    fn plan(&self, existing: Option<&SetState>) -> Result<Vec<SetStep>, OrgPlanError> {
        let named = self.asked.find(&self.organization).unwrap();
        let scope = named.targets.resolve(&self.organization);
        let intent = Intent {
            settings: &self.settings,
            account: "111111111111",
            partition: "aws",
            artifact: &self.artifact,
            exemptions: 0,
            repair: false,
            allow_downgrade: self.allow_downgrade,
            organization: None,
        };
        let case = Case { intent, home: "eu-west-1", organization: &self.organization, named: &named, scope: &scope };
        let regions = self.settings.regions.iter().cloned().collect();
        plan(case, "notebook-guard", &regions, existing).map(|plan| plan.steps)
    }

    /// A set as these settings make it, with an instance for each account and Region that is covered.
    fn installed(&self) -> SetState {
        let steps = self.plan(None).unwrap();
        let Some(SetStep::Create(deploy)) = steps.first() else { panic!("{steps:?}") };
        let set = StackSet {
            name: "notebook-guard".to_owned(),
            id: "notebook-guard:1".to_owned(),
            arn: String::new(),
            status: SetStatus::Active,
            permission_model: PermissionModel::ServiceManaged,
            parameters: deploy.parameters.clone(),
            tags: deploy.tags.clone(),
            auto_deployment: AutoDeployment { is_on: self.asked.accounts.is_empty(), retains_stacks: false },
            is_managed_execution: true,
            units: self.asked.find(&self.organization).unwrap().targets.units,
            regions: self.settings.regions.clone(),
            template_digest: digest_of_template(Template::Member.text()),
        };
        let scope = self.asked.find(&self.organization).unwrap().targets.resolve(&self.organization);
        let instances = self.settings.regions.iter().flat_map(|region| {
            scope.accounts.iter().map(move |(account, unit)| Instance {
                account: account.as_str().into(),
                region: region.as_str().into(),
                unit: unit.as_str().into(),
                status: InstanceStatus::Current,
                detailed: DetailedStatus::Succeeded,
                reason: None,
                last_operation: None,
                has_stack: true,
            })
        });
        SetState { set, instances: instances.collect() }
    }
}

/// Everything that is planned for one set which has so many instances of accounts that nobody covers any more.
fn crowd(others: usize) -> Result<Vec<Crowded>, Vec<OrgPlanError>> {
    let stage = Stage::new();
    let mut there = stage.installed();
    let (region, unit): (std::sync::Arc<str>, std::sync::Arc<str>) = ("eu-west-1".into(), "ou-abcd-gone0000".into());
    let like = there.instances[0].clone();
    let other = |number: usize| Instance {
        account: format!("{number:012}").into(),
        region: std::sync::Arc::clone(&region),
        unit: std::sync::Arc::clone(&unit),
        ..like.clone()
    };
    there.instances.extend((0..others).map(other));
    let named = stage.asked.find(&stage.organization).unwrap();
    let scope = named.targets.resolve(&stage.organization);
    let intent = Intent {
        settings: &stage.settings,
        account: "111111111111",
        partition: "aws",
        artifact: &stage.artifact,
        exemptions: 0,
        repair: false,
        allow_downgrade: false,
        organization: None,
    };
    let case = Case { intent, home: "eu-west-1", organization: &stage.organization, named: &named, scope: &scope };
    let observed = Observed {
        organization: &stage.organization,
        access: TrustedAccess::Enabled,
        regions: &[],
        sets: &[(1, there)].into(),
        packs: &[],
        guardrail: None,
        aggregator: None,
    };
    sets(case, observed).map(|(_, crowded)| crowded)
}

/// Three accounts in two Regions are six of the instances.
#[test]
fn a_set_is_never_filled_beyond_what_it_takes() {
    assert_eq!(crowd(0), Ok(Vec::new()));
    let nearly = crowd(98_994).unwrap();
    assert_eq!((nearly[0].instances, nearly[0].most), (99_000, 100_000));
    let told = crowd(99_995).unwrap_err();
    assert!(matches!(&told[..], [OrgPlanError::Full { instances: 100_001, .. }]), "{told:?}");
    assert!(told[0].advice().contains("uninstall --org --region us-east-1"), "{}", told[0].advice());
}

/// Marks instances of accounts.
fn mark(state: &mut SetState, accounts: &[&str], detailed: &DetailedStatus) {
    for instance in &mut state.instances {
        if accounts.contains(&&*instance.account) {
            instance.status = InstanceStatus::Outdated;
            instance.detailed = detailed.clone();
        }
    }
}

/// The steps in short: `+canary`, `+all`, `update canary`, …
fn short(steps: &[SetStep]) -> Vec<String> {
    let word = |on: &Reach| if *on == Reach::Canary { "canary" } else { "all" };
    let one = |step: &SetStep| match step {
        SetStep::Create(_) => "create".to_owned(),
        SetStep::Update { on, .. } => format!("update {}", word(on)),
        SetStep::AddInstances { on, regions, .. } => format!("add {} in {}", word(on), regions.join(",")),
        SetStep::AutoDeployment { on } => format!("auto {on}"),
    };
    steps.iter().map(one).collect()
}

const CANARY: &str = "222222222222";

#[test]
fn a_new_set_goes_canary_first_and_automatic_last() {
    let steps = Stage::new().with_canary(&[CANARY]).plan(None).unwrap();
    let both = REGIONS.join(",");
    assert_eq!(short(&steps), ["create", &format!("add canary in {both}"), &format!("add all in {both}"), "auto true"]);
    let SetStep::AddInstances { chunks, .. } = &steps[1] else { panic!("{steps:?}") };
    let wanted = Chunk { units: list(&["r-abcd"]), accounts: list(&[CANARY]), filter: Filter::Intersection };
    assert_eq!(*chunks, [wanted], "through the unit that covers it");
}

#[test]
fn single_accounts_are_never_deployed_automatically() {
    let mut stage = Stage::new();
    stage.asked.accounts = list(&[CANARY]);
    let steps = stage.plan(None).unwrap();
    assert!(!steps.iter().any(|step| matches!(step, SetStep::AutoDeployment { .. })), "{steps:?}");
    let mut installed = stage.installed();
    installed.set.auto_deployment.is_on = true;
    assert_eq!(short(&stage.plan(Some(&installed)).unwrap()), ["auto false"]);
}

/// Automatic deployment covers all of a unit, also of one that only a single account was in, or that was a target once.
#[test]
fn automatic_deployment_is_off_while_a_unit_of_the_set_is_no_target() {
    let mut stage = Stage::new();
    stage.asked.units = list(&["Test"]);
    let mut there = stage.installed();
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), [""; 0]);
    there.set.units.push("ou-abcd-pay00000".to_owned());
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["auto false"]);
    there.set.auto_deployment.is_on = false;
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
    stage.asked.units.push("Prod".to_owned());
    let steps = short(&stage.plan(Some(&there)).unwrap());
    assert_eq!(steps.last().map(String::as_str), Some("auto true"), "it lies below a target");
}

/// Whoever joins would fail, too.
#[test]
fn automatic_deployment_waits_until_something_is_well() {
    let stage = Stage::new();
    let mut there = stage.installed();
    there.set.auto_deployment.is_on = false;
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["auto true"]);
    mark(&mut there, &[CANARY, "333333333333", "555555555555"], &DetailedStatus::Failed);
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
}

#[test]
fn what_is_there_needs_nothing() {
    for stage in [Stage::new(), Stage::new().with_canary(&[CANARY])] {
        assert_eq!(stage.plan(Some(&stage.installed())), Ok(Vec::new()));
    }
}

#[test]
fn an_upgrade_goes_canary_first() {
    let mut stage = Stage::new().with_canary(&[CANARY]);
    let installed = stage.installed();
    stage.artifact.version = "0.3.0".to_owned();
    let steps = stage.plan(Some(&installed)).unwrap();
    assert_eq!(short(&steps), ["update canary", "update all"]);
    let SetStep::Update { deploy, .. } = &steps[0] else { panic!("{steps:?}") };
    assert!(deploy.changes.iter().any(|change| change.name == "Version"), "{:?}", deploy.changes);
    stage.asked.canary.clear();
    assert_eq!(short(&stage.plan(Some(&installed)).unwrap()), ["update all"]);
}

/// The update of the canary was interrupted: the set is as it should be, the instances are not.
#[test]
fn an_update_that_was_interrupted_goes_on_where_it_was() {
    let stage = Stage::new().with_canary(&[CANARY]);
    let mut there = stage.installed();
    mark(&mut there, &["333333333333", "555555555555"], &DetailedStatus::Pending);
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["update all"]);
    mark(&mut there, &[CANARY], &DetailedStatus::Failed);
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["update canary", "update all"]);
}

#[test]
fn what_failed_is_left_to_retry() {
    let stage = Stage::new();
    let mut there = stage.installed();
    mark(&mut there, &["333333333333"], &DetailedStatus::Failed);
    mark(&mut there, &["555555555555"], &DetailedStatus::SkippedSuspendedAccount);
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
}

#[test]
fn a_canary_that_failed_comes_first_again() {
    let stage = Stage::new().with_canary(&[CANARY]);
    let mut there = stage.installed();
    there.set.auto_deployment.is_on = false;
    there.instances.retain(|instance| &*instance.account == CANARY);
    mark(&mut there, &[CANARY], &DetailedStatus::Failed);
    let both = REGIONS.join(",");
    assert_eq!(
        short(&stage.plan(Some(&there)).unwrap()),
        [&format!("add canary in {both}"), &format!("add all in {both}"), "auto true"]
    );
}

#[test]
fn a_new_region_gets_instances_and_nothing_else() {
    let mut stage = Stage::new().with_canary(&[CANARY]);
    let there = stage.installed();
    stage.settings.regions = list(&["ap-south-1", "eu-west-1", "us-east-1"]);
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["add canary in ap-south-1", "add all in ap-south-1"]);
}

#[test]
fn a_new_unit_gets_instances_through_itself() {
    let mut stage = Stage::new();
    stage.asked.units = list(&["Payments"]);
    let there = stage.installed();
    stage.asked.units = list(&["Payments", "Test"]);
    let steps = stage.plan(Some(&there)).unwrap();
    let [SetStep::AddInstances { chunks, regions, .. }] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(*regions, REGIONS);
    assert_eq!(*chunks, [Chunk { units: list(&["ou-abcd-test0000"]), accounts: Vec::new(), filter: Filter::None }]);
}

#[test]
fn an_account_that_is_no_longer_excluded_gets_its_instances() {
    let mut stage = Stage::new();
    stage.asked.excluded = list(&["333333333333"]);
    let there = stage.installed();
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
    stage.asked.excluded.clear();
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), [format!("add all in {}", REGIONS.join(","))]);
}

#[test]
fn excluding_more_removes_nothing() {
    let mut stage = Stage::new();
    let there = stage.installed();
    stage.asked.excluded = list(&["333333333333"]);
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
}

/// A unit without accounts has to be named once, or accounts that join it are not covered.
#[test]
fn an_empty_unit_is_named_once() {
    let mut stage = Stage::new();
    stage.organization.accounts.remove("555555555555");
    stage.asked.units = list(&["Payments", "Test"]);
    let mut there = stage.installed();
    assert_eq!(stage.plan(Some(&there)), Ok(Vec::new()));
    there.set.units.retain(|unit| unit != "ou-abcd-test0000");
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), [format!("add all in {}", REGIONS.join(","))]);
}

#[test]
fn sets_of_others_are_refused() {
    let stage = Stage::new();
    let refused = |change: fn(&mut SetState)| {
        let mut there = stage.installed();
        change(&mut there);
        stage.plan(Some(&there)).unwrap_err().to_string()
    };
    let untagged = refused(|state| drop(state.set.tags.remove("notebook-guard:managed")));
    assert!(untagged.contains("was not made by deployer"), "{untagged}");
    let by_hand = refused(|state| state.set.permission_model = PermissionModel::SelfManaged);
    assert!(by_hand.contains("not service-managed"), "{by_hand}");
    let neighbour = refused(|state| drop(state.set.parameters.insert("Prefix".to_owned(), "other".to_owned())));
    assert!(neighbour.contains("another --prefix"), "{neighbour}");
    let moved = refused(|state| drop(state.set.parameters.insert("RolePath".to_owned(), "/x/".to_owned())));
    assert!(moved.contains("--role-path"), "{moved}");
}

#[test]
fn a_downgrade_is_refused_unless_allowed() {
    let mut stage = Stage::new();
    let there = stage.installed();
    stage.artifact.version = "0.1.9".to_owned();
    let told = stage.plan(Some(&there)).unwrap_err();
    assert!(matches!(&told, OrgPlanError::Downgrade { installed, .. } if installed == "0.2.0"), "{told}");
    stage.allow_downgrade = true;
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["update all"]);
}

#[test]
fn managed_execution_is_switched_on_again() {
    let stage = Stage::new();
    let mut there = stage.installed();
    there.set.is_managed_execution = false;
    assert_eq!(short(&stage.plan(Some(&there)).unwrap()), ["update all"]);
}
