//! What the sections of the page show, in words and numbers that are ready to be read.

use std::fmt::Write as _;

use rule::check::{ALL, Check};

use super::exemptions::Use;
use super::words::{counted, day, number, plain};
use crate::controls::mapping;
use crate::evidence::Moment;
use crate::evidence::rows::{CheckResources, Totals};
use crate::report::beyond;
use crate::report::by_check::{ByCheck, Row};
use crate::report::calls::Sum;
use crate::report::meta::Meta;
use crate::report::reasons::{Group, Lack};
use crate::report::standing::Standings;
use crate::report::worst::Bad;

/// A number that matters.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) note: String,
}

/// The numbers at the top.
pub(super) fn figures(standings: Standings, totals: &Totals, checks: usize, meta: &Meta) -> Vec<Figure> {
    let figure = |label: &str, value: String, note: String| Figure { label: label.to_owned(), value, note };
    let places = totals.places;
    let scope = places.read + places.incomplete + places.unread;
    let mut judged = standings.noun().to_owned();
    for (count, what) in
        [(standings.unjudged, "more could not be"), (totals.resources.not_judged, "others have no check")]
    {
        if count > 0 {
            let _ = write!(judged, "; {} {what}", number(count));
        }
    }
    let read = match places.excluded {
        0 => format!("of {} accounts × Regions", number(scope)),
        many => format!("of {} accounts × Regions; {} more out of scope", number(scope), number(many)),
    };
    // A notebook that two rules of one check judge has one violation of it.
    let sum = |of: fn(&CheckResources) -> u64| totals.check_resources.values().map(of).sum::<u64>();
    let exempt = if meta.sees_exempt {
        figure("Exempt", number(standings.exempt), counted(sum(|one| one.exempt), "exempt result"))
    } else {
        figure("Exempt", "?".to_owned(), "an aggregator does not show it".to_owned())
    };
    vec![
        figure("Do not comply", number(standings.bad), counted(sum(|one| one.violating), "violation")),
        exempt,
        figure("Judged", number(standings.judged()), judged),
        figure("Read to the end", number(places.read), read),
        figure("Checks", number(checks as u64), counted(sum(CheckResources::with_result), "result")),
    ]
}

/// A check with its notebooks and domains.
#[derive(Debug)]
pub(super) struct CheckRow {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) severity: &'static str,
    pub(super) remediation: String,
    pub(super) has_violations: bool,
    /// Non-compliant, compliant, exempt, not applicable, without result.
    pub(super) numbers: [(String, &'static str); 5],
    pub(super) bar: Vec<Segment>,
    pub(super) says: String,
}

/// A part of a bar, in thousandths of it.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) x: u64,
    pub(super) width: u64,
    pub(super) class: &'static str,
}

/// The checks that are installed or were asked for.
pub(super) fn checks(checks: &ByCheck, totals: &Totals, meta: &Meta) -> Vec<CheckRow> {
    checks.rows(totals, meta).iter().map(|row| check_row(row, meta.sees_exempt)).collect()
}

fn check_row(Row { id, check, resources }: &Row<'_>, sees_exempt: bool) -> CheckRow {
    let parts = [
        (resources.violating, "bad", "non-compliant"),
        (resources.exempt, "exempt", "exempt"),
        (resources.compliant, "fine", "compliant"),
        (resources.not_applicable, "other", "not applicable"),
        (resources.without_result(), "none", "without result"),
    ];
    let sum: u64 = parts.iter().map(|(count, ..)| count).sum();
    let mut x = 0;
    let mut bar = Vec::new();
    let mut so_far = 0;
    for (count, class, _) in parts.into_iter().filter(|(count, ..)| *count > 0) {
        so_far += count;
        let end = so_far * 1_000 / sum.max(1);
        // What is there is seen, however little it is.
        let width = end.saturating_sub(x).max(4);
        bar.push(Segment { x, width, class });
        x += width;
    }
    let is_hidden = |class| !sees_exempt && matches!(class, "exempt" | "other");
    let told =
        |(count, class, name)| (if count == 0 && is_hidden(class) { "?".to_owned() } else { number(count) }, name);
    let verb = if resources.violating == 1 { "does" } else { "do" };
    CheckRow {
        id: plain(id),
        title: check.map_or_else(|| "not a check of this version".to_owned(), |check| check.title.to_owned()),
        severity: check.map_or("unknown", |check| check.severity.as_str()),
        remediation: check.map(|check| check.remediation.to_owned()).unwrap_or_default(),
        has_violations: resources.violating > 0,
        numbers: parts.map(told),
        bar,
        says: format!("{} of {} {verb} not comply", number(resources.violating), number(sum)),
    }
}

/// A notebook or domain that violates checks.
#[derive(Debug)]
pub(super) struct Notebook {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) account: String,
    pub(super) account_name: String,
    pub(super) region: String,
    pub(super) arn: String,
    pub(super) violations: Vec<ViolationRow>,
}

/// A violation in words.
#[derive(Debug)]
pub(super) struct ViolationRow {
    pub(super) check: String,
    pub(super) severity: &'static str,
    pub(super) seen: String,
    /// Of the exemption that it had.
    pub(super) expired: String,
}

impl Notebook {
    pub(super) fn of(bad: &Bad, now: Moment) -> Self {
        let violation = |one: &crate::report::standing::Violation| ViolationRow {
            check: plain(&one.id),
            severity: one.severity().as_str(),
            seen: plain(one.said.as_deref().unwrap_or_default()),
            expired: one.expired.as_ref().map_or_else(String::new, |exempt| {
                format!("Exemption {} expired on {}", plain(&exempt.ticket), day(&exempt.expires, now).0)
            }),
        };
        Self {
            name: plain(&bad.name),
            kind: if bad.is_domain() { "Studio domain" } else { "Notebook" },
            account: plain(&bad.account),
            account_name: plain(bad.account_name.as_deref().unwrap_or_default()),
            region: plain(&bad.region),
            arn: plain(&bad.id),
            violations: bad.violations.iter().map(violation).collect(),
        }
    }
}

