//! What is known of each account and Region of a StackSet: the newest word of each, from results and from instances.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::group::Groups;
use super::model::{DetailedStatus, Instance, InstanceStatus, OperationResult, ResultStatus};
use super::reason::Reason;

/// How it stands in one account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As wanted.
    Good,
    /// It failed.
    Failed,
    /// It was left out, because of something else.
    Cancelled,
    /// AWS can put nothing there: the account is suspended, or has not enabled the Region.
    Skipped,
    /// CloudFormation has not told an end.
    Unfinished,
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// As wanted.
    pub good: usize,
    /// Failed.
    pub failed: usize,
    /// Left out because of something else.
    pub cancelled: usize,
    /// In suspended accounts, and in Regions that an account has not enabled.
    pub skipped: usize,
    /// Without an end that CloudFormation told.
    pub unfinished: usize,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.good + self.failed + self.cancelled + self.skipped + self.unfinished
    }

    /// Those that should be there and are not. A suspended account runs nothing.
    #[must_use]
    pub fn bad(&self) -> usize {
        self.failed + self.cancelled + self.unfinished
    }

    /// Adds the counts of something else.
    pub fn add(&mut self, other: Self) {
        self.good += other.good;
        self.failed += other.failed;
        self.cancelled += other.cancelled;
        self.skipped += other.skipped;
        self.unfinished += other.unfinished;
    }

    fn count(&mut self, standing: Standing) {
        let of = match standing {
            Standing::Good => &mut self.good,
            Standing::Failed => &mut self.failed,
            Standing::Cancelled => &mut self.cancelled,
            Standing::Skipped => &mut self.skipped,
            Standing::Unfinished => &mut self.unfinished,
        };
        *of += 1;
    }
}

/// An account and a Region.
pub type Place = (Arc<str>, Arc<str>);

/// The newest word of each account and Region.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: HashMap<Place, Row>,
}

#[derive(Debug, Clone)]
struct Row {
    /// What the operation's results say.
    result: Option<Standing>,
    /// What the instance says.
    instance: Option<Standing>,
    /// Which operation, counted from the first of the run, told it.
    told_by: u32,
    reason: Option<Reason>,
}

impl Row {
    fn new(told_by: u32) -> Self {
        Self { result: None, instance: None, told_by, reason: None }
    }

    /// Both lag behind: where they differ, the worse is believed, and an end rather than none.
    fn standing(&self) -> Standing {
        use Standing::{Cancelled, Failed, Good, Skipped, Unfinished};
        match (self.result, self.instance) {
            (None | Some(Unfinished), None) | (Some(Good | Unfinished) | None, Some(Unfinished)) => Unfinished,
            (Some(only), None) | (None | Some(Unfinished), Some(only)) => only,
            (Some(Skipped), _) | (_, Some(Skipped)) => Skipped,
            (Some(Failed), _) | (_, Some(Failed)) => Failed,
            (Some(Cancelled), _) | (_, Some(Cancelled)) => Cancelled,
            (Some(Good), Some(Good)) => Good,
        }
    }
}

impl Ledger {
    /// Takes what an operation says.
    pub(super) fn result(&mut self, row: &OperationResult, told_by: u32) {
        let standing = of_result(row);
        let known = self.row(&row.account, &row.region, told_by);
        known.result = Some(standing);
        if standing != Standing::Good && row.reason.is_some() {
            known.reason.clone_from(&row.reason);
        }
    }

    /// Takes what is said of an instance that the same operation was the last to touch.
    pub(super) fn instance(&mut self, row: &Instance, told_by: u32) {
        let standing = of_instance(row);
        let known = self.row(&row.account, &row.region, told_by);
        known.instance = Some(standing);
        // A result tells more: the instance has only the first of it.
        if standing != Standing::Good && known.reason.is_none() {
            known.reason.clone_from(&row.reason);
        }
    }

    /// Takes what is said of an instance that an operation had no need to touch.
    pub(super) fn untouched(&mut self, row: &Instance, told_by: u32) {
        let place = (Arc::clone(&row.account), Arc::clone(&row.region));
        let is_well = matches!(of_instance(row), Standing::Good | Standing::Skipped);
        if is_well && !self.has_end(&place, told_by) {
            self.instance(row, told_by);
        }
    }

    fn row(&mut self, account: &Arc<str>, region: &Arc<str>, told_by: u32) -> &mut Row {
        let row = self.rows.entry((Arc::clone(account), Arc::clone(region))).or_insert_with(|| Row::new(told_by));
        if row.told_by != told_by {
            *row = Row::new(told_by);
        }
        row
    }

