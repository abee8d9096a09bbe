//! The look at every enabled Region, where nothing was found in those that were named or configured: that there is
//! nothing may be said only of what was looked at.

use futures_util::future::{join_all, try_join_all};

use super::{Site, noted};
use crate::failure::Failure;
use crate::observe::enabled_regions;
use crate::organization::{Noted, Record};
use crate::settings::Settings;
use crate::stack_set::Sets;

/// Finds home and record in the other Regions, if they are anywhere.
///
/// # Errors
/// A Region cannot be read: there the installation may be.
pub(super) async fn look(site: &mut Site) -> Result<(), Failure> {
    if has_set(site, &site.home).await? {
        return Ok(());
    }
    let settings = Settings::new(vec![site.home.clone()]);
    let enabled = enabled_regions(&site.sdk, &settings).await.map_err(|refusal| unread(refusal.into()))?;
    let others: Vec<String> = enabled.into_iter().filter(|region| !site.looked.contains(region)).collect();
    let all: Vec<String> = site.looked.iter().chain(&others).cloned().collect();
    let notes = join_all(all.iter().map(|region| noted(site, region))).await;
    let mut found: Vec<(String, Noted)> = Vec::new();
    for (region, noted) in all.iter().zip(notes) {
        found.extend(noted.map_err(unread)?.map(|noted| (region.clone(), noted)));
    }
    let (home, record) = match home(&found) {
        Some(home) => home,
        None => (first_with_set(site, &others).await?.unwrap_or_else(|| site.home.clone()), None),
    };
    (site.home, site.record) = (home, record);
    site.traces = found.into_iter().map(|(region, _)| region).collect();
    site.looked = all;
    Ok(())
}

/// The Region with the record, or else the one that another Region names.
fn home(found: &[(String, Noted)]) -> Option<(String, Option<Record>)> {
    let here = found.iter().find_map(|(region, noted)| match noted {
        Noted::Here(record) => Some((region.clone(), Some(record.clone()))),
        Noted::Elsewhere(_) => None,
    });
    here.or_else(|| {
        found.iter().find_map(|(_, noted)| match noted {
            Noted::Elsewhere(home) => Some((home.clone(), None)),
            Noted::Here(_) => None,
        })
    })
}

async fn first_with_set(site: &Site, regions: &[String]) -> Result<Option<String>, Failure> {
    let has = try_join_all(regions.iter().map(|region| has_set(site, region))).await.map_err(unread)?;
    Ok(regions.iter().zip(has).find(|(_, has)| *has).map(|(region, _)| region.clone()))
}

/// Whether a StackSet of ours is there.
async fn has_set(site: &Site, region: &str) -> Result<bool, Failure> {
    match Sets::new(&site.sdk, region, site.call_as).find(&site.prefix).await {
        Ok(set) => Ok(set.is_some_and(|set| site.is_ours(&set))),
        Err(refusal) if refusal.is_region_disabled() => Ok(false),
        Err(refusal) => Err(refusal.into()),
    }
}

fn unread(failed: Failure) -> Failure {
    failed
        .help("it was looked for in every enabled Region, since nothing is in those that were named or configured")
        .help("to look in one alone, name the Region of its StackSets: --home-region REGION")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::Targets;

    #[test]
    fn the_record_tells_more_than_a_note() {
        let record = Record { targets: Targets::default(), regions: Vec::new(), management: true, policies: false };
        let note = ("us-east-1".to_owned(), Noted::Elsewhere("eu-west-1".to_owned()));
        let here = ("eu-central-1".to_owned(), Noted::Here(record.clone()));
        assert_eq!(home(&[note.clone(), here]), Some(("eu-central-1".to_owned(), Some(record))));
        assert_eq!(home(&[note]), Some(("eu-west-1".to_owned(), None)));
        assert_eq!(home(&[]), None);
    }
}
