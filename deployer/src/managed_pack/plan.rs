//! What is to be done about the pack of one Region. Pure.

use super::body::{Body, body};
use super::catalogue::{Catalogue, catalogue};
use super::model::{MOST_PACKS, Mark, Observed, Pack, PackAction, PackError, PackPlan, PackStep, Phase};
use super::settings::PackSettings;

/// Plans one Region. `allow_older` lets an older version take the pack over.
///
/// # Errors
/// [`PackError`]: the pack of our name is not ours or of a newer version, there is no room, or it would be too large.
pub fn plan(settings: &PackSettings, observed: &Observed, allow_older: bool) -> Result<PackPlan, PackError> {
    let region = &observed.region;
    if let Some(pack) = &observed.pack {
        check_owner(&settings.name, region, pack, allow_older)?;
    }
    let notes = notes(catalogue(), region);
    let Some(body) = body(settings, region)? else {
        return Ok(PackPlan { region: region.clone(), step: None, notes });
    };
    let action = match &observed.pack {
        None if observed.packs >= MOST_PACKS => {
            return Err(PackError::NoRoom { region: region.clone(), packs: observed.packs });
        }
        None => Some(PackAction::Make),
        Some(pack) => action(settings, &body, pack),
    };
    let step = action.map(|action| PackStep {
        region: region.clone(),
        name: settings.name.clone(),
        action,
        rules: body.rules,
        body: body.text,
        mark: body.mark,
        excluded: settings.excluded.clone(),
    });
    Ok(PackPlan { region: region.clone(), step, notes })
}

fn check_owner(name: &str, region: &str, pack: &Pack, allow_older: bool) -> Result<(), PackError> {
    let (name, region) = (name.to_owned(), region.to_owned());
    let Some(mark) = &pack.mark else { return Err(PackError::Foreign { name, region }) };
    let ours = env!("CARGO_PKG_VERSION");
    if !allow_older && numbers(&mark.version) > numbers(ours) {
        return Err(PackError::Newer { name, region, theirs: mark.version.clone(), ours: ours.to_owned() });
    }
    Ok(())
}

/// The numbers of a version, to be compared in order.
fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

/// What happens to a pack of ours, if anything.
fn action(settings: &PackSettings, body: &Body, pack: &Pack) -> Option<PackAction> {
    let changes = changes(settings, &body.mark, pack);
    if !changes.is_empty() {
        return Some(PackAction::Update { changes });
    }
    let overall = pack.overall.as_ref();
    match overall.map(super::model::Overall::phase) {
        Some(Phase::Deployed) => None,
        Some(Phase::InProgress) => Some(PackAction::Follow),
        None => Some(PackAction::Repeat { why: "AWS Config does not say how it stands".to_owned() }),
        Some(Phase::Failed | Phase::Deleted | Phase::Unknown) => {
            let told = overall.map(|overall| match &overall.message {
                Some(message) => format!("{}: {message}", overall.word),
                None => overall.word.clone(),
            });
            Some(PackAction::Repeat { why: told.unwrap_or_default() })
        }
    }
}

fn changes(settings: &PackSettings, wanted: &Mark, pack: &Pack) -> Vec<String> {
    let mut changes = Vec::new();
    if let Some(mark) = &pack.mark {
        if mark.version != wanted.version {
            changes.push(format!("version {} becomes {}", mark.version, wanted.version));
        }
        if mark.digest != wanted.digest {
            changes.push("the rules or their parameters change".to_owned());
        }
    }
    let only_in = |one: &[String], other: &[String]| one.iter().filter(|account| !other.contains(account)).count();
    let more = only_in(&settings.excluded, &pack.excluded);
    let fewer = only_in(&pack.excluded, &settings.excluded);
    if more > 0 {
        changes.push(format!("{more} more accounts are left out, and lose it"));
    }
    if fewer > 0 {
        changes.push(format!("{fewer} accounts are left out no more, and get it"));
    }
    changes
}

