//! What a report comes to, in one sentence.

use super::Meta;
use super::standing::Standings;
use crate::evidence::rows::Totals;

/// How it stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There are violations.
    Bad,
    /// None was seen, and not everything could be.
    Unsure,
    /// Everything was seen and complies.
    Good,
}

/// What it comes to: how it stands, the sentence, and what limits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conclusion {
    /// How it stands.
    pub(super) verdict: Verdict,
    /// The sentence.
    pub(super) sentence: String,
    /// What makes it less sure, one sentence each.
    pub(super) but: Vec<String>,
}

/// Judges the numbers. Where exempt results are not seen, nobody can say that a notebook complies with every check.
pub(super) fn conclude(standings: Standings, totals: &Totals, expired: u64, meta: &Meta) -> Conclusion {
    let (judged, noun) = (standings.judged(), standings.noun());
    let gaps = totals.places.unread + totals.places.incomplete + totals.resources.listed_not_evaluated;
    let scope = totals.places.read + totals.places.incomplete + totals.places.unread;
    let unsure = gaps + wanting(totals) > 0 || standings.unjudged > 0 || scope == 0;
    let is_mistaken = meta.narrowed && totals.resources.listed + totals.evaluations.total() == 0;
    let (verdict, sentence) = match (standings.bad, judged, unsure) {
        (0, 0, _) if is_mistaken => (Verdict::Unsure, "No notebook or domain matches what was asked for.".to_owned()),
        (0, 0, true) => (Verdict::Unsure, "Nothing could be judged.".to_owned()),
        (0, 0, false) => (Verdict::Good, "There is nothing to judge here.".to_owned()),
        (0, _, true) => (Verdict::Unsure, "No violation was seen, but not everything was judged.".to_owned()),
        (0, all, false) if !meta.sees_exempt => (
            Verdict::Good,
            format!("No violation of {all} {noun} was seen; an aggregator does not show what is exempt."),
        ),
        (0, 1, false) if standings.exempt == 0 => (Verdict::Good, format!("The only {noun} complies.")),
        (0, all, false) if standings.exempt == 0 => (Verdict::Good, format!("All {all} {noun} comply.")),
        (0, all, false) => {
            let exempt = standings.exempt;
            (Verdict::Good, format!("{} of {all} {noun} comply, {exempt} exempt.", standings.fine))
        }
        (bad, all, _) => {
            let verb = if bad == 1 { "does" } else { "do" };
            (Verdict::Bad, format!("{bad} of {all} {noun} {verb} not comply."))
        }
    };
    Conclusion { verdict, sentence, but: reservations(totals, expired) }
}

/// Checks that lack a result of a notebook or domain that exists.
fn wanting(totals: &Totals) -> u64 {
    totals.check_resources.values().filter(|check| check.listed_not_evaluated > 0).count() as u64
}

fn reservations(totals: &Totals, expired: u64) -> Vec<String> {
    let places = totals.places;
    let scope = places.read + places.incomplete + places.unread;
    let silent = totals.resources.listed_not_evaluated;
    [
        (places.unread, format!("{} of {scope} accounts × Regions gave no data.", places.unread)),
        (places.incomplete, partly(places.incomplete, scope)),
        (silent, format!("{silent} of {} that exist have no result.", totals.resources.listed)),
        (totals.resources.not_judged, beyond(totals)),
        (wanting(totals), without(wanting(totals))),
        (expired, lapsed(expired)),
    ]
    .into_iter()
    .filter_map(|(count, sentence)| (count > 0).then_some(sentence))
    .collect()
}

fn beyond(totals: &Totals) -> String {
    let (count, all) = (totals.resources.not_judged, totals.resources.listed);
    let verb = if count == 1 { "is" } else { "are" };
    format!("{count} of {all} that exist {verb} judged by no check, because none that is installed applies.")
}

fn partly(incomplete: u64, scope: u64) -> String {
    let verb = if incomplete == 1 { "was" } else { "were" };
    format!("{incomplete} of {scope} accounts × Regions {verb} read in part.")
}

fn without(checks: u64) -> String {
    match checks {
        1 => "1 check has no result for some that exist.".to_owned(),
        many => format!("{many} checks have no result for some that exist."),
    }
}

fn lapsed(expired: u64) -> String {
    match expired {
        1 => "1 result had an exemption that has expired: it is a violation again.".to_owned(),
        many => format!("{many} results had an exemption that has expired: they are violations again."),
    }
}
