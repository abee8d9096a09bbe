//! What is read of an account × Region beside its results: its past, the function that judges, the stack that made it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_config::types::RetentionConfiguration;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use futures_util::join;
use futures_util::stream::{self, StreamExt as _};

use super::desk::Desk;
use super::gaps::{self, Past, of_place};
use super::history::{self, COMPLIANCE, Recorded};
use super::provenance::{self, Installed};
use super::replay::PlaceRows;
use super::timeline::{self, Period};
use crate::aws::refused;
use crate::compliance::{Clients, Reach, check_of};
use crate::evidence::rows::{
    Compliance, EvaluationRow, Event, FUNCTIONS, FunctionTotals, GapReason, REMEDIATION, RemediationRow, Resource,
    STACKS, StackRow, TIMELINE, TimelineRow,
};
use crate::evidence::{Moment, violations};
use crate::failure::Failure;
use crate::observe::Read;
use crate::observe::recorder::read_recorder;

/// Histories that are read side by side in one account and Region: AWS Config limits the rate of the calls there.
const AT_ONCE: usize = 4;
/// For how many days AWS Config keeps items unless it was told otherwise
/// (<https://docs.aws.amazon.com/config/latest/developerguide/delete-config-data-with-retention-period.html>).
const RETENTION: u32 = 2557;

/// By how much a change may be captured later than the result that made it was recorded: AWS Config tells no limit.
const LAG: time::Duration = time::Duration::minutes(15);

/// What is wanted beside the results.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) desk: &'a Arc<Desk>,
    pub(super) reach: &'a Reach,
    pub(super) period: Option<Period>,
    pub(super) prefix: &'a str,
    pub(super) installed: &'a Installed,
    /// The key of the artifact that was read in its bucket, and has the digest that is in it.
    pub(super) artifact: Option<&'a str>,
    /// When the export began.
    pub(super) now: Moment,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The violations, to be counted.
    pub(super) violations: Vec<RemediationRow>,
    /// What could not be read, one sentence each.
    pub(super) unread: Vec<String>,
    /// Whether functions run what they should.
    pub(super) functions: FunctionTotals,
}

/// Reads an account × Region. What cannot be read is in the files and in what is told.
pub(super) async fn read(wanted: &Wanted<'_>, rows: PlaceRows, resources: Vec<Resource>) -> Result<Told, Failure> {
    let (account, region) = (rows.place.account.clone(), rows.place.region.clone());
    if !rows.place.reading.has_data() {
        return without(wanted, &rows);
    }
    let clients = match wanted.reach.clients(&account, &region).await {
        Ok(clients) => clients,
        Err(unreached) => return unreachable(wanted, &rows, &unreached.to_string()),
    };
    let mut told = Told::default();
    let (stack, mut unread) = provenance::stack(wanted, &clients).await;
    wanted.desk.lines(STACKS, &stack)?;
    let functions: BTreeSet<&str> = rows.rules.iter().map(|rule| rule.function.as_str()).collect();
    for function in functions.into_iter().filter(|function| !function.is_empty()) {
        let (row, why) = provenance::function(wanted, &clients, function, &stack).await;
        wanted.desk.line(FUNCTIONS, &row)?;
        told.functions.add(row.agrees);
        unread.extend(why);
    }
    if let Some(period) = wanted.period {
        Box::pin(past(wanted, &clients, (&rows, resources, period), &mut told)).await?;
    }
    told.unread.append(&mut unread);
    Ok(told)
}

/// An account × Region without data: all of the period is a gap.
fn without(wanted: &Wanted<'_>, rows: &PlaceRows) -> Result<Told, Failure> {
    let why = rows.place.reading.why().unwrap_or_default();
    if let (Some(period), crate::evidence::rows::Reading::Unread { .. }) = (wanted.period, &rows.place.reading) {
        let at = (rows.place.account.as_str(), rows.place.region.as_str());
        let gap = of_place(at, None, (period.from, None), (GapReason::Unread, why.to_owned()));
        wanted.desk.line(TIMELINE, &gap)?;
    }
    Ok(Told::default())
}

