//! Exemptions: violations that somebody answers for until a day, kept beside the code and baked into the artifact.
//!
//! An exemption names one account, one Region and one check, and a notebook by a [`Pattern`]. So each one is the
//! business of exactly one sweep, which can tell whether it matched anything. Only a violation can be exempt: it
//! becomes `NOT_APPLICABLE`, never COMPLIANT, and what could not be read stays unknown.

mod artifact;
mod field;
mod pattern;

pub use artifact::{ExemptionsError, MAX_BYTES, MAX_COUNT};
pub use field::{Field, FieldFault, day};
pub use pattern::Pattern;

use std::cell::Cell;

use time::Date;

use crate::check::Check;
use crate::resource::{AccountId, ResourceId};
use crate::verdict::Verdict;

/// One exemption. Only [`Exemption::of`] makes one, so that every field is valid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Exemption {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: String,
    /// The id of the check.
    pub check: &'static str,
    /// The notebook or domain.
    pub notebook: Pattern,
    /// The last day on which it holds, UTC.
    pub expires: Date,
    /// Where it was asked for and granted.
    pub ticket: String,
    /// Why the violation is borne.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who granted it.
    pub approved_by: String,
}

impl Exemption {
    /// Whether it still holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        day <= self.expires
    }
}

/// All exemptions of an artifact, ordered by account, Region, check and notebook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exemptions(Vec<Exemption>);

impl Exemptions {
    /// The exemptions, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Exemption] {
        &self.0
    }

    /// Those of one account, Region and check, on a day (UTC).
    #[must_use]
    pub fn candidates(&self, (account, region): (&str, &str), check: &Check, today: Date) -> Candidates<'_> {
        let key = (account, region, check.id);
        let of = |one: &Exemption| key.cmp(&(one.account.as_str(), one.region.as_str(), one.check));
        let start = self.0.partition_point(|one| of(one).is_gt());
        let end = self.0.partition_point(|one| of(one).is_ge());
        let all = self.0.get(start..end).unwrap_or_default().iter().map(|one| (one, Cell::new(false)));
        Candidates { all: all.collect(), today }
    }
}

impl FromIterator<Exemption> for Exemptions {
    fn from_iter<I: IntoIterator<Item = Exemption>>(all: I) -> Self {
        let mut all: Vec<Exemption> = all.into_iter().collect();
        all.sort();
        Self(all)
    }
}

/// The exemptions that may apply in one run of one check. Remembers which of them matched.
#[derive(Debug, Clone)]
pub struct Candidates<'a> {
    all: Vec<(&'a Exemption, Cell<bool>)>,
    today: Date,
}

/// What exemptions say about a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling<'a> {
    /// It is borne by this exemption.
    Exempt(&'a Exemption),
    /// It was borne by this exemption, which has expired.
    Expired(&'a Exemption),
}

impl<'a> Candidates<'a> {
    /// What applies to the verdict on a resource of this name and id: nothing unless it is a violation. Where several
    /// exemptions match, the one that holds longest decides.
    ///
    /// A resource that could not be judged counts as matched, because it may be a violation.
    #[must_use]
    pub fn ruling(&self, name: &str, id: &ResourceId, verdict: &Verdict) -> Option<Ruling<'a>> {
        let is_violation = match verdict {
            Verdict::Compliant | Verdict::NotApplicable(_) => return None,
            Verdict::NonCompliant(_) => true,
            Verdict::Undetermined(_) => false,
        };
        let matching = self.all.iter().filter(|(one, _)| one.notebook.matches(name, id));
        let longest =
            matching.inspect(|(_, matched)| matched.set(true)).map(|(one, _)| *one).max_by_key(|one| one.expires);
        longest
            .filter(|_| is_violation)
            .map(|one| if one.holds_on(self.today) { Ruling::Exempt(one) } else { Ruling::Expired(one) })
    }

    /// Those that matched no violation so far. They mean something only after everything was judged.
    pub fn unmatched(&self) -> impl Iterator<Item = &'a Exemption> {
        self.all.iter().filter(|(_, matched)| !matched.get()).map(|(one, _)| *one)
    }
}