/// An exemption.
#[derive(Debug)]
pub(super) struct ExemptionRow {
    pub(super) until: String,
    pub(super) class: &'static str,
    pub(super) state: String,
    pub(super) ticket: String,
    pub(super) reason: String,
    pub(super) owner: String,
    pub(super) approved_by: String,
    pub(super) checks: Vec<String>,
    pub(super) notebooks: Vec<String>,
    pub(super) results: String,
}

impl ExemptionRow {
    pub(super) fn of(one: &Use, now: Moment) -> Self {
        let exempt = &one.exempt;
        let (until, days) = day(&exempt.expires, now);
        let (class, state) = match (exempt.expired, days) {
            (true, _) => ("bad", "expired: a violation again".to_owned()),
            (false, None) => ("fine", "in force".to_owned()),
            (false, Some(0)) => ("unknown", "ends today".to_owned()),
            (false, Some(days @ 1..=30)) => ("unknown", format!("ends in {}", counted(days.unsigned_abs(), "day"))),
            (false, Some(days)) => ("fine", format!("{} left", counted(days.unsigned_abs(), "day"))),
        };
        Self {
            until,
            class,
            state,
            ticket: plain(&exempt.ticket),
            reason: plain(&exempt.reason),
            owner: plain(&exempt.owner),
            approved_by: plain(&exempt.approved_by),
            checks: one.checks.iter().map(|check| plain(check)).collect(),
            notebooks: one.notebooks.iter().map(|name| plain(name)).collect(),
            results: counted(one.results, "result"),
        }
    }
}

/// Accounts × Regions without all of their data, for one reason.
#[derive(Debug)]
pub(super) struct Gap {
    pub(super) class: &'static str,
    pub(super) what: &'static str,
    pub(super) why: String,
    pub(super) places: String,
    /// An account with its Regions, each.
    pub(super) accounts: Vec<(String, Vec<String>)>,
    pub(super) more: String,
}

impl Gap {
    pub(super) fn of(group: &Group) -> Self {
        let (class, what) = match group.lack {
            Lack::NoData => ("unknown", "No data"),
            Lack::Incomplete => ("unknown", "Read in part"),
            Lack::Excluded => ("out", "Out of scope"),
        };
        let places = match group.places {
            1 => "1 account × Region".to_owned(),
            many => format!("{} accounts × Regions", number(many)),
        };
        let account = |account: &crate::report::reasons::Account| {
            let name = account.name.as_deref().map(plain).unwrap_or_default();
            let id = plain(&account.id);
            let account_text = if name.is_empty() { id } else { format!("{name} ({id})") };
            (account_text, account.regions.iter().map(|region| plain(region)).collect())
        };
        Self {
            class,
            what,
            why: plain(&group.why),
            places,
            accounts: group.accounts.iter().map(account).collect(),
            more: match group.all_accounts.saturating_sub(group.accounts.len() as u64) {
                0 => String::new(),
                rest => counted(rest, "more account"),
            },
        }
    }
}

/// What no check judges, for one reason.
#[derive(Debug)]
pub(super) struct Unjudged {
    pub(super) what: String,
    pub(super) why: String,
    /// A name with its account and Region, each.
    pub(super) first: Vec<(String, String)>,
    pub(super) more: String,
}

impl Unjudged {
    pub(super) fn of(group: &beyond::Group) -> Self {
        let rest = group.count.saturating_sub(group.first.len() as u64);
        Self {
            what: format!("{} {}", number(group.count), group.noun),
            why: plain(&group.why),
            first: group.first.iter().map(|(name, place)| (plain(name), plain(place))).collect(),
            more: if rest == 0 { String::new() } else { format!("{} more", number(rest)) },
        }
    }
}

/// What a check speaks to.
#[derive(Debug)]
pub(super) struct ControlRow {
    pub(super) check: &'static str,
    pub(super) control: String,
    pub(super) title: String,
    /// A framework with its requirements, each.
    pub(super) frameworks: Vec<(String, Vec<String>)>,
}

/// The checks that have a control of the same meaning, then those that have none.
pub(super) fn controls() -> Vec<ControlRow> {
    let standard = format!("{} {}", mapping().standard.name, mapping().standard.version);
    let row = |check: &'static Check| {
        let Some(control) = mapping().of(check) else {
            let title = "no control of the same meaning".to_owned();
            return ControlRow { check: check.id, control: String::new(), title, frameworks: Vec::new() };
        };
        let requirements = mapping().requirements(control).into_iter();
        let words = |numbers: Vec<&str>| numbers.into_iter().map(str::to_owned).collect();
        let mut frameworks: Vec<(String, Vec<String>)> =
            requirements.map(|(framework, numbers)| (framework.title(), words(numbers))).collect();
        if control.ai_security_best_practices {
            frameworks.push((standard.clone(), vec![control.id.clone()]));
        }
        ControlRow { check: check.id, control: control.id.clone(), title: control.title.clone(), frameworks }
    };
    ALL.into_iter().map(row).collect()
}

/// A call with what came of it.
#[derive(Debug)]
pub(super) struct CallRow {
    pub(super) call: String,
    pub(super) numbers: [String; 4],
}

impl CallRow {
    pub(super) fn of((call, sum): (&str, Sum)) -> Self {
        let Sum { places, pages, items, failed } = sum;
        Self { call: plain(call), numbers: [places, pages, items, failed].map(number) }
    }
}
