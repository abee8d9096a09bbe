//! Alarms that ring, and alarms that are gone.

use rule::check::ALL;

use super::{Aspect, Case, Finding, note, problem, unread};
use crate::observe::AlarmState;
use crate::templates::parameter_of;

pub(super) fn of(case: Case<'_>) -> Vec<Finding> {
    let alarms = match &case.installed.alarms {
        Err(refusal) => return vec![unread(Aspect::Alarms, refusal)],
        Ok(alarms) => alarms,
    };
    expected(case)
        .iter()
        .filter_map(|name| finding(case, name, alarms.iter().find(|alarm| alarm.name == *name)))
        .collect()
}

/// The names of the alarms that the stack made.
fn expected(case: Case<'_>) -> Vec<String> {
    if case.parameter("Alarms") != "on" {
        return Vec::new();
    }
    let on = ALL.into_iter().filter(|check| case.parameter(&parameter_of(check)) == "on");
    std::iter::once(case.names.errors_alarm()).chain(on.map(|check| case.names.silence_alarm(check))).collect()
}

fn finding(case: Case<'_>, name: &str, alarm: Option<&AlarmState>) -> Option<Finding> {
    let Some(alarm) = alarm else {
        return Some(problem(Aspect::Alarms, format!("the alarm {name} is gone"), case.install("--repair")));
    };
    match alarm.state.as_str() {
        "ALARM" => {
            let fix = format!(
                "the function's log says why: {} in CloudWatch Logs; see docs/operations.md",
                case.names.log_group()
            );
            Some(problem(Aspect::Alarms, format!("the alarm {name} rings: {}", alarm.reason), fix))
        }
        _ if alarm.is_muted => {
            let fix = format!("aws cloudwatch enable-alarm-actions --alarm-names {name} --region {}", case.region);
            Some(note(Aspect::Alarms, format!("the alarm {name} was muted: it tells nobody"), Some(fix)))
        }
        _ => None,
    }
}
