//! The customer's `exemptions.yaml`: read strictly, with every fault at its line, and written for the artifact.
//!
//! What an exemption is and what may stand in its fields is the evaluator's to say ([`rule::exemption`]). Here it comes
//! with its place in the file, and with what only a person who edits it can mend: doubles, dates that are too far off.

mod entry;
mod fault;
mod file;
mod yaml;

pub use fault::Fault;
pub use file::{load, today};

use std::collections::BTreeMap;

use rule::exemption::{Exemption, Field, MAX_BYTES, MAX_COUNT, day};
use time::{Date, Duration};

use yaml::At;

/// The most days that an exemption may still hold: somebody looks at it again at least once a year.
pub const MOST_DAYS: i64 = 366;

/// The valid exemptions of a file. The default has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exemptions {
    all: rule::exemption::Exemptions,
    warnings: Vec<Fault>,
}

impl Exemptions {
    /// The exemptions, as the evaluator applies them.
    #[must_use]
    pub fn all(&self) -> &rule::exemption::Exemptions {
        &self.all
    }

    /// What is no fault but wants cleaning up: exemptions that have expired.
    #[must_use]
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// The text of `exemptions.json` in the artifact. The same exemptions give the same bytes, whatever their order in
    /// the file; no exemptions give an empty list.
    #[must_use]
    pub fn to_artifact(&self) -> Vec<u8> {
        self.all.to_json()
    }
}

/// Reads the text of an `exemptions.yaml`. `today` is the day in UTC.
///
/// # Errors
/// All faults at once, in the order of the file; where it is no YAML at all, the first place that is none.
pub fn read(text: &str, today: Date) -> Result<Exemptions, Vec<Fault>> {
    if text.len() > MAX_BYTES {
        return Err(vec![too_large(format!("the file has {} bytes", text.len()))]);
    }
    let mut faults = Vec::new();
    let mut warnings = Vec::new();
    let entries = entry::entries(yaml::parse(text).map_err(|fault| vec![fault])?, &mut faults);
    if let Some(first) = entries.get(MAX_COUNT) {
        let problem = format!("the file has {} exemptions", entries.len());
        faults.push(Fault::at(first.at, problem, format!("at most {MAX_COUNT} exemptions")));
    }
    let mut all = Vec::new();
    let mut seen = BTreeMap::new();
    for entry in entries.iter().take(MAX_COUNT) {
        match entry.exemption() {
            Ok(exemption) => {
                faults.extend(double(entry, &exemption, &mut seen));
                all.push(exemption);
            }
            Err(wrong) => faults.extend(wrong),
        }
        match dated(entry, today) {
            Some(Dated::TooFar(fault)) => faults.push(fault),
            Some(Dated::Expired(warning)) => warnings.push(warning),
            None => {}
        }
    }
    let exemptions = Exemptions { all: all.into_iter().collect(), warnings };
    let size = exemptions.to_artifact().len();
    if size > MAX_BYTES {
        faults.push(too_large(format!("the exemptions take {size} bytes in the artifact")));
    }
    faults.sort_by_key(|fault| (fault.line, fault.column));
    if faults.is_empty() { Ok(exemptions) } else { Err(faults) }
}

fn too_large(problem: String) -> Fault {
    Fault::at(At::START, problem, format!("at most {MAX_BYTES} bytes"))
}

type Scope = (String, String, &'static str, String);

/// A second exemption of the same notebook from the same check: a renewal replaces the old one, so that there is one
/// answer to the question until when it holds.
fn double(entry: &entry::Entry, exemption: &Exemption, seen: &mut BTreeMap<Scope, (usize, usize)>) -> Option<Fault> {
    let Exemption { account, region, check, notebook, .. } = exemption;
    let scope = (account.to_string(), region.clone(), *check, notebook.as_str().to_ascii_lowercase());
    let (number, line) = *seen.entry(scope).or_insert((entry.number, entry.at.line));
    (number != entry.number).then(|| {
        let problem = format!("is the same notebook and check as in exemption {number} on line {line}");
        entry.fault(Some(("notebook", entry.at_value("notebook"))), problem, "one exemption; keep the later one")
    })
}

enum Dated {
    TooFar(Fault),
    Expired(Fault),
}

/// What is wrong with the last day, whatever else is wrong with the entry.
fn dated(entry: &entry::Entry, today: Date) -> Option<Dated> {
    let expires = entry.text(Field::Expires).and_then(day)?;
    let place = Some(("expires", entry.at_value("expires")));
    let latest = today.saturating_add(Duration::days(MOST_DAYS));
    if expires > latest {
        let problem = format!("is {expires}, {} days ahead", (expires - today).whole_days());
        Some(Dated::TooFar(entry.fault(place, problem, format!("at most {MOST_DAYS} days ahead: until {latest}"))))
    } else if today <= expires {
        None
    } else {
        let problem = format!("was {expires}: {} no longer holds", entry.text(Field::Ticket).unwrap_or("it"));
        Some(Dated::Expired(entry.fault(place, problem, "take it out of the file, or have it renewed")))
    }
}
