//! Bodies of S3 requests: out of their chunks, and compared with the checksums that came with them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::Incoming;
use super::signature::header;
use crate::sandbox::refusal::Refusal;

/// The body, and all headers and trailers in lower case.
type Unwrapped = (Vec<u8>, Vec<(String, String)>);

/// Takes a body out of `aws-chunked`, if it is in it, and verifies the checksums that are cheap to make.
///
/// # Errors
/// `IncompleteBody`, `BadDigest`.
pub(super) fn unwrapped(incoming: &Incoming) -> Result<Unwrapped, Refusal> {
    let mut headers: Vec<(String, String)> = incoming
        .headers
        .keys()
        .filter_map(|name| Some((name.as_str().to_owned(), header(&incoming.headers, name.as_str())?)))
        .collect();
    let streamed = header(&incoming.headers, "x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    let body = if streamed {
        let (body, trailers) = dechunked(&incoming.body).ok_or_else(incomplete)?;
        headers.extend(trailers);
        body
    } else {
        incoming.body.to_vec()
    };
    let length = headers.iter().find(|(name, _)| name == "x-amz-decoded-content-length");
    if length.is_some_and(|(_, length)| *length != body.len().to_string()) {
        return Err(incomplete());
    }
    verify(&headers, &body)?;
    Ok((body, headers))
}

fn incomplete() -> Refusal {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header.";
    Refusal::new("IncompleteBody", message)
}

/// The data of `size;extension CRLF data CRLF … 0 CRLF trailers`.
fn dechunked(mut rest: &[u8]) -> Option<Unwrapped> {
    let mut body = Vec::new();
    loop {
        let (line, after) = line(rest)?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some((body, trailers(after)));
        }
        body.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn trailers(mut rest: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while let Some((text, after)) = line(rest) {
        if let Some((name, value)) = text.split_once(':') {
            found.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
        rest = after;
    }
    found
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(bytes.get(..end)?).ok()?, bytes.get(end + 2..)?))
}

fn verify(headers: &[(String, String)], body: &[u8]) -> Result<(), Refusal> {
    let said = |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str());
    let checks: [(&str, &str, &dyn Fn() -> String); 3] = [
        ("content-md5", "Content-MD5", &|| STANDARD.encode(Md5::digest(body))),
        ("x-amz-checksum-crc32", "CRC32", &|| STANDARD.encode(crc32fast::hash(body).to_be_bytes())),
        ("x-amz-checksum-sha256", "SHA256", &|| STANDARD.encode(Sha256::digest(body))),
    ];
    for (name, shown, computed) in checks {
        if said(name).is_some_and(|said| said != computed()) {
            let message = format!("The {shown} you specified did not match the calculated checksum.");
            return Err(Refusal::new("BadDigest", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn chunks_are_joined_and_trailers_kept() {
        let sent = b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let (body, trailers) = super::dechunked(sent).unwrap();
        assert_eq!(body, b"hello!");
        assert_eq!(trailers, [("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())]);
        assert_eq!(super::dechunked(b"5\r\nhel"), None);
    }
}
