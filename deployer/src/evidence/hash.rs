//! SHA-256, by the library that TLS uses here: it knows the processor's own instructions for it.

use std::fmt;
use std::io::{self, Read, Write};
use std::str::FromStr;

use aws_lc_rs::digest;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::hexadecimal;

/// What is read at once, in bytes: large enough that a read costs nothing beside hashing.
pub(crate) const CHUNK: usize = 256 * 1024;

/// A SHA-256. It is written in hexadecimal and lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from(&digest::digest(&digest::SHA256, bytes))
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from(digest: &digest::Digest) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SHA-256 of 64 digits in lower case")]
pub struct DigestError(String);

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let fault = || DigestError(text.escape_debug().collect());
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 64 || !text.bytes().all(is_digit) {
            return Err(fault());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or_else(fault)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| fault())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A sink that hashes and counts what goes through it on the way to another.
pub(crate) struct Hashing<W> {
    inner: W,
    context: digest::Context,
    size: u64,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, context: digest::Context::new(&digest::SHA256), size: 0 }
    }

    /// The sink, what went into it, and how many bytes that were.
    pub(crate) fn finish(self) -> (W, Digest, u64) {
        (self.inner, Digest::from(&self.context.finish()), self.size)
    }
}

impl<W> Hashing<W> {
    /// What was hashed, without the sink.
    pub(crate) fn lay_aside(self) -> SoFar {
        SoFar { context: self.context, size: self.size }
    }
}

/// What was hashed so far.
pub(crate) struct SoFar {
    context: digest::Context,
    size: u64,
}

impl SoFar {
    /// Goes on with another sink.
    pub(crate) fn go_on<W>(self, inner: W) -> Hashing<W> {
        Hashing { inner, context: self.context, size: self.size }
    }
}

impl fmt::Debug for SoFar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoFar").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.context.update(bytes.get(..written).unwrap_or(bytes));
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> fmt::Debug for Hashing<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashing").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Hashes what a reader gives, but no more than a limit and one byte: digest, and bytes read.
pub(crate) fn read(reader: &mut dyn Read, limit: u64) -> io::Result<(Digest, u64)> {
    let mut context = digest::Context::new(&digest::SHA256);
    let mut limited = reader.take(limit.saturating_add(1));
    let room = usize::try_from(limit.saturating_add(1)).map_or(CHUNK, |limit| limit.min(CHUNK));
    let (mut buffer, mut size) = (vec![0; room], 0);
    loop {
        match limited.read(&mut buffer) {
            Ok(0) => return Ok((Digest::from(&context.finish()), size)),
            Ok(count) => {
                context.update(buffer.get(..count).unwrap_or(&buffer));
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse::<Digest>(), Ok(Digest::of(b"abc")));
        assert!(abc.to_uppercase().parse::<Digest>().is_err());
        assert_eq!(read(&mut &b"abcd"[..], 3).unwrap(), (Digest::of(b"abcd"), 4), "the byte over the limit shows");
        assert_eq!(read(&mut &b"abcde"[..], 3).unwrap().1, 4);
    }
}
