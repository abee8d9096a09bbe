//! Coverage adds up whatever was read, and its report stays short.

mod properties;
mod report;

use super::{
    Artifacts, Coverage, Expectation, Found, Head, Installed, Member, OwnStack, OwnStackState, Packs, Recorded, Report,
    SetState, Standing, Why,
};

/// An account by its number.
fn member(number: usize, expectation: Expectation) -> Member {
    let is_active = !matches!(expectation, Expectation::Skipped(_));
    Member { id: format!("{number:012}"), name: format!("account-{number}"), is_active, expectation }
}

fn regions(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("eu-west-{number}")).collect()
}

fn set(name: &str, regions: &[String]) -> SetState {
    SetState {
        name: name.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        regions: regions.to_vec(),
        auto_deployment: true,
        blocking: Vec::new(),
        managed_execution: true,
        settings: "0123456789abcdef".to_owned(),
        is_changed: Some(false),
        code: "0".repeat(64),
        running: Vec::new(),
    }
}

/// An installation in which all is well, with this coverage.
fn installed(coverage: Coverage) -> Installed {
    let regions = coverage.regions().to_vec();
    let own = |region: &String| OwnStack {
        region: region.clone(),
        state: Ok(Some(OwnStackState {
            is_ours: true,
            status: "CREATE_COMPLETE".to_owned(),
            is_settled: true,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            installed: "0".repeat(64),
            runs: Ok(Some("0".repeat(64))),
        })),
    };
    let artifacts = |region: &String| Artifacts { region: region.clone(), stack: Ok(true), zip: Ok(true) };
    Installed {
        other_installer: None,
        record: Recorded {
            is_there: true,
            units: vec!["Prod/Payments".to_owned()],
            regions: regions.clone(),
            management: true,
            ..Recorded::default()
        },
        sets: vec![set("notebook-guard", &regions)],
        management: Some(regions.iter().map(own).collect()),
        artifacts: regions.iter().map(artifacts).collect(),
        guardrail: Ok(None),
        aggregator: Ok(None),
        packs: Ok(Packs::default()),
        trusted_access: Ok(true),
        unread: Vec::new(),
        coverage,
    }
}

fn report(installed: Installed) -> Report {
    Report {
        head: Head {
            prefix: "notebook-guard".to_owned(),
            organization: "o-abcdefghij".to_owned(),
            management: "999999999999".to_owned(),
            administrator: "999999999999".to_owned(),
            home: "eu-west-1".to_owned(),
            looked_in: "eu-west-1".to_owned(),
        },
        installation: Standing::Present(Box::new(installed)),
    }
}

/// So many accounts that are covered in so many Regions.
fn covered(accounts: usize, places: usize) -> Coverage {
    let members = (1..=accounts).map(|number| member(number, Expectation::Covered)).collect();
    let mut coverage = Coverage::expecting(regions(places), members);
    for number in 1..=accounts {
        for region in regions(places) {
            coverage.record(&format!("{number:012}"), &region, &Found::Current);
        }
    }
    coverage
}

fn why(cause: &'static str, words: &str) -> Why {
    Why::new(cause, words).with_fix("mend it")
}
