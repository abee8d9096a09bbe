//! Values that a key never has.

use super::facts::VALUES;
use super::{Finding, Severity};
use crate::scp::language::{Base, Condition, Policy};

pub(super) fn findings(policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, statement) in policy.statements.iter().enumerate() {
        for condition in &statement.conditions {
            let path = format!("{}.Condition.{}.{}", policy.place(index), condition.written, condition.key);
            found.extend(of_condition(condition, &path));
        }
    }
    found
}

fn of_condition(condition: &Condition, path: &str) -> Vec<Finding> {
    let Some(operator) = condition.operator else { return Vec::new() };
    if operator.base == Base::Null {
        return null_values(condition, path);
    }
    let Some((_, known)) = VALUES.iter().find(|(key, _)| key.eq_ignore_ascii_case(&condition.key)) else {
        return Vec::new();
    };
    let any_case = matches!(operator.base, Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase);
    let is_pattern = |value: &str| value.contains(['*', '?', '$']);
    let wrong = condition.values.iter().filter(|value| !known.contains(&value.as_str()) && !is_pattern(value));
    let found = wrong.filter_map(|value| {
        let other = known.iter().find(|known| known.eq_ignore_ascii_case(value));
        match other {
            Some(_) if any_case => None,
            Some(right) => Some(Finding::new(
                "wrong-case",
                Severity::Error,
                path.to_owned(),
                format!("`{value}` is never the value of {}: SageMaker writes `{right}`", condition.key),
                "write the value as SageMaker does; letter case counts in values, though not in keys",
            )),
            None => Some(Finding::new(
                "unknown-value",
                Severity::Error,
                path.to_owned(),
                format!("`{value}` is never the value of {}: it is one of {}", condition.key, known.join(", ")),
                "write a value that there is",
            )),
        }
    });
    found.collect()
}

fn null_values(condition: &Condition, path: &str) -> Vec<Finding> {
    let is_wrong = |value: &&String| !matches!(value.to_lowercase().as_str(), "true" | "false");
    let found = condition.values.iter().filter(is_wrong).map(|value| {
        Finding::new(
            "unknown-value",
            Severity::Error,
            path.to_owned(),
            format!("`Null` asks whether the key is absent: \"true\" or \"false\", not `{value}`"),
            "\"true\" holds for requests without the key, \"false\" for requests with it",
        )
    });
    found.collect()
}
