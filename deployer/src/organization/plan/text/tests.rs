use std::collections::BTreeMap;

use super::*;
use crate::organization::plan::{Chunk, FORMAT, Filter, Reach, ScopeSummary, SetDeploy, SetPlan, SetStep};
use crate::organization::settings::{OrgSettings, Pace};
use crate::organization::targets::{Skip, Targets};
use crate::plan::{Change, Deploy, Plan, RegionPlan, Sign, Step};
use crate::settings::{Settings, Triggers};
use crate::templates::{ArtifactName, Template};

fn ids(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number:08}")).collect()
}

fn changes(count: usize) -> Vec<Change> {
    let one = |number| Change {
        sign: Sign::Add,
        kind: "rule".to_owned(),
        name: format!("notebook-guard-{number}"),
        logical: None,
        from: None,
        to: None,
    };
    (0..count).map(one).collect()
}

/// A plan for an organization of this size, with a Region that differs from all others.
fn plan(units: usize, accounts: usize, regions: usize, skipped: usize) -> OrgPlan {
    let mut settings = Settings::new(ids("region-", regions));
    settings.checks.clear();
    let artifact = ArtifactName {
        version: "0.1.0".to_owned(),
        sha256: "0".repeat(64),
        code_sha256: String::new(),
        size: 3_000_000,
        architecture: "arm64".to_owned(),
    };
    let region = |(number, region): (usize, &String)| RegionPlan {
        region: region.clone(),
        triggers: Triggers::ChangeAndSchedule,
        steps: vec![Step::Deploy(Deploy {
            stack: "notebook-guard".to_owned(),
            template: Template::Member,
            is_new: true,
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            changes: changes(20 + number % 3),
        })],
    };
    let base = Plan {
        format: crate::plan::FORMAT,
        account: "111111111111".to_owned(),
        partition: "aws".to_owned(),
        repair: false,
        allow_downgrade: false,
        settings: settings.clone(),
        artifact,
        exemptions: 0,
        regions: settings.regions.iter().enumerate().map(region).collect(),
    };
    let targets = Targets { units: ids("ou-abcd-", units), ..Targets::default() };
    let chunk = Chunk { units: targets.units.clone(), accounts: Vec::new(), filter: Filter::None };
    let deploy = SetDeploy {
        template: Template::Member,
        parameters: BTreeMap::new(),
        tags: BTreeMap::new(),
        changes: changes(22),
    };
    let set = |number: usize| SetPlan {
        name: format!("notebook-guard-set-{number}"),
        regions: settings.regions.clone(),
        steps: vec![
            SetStep::Create(deploy.clone()),
            SetStep::AddInstances {
                on: Reach::Everything,
                regions: settings.regions.clone(),
                chunks: vec![chunk.clone()],
            },
            SetStep::AutoDeployment { on: true },
        ],
    };
    let states = ["SUSPENDED", "CLOSED", "PENDING_CLOSURE"];
    let skip = |(number, id): (usize, String)| Skipped {
        account: id,
        name: String::new(),
        why: Skip::State { state: states[number % states.len()].to_owned() },
    };
    OrgPlan {
        format: FORMAT,
        organization: "o-abcdefghij".to_owned(),
        management: "111111111111".to_owned(),
        administrator: "111111111111".to_owned(),
        call_as: CallAs::Own,
        settings: OrgSettings {
            home_region: "region-00000000".to_owned(),
            targets,
            canary: Vec::new(),
            include_management: true,
            pace: Pace::default(),
            managed_pack: false,
            guardrail: None,
            aggregator: false,
            settings: settings.clone(),
        },
        activate_trusted_access: true,
        base,
        sets: (1..=regions.div_ceil(9)).map(set).collect(),
        packs: Vec::new(),
        guardrail: None,
        aggregator: None,
        scope: ScopeSummary {
            accounts,
            skipped: ids("3000", skipped).into_iter().enumerate().map(skip).collect(),
            empty_units: Vec::new(),
            outside: ids("4000", skipped),
            blocking: Vec::new(),
            crowded: Vec::new(),
            own_stacks: Vec::new(),
        },
    }
}

#[test]
fn the_text_of_any_size_is_fewer_than_a_hundred_lines() {
    for (units, accounts, regions, skipped) in [(1, 5, 2, 1), (400, 10_000, 17, 900), (4_000, 90_000, 34, 9_000)] {
        let text = render(&plan(units, accounts, regions, skipped), &str::to_owned, 80);
        let lines = text.lines().count();
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
        assert!(lines < 100, "{lines} lines for {accounts} accounts:\n{text}");
        assert!(text.trim_end().lines().last().unwrap().starts_with("To change:"), "{text}");
    }
}

#[test]
fn a_small_plan_tells_every_change_once() {
    let text = anstream::adapter::strip_str(&render(&plan(1, 5, 1, 1), &str::to_owned, 80)).to_string();
    assert_eq!(text.matches("notebook-guard-21").count(), 1, "the StackSet's changes:\n{text}");
    assert!(text.contains("1 account left out, because it is SUSPENDED: 300000000000"), "{text}");
    assert!(text.contains("management account 111111111111: by stacks of its own"), "{text}");
}

#[test]
fn the_management_account_is_told_also_when_it_is_not_covered() {
    let mut plan = plan(1, 5, 1, 0);
    plan.call_as = CallAs::DelegatedAdministrator;
    assert!(management(&plan).contains("not covered; only its own credentials can"), "{}", management(&plan));
}
