//! Conditions: one key under one operator, against a request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>

mod compare;
mod operator;

pub use operator::{Base, Operator, Quantifier};

use super::context::{Context, Lookup};
use super::policy::{Condition, Version};
use super::truth::Truth;

/// Whether a condition holds.
pub(super) fn holds(condition: &Condition, context: &Context, version: Version) -> Truth {
    let Some(operator) = condition.operator else {
        return Truth::unknown(format!("the operator `{}` is not one that is known here", condition.written));
    };
    let asked = Asked { operator, values: &condition.values, context, version };
    match context.get(&condition.key) {
        _ if condition.values.is_empty() => {
            Truth::unknown(format!("`{}` has no value to compare `{}` with", condition.written, condition.key))
        }
        Lookup::Unknown => Truth::unknown(format!("the request does not say what `{}` is", condition.key)),
        Lookup::Absent => asked.without_key(),
        Lookup::Values(found) => asked.with_key(&condition.key, found),
    }
}

struct Asked<'a> {
    operator: Operator,
    values: &'a [String],
    context: &'a Context,
    version: Version,
}

impl Asked<'_> {
    /// Absent keys: an operator that is negated holds, any other does not; `IfExists` and `ForAllValues` hold, and
    /// `ForAnyValue` does not.
    fn without_key(&self) -> Truth {
        match (self.operator.base, self.operator.quantifier) {
            (Base::Null, Quantifier::None) => self.null(true),
            (Base::Null, _) => unknown_null(),
            _ if self.operator.if_exists => Truth::True,
            (_, Quantifier::ForAllValues) => Truth::True,
            (_, Quantifier::ForAnyValue) => Truth::False,
            (base, Quantifier::None) => base.is_negated().into(),
        }
    }

    fn with_key(&self, key: &str, found: &[String]) -> Truth {
        let each = || found.iter().map(|value| self.one(value));
        match (self.operator.base, self.operator.quantifier) {
            (Base::Null, Quantifier::None) => self.null(false),
            (Base::Null, _) => unknown_null(),
            (_, Quantifier::ForAllValues) => Truth::all(each()),
            (_, Quantifier::ForAnyValue) => Truth::any(each()),
            (_, Quantifier::None) => match (Truth::all(each()), Truth::any(each())) {
                (all, any) if all == any => all,
                _ => Truth::unknown(format!(
                    "`{key}` has several values, and the operator has neither ForAnyValue nor ForAllValues"
                )),
            },
        }
    }

    /// Whether one value of the request is like one of the policy's, or for a negated operator like none of them.
    fn one(&self, found: &str) -> Truth {
        let base = self.operator.base;
        let any =
            Truth::any(self.values.iter().map(|wanted| compare::like(base, found, wanted, self.context, self.version)));
        if base.is_negated() { !any } else { any }
    }

    fn null(&self, is_absent: bool) -> Truth {
        Truth::any(self.values.iter().map(|value| match value.to_lowercase().as_str() {
            "true" => is_absent.into(),
            "false" => (!is_absent).into(),
            _ => Truth::unknown(format!("`Null` takes \"true\" or \"false\", not `{value}`")),
        }))
    }
}

fn unknown_null() -> Truth {
    Truth::unknown("what `Null` means after ForAnyValue or ForAllValues is not documented")
}