    /// Whether an operation has told an end there.
    pub(super) fn has_end(&self, place: &Place, told_by: u32) -> bool {
        let row = self.rows.get(place);
        row.is_some_and(|row| row.told_by == told_by && row.standing() != Standing::Unfinished)
    }

    /// Notes that an end was expected there, and none was told.
    pub(super) fn expect(&mut self, (account, region): &Place, told_by: u32) {
        self.row(account, region, told_by);
    }

    /// Where the account has not enabled the Region.
    pub(crate) fn not_enabled(&self) -> usize {
        let is_disabled =
            |row: &&Row| row.reason.as_ref().is_some_and(|reason| reason.cause == super::Cause::RegionDisabled);
        self.rows.values().filter(|row| row.standing() == Standing::Skipped).filter(is_disabled).count()
    }

    /// How it stands in what one operation told.
    pub(crate) fn counts_of(&self, told_by: u32) -> Counts {
        self.counted(|row| row.told_by == told_by)
    }

    /// How it stands in all.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counted(|_| true)
    }

    fn counted(&self, is_meant: impl Fn(&Row) -> bool) -> Counts {
        let mut counts = Counts::default();
        self.rows.values().filter(|row| is_meant(row)).for_each(|row| counts.count(row.standing()));
        counts
    }

    /// Adds to the groups what is not as wanted.
    pub fn group(&self, groups: &mut Groups, unsaid: &Reason) {
        for ((account, region), row) in &self.rows {
            match row.standing() {
                Standing::Failed | Standing::Cancelled => {
                    groups.add(account, region, row.reason.as_ref().unwrap_or(unsaid));
                }
                Standing::Good | Standing::Skipped | Standing::Unfinished => {}
            }
        }
    }

    /// The places that stand like that, in order.
    #[must_use]
    pub fn places(&self, standing: Standing) -> Vec<Place> {
        let of = self.rows.iter().filter(|(_, row)| row.standing() == standing);
        let mut places: Vec<Place> = of.map(|(place, _)| place.clone()).collect();
        places.sort();
        places
    }
}

fn of_result(row: &OperationResult) -> Standing {
    match row.status {
        ResultStatus::Succeeded => Standing::Good,
        ResultStatus::Failed | ResultStatus::Cancelled if is_nothing_to_do(row.reason.as_ref()) => Standing::Good,
        ResultStatus::Failed | ResultStatus::Cancelled if is_out_of_reach(row.reason.as_ref()) => Standing::Skipped,
        ResultStatus::Failed => Standing::Failed,
        ResultStatus::Cancelled => Standing::Cancelled,
        ResultStatus::Pending | ResultStatus::Running | ResultStatus::Unknown(_) => Standing::Unfinished,
    }
}

/// How an instance stands when no operation runs.
#[must_use]
pub fn of_instance(row: &Instance) -> Standing {
    match (&row.status, &row.detailed) {
        (_, DetailedStatus::SkippedSuspendedAccount) => Standing::Skipped,
        (_, DetailedStatus::Failed) if is_nothing_to_do(row.reason.as_ref()) => Standing::Good,
        (InstanceStatus::Current, _) => Standing::Good,
        (
            InstanceStatus::Outdated,
            DetailedStatus::Failed | DetailedStatus::Cancelled | DetailedStatus::FailedImport,
        ) if is_out_of_reach(row.reason.as_ref()) => Standing::Skipped,
        (_, DetailedStatus::Cancelled) => Standing::Cancelled,
        (_, DetailedStatus::Pending | DetailedStatus::Running)
        | (
            InstanceStatus::Unknown(_),
            DetailedStatus::Succeeded | DetailedStatus::FailedImport | DetailedStatus::Unknown(_),
        ) => Standing::Unfinished,
        (InstanceStatus::Outdated | InstanceStatus::Inoperable, _)
        | (InstanceStatus::Unknown(_), DetailedStatus::Failed | DetailedStatus::Inoperable) => Standing::Failed,
    }
}

fn is_nothing_to_do(reason: Option<&Reason>) -> bool {
    reason.is_some_and(|reason| reason.cause.is_success())
}

/// Whether AWS can put nothing there: the account is suspended, or has not enabled the Region.
fn is_out_of_reach(reason: Option<&Reason>) -> bool {
    use super::Cause::{RegionDisabled, SkippedSuspended};
    reason.is_some_and(|reason| matches!(reason.cause, RegionDisabled | SkippedSuspended))
}

