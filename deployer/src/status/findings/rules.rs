//! Rules that are not active, cannot be asked, or were not asked for long.

use time::Duration;

use super::{Aspect, Case, Finding, note, problem, unread};
use crate::settings::Schedule;
use crate::status::RuleRun;

pub(super) fn of(case: Case<'_>) -> Vec<Finding> {
    let installed = case.installed;
    let mut found = Vec::new();
    match &installed.rules {
        // The calls that come after it failed for the same reason.
        Err(refusal) => return vec![unread(Aspect::Rules, refusal)],
        Ok(rules) => {
            let idle = rules.iter().filter(|rule| !matches!(rule.state.as_str(), "ACTIVE" | "EVALUATING"));
            found.extend(idle.map(|rule| {
                problem(Aspect::Rules, format!("the rule {} is {}", rule.name, rule.state), case.install("--repair"))
            }));
        }
    }
    found.extend(pack(case));
    found.extend(installed.compliance.as_ref().err().map(|refusal| unread(Aspect::Rules, refusal)));
    match &installed.runs {
        Err(refusal) => found.push(unread(Aspect::Rules, refusal)),
        Ok(runs) => found.extend(runs.iter().filter_map(|run| failed(case, run).or_else(|| silent(case, run)))),
    }
    found
}

fn pack(case: Case<'_>) -> Option<Finding> {
    match case.installed.pack.as_ref()? {
        Err(refusal) => Some(unread(Aspect::Rules, refusal)),
        Ok(None) => {
            let message = format!("the conformance pack {} is gone", case.names.pack());
            Some(problem(Aspect::Rules, message, case.install("--repair")))
        }
        Ok(Some(pack)) if pack.state.ends_with("_FAILED") => {
            let reason = pack.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let message = format!("the conformance pack {} is in {}{reason}", pack.name, pack.state);
            Some(problem(Aspect::Rules, message, case.install("--repair")))
        }
        Ok(Some(pack)) if pack.state.ends_with("_IN_PROGRESS") => {
            Some(note(Aspect::Rules, format!("the conformance pack {} is in {}", pack.name, pack.state), None))
        }
        Ok(Some(_)) => None,
    }
}

/// AWS Config could not invoke the function, and has not since.
fn failed(case: Case<'_>, run: &RuleRun) -> Option<Finding> {
    let failure = run.last_failure.filter(|failure| run.last_success.is_none_or(|success| *failure > success))?;
    let code = run.error_code.as_deref().unwrap_or("an error without a code");
    let words = run.error_message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
    let message = format!("AWS Config could not run {} at {}: {code}{words}", run.rule, moment(failure));
    Some(problem(
        Aspect::Rules,
        message,
        format!("see the log {}, or: {}", case.names.log_group(), case.install("--repair")),
    ))
}

/// The schedule comes at least once in its period: after two of them, something is wrong.
fn silent(case: Case<'_>, run: &RuleRun) -> Option<Finding> {
    let schedule = schedule(case.parameter("Frequency"))?;
    let last = run.last_success?;
    if case.now - last <= schedule * 2 {
        return None;
    }
    let message = format!("{} was last run at {}, more than two schedules ago", run.rule, moment(last));
    let fix = format!(
        "aws configservice start-config-rules-evaluation --config-rule-names {} --region {}",
        run.rule, case.region
    );
    Some(problem(Aspect::Rules, message, fix))
}

fn schedule(frequency: &str) -> Option<Duration> {
    [
        (Schedule::OneHour, 1),
        (Schedule::ThreeHours, 3),
        (Schedule::SixHours, 6),
        (Schedule::TwelveHours, 12),
        (Schedule::TwentyFourHours, 24),
    ]
    .into_iter()
    .find(|(schedule, _)| schedule.as_str() == frequency)
    .map(|(_, hours)| Duration::hours(hours))
}

/// A time to the minute.
fn moment(time: time::OffsetDateTime) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    time.format(&format).unwrap_or_default()
}
