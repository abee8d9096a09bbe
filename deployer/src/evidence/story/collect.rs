//! Picks the lines of one notebook.

use std::io;

use super::{Story, Wanted, spans};
use crate::evidence::content::{Content, Inconsistencies};
use crate::evidence::rows::{
    EVALUATIONS, EvaluationRow, Event, POPULATION, Place, PopulationRow, REPORT, Reading, Report, Resource, TIMELINE,
    TimelineRow,
};
use crate::evidence::source::Source;
use crate::evidence::verify::Verification;

/// Why no story can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ambiguous {
    /// The bundle has no such notebook.
    None {
        /// These have the name in them.
        similar: Vec<Resource>,
        /// It may be here: what was not read to the end or is out of scope, of the account and Region that was asked
        /// for.
        unread: Vec<Place>,
        /// The bundle is about nothing in the account or the Region that was asked for.
        is_elsewhere: bool,
    },
    /// It has several.
    Several(Vec<Resource>),
}

/// So many names are suggested.
const MOST_SUGGESTED: usize = 20;

impl Wanted {
    fn is_of(&self, resource: &Resource) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        fits(&self.account, &resource.account) && fits(&self.region, &resource.region)
    }

    /// Whether it could be in an account × Region: an ARN names both.
    fn may_be_in(&self, place: &Place) -> bool {
        let mut parts = self.name.split(':').skip(3);
        let (region, account) = (parts.next(), parts.next());
        let (region, account) = if self.name.starts_with("arn:") { (region, account) } else { (None, None) };
        let fits = |wanted: Option<&str>, is: &str| wanted.is_none_or(|wanted| wanted == is);
        fits(account, &place.account)
            && fits(region, &place.region)
            && fits(self.account.as_deref(), &place.account)
            && fits(self.region.as_deref(), &place.region)
    }

    /// ARNs that differ in letter case alone are one notebook, and SageMaker's names are unique without regard to it.
    fn names(&self, resource: &Resource) -> bool {
        let is = |text: &str| text.eq_ignore_ascii_case(&self.name);
        self.is_of(resource) && (is(&resource.resource_id) || resource.name.as_deref().is_some_and(is))
    }

    fn resembles(&self, resource: &Resource) -> bool {
        let name = resource.name.as_deref().unwrap_or(&resource.resource_id).to_lowercase();
        self.is_of(resource) && !self.name.is_empty() && name.contains(&self.name.to_lowercase())
    }
}

/// Reads the story of one notebook from a bundle that was verified.
///
/// # Errors
/// The files cannot be read, or are not in the bundle; inside, there is not exactly one such notebook.
pub fn collect(source: &Source, verification: &Verification, wanted: &Wanted) -> io::Result<Result<Story, Ambiguous>> {
    let content = &verification.content_of(source);
    let created = verification.manifest.as_ref().map(|manifest| manifest.created).ok_or(io::ErrorKind::NotFound)?;
    if let Some(lacking) = [POPULATION, EVALUATIONS].iter().find(|path| !content.has(path)) {
        return Err(io::Error::other(format!("`{lacking}` is not in it")));
    }
    let told = &mut Inconsistencies::default();
    let (mut named, mut similar, mut places) = (Vec::new(), Vec::new(), Vec::<Place>::new());
    content.rows(POPULATION, told, |row, _| match row {
        PopulationRow::Place(place) => places.push(place),
        PopulationRow::Resource(resource) if wanted.names(&resource) => named.push(resource),
        PopulationRow::Resource(resource) if similar.len() < MOST_SUGGESTED && wanted.resembles(&resource) => {
            similar.push(resource);
        }
        PopulationRow::Resource(_) => {}
    })?;
    let resource = match named.len() {
        1 => named.remove(0),
        0 => {
            places.retain(|place| wanted.may_be_in(place));
            let is_elsewhere = places.is_empty();
            places.retain(|place| place.reading != Reading::Read);
            return Ok(Err(Ambiguous::None { similar, unread: places, is_elsewhere }));
        }
        _ => return Ok(Err(Ambiguous::Several(named))),
    };
    let place =
        places.into_iter().find(|place| (&place.account, &place.region) == (&resource.account, &resource.region));
    let mut evaluations = Vec::new();
    content.rows(EVALUATIONS, told, |row: EvaluationRow, _| {
        if is_of(&resource, (&row.account, &row.region), &row.resource_id) {
            evaluations.push(row);
        }
    })?;
    evaluations.sort_by(|one, other| (&one.check, &one.rule).cmp(&(&other.check, &other.rule)));
    let has_timeline = content.has(TIMELINE);
    let timeline = if has_timeline { timeline(content, &resource, told)? } else { Vec::new() };
    if !told.is_empty() {
        return Err(io::Error::other("it has lines that cannot be read"));
    }
    let violations = spans::violations(&timeline);
    let period =
        if content.has(REPORT) { content.json::<Report>(REPORT, told)?.and_then(|report| report.period) } else { None };
    Ok(Ok(Story { resource, place, evaluations, timeline, violations, period, has_timeline, created }))
}

fn is_of(resource: &Resource, (account, region): (&str, &str), id: &str) -> bool {
    (account, region) == (resource.account.as_str(), resource.region.as_str())
        && id.eq_ignore_ascii_case(&resource.resource_id)
}

fn timeline(content: &Content<'_>, resource: &Resource, told: &mut Inconsistencies) -> io::Result<Vec<TimelineRow>> {
    let mut timeline = Vec::new();
    content.rows(TIMELINE, told, |row: TimelineRow, _| {
        let is_ours = match &row.resource_id {
            Some(id) => is_of(resource, (&row.account, &row.region), id),
            // Of a whole account × Region; of one type, if it names one.
            None => {
                matches!(row.event, Event::Gap { .. })
                    && (&row.account, &row.region) == (&resource.account, &resource.region)
                    && row.resource_type.as_ref().is_none_or(|kind| *kind == resource.resource_type)
            }
        };
        if is_ours {
            timeline.push(row);
        }
    })?;
    timeline.sort_by_key(|row| row.at);
    Ok(timeline)
}
