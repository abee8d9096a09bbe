//! What a file is that is no executable for Linux.

/// Names a file by its first bytes.
pub(super) fn kind(file: &[u8]) -> &'static str {
    match file {
        [] => "empty",
        [b'#', b'!', ..] => "a script",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xfe, 0xed, 0xfa, 0xcf | 0xce, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
            "an executable for macOS"
        }
        [b'M', b'Z', ..] => "an executable for Windows",
        [0, b'a', b's', b'm', ..] => "WebAssembly",
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => "a static library or a Debian package",
        [0x1f, 0x8b, ..] => "compressed with gzip",
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a zip inside a zip",
        [0x7f, ..] if b"\x7fELF".starts_with(file) => "an executable for Linux that is cut off",
        _ => "no executable",
    }
}