#[cfg(test)]
mod tests {
    use super::super::intern::Interner;
    use super::*;

    fn result(seen: &mut Interner, account: &str, status: &str, reason: &str) -> OperationResult {
        OperationResult {
            account: seen.name(account),
            region: seen.name("eu-west-1"),
            unit: seen.name("ou-1"),
            status: ResultStatus::of(status),
            reason: seen.reason(Some(reason)),
        }
    }

    fn instance(seen: &mut Interner, account: &str, status: &str, detailed: &str, reason: &str) -> Instance {
        Instance {
            account: seen.name(account),
            region: seen.name("eu-west-1"),
            unit: seen.name("ou-1"),
            status: InstanceStatus::of(status),
            detailed: DetailedStatus::of(detailed),
            reason: seen.reason(Some(reason)),
            last_operation: None,
            has_stack: true,
        }
    }

    #[test]
    fn nothing_to_do_is_good_and_a_suspended_account_is_no_failure() {
        let (mut seen, mut ledger) = (Interner::default(), Ledger::default());
        for (account, status, reason) in [
            ("1", "FAILED", "No updates are to be performed."),
            ("2", "CANCELLED", "The account is suspended"),
            ("3", "FAILED", "boom"),
            ("4", "CANCELLED", "Cancelled since failure tolerance has exceeded"),
            ("8", "FAILED", "Region eu-south-2 is not enabled"),
            ("5", "RUNNING", ""),
            ("6", "SUCCEEDED", ""),
            ("7", "SOMETHING_NEW", ""),
        ] {
            ledger.result(&result(&mut seen, account, status, reason), 1);
        }
        let counts = Counts { good: 2, failed: 1, cancelled: 1, skipped: 2, unfinished: 2 };
        assert_eq!((ledger.counts(), counts.bad(), counts.total()), (counts, 4, 8));
        assert_eq!(ledger.not_enabled(), 1);
    }

    #[test]
    fn the_worse_of_result_and_instance_is_believed() {
        for (status, instance_is, expected) in [
            ("SUCCEEDED", ("CURRENT", "SUCCEEDED"), Standing::Good),
            ("SUCCEEDED", ("OUTDATED", "FAILED"), Standing::Failed),
            ("SUCCEEDED", ("OUTDATED", "PENDING"), Standing::Unfinished),
            ("FAILED", ("CURRENT", "SUCCEEDED"), Standing::Failed),
            ("FAILED", ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"), Standing::Skipped),
            ("PENDING", ("CURRENT", "SUCCEEDED"), Standing::Good),
            ("CANCELLED", ("OUTDATED", "CANCELLED"), Standing::Cancelled),
            ("SUCCEEDED", ("INOPERABLE", "INOPERABLE"), Standing::Failed),
        ] {
            let (mut seen, mut ledger) = (Interner::default(), Ledger::default());
            ledger.result(&result(&mut seen, "1", status, ""), 1);
            ledger.instance(&instance(&mut seen, "1", instance_is.0, instance_is.1, ""), 1);
            assert_eq!(ledger.places(expected).len(), 1, "{status} {instance_is:?}");
        }
    }

    #[test]
    fn a_later_operation_has_the_last_word() {
        let (mut seen, mut ledger) = (Interner::default(), Ledger::default());
        ledger.result(&result(&mut seen, "1", "FAILED", "boom"), 1);
        ledger.result(&result(&mut seen, "1", "SUCCEEDED", ""), 2);
        assert_eq!(ledger.counts(), Counts { good: 1, ..Counts::default() });
        assert_eq!((ledger.counts_of(1), ledger.counts_of(2).good), (Counts::default(), 1));
        // An instance that the second operation touched is news against what the first had told only.
        ledger.instance(&instance(&mut seen, "1", "OUTDATED", "FAILED", "late"), 2);
        assert_eq!(ledger.counts().failed, 1);
    }

    #[test]
    fn outdated_and_pending_without_an_operation_is_no_end() {
        let mut seen = Interner::default();
        assert_eq!(of_instance(&instance(&mut seen, "1", "OUTDATED", "PENDING", "")), Standing::Unfinished);
        assert_eq!(of_instance(&instance(&mut seen, "1", "OUTDATED", "", "")), Standing::Failed);
        assert_eq!(of_instance(&instance(&mut seen, "1", "NEW", "NEW", "")), Standing::Unfinished);
    }
}
