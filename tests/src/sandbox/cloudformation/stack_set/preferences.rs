//! `OperationPreferences`: how many at once, and how many may fail.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html>

use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;

/// A number of accounts, or a share of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Amount {
    Count(usize),
    Percent(usize),
}

impl Amount {
    /// Of so many accounts. Shares are rounded down.
    fn of(self, total: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => total * percent / 100,
        }
    }
}

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preferences {
    tolerance: Amount,
    most: Amount,
    soft: bool,
    pub(super) parallel: bool,
    pub(super) order: Vec<String>,
}

impl Preferences {
    /// What holds if nothing is said.
    pub(super) fn unset() -> Self {
        let (tolerance, most) = (Amount::Count(0), Amount::Count(1));
        Self { tolerance, most, soft: false, parallel: false, order: Vec::new() }
    }

    /// How automatic deployments go, whatever was said: all at once.
    pub(super) fn automatic() -> Self {
        let all = Amount::Percent(100);
        Self { tolerance: all, most: all, soft: true, parallel: true, order: Vec::new() }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(super) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let mut read = Self::unset();
        let Some(given) = call.input.get("OperationPreferences") else { return Ok(read) };
        if let Some(amount) = amount(given, "FailureToleranceCount", "FailureTolerancePercentage")? {
            read.tolerance = amount;
        }
        if let Some(amount) = amount(given, "MaxConcurrentCount", "MaxConcurrentPercentage")? {
            read.most = amount;
        }
        let word = |member: &str| given.get(member).and_then(Value::as_str);
        read.soft = word("ConcurrencyMode") == Some("SOFT_FAILURE_TOLERANCE");
        read.parallel = word("RegionConcurrencyType") == Some("PARALLEL");
        let order = given.get("RegionOrder").and_then(Value::as_array).into_iter().flatten();
        read.order = order.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        Ok(read)
    }

    /// Whether too many have failed in a Region.
    pub(super) fn exceeded(&self, total: usize, failed: usize) -> bool {
        failed > self.tolerance.of(total)
    }

    /// How many accounts of a Region may be worked on at once.
    pub(super) fn room(&self, total: usize, failed: usize) -> usize {
        let most = self.most.of(total).max(1);
        if self.soft {
            return most;
        }
        // No more may be under way than could fail without there being more failures than tolerance + 1.
        most.min((self.tolerance.of(total) + 1).saturating_sub(failed))
    }

    /// As the API shows them.
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({
            "RegionConcurrencyType": if self.parallel { "PARALLEL" } else { "SEQUENTIAL" },
            "RegionOrder": self.order,
            "ConcurrencyMode": if self.soft { "SOFT_FAILURE_TOLERANCE" } else { "STRICT_FAILURE_TOLERANCE" },
        });
        if let Value::Object(members) = &mut shown {
            for (amount, count, percentage) in [
                (self.tolerance, "FailureToleranceCount", "FailureTolerancePercentage"),
                (self.most, "MaxConcurrentCount", "MaxConcurrentPercentage"),
            ] {
                let (name, number) = match amount {
                    Amount::Count(number) => (count, number),
                    Amount::Percent(number) => (percentage, number),
                };
                members.insert(name.to_owned(), number.into());
            }
        }
        shown
    }
}

fn amount(given: &Value, count: &str, percentage: &str) -> Result<Option<Amount>, Refusal> {
    let number =
        |member: &str| given.get(member).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    match (number(count), number(percentage)) {
        (Some(_), Some(_)) => {
            Err(Refusal::validation_error(format!("You can specify either {count} or {percentage}, but not both")))
        }
        (Some(number), None) => Ok(Some(Amount::Count(number))),
        (None, Some(number)) => Ok(Some(Amount::Percent(number))),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Amount, Preferences};

    fn preferences(tolerance: Amount, most: Amount, soft: bool) -> Preferences {
        Preferences { tolerance, most, soft, ..Preferences::unset() }
    }

    #[test]
    fn strict_concurrency_shrinks_with_failures_and_soft_does_not() {
        let strict = preferences(Amount::Count(2), Amount::Count(10), false);
        assert_eq!([0, 1, 2].map(|failed| strict.room(20, failed)), [3, 2, 1]);
        let soft = preferences(Amount::Count(2), Amount::Count(10), true);
        assert_eq!(soft.room(20, 2), 10);
    }

    #[test]
    fn shares_are_rounded_down_but_one_is_always_worked_on() {
        let few = preferences(Amount::Percent(30), Amount::Percent(10), true);
        assert_eq!(few.room(5, 0), 1);
        assert!(!few.exceeded(5, 1));
        assert!(few.exceeded(5, 2));
    }
}
