//! Identifiers and tokens from a seed, so that a run can be repeated.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A `SplitMix64` generator. Not for secrets: everything it makes is valid in one sandbox only.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";
const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Random {
    /// A generator that always gives the same sequence for the same seed.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// True with the given probability (0 to 1).
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 random bits are exactly a double")]
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let count = alphabet.len() as u64;
        let pick = |bits: u64| usize::try_from(bits % count).ok().and_then(|at| alphabet.get(at));
        (0..length).filter_map(|_| pick(self.next())).map(|byte| char::from(*byte)).collect()
    }

    /// Lower-case letters and digits, as in `config-rule-i9y8j9`.
    pub(crate) fn lower(&mut self, length: usize) -> String {
        self.text(LOWER, length)
    }

    /// Upper-case letters and digits, as in an access key.
    pub(crate) fn upper(&mut self, length: usize) -> String {
        self.text(UPPER, length)
    }

    /// Hexadecimal digits, as in `sg-0fb295a327d9b4835`.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text(HEX, length)
    }

    /// Letters and digits, as in a secret key.
    pub(crate) fn secret(&mut self, length: usize) -> String {
        self.text(SECRET, length)
    }

    /// A version 4 UUID, as in a request id.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b, c, d) = (self.hex(8), self.hex(4), self.hex(3), self.hex(3));
        format!("{a}-{b}-4{c}-a{d}-{}", self.hex(12))
    }

    /// A result token as AWS Config makes them: base64 of JSON with signed bytes, 1 to 2 KB.
    pub(crate) fn result_token(&mut self) -> String {
        let encrypted = self.signed_bytes(220);
        let vector = self.signed_bytes(16);
        let json = format!(
            r#"{{"encryptedData":[{encrypted}],"materialSetSerialNumber":1,"ivParameterSpec":{{"iv":[{vector}]}}}}"#
        );
        STANDARD.encode(json)
    }

    fn signed_bytes(&mut self, count: usize) -> String {
        let bytes: Vec<String> =
            (0..count).map(|_| i8::from_le_bytes([self.next().to_le_bytes()[0]]).to_string()).collect();
        bytes.join(",")
    }
}
