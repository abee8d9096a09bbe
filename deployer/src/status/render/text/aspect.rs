//! One line about each aspect of an installation, and a table of the rules.

use std::fmt::Write as _;

use rule::check::ALL;

use crate::digest::from_base64;
use crate::observe::RuleState;
use crate::output::counted;
use crate::settings::{Delivery, Schedule, Triggers};
use crate::status::{Aspect, Compliance, Installed};

/// What is said of an aspect.
pub(super) struct Summary {
    pub(super) line: String,
    /// Lines below it, laid out.
    pub(super) details: String,
}

/// What is said of an aspect in which `problems` were found; nothing if there is nothing to say, or if the findings say it.
pub(super) fn summary(aspect: Aspect, installed: &Installed, problems: usize, width: usize) -> Option<Summary> {
    let said = |line: String| Some(Summary { line, details: String::new() });
    match aspect {
        Aspect::Stack => said(format!("version {}, {}", parameter(installed, "Version"), triggers(installed))),
        Aspect::Code => said(code(installed)?),
        Aspect::Rules => rules(installed, problems, width),
        Aspect::Alarms => said(alarms(installed)?),
        Aspect::Drift => {
            installed.drift.as_ref()?.as_ref().ok().filter(|drift| drift.incomplete.is_none()).and_then(|drift| {
                drift.resources.is_empty().then(|| "nothing differs from the template".to_owned()).and_then(said)
            })
        }
        // Worth a line only if something is wrong with them.
        Aspect::Recorder | Aspect::Artifact => None,
    }
}

fn parameter<'a>(installed: &'a Installed, name: &str) -> &'a str {
    installed.stack.parameters.get(name).map(String::as_str).unwrap_or_default()
}

fn triggers(installed: &Installed) -> String {
    let frequency = parameter(installed, "Frequency");
    let every = [
        (Schedule::OneHour, "every hour"),
        (Schedule::ThreeHours, "every 3 hours"),
        (Schedule::SixHours, "every 6 hours"),
        (Schedule::TwelveHours, "every 12 hours"),
        (Schedule::TwentyFourHours, "every 24 hours"),
    ];
    let every = every.iter().find(|(schedule, _)| schedule.as_str() == frequency).map_or(frequency, |(_, words)| words);
    if parameter(installed, "Triggers") == Triggers::Schedule.as_str() {
        format!("judges {every}")
    } else {
        format!("judges on each change and {every}")
    }
}

fn code(installed: &Installed) -> Option<String> {
    let function = installed.function.as_ref().ok()?.as_ref()?;
    let runs = from_base64(&function.code_sha256)?;
    let short = |digest: &str| digest.chars().take(16).collect::<String>();
    let wanted = parameter(installed, "ArtifactSha256");
    Some(if runs == wanted {
        format!("runs the code that was installed, SHA-256 {}...", short(&runs))
    } else {
        format!("runs SHA-256 {}..., installed was {}...", short(&runs), short(wanted))
    })
}

fn rules(installed: &Installed, problems: usize, width: usize) -> Option<Summary> {
    let rules = installed.rules.as_ref().ok()?;
    let active = rules.iter().filter(|rule| matches!(rule.state.as_str(), "ACTIVE" | "EVALUATING")).count();
    let place = if parameter(installed, "Delivery") == Delivery::ConformancePack.as_str() {
        " in a conformance pack"
    } else {
        ""
    };
    let line = match (problems, active == rules.len()) {
        (0, true) => format!("{}{place}, all active", counted(rules.len(), "rule")),
        (0, false) => format!("{}{place}, {active} active", counted(rules.len(), "rule")),
        (some, _) => format!("{}{place}, {active} active, {}", counted(rules.len(), "rule"), counted(some, "problem")),
    };
    Some(Summary { line, details: table(rules, installed, width) })
}

/// One line for each rule: its check, and what its results come to.
fn table(rules: &[RuleState], installed: &Installed, width: usize) -> String {
    let mut out = String::new();
    let Ok(results) = &installed.compliance else { return out };
    let prefix = parameter(installed, "Prefix");
    let check_of = |rule: &RuleState| {
        let rest = rule.name.strip_prefix(prefix)?.strip_prefix('-')?;
        ALL.into_iter().find(|check| rest == check.id || rest.starts_with(&format!("{}-conformance-pack-", check.id)))
    };
    let column = ALL.iter().map(|check| check.id.len()).max().unwrap_or_default();
    for check in ALL {
        let Some(rule) = rules.iter().find(|rule| check_of(rule).is_some_and(|found| found.id == check.id)) else {
            continue;
        };
        let result = results.iter().find(|result| result.rule == rule.name);
        let line = format!("      {:column$}  {}", check.id, result.map_or_else(String::new, said));
        let _ = writeln!(out, "{}", line.trim_end().chars().take(width).collect::<String>());
    }
    out
}

fn said(result: &Compliance) -> String {
    match (result.kind.as_str(), result.contributors) {
        ("INSUFFICIENT_DATA", _) => "no result yet".to_owned(),
        ("NON_COMPLIANT", Some((count, more))) => {
            let resources = counted(usize::try_from(count).unwrap_or_default(), "resource");
            if more { format!("NON_COMPLIANT, more than {resources}") } else { format!("NON_COMPLIANT, {resources}") }
        }
        (kind, _) => kind.to_owned(),
    }
}

fn alarms(installed: &Installed) -> Option<String> {
    let alarms = installed.alarms.as_ref().ok()?;
    if parameter(installed, "Alarms") != "on" {
        return Some("no alarms (--alarms off)".to_owned());
    }
    let mut parts = vec![counted(alarms.len(), "alarm")];
    for (state, words) in [("ALARM", "ringing"), ("OK", "quiet"), ("INSUFFICIENT_DATA", "without data yet")] {
        let count = alarms.iter().filter(|alarm| alarm.state == state).count();
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    Some(parts.join(", "))
}
