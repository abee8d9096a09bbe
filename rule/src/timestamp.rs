//! The time at which AWS Config saw what is being judged.

use std::fmt;
use std::str::FromStr;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The `OrderingTimestamp` of an evaluation: the capture time of a configuration item, or the creation time of a
/// scheduled notification, never the present moment. Millisecond precision, as AWS Config sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderingTimestamp(OffsetDateTime);

/// Why a text is not a time stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as `2023-04-27T13:26:17.741Z`")]
pub struct TimestampError(String);

impl OrderingTimestamp {
    /// A time from milliseconds since 1970, or nothing outside the years that can be written.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok().map(Self)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        // INVARIANT: years are within ±9999, whose milliseconds fit an i64 many times over.
        i64::try_from(self.0.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }
}

impl FromStr for OrderingTimestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exact = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError(text.to_owned()))?;
        i64::try_from(exact.unix_timestamp_nanos().div_euclid(1_000_000))
            .ok()
            .and_then(Self::from_millis)
            .ok_or_else(|| TimestampError(text.to_owned()))
    }
}

impl fmt::Display for OrderingTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        let text = self.0.to_offset(time::UtcOffset::UTC).format(&format).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_aws_config_survives_the_round_trip() {
        let text = "2023-04-27T15:03:11.636Z";
        let time: OrderingTimestamp = text.parse().unwrap();
        assert_eq!(time.to_string(), text);
        assert_eq!(time.millis(), 1_682_607_791_636);
        assert_eq!(OrderingTimestamp::from_millis(1_682_607_791_636), Some(time));
    }

    #[test]
    fn other_precisions_and_offsets_are_the_same_moment() {
        let time: OrderingTimestamp = "2023-04-27T15:03:11.636Z".parse().unwrap();
        for same in ["2023-04-27T15:03:11.636999Z", "2023-04-27T17:03:11.636+02:00"] {
            assert_eq!(same.parse::<OrderingTimestamp>().unwrap(), time, "{same}");
        }
        assert_eq!("1969-12-31T23:59:59.9999Z".parse::<OrderingTimestamp>().unwrap().millis(), -1);
    }

    #[test]
    fn anything_else_is_named_in_the_error() {
        for wrong in ["", "yesterday", "2023-04-27", "2023-13-27T15:03:11Z", "1682607791"] {
            let error = wrong.parse::<OrderingTimestamp>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
        }
    }
}
