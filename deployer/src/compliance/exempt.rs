//! The exemption of a result: from the ledger, or as far as the annotation tells.

use rule::check::{ALL, Check};
use rule::exemption::{Exemption, Exemptions, day};
use rule::resource::ResourceId;

use super::Wanted;
use crate::evidence::rows::{Compliance, EvaluationRow, Exempt};

/// What the function writes of an exemption that holds, and of one that does no more ([`rule::exemption::Ruling::applied`]).
const HOLDS: &str = "exempt until ";
const EXPIRED: &str = "the exemption until ";

/// The exemption that the function applied. What it did not apply is none, whatever the ledger says: the ledger may be
/// newer than the function's.
pub(super) fn exempt(row: &EvaluationRow, check: &Check, wanted: &Wanted) -> Option<Exempt> {
    let annotation = row.annotation.as_deref()?;
    let told = match row.compliance_type {
        Compliance::NotApplicable => holding(annotation),
        Compliance::NonCompliant => ended(annotation),
        Compliance::Compliant | Compliance::InsufficientData => None,
    }?;
    // One that held when the function ran may have expired since.
    let expired = row.compliance_type == Compliance::NonCompliant || told.last.is_some_and(|last| wanted.today > last);
    let ledger = wanted.exemptions.as_ref().and_then(|ledger| in_ledger(row, told.ticket, check, ledger));
    Some(match ledger {
        Some(one) => Exempt {
            ticket: one.ticket.clone(),
            reason: one.reason.clone(),
            owner: one.owner.clone(),
            approved_by: one.approved_by.clone(),
            expires: one.expires.to_string(),
            expired,
        },
        None => Exempt {
            ticket: told.ticket.to_owned(),
            reason: told.reason.to_owned(),
            owner: String::new(),
            approved_by: String::new(),
            expires: told.expires.to_owned(),
            expired,
        },
    })
}

/// What an annotation tells.
struct Told<'a> {
    expires: &'a str,
    last: Option<time::Date>,
    ticket: &'a str,
    reason: &'a str,
}

/// `exempt until 2027-01-31 (SEC-123): the vendor's driver needs it`.
fn holding(annotation: &str) -> Option<Told<'_>> {
    let (ticket, rest) = dated(annotation.strip_prefix(HOLDS)?)?;
    Some(Told { reason: rest.strip_prefix(':').unwrap_or(rest).trim(), ..ticket })
}

/// `the exemption until 2027-01-31 (SEC-123) has expired. RootAccess is "Enabled"`.
fn ended(annotation: &str) -> Option<Told<'_>> {
    let (ticket, rest) = dated(annotation.strip_prefix(EXPIRED)?)?;
    rest.trim_start().starts_with("has expired").then_some(ticket)
}

/// A day and a ticket in parentheses, which may have parentheses in it: annotations are told by us alone.
fn dated(text: &str) -> Option<(Told<'_>, &str)> {
    let (expires, rest) = text.split_once(" (")?;
    let end = rest.find("):").or_else(|| rest.find(") has expired"))?;
    let (ticket, rest) = rest.split_at_checked(end)?;
    Some((Told { expires, last: day(expires), ticket, reason: "" }, rest.strip_prefix(')')?))
}

/// The entry of the ledger that an evaluation names, if the ledger has it.
pub(crate) fn entry<'a>(row: &EvaluationRow, ledger: &'a Exemptions) -> Option<&'a Exemption> {
    let check = ALL.into_iter().find(|check| check.id == row.check)?;
    in_ledger(row, &row.exempt.as_ref()?.ticket, check, ledger)
}

/// The ruling's own way to an entry, among those of the ticket: the ledger may be newer than the function's.
fn in_ledger<'a>(row: &EvaluationRow, ticket: &str, check: &Check, ledger: &'a Exemptions) -> Option<&'a Exemption> {
    let id: ResourceId = row.resource_id.parse().ok()?;
    let name = row.notebook.as_deref().unwrap_or(&row.resource_id);
    let by = (row.account.as_str(), row.region.as_str(), check.id);
    let of = |one: &Exemption| (one.account.as_str(), one.region.as_str(), one.check).cmp(&by);
    let all = ledger.as_slice();
    let (start, end) = (all.partition_point(|one| of(one).is_lt()), all.partition_point(|one| of(one).is_le()));
    let of_check = all.get(start..end).unwrap_or_default().iter();
    // Where several match, the one that holds longest decides.
    of_check.filter(|one| one.ticket == ticket && one.notebook.matches(name, &id)).max_by_key(|one| one.expires)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use rule::check::ROOT_ACCESS;

    fn read(word: Compliance, annotation: &str) -> Option<Exempt> {
        let row = EvaluationRow {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            check: ROOT_ACCESS.id.to_owned(),
            rule: "notebook-guard-root-access".to_owned(),
            resource_type: "AWS::SageMaker::NotebookInstance".to_owned(),
            resource_id: "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/nb".to_owned(),
            notebook: Some("nb".to_owned()),
            compliance_type: word,
            annotation: Some(annotation.to_owned()),
            ordering_timestamp: None,
            config_rule_invoked_time: None,
            result_recorded_time: None,
            exempt: None,
        };
        exempt(&row, &ROOT_ACCESS, &Wanted::all("notebook-guard", date!(2026 - 11 - 23)))
    }

    #[test]
    fn an_annotation_tells_ticket_day_and_reason() {
        let told = read(Compliance::NotApplicable, "exempt until 2027-01-31 (SEC-1 (b)): a (small) reason: one");
        let told = told.unwrap();
        assert_eq!((told.ticket.as_str(), told.reason.as_str()), ("SEC-1 (b)", "a (small) reason: one"));
        assert_eq!((told.expires.as_str(), told.expired), ("2027-01-31", false));
        // A reason may be as long as to be cut in the annotation.
        assert_eq!(read(Compliance::NotApplicable, "exempt until 2027-01-31 (SEC-1): ").unwrap().reason, "");
    }

    #[test]
    fn what_has_expired_is_told_whether_the_function_ran_since_or_not() {
        let ran =
            read(Compliance::NonCompliant, "the exemption until 2026-10-31 (SEC-1) has expired. RootAccess").unwrap();
        assert_eq!((ran.ticket.as_str(), ran.expired), ("SEC-1", true));
        assert!(read(Compliance::NotApplicable, "exempt until 2026-11-22 (SEC-1): x").unwrap().expired);
        assert!(!read(Compliance::NotApplicable, "exempt until 2026-11-23 (SEC-1): x").unwrap().expired);
    }

    #[test]
    fn other_words_are_no_exemption() {
        for (word, annotation) in [
            (Compliance::NotApplicable, "the notebook is being deleted"),
            (Compliance::NotApplicable, "exempt until further notice"),
            (Compliance::Compliant, "exempt until 2027-01-31 (SEC-1): x"),
            (Compliance::NonCompliant, "exempt until 2027-01-31 (SEC-1): x"),
            (Compliance::NonCompliant, "the exemption until 2026-10-31 (SEC-1) is gone"),
        ] {
            assert_eq!(read(word, annotation), None, "{annotation}");
        }
    }
}
