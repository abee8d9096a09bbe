//! One value of a request against one value of a policy, for the operator without its negation.

use std::cmp::Ordering;
use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use super::operator::Base;
use crate::scp::language::context::Context;
use crate::scp::language::pattern::{Pattern, Wildcards};
use crate::scp::language::policy::Version;
use crate::scp::language::truth::Truth;

/// Whether they match. What is no value of the operator's kind cannot be told.
pub(super) fn like(base: Base, found: &str, wanted: &str, context: &Context, version: Version) -> Truth {
    let pattern = |wildcards| Pattern::expand(wanted, wildcards, version, context);
    let told = match base {
        Base::StringEquals | Base::StringNotEquals => {
            pattern(Wildcards::Plain).map(|pattern| pattern.matches(found).into())
        }
        Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => {
            pattern(Wildcards::Plain).map(|pattern| pattern.matches_any_case(found).into())
        }
        Base::StringLike | Base::StringNotLike => {
            pattern(Wildcards::Matched).map(|pattern| pattern.matches(found).into())
        }
        Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => {
            pattern(Wildcards::Matched).map(|pattern| pattern.matches_arn(found))
        }
        Base::Bool => both(found, wanted, boolean, "a boolean").map(|(found, wanted)| (found == wanted).into()),
        Base::IpAddress | Base::NotIpAddress => address(found, wanted).map(Into::into),
        Base::NumericEquals
        | Base::NumericNotEquals
        | Base::NumericLessThan
        | Base::NumericLessThanEquals
        | Base::NumericGreaterThan
        | Base::NumericGreaterThanEquals => both(found, wanted, number, "a number")
            .map(|(found, wanted)| ordered(base, found.partial_cmp(&wanted)).into()),
        Base::DateEquals
        | Base::DateNotEquals
        | Base::DateLessThan
        | Base::DateLessThanEquals
        | Base::DateGreaterThan
        | Base::DateGreaterThanEquals => {
            both(found, wanted, date, "a date").map(|(found, wanted)| ordered(base, Some(found.cmp(&wanted))).into())
        }
        Base::BinaryEquals => Err("values in Base64 are not compared here".to_owned()),
        Base::Null => Err("`Null` compares no values".to_owned()),
    };
    told.unwrap_or_else(Truth::unknown)
}

fn both<T>(found: &str, wanted: &str, read: fn(&str) -> Option<T>, what: &str) -> Result<(T, T), String> {
    let told = |text: &str| read(text).ok_or_else(|| format!("`{text}` is not {what}"));
    Ok((told(found)?, told(wanted)?))
}

fn ordered(base: Base, order: Option<Ordering>) -> bool {
    let Some(order) = order else { return false };
    match base {
        Base::NumericLessThan | Base::DateLessThan => order.is_lt(),
        Base::NumericLessThanEquals | Base::DateLessThanEquals => order.is_le(),
        Base::NumericGreaterThan | Base::DateGreaterThan => order.is_gt(),
        Base::NumericGreaterThanEquals | Base::DateGreaterThanEquals => order.is_ge(),
        Base::NumericEquals
        | Base::NumericNotEquals
        | Base::DateEquals
        | Base::DateNotEquals
        | Base::StringEquals
        | Base::StringNotEquals
        | Base::StringEqualsIgnoreCase
        | Base::StringNotEqualsIgnoreCase
        | Base::StringLike
        | Base::StringNotLike
        | Base::Bool
        | Base::BinaryEquals
        | Base::IpAddress
        | Base::NotIpAddress
        | Base::ArnEquals
        | Base::ArnLike
        | Base::ArnNotEquals
        | Base::ArnNotLike
        | Base::Null => order.is_eq(),
    }
}

fn boolean(text: &str) -> Option<bool> {
    text.to_ascii_lowercase().parse().ok()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// ISO 8601, or seconds since 1970. A day alone is its first moment in UTC.
fn date(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let day = || OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Iso8601::DEFAULT);
    OffsetDateTime::parse(text, &Iso8601::DEFAULT).or_else(|_| day()).ok()
}

/// Whether an address is in a range such as `203.0.113.0/24`; an address alone is a range of one.
fn address(found: &str, range: &str) -> Result<bool, String> {
    let no_address = |text: &str| format!("`{text}` is no IP address");
    let found: IpAddr = found.parse().map_err(|_| no_address(found))?;
    let (base, length) = range.split_once('/').map_or((range, None), |(base, length)| (base, Some(length)));
    let base: IpAddr = base.parse().map_err(|_| no_address(range))?;
    let width = if base.is_ipv4() { 32 } else { 128 };
    let length = match length.map(str::parse::<u32>) {
        None => width,
        Some(Ok(length)) if length <= width => length,
        Some(_) => return Err(format!("`{range}` is no range of IP addresses")),
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    let head = |address| bits(address).checked_shr(width - length).unwrap_or_default();
    Ok(found.is_ipv4() == base.is_ipv4() && head(found) == head(base))
}
