//! The parts of the report on a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, presets};

use crate::evidence::rows::Totals;
use crate::output::{BAD, FAINT, GOOD, STRONG, UNSURE, layout};
use crate::report::accounts::Account as InReport;
use crate::report::beyond;
use crate::report::by_check::{ByCheck, Row};
use crate::report::meta::Meta;
use crate::report::reasons::{Account, Group, Lack};
use crate::report::verdict::{Conclusion, Verdict};
use crate::report::worst::Bad;

/// What is at the right edge is no further away than this, or the eye does not find it.
const WIDEST: usize = 100;
/// As many notebooks are told in full.
const FEW: usize = 3;

/// What was looked at, and how.
pub(super) fn heading(meta: &Meta, width: usize) -> String {
    let scope = textwrap::fill(&plain(&meta.scope), layout(width, ""));
    let mut out = format!("{STRONG}{scope}{STRONG:#}\n");
    let how = format!("{}; {}", plain(&meta.source), meta.started);
    let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&how, layout(width, "")));
    if !meta.asked.is_empty() {
        let asked = format!("only {}", plain(&meta.asked.join(", ")));
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&asked, layout(width, "")));
    }
    out
}

/// The worst notebooks, and how many more there are.
pub(super) fn worst(worst: &[Bad], all: u64, width: usize) -> String {
    let tell = if worst.len() > FEW { brief } else { resource };
    let mut out: String = worst.iter().map(|bad| tell(bad, width)).collect();
    let rest = all.saturating_sub(worst.len() as u64);
    if !worst.is_empty() && rest > 0 {
        let _ = writeln!(out, "{FAINT}... and {rest} more: --all shows them{FAINT:#}");
    }
    out
}

/// One notebook with the names of the checks that it violates.
fn brief(bad: &Bad, width: usize) -> String {
    let checks: Vec<&str> = bad.violations.iter().map(|violation| violation.id.as_str()).collect();
    format!("{}{}\n", title(bad, width), textwrap::fill(&plain(&checks.join(", ")), layout(width, "    ")))
}

/// One notebook with what was seen of it, and what to do.
pub(super) fn resource(bad: &Bad, width: usize) -> String {
    let mut out = title(bad, width);
    for violation in &bad.violations {
        let _ = write!(out, "  {BAD}{}{BAD:#} {FAINT}({}){FAINT:#}", violation.id, violation.severity().as_str());
        if let Some(exempt) = &violation.expired {
            let expired = format!("{}, expired on {}", exempt.ticket, exempt.expires);
            let _ = write!(out, " {UNSURE}exemption {}{UNSURE:#}", plain(&expired));
        }
        out.push('\n');
        if let Some(said) = &violation.said {
            let _ = writeln!(out, "{}", textwrap::fill(&plain(said), layout(width, "    ")));
        }
    }
    out
}

/// The name, and the place at the right edge.
fn title(bad: &Bad, width: usize) -> String {
    let width = width.min(WIDEST);
    let name = if bad.is_domain() { format!("{} (Studio domain)", bad.name) } else { bad.name.clone() };
    let (name, place) = (plain(&name), format!("{} {}", bad.account, bad.region));
    let account = bad.account_name.as_ref().map(|name| format!("{} ", plain(name))).unwrap_or_default();
    let used = 4 + textwrap::core::display_width(&name) + place.len();
    let fits = used + textwrap::core::display_width(&account) <= width;
    let place = if fits { format!("{account}{place}") } else { place };
    let gap = width.saturating_sub(2 + textwrap::core::display_width(&format!("{name}{place}"))).max(2);
    format!("{BAD}✗{BAD:#} {STRONG}{name}{STRONG:#}{:gap$}{FAINT}{place}{FAINT:#}\n", "")
}

/// The notebooks and domains of each check.
pub(super) fn checks(checks: &ByCheck, totals: &Totals, meta: &Meta, width: usize) -> String {
    let rows = checks.rows(totals, meta);
    if rows.is_empty() {
        return String::new();
    }
    let mut table = comfy_table::Table::new();
    table.set_header(["CHECK", "SEVERITY", "NON-COMPLIANT", "COMPLIANT", "EXEMPT", "N/A", "NONE"]);
    for Row { id, check, resources } in &rows {
        let severity = check.map_or("-", |check| check.severity.as_str());
        let hidden = |count| unseen(count, meta);
        table.add_row([
            plain(id),
            severity.to_owned(),
            dash(resources.violating),
            dash(resources.compliant),
            hidden(resources.exempt),
            hidden(resources.not_applicable),
            dash(resources.without_result()),
        ]);
    }
    let mut out = laid_out(table, &[2, 3, 4, 5, 6]);
    let hidden =
        (!meta.sees_exempt).then(|| "? An aggregator does not show what is exempt or not applicable.".to_owned());
    let absent = checks.absent(totals, meta).map(|(what, ids)| format!("{what}: {}.", ids.join(", ")));
    for sentence in [hidden, checks.repeated(totals), absent].into_iter().flatten() {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&plain(&sentence), layout(width, "")));
    }
    out
}

