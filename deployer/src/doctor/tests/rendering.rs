//! The report for people.

use super::*;

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
