//! A time in evidence.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A time in UTC. It is written as RFC 3339 with `Z`: `2026-11-23T09:00:00Z`. A fraction has three digits, if it is not
/// finer than a millisecond, as those of AWS are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(OffsetDateTime);

impl Moment {
    /// The present moment, to the second: more would only be noise in a manifest.
    #[must_use]
    pub fn now() -> Self {
        let now = OffsetDateTime::now_utc();
        Self(now.replace_nanosecond(0).unwrap_or(now))
    }

    /// The same without the fraction of its second.
    #[must_use]
    pub fn to_seconds(self) -> Self {
        Self(self.0.replace_nanosecond(0).unwrap_or(self.0))
    }

    /// The time.
    #[must_use]
    pub fn time(self) -> OffsetDateTime {
        self.0
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        Self(time.to_offset(UtcOffset::UTC))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.format(&Rfc3339).map_err(|_| fmt::Error)?;
        let nanos = self.0.nanosecond();
        match text.split_once('.') {
            Some((seconds, _)) if nanos.is_multiple_of(1_000_000) => {
                f.pad(&format!("{seconds}.{:03}Z", nanos / 1_000_000))
            }
            Some(_) | None => f.pad(&text),
        }
    }
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as `2026-11-23T09:00:00Z`")]
pub struct MomentError(String);

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::from).map_err(|_| MomentError(text.to_owned()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_have_three_digits_or_all_that_there_are() {
        for (text, written) in [
            ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"),
            ("2026-11-23T09:00:00.5Z", "2026-11-23T09:00:00.500Z"),
            ("2026-11-23T10:00:00.05+01:00", "2026-11-23T09:00:00.050Z"),
            ("2026-11-23T09:00:00.0000001Z", "2026-11-23T09:00:00.0000001Z"),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment.to_string(), written);
            assert_eq!(written.parse::<Moment>().unwrap(), moment);
            assert_eq!(moment.to_seconds().to_string(), "2026-11-23T09:00:00Z");
        }
    }
}
