//! UUIDs that are the same for the same name (RFC 9562, version 5).

use aws_lc_rs::digest;

use crate::digest::hexadecimal;

/// The namespace of our names: drawn once, at random.
const NAMESPACE: [u8; 16] =
    [0x5b, 0x0f, 0x3c, 0x61, 0x8e, 0x2d, 0x4d, 0x7a, 0x9c, 0x14, 0x77, 0xe0, 0xa8, 0x36, 0x92, 0xcb];

/// The UUID of a name.
pub(super) fn uuid(name: &str) -> String {
    of(&NAMESPACE, name)
}

fn of(namespace: &[u8], name: &str) -> String {
    // The standard names SHA-1, and nothing here has to withstand an attack.
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(namespace);
    context.update(name.as_bytes());
    let digest = context.finish();
    let mut bytes: Vec<u8> = digest.as_ref().iter().copied().take(16).collect();
    for (at, mask, mark) in [(6, 0x0f, 0x50), (8, 0x3f, 0x80)] {
        if let Some(byte) = bytes.get_mut(at) {
            *byte = (*byte & mask) | mark;
        }
    }
    let digits = hexadecimal(&bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        // RFC 9562, appendix A.4: www.example.com in the namespace of DNS.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(of(&dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
