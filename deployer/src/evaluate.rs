//! Judging now: from the live account or from saved answers, into one [`Report`].

mod files;
mod live;
pub mod render;

pub use files::from_files;
pub use live::live;

use std::collections::BTreeSet;

use rule::check::{Check, Severity};
use rule::exemption::{Candidates, Exemption, Exemptions, Ruling};
use rule::parameters::RuleParameters;
use rule::resource::{ResourceId, ResourceType};
use rule::verdict::Verdict;
use time::Date;

/// What to judge in the live account.
#[derive(Debug, Clone)]
pub struct Request {
    /// The profile of the AWS configuration files, if one was chosen.
    pub profile: Option<String>,
    /// The Regions; empty for the configured one, `all` for every enabled one.
    pub regions: Vec<String>,
    /// The chosen checks, each with its parameters.
    pub parameters: Vec<RuleParameters>,
    /// What is exempt.
    pub exempting: Exempting,
}

/// What is exempt, and the day (UTC) on which that is asked.
#[derive(Debug, Clone)]
pub struct Exempting {
    /// The exemptions.
    pub exemptions: Exemptions,
    /// The day.
    pub today: Date,
}

/// Everything that was learned.
#[derive(Debug, Clone)]
pub struct Report {
    /// Where it comes from.
    pub source: Source,
    /// The checks that ran, in their order.
    pub checks: Vec<&'static Check>,
    /// The Regions or files, and how far they could be read.
    pub readings: Vec<Reading>,
    /// The resources, each with a verdict for every check of its type.
    pub resources: Vec<Resource>,
    /// Exemptions that no violation needed, of what was read to its end.
    pub unmatched: Vec<Exemption>,
    /// Whether the user ended the run before it was done.
    pub interrupted: bool,
}

/// Where a report comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A live account.
    Account {
        /// Its id.
        account: String,
        /// Who read it.
        caller: String,
    },
    /// Saved answers.
    Files(Vec<String>),
}

/// How far a Region or a file could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The Region or the file.
    pub place: String,
    /// How many resources it showed.
    pub resources: usize,
    /// Why it is not complete, if it is not.
    pub failure: Option<String>,
}

/// One judged resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The account, if it is known.
    pub account: Option<String>,
    /// The Region, if it is known.
    pub region: Option<String>,
    /// The type.
    pub resource_type: ResourceType,
    /// The id under which AWS Config would hold it.
    pub id: String,
    /// The name.
    pub name: String,
    /// A verdict for each check of the type.
    pub verdicts: Vec<(&'static Check, Verdict)>,
    /// The ids of the checks that are not applicable by an exemption only.
    pub exempt: BTreeSet<&'static str>,
}

/// How many verdicts there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// COMPLIANT.
    pub compliant: usize,
    /// `NON_COMPLIANT`.
    pub non_compliant: usize,
    /// `NOT_APPLICABLE`.
    pub not_applicable: usize,
    /// Could not be judged.
    pub undetermined: usize,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Compliant => self.compliant += 1,
            Verdict::NonCompliant(_) => self.non_compliant += 1,
            Verdict::NotApplicable(_) => self.not_applicable += 1,
            Verdict::Undetermined(_) => self.undetermined += 1,
        }
    }
}

impl FromIterator<Verdict> for Tally {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut tally = Self::default();
        verdicts.into_iter().for_each(|verdict| tally.add(&verdict));
        tally
    }
}

/// How a resource stands by all chosen checks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It violates a check.
    Bad,
    /// It violates none that could be judged, but some could not.
    Unknown,
    /// It violates none but those that it is exempt from.
    Exempt,
    /// It satisfies at least one check and violates none.
    Fine,
    /// No chosen check applies to it.
    NotJudged,
}

impl Resource {
    /// A resource that nothing was said of yet.
    fn of(resource_type: &ResourceType, id: &ResourceId, name: &str) -> Self {
        Self {
            account: None,
            region: None,
            resource_type: resource_type.clone(),
            id: id.to_string(),
            name: name.to_owned(),
            verdicts: Vec::new(),
            exempt: BTreeSet::new(),
        }
    }

    /// Adds the verdict of a check, once exemptions have had their say.
    fn judged(&mut self, check: &'static Check, id: &ResourceId, (verdict, exempting): (Verdict, &Candidates<'_>)) {
        let verdict = match exempting.ruling(&self.name, id, &verdict) {
            Some(ruling @ Ruling::Exempt(_)) => {
                self.exempt.insert(check.id);
                ruling.applied(verdict)
            }
            Some(ruling @ Ruling::Expired(_)) => ruling.applied(verdict),
            None => verdict,
        };
        self.verdicts.push((check, verdict));
    }

    /// How the resource stands. What no check applies to is not said to comply.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.tally() {
            Tally { non_compliant: 1.., .. } => Standing::Bad,
            Tally { undetermined: 1.., .. } => Standing::Unknown,
            Tally { .. } if !self.exempt.is_empty() => Standing::Exempt,
            Tally { compliant: 1.., .. } => Standing::Fine,
            Tally { .. } => Standing::NotJudged,
        }
    }

    /// The worst violation and how many there are, for sorting.
    #[must_use]
    pub fn worst(&self) -> (Option<Severity>, usize) {
        let violations = self.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::NonCompliant(_)));
        (violations.map(|(check, _)| check.severity).max(), self.tally().non_compliant)
    }

    /// The verdicts on this resource, counted.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.verdicts.iter().map(|(_, verdict)| verdict.clone()).collect()
    }
}

impl Report {
    /// All verdicts of one check, counted.
    #[must_use]
    pub fn tally(&self, check: &Check) -> Tally {
        let of_check = |(other, verdict): &(&'static Check, Verdict)| (other.id == check.id).then(|| verdict.clone());
        self.resources.iter().flat_map(|resource| resource.verdicts.iter().filter_map(of_check)).collect()
    }

    /// Whether any resource violates a check.
    #[must_use]
    pub fn has_non_compliant(&self) -> bool {
        self.resources.iter().any(|resource| resource.tally().non_compliant > 0)
    }

    /// Whether anything that was asked for could not be read.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.readings.iter().any(|reading| reading.failure.is_some())
            || self.resources.iter().any(|resource| resource.tally().undetermined > 0)
    }

    /// Whether nothing at all could be read.
    #[must_use]
    pub fn read_nothing(&self) -> bool {
        self.resources.is_empty()
            && !self.readings.is_empty()
            && self.readings.iter().all(|reading| reading.failure.is_some())
    }
}