/// What of the pack cannot be had in a Region.
fn notes(catalogue: &Catalogue, region: &str) -> Vec<String> {
    let date = &catalogue.read;
    if !catalogue.knows(region) {
        return vec![format!(
            "{region} is not in our list of AWS's rules of {date}: no pack is put there, because none of the rules is \
             known to exist everywhere"
        )];
    }
    let missing: Vec<&str> = catalogue.missing_in(region).map(|rule| rule.name.as_str()).collect();
    match missing.len() {
        0 => Vec::new(),
        all if all == catalogue.rules.len() => {
            vec![format!("{region} has none of AWS's rules on notebooks (as of {date}): no pack is put there")]
        }
        _ => vec![format!("{region} lacks (as of {date}): {}", missing.join(", "))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed_pack::model::Overall;
    use crate::settings::Settings;

    fn settings(excluded: &[&str]) -> PackSettings {
        let excluded = excluded.iter().map(|account| (*account).to_owned()).collect();
        PackSettings::new(&Settings::new(vec!["eu-west-1".to_owned()]), excluded)
    }

    fn observed(pack: Option<Pack>) -> Observed {
        Observed { region: "eu-west-1".to_owned(), packs: usize::from(pack.is_some()), pack }
    }

    fn pack(word: &str) -> Pack {
        let mark = body(&settings(&[]), "eu-west-1").unwrap().map(|body| body.mark);
        let overall = Overall { word: word.to_owned(), code: None, message: None, updated: None };
        Pack { arn: String::new(), mark, excluded: Vec::new(), overall: Some(overall) }
    }

    fn planned(settings: &PackSettings, pack: Option<Pack>) -> Option<PackAction> {
        plan(settings, &observed(pack), false).unwrap().step.map(|step| step.action)
    }

    #[test]
    fn it_is_made_once() {
        assert_eq!(planned(&settings(&[]), None), Some(PackAction::Make));
        for word in ["CREATE_SUCCESSFUL", "UPDATE_SUCCESSFUL"] {
            assert_eq!(planned(&settings(&[]), Some(pack(word))), None, "{word}");
        }
    }

    #[test]
    fn it_is_changed_followed_or_put_again() {
        let Some(PackAction::Update { changes }) = planned(&settings(&["1", "2"]), Some(pack("CREATE_SUCCESSFUL")))
        else {
            panic!("no update");
        };
        assert_eq!(changes, ["2 more accounts are left out, and lose it"]);
        assert_eq!(planned(&settings(&[]), Some(pack("UPDATE_IN_PROGRESS"))), Some(PackAction::Follow));
        for word in ["CREATE_FAILED", "DELETE_FAILED", "DELETE_SUCCESSFUL", "SOMETHING_NEW"] {
            let why = word.to_owned();
            assert_eq!(planned(&settings(&[]), Some(pack(word))), Some(PackAction::Repeat { why }));
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let foreign = Pack { mark: None, ..pack("CREATE_SUCCESSFUL") };
        let error = plan(&settings(&[]), &observed(Some(foreign)), true).unwrap_err();
        assert!(matches!(error, PackError::Foreign { .. }), "{error}");
        let mut newer = pack("CREATE_SUCCESSFUL");
        newer.mark.as_mut().unwrap().version = "99.0.0".to_owned();
        let error = plan(&settings(&[]), &observed(Some(newer.clone())), false).unwrap_err();
        assert!(matches!(error, PackError::Newer { .. }), "{error}");
        let step = plan(&settings(&[]), &observed(Some(newer)), true).unwrap().step.unwrap();
        assert!(matches!(step.action, PackAction::Update { .. }));
    }

    #[test]
    fn there_has_to_be_room() {
        let full = Observed { packs: 50, ..observed(None) };
        assert!(matches!(plan(&settings(&[]), &full, false), Err(PackError::NoRoom { packs: 50, .. })));
    }

    #[test]
    fn regions_without_rules_are_told_and_left_out() {
        for (region, says) in [
            ("eusc-de-east-1", "is not in our list"),
            ("ap-southeast-7", "has none of AWS's rules"),
            ("us-gov-west-1", "lacks"),
        ] {
            let there = Observed { region: region.to_owned(), ..observed(None) };
            let plan = plan(&settings(&[]), &there, false).unwrap();
            assert!(plan.notes.iter().any(|note| note.contains(says)), "{:?}", plan.notes);
            assert_eq!(plan.step.is_some(), region == "us-gov-west-1");
        }
    }
}
