//! Numbers, days and names as the page has them.

use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::evidence::Moment;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const LONG_DAY: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:long] [year]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");

/// A number with its thousands apart: `12,345`.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that fits a small cell: `999`, `1.2k`, `34k`.
pub(super) fn short(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..10_000 => format!("{}.{}k", number / 1_000, number % 1_000 / 100),
        _ => format!("{}k", number / 1_000),
    }
}

/// A number with its noun.
pub(super) fn counted(count: u64, noun: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{} {noun}{end}", number(count))
}

/// A moment as people write it: `23 November 2026, 09:00 UTC`.
pub(super) fn moment(at: Moment) -> String {
    let time = at.time();
    match (time.format(LONG_DAY), time.format(CLOCK)) {
        (Ok(day), Ok(clock)) => format!("{day}, {clock} UTC"),
        _ => at.to_string(),
    }
}

/// A day of `exemptions.yaml` as people write it, and how many days it is away. What is no day is left as it is.
pub(super) fn day(text: &str, from: Moment) -> (String, Option<i64>) {
    let Ok(day) = Date::parse(text, DAY) else { return (plain(text), None) };
    let days = (day - from.time().date()).whole_days();
    (day.format(LONG_DAY).unwrap_or_else(|_| text.to_owned()), Some(days))
}

/// A text of AWS without what a reader's eye would obey unseen. The template escapes what a browser would.
pub(super) fn plain(text: &str) -> String {
    crate::evidence::plain::plain(text)
}

/// The first characters of a name.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(7), "7");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(number(100), "100");
        assert_eq!((short(999), short(1_250), short(34_999)), ("999".into(), "1.2k".into(), "34k".into()));
        assert_eq!(counted(1, "account"), "1 account");
    }

    #[test]
    fn days_are_counted_from_the_report() {
        let from: Moment = "2026-11-23T23:59:59Z".parse().unwrap();
        assert_eq!(day("2026-11-24", from), ("24 November 2026".to_owned(), Some(1)));
        assert_eq!(day("2026-10-31", from), ("31 October 2026".to_owned(), Some(-23)));
        assert_eq!(day("soon\u{202e}", from), ("soon\\u{202e}".to_owned(), None));
    }
}