/// An account that could be reached a moment ago.
fn unreachable(wanted: &Wanted<'_>, rows: &PlaceRows, why: &str) -> Result<Told, Failure> {
    let (account, region) = (rows.place.account.clone(), rows.place.region.clone());
    if let Some(period) = wanted.period {
        let reason = (GapReason::Unread, why.to_owned());
        wanted.desk.line(TIMELINE, &of_place((&account, &region), None, (period.from, None), reason))?;
    }
    let sentence = format!("account {account} in {region}: {why}");
    wanted.desk.line(STACKS, &StackRow::Unread { account, region, why: why.to_owned() })?;
    Ok(Told { unread: vec![sentence], ..Told::default() })
}

/// The past of an account × Region.
async fn past(
    wanted: &Wanted<'_>,
    clients: &Clients,
    (rows, resources, period): (&PlaceRows, Vec<Resource>, Period),
    told: &mut Told,
) -> Result<(), Failure> {
    let names: Vec<String> = rows.rules.iter().map(|rule| rule.rule.clone()).collect();
    let (recorder, retention, activated) =
        join!(read_recorder(&clients.config, &clients.region), retention(clients), activated(clients, &names));
    let past = Past { recorder: recorder.map_err(|refusal| refusal.to_string()), retention, activated };
    let unread = [past.recorder.as_ref().err(), past.retention.as_ref().err(), past.activated.as_ref().err()];
    let place = format!("account {} in {}", clients.account, clients.region);
    told.unread.extend(unread.into_iter().flatten().map(|why| format!("{place}: {why}")));
    let gaps = gaps::gaps(&rows.place, &past, &rows.rules, (period, wanted.now));
    wanted.desk.lines(TIMELINE, &gaps)?;
    let checks: BTreeMap<&str, &str> =
        rows.rules.iter().map(|rule| (rule.rule.as_str(), rule.check.as_str())).collect();
    let (checks, gaps) = (&checks, &gaps);
    let mut each = stream::iter(resources)
        .map(|one| async move { (story(wanted, clients, &one, (rows, checks), period).await, one) })
        .buffered(AT_ONCE);
    while let Some(((mut own, why), resource)) = each.next().await {
        wanted.desk.lines(TIMELINE, &own)?;
        own.extend(gaps.iter().filter(|gap| is_about(gap, &resource)).cloned());
        own.sort_by_key(|row| row.at);
        let violations = violations::of_resource(&own, resource.created, period);
        wanted.desk.lines(REMEDIATION, &violations)?;
        told.violations.extend(violations);
        told.unread.extend(why.into_iter().map(|why| format!("{}: {why}", resource.resource_id)));
    }
    Ok(())
}

fn is_about(gap: &TimelineRow, resource: &Resource) -> bool {
    gap.resource_type.as_ref().is_none_or(|kind| *kind == resource.resource_type)
}

