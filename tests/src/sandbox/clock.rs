//! The one clock of a world: wall-clock time plus an offset that tests may set.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A clock with millisecond resolution. Clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    captured_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The time in this world.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(wall_ms() + self.offset_ms.load(Ordering::Relaxed))
    }

    /// The time outside: what a client signs its requests with, and what a function's deadline is told in.
    #[must_use]
    pub fn wall(&self) -> Instant {
        Instant(wall_ms())
    }

    /// A time that no earlier call of this function has given: configuration items are told apart by it.
    #[must_use]
    pub fn unique(&self) -> Instant {
        let now = self.now().0;
        let next = |last: i64| Some(now.max(last + 1));
        let last = self.captured_ms.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        Instant(last.map_or(now, |last| now.max(last + 1)))
    }

    /// Moves this world's time forward.
    pub fn advance(&self, by: Duration) {
        self.offset_ms.fetch_add(millis(by), Ordering::Relaxed);
    }

    /// Moves this world's time back; what happened until now lies in the future then.
    pub fn rewind(&self, by: Duration) {
        self.offset_ms.fetch_sub(millis(by), Ordering::Relaxed);
        self.captured_ms.store(0, Ordering::Relaxed);
    }
}

fn wall_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.map_or(0, millis)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A point in time, in whole milliseconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads RFC 3339, such as `2023-04-27T15:03:11.636Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::from)
    }

    /// Reads the JSON protocols' form: seconds since 1970, with a fraction.
    #[must_use]
    pub fn from_epoch(value: &Value) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "no time within 200 million years is cut")]
        value.as_f64().map(|seconds| Self((seconds * 1000.0).round() as i64))
    }

    /// The JSON protocols' form.
    #[must_use]
    pub fn epoch(self) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds are exact in a double for 200,000 years")]
        Value::from(self.0 as f64 / 1000.0)
    }

    /// ISO 8601 in UTC with milliseconds, as notifications and XML answers write it.
    #[must_use]
    pub fn iso(self) -> String {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        self.date().format(&form).unwrap_or_default()
    }

    /// The time that lies `by` later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0 + millis(by))
    }

    /// How long ago `earlier` was; zero if it was not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The calendar form.
    #[must_use]
    pub fn date(self) -> OffsetDateTime {
        let nanos = i128::from(self.0) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Instant {
    fn from(date: OffsetDateTime) -> Self {
        Self(i64::try_from(date.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
    }
}
