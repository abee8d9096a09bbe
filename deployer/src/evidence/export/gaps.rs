//! Times of which nothing is known, as AWS Config tells them of itself.

use std::collections::BTreeMap;

use rule::check::Check;
use rule::resource::ResourceType;
use time::{Duration, OffsetDateTime};

use super::history::COMPLIANCE;
use super::timeline::Period;
use crate::evidence::Moment;
use crate::evidence::rows::{Event, GapReason, Place, RuleRow, TimelineRow};
use crate::observe::{Recorder, RecorderState, Recording};

/// What AWS Config tells of its past in an account × Region. What it did not tell is a sentence.
#[derive(Debug, Clone)]
pub(super) struct Past {
    /// The recorder.
    pub(super) recorder: Result<RecorderState, String>,
    /// For how many days items are kept.
    pub(super) retention: Result<u32, String>,
    /// When rules were switched on, by name.
    pub(super) activated: Result<BTreeMap<String, OffsetDateTime>, String>,
}

/// A gap in all of an account × Region, or in one type of it.
pub(super) fn of_place(
    (account, region): (&str, &str),
    kind: Option<&str>,
    (from, until): (Moment, Option<Moment>),
    (reason, detail): (GapReason, String),
) -> TimelineRow {
    TimelineRow {
        account: account.to_owned(),
        region: region.to_owned(),
        resource_type: kind.map(str::to_owned),
        resource_id: None,
        at: from,
        event: Event::Gap { until, reason, detail: Some(detail) },
    }
}

/// The gaps of an account × Region. `now` is when AWS Config was asked.
pub(super) fn gaps(place: &Place, past: &Past, rules: &[RuleRow], (period, now): (Period, Moment)) -> Vec<TimelineRow> {
    let mut gaps = Gaps { at: (&place.account, &place.region), period, rows: Vec::new() };
    match &past.recorder {
        Ok(RecorderState::Missing) => {
            gaps.whole(None, GapReason::NotRecorded, "there is no configuration recorder".to_owned());
        }
        Ok(RecorderState::Present(recorder)) => gaps.recorder(recorder),
        Err(why) => gaps.whole(None, GapReason::Unread, why.clone()),
    }
    match &past.retention {
        Ok(days) => {
            let kept = Moment::from(now.time().saturating_sub(Duration::days(i64::from(*days))));
            gaps.until(
                kept,
                GapReason::NotRetained,
                format!("AWS Config keeps items for {days} days, those since {}", kept.to_seconds()),
            );
        }
        Err(why) => gaps.whole(None, GapReason::Unread, why.clone()),
    }
    if rules.is_empty() {
        gaps.whole(None, GapReason::RuleMissing, "there is no rule of Notebook Guard".to_owned());
    }
    match &past.activated {
        Ok(activated) => {
            for rule in rules {
                if let Some(since) = activated.get(&rule.rule) {
                    let since = Moment::from(*since);
                    let detail = format!("the rule {} was switched on at {}", rule.rule, since.to_seconds());
                    let kind = Check::find(&rule.check).map(|check| check.resource_type().as_str().to_owned());
                    gaps.until_of(kind.as_deref(), since, GapReason::RuleMissing, detail);
                }
            }
        }
        Err(why) if !rules.is_empty() => gaps.whole(None, GapReason::Unread, why.clone()),
        Err(_) => {}
    }
    gaps.rows
}

struct Gaps<'a> {
    at: (&'a str, &'a str),
    period: Period,
    rows: Vec<TimelineRow>,
}