impl Ruling<'_> {
    /// The verdict under the ruling. Anything but a violation stays as it is.
    #[must_use]
    pub fn applied(self, verdict: Verdict) -> Verdict {
        match (self, verdict) {
            (Self::Exempt(Exemption { expires, ticket, reason, .. }), Verdict::NonCompliant(_)) => {
                Verdict::NotApplicable(format!("exempt until {expires} ({ticket}): {reason}"))
            }
            // In front, where no annotation is cut.
            (Self::Expired(Exemption { expires, ticket, .. }), Verdict::NonCompliant(reason)) => {
                Verdict::NonCompliant(format!("the exemption until {expires} ({ticket}) has expired. {reason}"))
            }
            (
                Self::Exempt(_) | Self::Expired(_),
                other @ (Verdict::Compliant | Verdict::NotApplicable(_) | Verdict::Undetermined(_)),
            ) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{INSIDE_VPC, ROOT_ACCESS};
    use time::macros::date;

    const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
    const ARN: &str = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/legacy-1";

    fn exemption(notebook: &str, ticket: &str, expires: &str) -> Exemption {
        Exemption::of(|field| {
            Some(match field {
                Field::Account => PLACE.0,
                Field::Region => PLACE.1,
                Field::Check => ROOT_ACCESS.id,
                Field::Notebook => notebook,
                Field::Ticket => ticket,
                Field::Expires => expires,
                Field::Reason => "the vendor's driver needs it",
                Field::Owner => "research",
                Field::ApprovedBy => "ciso",
            })
        })
        .unwrap()
    }

    fn ruled(exemptions: &Exemptions, verdict: &str, today: Date) -> Verdict {
        let verdict = Verdict::NonCompliant(verdict.to_owned());
        let candidates = exemptions.candidates(PLACE, &ROOT_ACCESS, today);
        match candidates.ruling("legacy-1", &ARN.parse().unwrap(), &verdict) {
            Some(ruling) => ruling.applied(verdict),
            None => verdict,
        }
    }

    #[test]
    fn an_exemption_holds_to_the_end_of_its_last_day() {
        let all = Exemptions::from_iter([exemption("legacy-*", "SEC-1", "2027-01-31")]);
        let exempt = "exempt until 2027-01-31 (SEC-1): the vendor's driver needs it";
        for day in [date!(2026 - 01 - 01), date!(2027 - 01 - 31)] {
            assert_eq!(ruled(&all, "seen", day), Verdict::NotApplicable(exempt.to_owned()));
        }
        let expired = "the exemption until 2027-01-31 (SEC-1) has expired. seen";
        assert_eq!(ruled(&all, "seen", date!(2027 - 02 - 01)), Verdict::NonCompliant(expired.to_owned()));
    }

    #[test]
    fn of_several_the_one_that_holds_longest_decides() {
        let all =
            [("legacy-*", "SEC-1", "2027-01-31"), ("*", "SEC-2", "2027-03-31"), ("legacy-1", "SEC-3", "2026-12-31")];
        let all: Exemptions = all.into_iter().map(|(notebook, ticket, day)| exemption(notebook, ticket, day)).collect();
        let said = |day| ruled(&all, "seen", day).reason().unwrap().to_owned();
        assert!(said(date!(2026 - 12 - 01)).contains("SEC-2"));
        assert!(said(date!(2027 - 04 - 01)).starts_with("the exemption until 2027-03-31 (SEC-2) has expired"));
    }

    #[test]
    fn another_account_region_or_check_has_no_candidates() {
        let all = Exemptions::from_iter([exemption("*", "SEC-1", "2027-01-31")]);
        let count = |place, check| all.candidates(place, check, date!(2026 - 12 - 01)).all.len();
        assert_eq!(count(PLACE, &ROOT_ACCESS), 1);
        assert_eq!(count(PLACE, &INSIDE_VPC), 0);
        assert_eq!(count((PLACE.0, "eu-west-2"), &ROOT_ACCESS), 0);
        assert_eq!(count(("111122223334", PLACE.1), &ROOT_ACCESS), 0);
    }

    #[test]
    fn what_may_be_a_violation_counts_as_matched_and_what_is_none_does_not() {
        let all = Exemptions::from_iter([exemption("legacy-1", "SEC-1", "2027-01-31")]);
        let unmatched = |verdict: &Verdict| {
            let candidates = all.candidates(PLACE, &ROOT_ACCESS, date!(2026 - 12 - 01));
            let ruling = candidates.ruling("legacy-1", &ARN.parse().unwrap(), verdict);
            assert_eq!(ruling.is_some(), matches!(verdict, Verdict::NonCompliant(_)), "{verdict:?}");
            candidates.unmatched().count()
        };
        assert_eq!(unmatched(&Verdict::NonCompliant(String::new())), 0);
        assert_eq!(unmatched(&Verdict::Undetermined(String::new())), 0);
        assert_eq!(unmatched(&Verdict::Compliant), 1);
        assert_eq!(unmatched(&Verdict::NotApplicable(String::new())), 1);
    }
}