fn dash(count: u64) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}

/// What an aggregator does not show is not none.
fn unseen(count: u64, meta: &Meta) -> String {
    if count == 0 && !meta.sees_exempt { "?".to_owned() } else { dash(count) }
}

/// The accounts with the most notebooks and domains that violate a check.
pub(super) fn accounts(all: &[(&str, &InReport)], most: usize, meta: &Meta, width: usize) -> String {
    // Of one account there is nothing to compare.
    if all.len() < 2 {
        return String::new();
    }
    let mut table = comfy_table::Table::new();
    table.set_header(["ACCOUNT", "NON-COMPLIANT", "COMPLIANT", "EXEMPT", "NAME"]);
    for (id, account) in all.iter().take(most) {
        let name = plain(account.name.as_deref().unwrap_or_default());
        table.add_row([
            (*id).to_owned(),
            dash(account.standings.bad),
            dash(account.standings.fine),
            unseen(account.standings.exempt, meta),
            cut(&name, width.saturating_sub(50)),
        ]);
    }
    let mut out = laid_out(table, &[1, 2, 3]);
    let rest = all.len().saturating_sub(most);
    if rest > 0 {
        let _ = writeln!(out, "{FAINT}... and {rest} more accounts with violations{FAINT:#}");
    }
    out
}

fn laid_out(mut table: comfy_table::Table, numbers: &[usize]) -> String {
    table.load_style(presets::NOTHING);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if numbers.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    lines.concat()
}

/// Accounts × Regions without all of their data, by reason.
pub(super) fn reasons(groups: &[Group], width: usize) -> String {
    let mut out = String::new();
    for group in groups {
        let (what, style, mark) = match group.lack {
            Lack::NoData => ("no data", UNSURE, "?"),
            Lack::Incomplete => ("read in part", UNSURE, "?"),
            Lack::Excluded => ("out of scope", FAINT, "–"),
        };
        let line = format!("{}, {what}: {}", places(group.places), plain(&group.why));
        let text = textwrap::fill(&line, layout(width.saturating_sub(2), "").subsequent_indent("  "));
        let _ = writeln!(out, "{style}{mark}{style:#} {text}");
        for account in &group.accounts {
            let _ =
                writeln!(out, "{}", textwrap::fill(&regions(account), layout(width, "  ").subsequent_indent("    ")));
        }
        let rest = group.all_accounts.saturating_sub(group.accounts.len() as u64);
        if rest > 0 {
            let _ = writeln!(out, "  {FAINT}... and {rest} more accounts: --all shows them{FAINT:#}");
        }
    }
    out
}

/// What no check judges, by reason.
pub(super) fn beyond(groups: &[beyond::Group], width: usize) -> String {
    let mut out = String::new();
    for group in groups {
        let line = format!("{} {}, not judged: {}", group.count, group.noun, plain(&group.why));
        let text = textwrap::fill(&line, layout(width.saturating_sub(2), "").subsequent_indent("  "));
        let _ = writeln!(out, "{FAINT}–{FAINT:#} {text}");
        for (name, place) in &group.first {
            let line = format!("{} {place}", plain(name));
            let _ = writeln!(out, "{}", textwrap::fill(&line, layout(width, "  ").subsequent_indent("    ")));
        }
        let rest = group.count.saturating_sub(group.first.len() as u64);
        if rest > 0 {
            let _ = writeln!(out, "  {FAINT}... and {rest} more: --all shows them{FAINT:#}");
        }
    }
    out
}

fn places(count: u64) -> String {
    if count == 1 { "1 account × Region".to_owned() } else { format!("{count} accounts × Regions") }
}

fn regions(account: &Account) -> String {
    let name = account.name.as_ref().map(|name| format!(" {}", plain(name))).unwrap_or_default();
    format!("{}{name}: {}", account.id, account.regions.join(", "))
}

/// What it comes to, and what limits it.
pub(super) fn conclusion(conclusion: &Conclusion, meta: &Meta, width: usize) -> String {
    let style = match conclusion.verdict {
        Verdict::Bad => BAD,
        Verdict::Unsure => UNSURE,
        Verdict::Good => GOOD,
    };
    let mut out = format!("{style}{}{style:#}\n", textwrap::fill(&conclusion.sentence, layout(width, "")));
    for sentence in &conclusion.but {
        let _ = writeln!(out, "{UNSURE}{}{UNSURE:#}", textwrap::fill(sentence, layout(width, "")));
    }
    for limit in meta.reservations() {
        let _ = writeln!(out, "{FAINT}{}{FAINT:#}", textwrap::fill(&limit, layout(width, "")));
    }
    out
}

/// Names of AWS are any text, and a terminal obeys some of it.
fn plain(text: &str) -> String {
    crate::evidence::plain::plain(text)
}

fn cut(text: &str, longest: usize) -> String {
    crate::evidence::plain::short(text, longest.max(10))
}