/// What happened to one resource, and why not all of it is known.
async fn story(
    wanted: &Wanted<'_>,
    clients: &Clients,
    resource: &Resource,
    (rows, checks): (&PlaceRows, &BTreeMap<&str, &str>),
    period: Period,
) -> (Vec<TimelineRow>, Vec<String>) {
    let evaluations: Vec<&EvaluationRow> = rows.evaluations.iter().filter(|row| is_of(row, resource)).collect();
    let ids = spellings(resource, &evaluations);
    let (settings, compliance) = join!(
        recorded(clients, &ids, period, |id| (resource.resource_type.as_str(), id.to_owned())),
        recorded(clients, &ids, period, |id| (COMPLIANCE, format!("{}/{id}", resource.resource_type))),
    );
    let mut unread = Vec::new();
    let mut all = Vec::new();
    let mut lacking = |what: &str, why: String| {
        unread.push(format!("{what}: {why}"));
        timeline::gap(resource, (period.from, None), GapReason::Unread, format!("{what}: {why}"))
    };
    match settings {
        Ok(Recorded::Items(items, is_whole)) => {
            all.extend(timeline::settings(resource, &items, period));
            if !is_whole {
                all.push(lacking("settings", "what was so when the period began was not found".to_owned()));
            }
        }
        Ok(Recorded::Never) => {
            let detail = "AWS Config never recorded it".to_owned();
            all.push(timeline::gap(resource, (period.from, None), GapReason::NotRecorded, detail));
        }
        Err(refusal) => all.push(lacking("settings", refusal.to_string())),
    }
    let named = |rule: &str| check_of(rule, wanted.prefix).map(|check| check.id);
    // A rule that is gone had a name too.
    let check_of = |rule: &str| checks.get(rule).copied().or_else(|| named(rule)).map(str::to_owned);
    match compliance {
        Ok(Recorded::Items(items, is_whole)) => {
            all.extend(timeline::compliance(resource, &items, period, &check_of));
            if !is_whole {
                all.push(lacking("results", "what held when the period began was not found".to_owned()));
            }
        }
        Ok(Recorded::Never) => all.extend(timeline::unrecorded(resource, &evaluations, period)),
        Err(refusal) => {
            all.extend(timeline::present(resource, &evaluations, period));
            all.push(lacking("results", refusal.to_string()));
        }
    }
    annotate(&mut all, &evaluations, period.to);
    all.sort_by_key(|row| row.at);
    (all, unread)
}

