//! SHA-256 digests in the two ways that AWS writes them.

use std::fmt::Write as _;

/// Bytes in hexadecimal, lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A digest that Lambda or S3 wrote in Base64, in hexadecimal; none if it is no SHA-256.
pub(crate) fn from_base64(text: &str) -> Option<String> {
    let bytes = aws_smithy_types::base64::decode(text).ok()?;
    (bytes.len() == 32).then(|| hexadecimal(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_in_both_ways() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(from_base64("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").as_deref(), Some(hex));
        assert_eq!(from_base64("47DEQpj8HBSa"), None);
        assert_eq!(from_base64("no Base64!"), None);
    }
}