impl Gaps<'_> {
    /// A gap over all of the period.
    fn whole(&mut self, kind: Option<&str>, reason: GapReason, detail: String) {
        self.rows.push(of_place(self.at, kind, (self.period.from, None), (reason, detail)));
    }

    /// A gap from the begin of the period; none if that is later.
    fn until(&mut self, until: Moment, reason: GapReason, detail: String) {
        self.until_of(None, until, reason, detail);
    }

    fn until_of(&mut self, kind: Option<&str>, until: Moment, reason: GapReason, detail: String) {
        if until > self.period.from {
            // What is told of is after the period if it is not in it.
            let detail = if until > self.period.to { format!("{detail}, after the period") } else { detail };
            let until = (until < self.period.to).then_some(until);
            self.rows.push(of_place(self.at, kind, (self.period.from, until), (reason, detail)));
        }
    }

    fn recorder(&mut self, recorder: &Recorder) {
        let (started, stopped) = (recorder.last_started.map(Moment::from), recorder.last_stopped.map(Moment::from));
        match (recorder.is_recording, started, stopped) {
            (true, Some(started), Some(stopped)) if stopped <= started => self.stopped(stopped, Some(started)),
            (true, Some(started), None) => {
                let detail = format!("the recorder was started for the first time at {}", started.to_seconds());
                self.until(started, GapReason::NotRecorded, detail);
            }
            (false, _, Some(stopped)) => self.stopped(stopped, None),
            (false, _, None) => {
                self.whole(None, GapReason::RecorderStopped, "the recorder was never started".to_owned());
            }
            (true, _, _) => {}
        }
        let notebook = ResourceType::NOTEBOOK_INSTANCE;
        for kind in [notebook.as_str(), ResourceType::DOMAIN.as_str()] {
            if recorder.is_set_to_record(kind) == Recording::Not {
                self.whole(Some(kind), GapReason::NotRecorded, format!("the recorder leaves {kind} out"));
            }
        }
        if recorder.is_set_to_record(COMPLIANCE) == Recording::Not {
            let detail = format!("the recorder leaves {COMPLIANCE} out: changes of results are not known");
            self.whole(None, GapReason::NotRecorded, detail);
        }
    }

    /// The last time that the recorder stood still, as far as it is in the period.
    fn stopped(&mut self, from: Moment, until: Option<Moment>) {
        if from >= self.period.to || until.is_some_and(|until| until <= self.period.from) {
            return;
        }
        let stopped = match until {
            Some(until) => format!("the recorder was stopped from {} to {}", from.to_seconds(), until.to_seconds()),
            None => format!("the recorder was stopped at {}, and has not been started since", from.to_seconds()),
        };
        let detail = format!("{stopped}; AWS Config tells of the last time alone");
        let (from, until) = (from.max(self.period.from), until.filter(|until| *until < self.period.to));
        self.rows.push(of_place(self.at, None, (from, until), (GapReason::RecorderStopped, detail)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::rows::Reading;
    use crate::observe::RecordedTypes;

    fn at(day: u8) -> Moment {
        format!("2026-10-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn recorder() -> Recorder {
        Recorder {
            name: "default".to_owned(),
            role_arn: String::new(),
            is_recording: true,
            last_status: None,
            last_error: None,
            last_started: Some(at(1).time()),
            last_stopped: None,
            types: RecordedTypes::All,
            is_daily: false,
            overrides: Vec::new(),
        }
    }

    fn rule() -> RuleRow {
        serde_json::from_value(serde_json::json!({"account": "111122223333", "region": "eu-west-1",
            "rule": "notebook-guard-root-access", "arn": "", "check": "root-access", "state": "ACTIVE", "function": "",
            "parameters": {}, "messageTypes": []}))
        .unwrap()
    }

    fn told(recorder: Recorder, days: u32, activated: Option<u8>) -> Vec<(GapReason, Moment, Option<Moment>)> {
        let gap = |row: TimelineRow| match row.event {
            Event::Gap { until, reason, .. } => (reason, row.at, until),
            Event::ConfigurationItem { .. } | Event::Compliance { .. } => panic!("{row:?}"),
        };
        of(recorder, days, activated).into_iter().map(gap).collect()
    }

    fn of(recorder: Recorder, days: u32, activated: Option<u8>) -> Vec<TimelineRow> {
        let place = Place {
            account: "111122223333".to_owned(),
            account_name: None,
            region: "eu-west-1".to_owned(),
            reading: Reading::Read,
            asked: Vec::new(),
            resources: 0,
            checks: Vec::new(),
            not_judged: 0,
        };
        let activated = activated.map(|day| ("notebook-guard-root-access".to_owned(), at(day).time()));
        let past = Past {
            recorder: Ok(RecorderState::Present(recorder)),
            retention: Ok(days),
            activated: Ok(activated.into_iter().collect()),
        };
        gaps(&place, &past, &[rule()], (Period { from: at(5), to: at(20) }, at(25)))
    }

    #[test]
    fn a_recorder_that_ran_leaves_no_gap() {
        assert_eq!(told(recorder(), 2557, Some(2)), []);
    }

    #[test]
    fn what_aws_config_did_not_see_is_a_gap() {
        use GapReason::{NotRecorded, NotRetained, RecorderStopped, RuleMissing};
        let restarted = Recorder { last_stopped: Some(at(8).time()), last_started: Some(at(9).time()), ..recorder() };
        assert_eq!(told(restarted, 2557, None), [(RecorderStopped, at(8), Some(at(9)))]);
        let before = Recorder { last_stopped: Some(at(2).time()), last_started: Some(at(7).time()), ..recorder() };
        assert_eq!(told(before, 2557, None), [(RecorderStopped, at(5), Some(at(7)))]);
        let stopped = Recorder { is_recording: false, last_stopped: Some(at(8).time()), ..recorder() };
        assert_eq!(told(stopped, 2557, None), [(RecorderStopped, at(8), None)]);
        let new = Recorder { last_started: Some(at(7).time()), ..recorder() };
        assert_eq!(told(new, 2557, None), [(NotRecorded, at(5), Some(at(7)))]);
        assert_eq!(told(recorder(), 15, None), [(NotRetained, at(5), Some(at(10)))]);
        assert_eq!(told(recorder(), 2557, Some(11)), [(RuleMissing, at(5), Some(at(11)))]);
        let one = Recorder { types: RecordedTypes::Only(vec![COMPLIANCE.to_owned()]), ..recorder() };
        assert_eq!(told(one, 2557, None), [(NotRecorded, at(5), None), (NotRecorded, at(5), None)]);
    }

    #[test]
    fn what_began_after_the_period_did_not_begin_at_its_end() {
        let words = |recorder: Recorder, days, activated| -> Vec<String> {
            let detail = |row: TimelineRow| match row.event {
                Event::Gap { detail, until, .. } => format!("{} {}", until.is_none(), detail.unwrap_or_default()),
                Event::ConfigurationItem { .. } | Event::Compliance { .. } => panic!("{row:?}"),
            };
            of(recorder, days, activated).into_iter().map(detail).collect()
        };
        let started = |day| Recorder { last_started: Some(at(day).time()), ..recorder() };
        let first = "the recorder was started for the first time at";
        assert_eq!(words(started(7), 2557, None), [format!("false {first} 2026-10-07T00:00:00Z")]);
        assert_eq!(words(started(22), 2557, None), [format!("true {first} 2026-10-22T00:00:00Z, after the period")]);
        let rule = "true the rule notebook-guard-root-access was switched on at 2026-10-23T00:00:00Z, after the period";
        assert_eq!(words(recorder(), 2557, Some(23)), [rule]);
        let kept = "true AWS Config keeps items for 2 days, those since 2026-10-23T00:00:00Z, after the period";
        assert_eq!(words(recorder(), 2, None), [kept]);
        let again = Recorder { last_stopped: Some(at(8).time()), last_started: Some(at(22).time()), ..recorder() };
        let stopped = "true the recorder was stopped from 2026-10-08T00:00:00Z to 2026-10-22T00:00:00Z; AWS Config tells \
                       of the last time alone";
        assert_eq!(words(again, 2557, None), [stopped]);
    }
}