/// The spellings of a resource's id: as it was listed, and as results have it. AWS Config knows one of them.
fn spellings<'a>(resource: &'a Resource, evaluations: &[&'a EvaluationRow]) -> Vec<&'a str> {
    let mut ids = vec![resource.resource_id.as_str()];
    for row in evaluations {
        if !ids.contains(&row.resource_id.as_str()) {
            ids.push(&row.resource_id);
        }
    }
    ids
}

/// What was recorded under the first of some spellings that AWS Config knows.
async fn recorded<'a>(
    clients: &Clients,
    ids: &[&str],
    period: Period,
    of: impl Fn(&str) -> (&'a str, String),
) -> Read<Recorded> {
    for id in ids {
        let (kind, id) = of(id);
        match history::read(&clients.config, &clients.region, (kind, &id), period).await? {
            Recorded::Never => {}
            items @ Recorded::Items(..) => return Ok(items),
        }
    }
    Ok(Recorded::Never)
}

fn is_of(row: &EvaluationRow, resource: &Resource) -> bool {
    row.resource_type == resource.resource_type && row.resource_id.eq_ignore_ascii_case(&resource.resource_id)
}

/// Recorded changes have no annotation; the present result has, if it is the last that was recorded and of the time
/// from then to the end of the period.
fn annotate(rows: &mut [TimelineRow], evaluations: &[&EvaluationRow], end: Moment) {
    for evaluation in evaluations {
        let last = rows.iter_mut().rev().find_map(|row| match &mut row.event {
            Event::Compliance { rule, to, annotation, .. } if *rule == evaluation.rule => {
                Some((row.at, to, annotation))
            }
            Event::Compliance { .. } | Event::ConfigurationItem { .. } | Event::Gap { .. } => None,
        });
        let Some((at, to, annotation)) = last else { continue };
        let recorded = evaluation.result_recorded_time;
        if recorded.is_none_or(|recorded| recorded > end || recorded.time() + LAG < at.time()) {
            continue;
        }
        // AWS Config records of what does not apply only that nothing is said of it any more.
        if *to == Compliance::InsufficientData && evaluation.compliance_type == Compliance::NotApplicable {
            *to = Compliance::NotApplicable;
        }
        if *to == evaluation.compliance_type {
            annotation.clone_from(&evaluation.annotation);
        }
    }
}

/// For how many days items are kept.
async fn retention(clients: &Clients) -> Result<u32, String> {
    let answer = clients.config.describe_retention_configurations().send().await;
    let answer = answer
        .map_err(|error| refused("config:DescribeRetentionConfigurations", &clients.region, &error).to_string())?;
    let days = answer.retention_configurations().first().map(RetentionConfiguration::retention_period_in_days);
    Ok(days.and_then(|days| u32::try_from(days).ok()).unwrap_or(RETENTION))
}

/// When rules were switched on. AWS Config need not tell it of custom rules.
async fn activated(clients: &Clients, names: &[String]) -> Result<BTreeMap<String, time::OffsetDateTime>, String> {
    let mut all = BTreeMap::new();
    // As many names as a call takes.
    for names in names.chunks(50) {
        let call = clients.config.describe_config_rule_evaluation_status().set_config_rule_names(Some(names.to_vec()));
        let answer = match call.send().await {
            Ok(answer) => answer,
            // One that was deleted meanwhile makes AWS Config refuse all of them.
            Err(error) if error.code() == Some("NoSuchConfigRuleException") => continue,
            Err(error) => {
                return Err(refused("config:DescribeConfigRuleEvaluationStatus", &clients.region, &error).to_string());
            }
        };
        all.extend(answer.config_rules_evaluation_status().iter().filter_map(|status| {
            let since = history::moment(status.first_activated_time()?)?;
            Some((status.config_rule_name()?.to_owned(), since.time()))
        }));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_not_the_past() {
        let at = |text: &str| format!("2026-{text}:00Z").parse::<Moment>().unwrap();
        let row = |at: &str, from: &str, to: &str| -> TimelineRow {
            let row = serde_json::json!({"account": "1", "region": "r", "resourceType": "T", "resourceId": "nb",
                "at": format!("2026-{at}:00Z"), "event": "compliance", "check": "root-access", "rule": "root",
                "from": from, "to": to});
            serde_json::from_value(row).unwrap()
        };
        let evaluation = |recorded: &str, word: &str| -> EvaluationRow {
            let row = serde_json::json!({"account": "1", "region": "r", "check": "root-access", "rule": "root",
                "resourceType": "T", "resourceId": "nb", "complianceType": word, "annotation": "why",
                "resultRecordedTime": format!("2026-{recorded}:00Z")});
            serde_json::from_value(row).unwrap()
        };
        let told = |recorded: &str, word: &str| {
            let mut rows = [row("10-05T10:00", "COMPLIANT", "INSUFFICIENT_DATA")];
            annotate(&mut rows, &[&evaluation(recorded, word)], at("11-01T00:00"));
            let Event::Compliance { to, annotation, .. } = &rows[0].event else { panic!("{rows:?}") };
            (*to, annotation.is_some())
        };
        let (gone, exempt) = (Compliance::InsufficientData, Compliance::NotApplicable);
        assert_eq!(told("10-05T10:00", "NOT_APPLICABLE"), (exempt, true));
        assert_eq!(told("10-05T09:59", "NOT_APPLICABLE"), (exempt, true), "it is captured a little later");
        assert_eq!(told("11-01T00:01", "NOT_APPLICABLE"), (gone, false), "after the period");
        assert_eq!(told("10-05T09:00", "NOT_APPLICABLE"), (gone, false), "before the change");
        assert_eq!(told("10-06T00:00", "COMPLIANT"), (gone, false));
    }

    #[test]
    fn an_id_is_asked_for_as_it_was_listed_and_as_results_have_it() {
        let resource: Resource = serde_json::from_value(serde_json::json!({"account": "1", "region": "r",
            "resourceType": "T", "resourceId": "nb", "known": "listed"}))
        .unwrap();
        let of = |id: &str| -> EvaluationRow {
            let row = serde_json::json!({"account": "1", "region": "r", "check": "root-access", "rule": "root",
                "resourceType": "T", "resourceId": id, "complianceType": "COMPLIANT"});
            serde_json::from_value(row).unwrap()
        };
        let rows = [of("NB"), of("nb"), of("NB")];
        assert!(rows.iter().all(|row| is_of(row, &resource)));
        assert_eq!(spellings(&resource, &rows.iter().collect::<Vec<_>>()), ["nb", "NB"]);
    }
}
