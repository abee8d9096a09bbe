//! AWS Signature Version 4, checked as AWS checks it.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use time::{PrimitiveDateTime, macros::format_description};

use super::Incoming;
use crate::sandbox::clock::Instant;

/// How far a request's date may be from the sandbox's clock.
pub(crate) const SKEW: Duration = Duration::from_mins(5);

/// An `Authorization` header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: String,
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    signed_headers: Vec<String>,
    signature: String,
}

impl Authorization {
    /// Reads `AWS4-HMAC-SHA256 Credential=…/20261121/eu-west-1/sts/aws4_request, SignedHeaders=…, Signature=…`.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| {
            let pair = fields.split(',').map(str::trim).find_map(|field| field.strip_prefix(name));
            pair.and_then(|rest| rest.strip_prefix('=')).map(ToOwned::to_owned)
        };
        let credential = field("Credential")?;
        let mut scope = credential.split('/');
        let (access_key_id, date, region, service) = (scope.next()?, scope.next()?, scope.next()?, scope.next()?);
        if scope.next() != Some("aws4_request") || scope.next().is_some() {
            return None;
        }
        Some(Self {
            access_key_id: access_key_id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: field("SignedHeaders")?.split(';').map(ToOwned::to_owned).collect(),
            signature: field("Signature")?,
        })
    }
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A part that every signed request has is missing or unreadable.
    Incomplete(&'static str),
    /// A header that has to be signed is not.
    Unsigned(&'static str),
    /// The date is too far from the clock; in AWS's words.
    Skewed(String),
    /// The body is not the one that was signed.
    Payload,
    /// It is another signature than the secret gives.
    Wrong,
}

/// Checks a request's signature and date.
///
/// # Errors
/// See [`Fault`].
pub(crate) fn verify(
    incoming: &Incoming,
    authorization: &Authorization,
    secret: &str,
    now: Instant,
) -> Result<(), Fault> {
    let stamp = header(&incoming.headers, "x-amz-date").ok_or(Fault::Incomplete("X-Amz-Date"))?;
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    let date = PrimitiveDateTime::parse(&stamp, form).map_err(|_| Fault::Incomplete("X-Amz-Date"))?;
    let signed = Instant::from(date.assume_utc());
    if let Some(message) = skew(signed, now) {
        return Err(Fault::Skewed(message));
    }
    if !stamp.starts_with(&authorization.date) {
        return Err(Fault::Wrong);
    }
    if let Some(unsigned) = unsigned(incoming, authorization) {
        return Err(Fault::Unsigned(unsigned));
    }
    let canonical = canonical_request(incoming, authorization)?;
    let scope = format!("{}/{}/{}/aws4_request", authorization.date, authorization.region, authorization.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let day = SystemTime::from(date.assume_utc());
    let key = generate_signing_key(secret, day, &authorization.region, &authorization.service);
    if calculate_signature(key, to_sign.as_bytes()) == authorization.signature { Ok(()) } else { Err(Fault::Wrong) }
}

/// AWS's words for a date that is too early or too late.
fn skew(signed: Instant, now: Instant) -> Option<String> {
    let form = format_description!("[year][month][day]T[hour][minute][second]Z");
    let shown = |at: Instant| at.date().format(form).unwrap_or_default();
    let (date, clock, minutes) = (shown(signed), shown(now), SKEW.as_secs() / 60);
    if now.since(signed) > SKEW {
        let limit = shown(Instant(now.0 - signed_millis(SKEW)));
        return Some(format!("Signature expired: {date} is now earlier than {limit} ({clock} - {minutes} min.)"));
    }
    let limit = shown(now.plus(SKEW));
    let early = signed.since(now) > SKEW;
    early.then(|| format!("Signature not yet current: {date} is still later than {limit} ({clock} + {minutes} min.)"))
}

fn signed_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A header that says where a request goes or who it is from, but is not signed: the request could be replayed.
fn unsigned(incoming: &Incoming, authorization: &Authorization) -> Option<&'static str> {
    let must = ["host", "x-amz-date", "x-amz-target", "x-amz-security-token"];
    let signed = |name: &str| authorization.signed_headers.iter().any(|signed| signed == name);
    must.into_iter().find(|name| incoming.headers.contains_key(*name) && !signed(name))
}

fn canonical_request(incoming: &Incoming, authorization: &Authorization) -> Result<String, Fault> {
    let mut lines = String::new();
    for name in &authorization.signed_headers {
        let value = header(&incoming.headers, name).ok_or(Fault::Wrong)?;
        lines.push_str(&[name, ":", &value, "\n"].concat());
    }
    let payload = payload(incoming, &authorization.service)?;
    let path = canonical_path(&incoming.path, &authorization.service);
    let (query, names) = (canonical_query(&incoming.query), authorization.signed_headers.join(";"));
    Ok(format!("{}\n{path}\n{query}\n{lines}\n{names}\n{payload}", incoming.method))
}

/// What stands for the body: its hash, or for S3 what the client says that it has signed instead.
fn payload(incoming: &Incoming, service: &str) -> Result<String, Fault> {
    let computed = || sha256(&incoming.body);
    if service != "s3" {
        return Ok(computed());
    }
    let said = header(&incoming.headers, "x-amz-content-sha256").ok_or(Fault::Incomplete("x-amz-content-sha256"))?;
    let unsigned = said == "UNSIGNED-PAYLOAD" || said.starts_with("STREAMING-");
    if unsigned || said == computed() { Ok(said) } else { Err(Fault::Payload) }
}

/// S3 signs the path as it is sent; every other service signs it encoded once more.
fn canonical_path(path: &str, service: &str) -> String {
    if service == "s3" { path.to_owned() } else { encoded(path.as_bytes(), true) }
}

fn canonical_query(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", encoded(name.as_bytes(), false), encoded(value.as_bytes(), false)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn encoded(bytes: &[u8], keep_slash: bool) -> String {
    let encode = |byte: &u8| match *byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
        b'/' if keep_slash => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

/// A header's values, joined and trimmed as the canonical request wants them.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<String> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(collapsed).collect();
    if values.is_empty() { None } else { Some(values.join(",")) }
}

fn collapsed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Authorization, canonical_query};

    #[test]
    fn an_authorization_header_is_taken_apart() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/sts/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=ab";
        let parsed = Authorization::parse(header).unwrap();
        assert_eq!((parsed.region.as_str(), parsed.service.as_str()), ("eu-west-1", "sts"));
        assert_eq!(parsed.signed_headers, ["host", "x-amz-date"]);
        assert_eq!(Authorization::parse(&header.replace("aws4_request", "x")), None);
        assert_eq!(Authorization::parse("Bearer x"), None);
    }

    #[test]
    fn a_query_is_sorted_and_encoded() {
        assert_eq!(canonical_query("b=2&a=%20x&c"), "a=%20x&b=2&c=");
    }
}
