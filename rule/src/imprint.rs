//! What tells an executable of this function from every other file, and which version it is.
//!
//! Lambda runs whatever `bootstrap` it is given, and a function that judges nothing looks much like one that finds
//! nothing wrong. So who installs the function asks first whether the file holds this text.

/// How an imprint begins.
const BEGINNING: &str = "<notebook-guard-evaluator ";
/// How it ends.
const END: u8 = b'>';
/// No version that CloudFormation's parameter `Version` would refuse is longer.
const LONGEST: usize = 64;

/// The text that `bootstrap` keeps in its executable, such as `<notebook-guard-evaluator 0.1.0 optimized>`.
pub const IMPRINT: &str = if cfg!(debug_assertions) {
    concat!("<notebook-guard-evaluator ", env!("CARGO_PKG_VERSION"), " debug>")
} else {
    concat!("<notebook-guard-evaluator ", env!("CARGO_PKG_VERSION"), " optimized>")
};

/// An imprint that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    /// The version of Notebook Guard.
    pub version: String,
    /// Whether it was built without optimization, with debug assertions.
    pub debug: bool,
}

impl Imprint {
    /// The first imprint in a file, if there is one.
    #[must_use]
    pub fn find(file: &[u8]) -> Option<Self> {
        // Whoever calls this holds the beginning as a constant too, so that one which goes on otherwise is passed over.
        memchr::memmem::find_iter(file, BEGINNING.as_bytes())
            .find_map(|at| Self::parse(file.get(at + BEGINNING.len()..)?))
    }

    fn parse(rest: &[u8]) -> Option<Self> {
        let text = rest.get(..rest.iter().take(2 * LONGEST).position(|&byte| byte == END)?)?;
        let (version, build) = std::str::from_utf8(text).ok()?.split_once(' ')?;
        let in_version = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        let begins_well = version.starts_with(|first: char| first.is_ascii_alphanumeric());
        if !begins_well || version.len() > LONGEST || !version.bytes().all(in_version) {
            return None;
        }
        let debug = match build {
            "debug" => true,
            "optimized" => false,
            _ => return None,
        };
        Some(Self { version: version.to_owned(), debug })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imprint_is_found_among_other_bytes() {
        let file =
            [b"\x7fELF<notebook-guard-evaluator <notebook-guard-evaluator ", IMPRINT.as_bytes(), b"\0\0"].concat();
        let found = Imprint::find(&file).unwrap();
        assert_eq!(found, Imprint { version: env!("CARGO_PKG_VERSION").to_owned(), debug: cfg!(debug_assertions) });
    }

    #[test]
    fn what_looks_like_one_but_is_none_is_passed_over() {
        for text in [
            "",
            "<notebook-guard-evaluator ",
            "<notebook-guard-evaluator 0.1.0 optimized",
            "<notebook-guard-evaluator 0.1.0>",
            "<notebook-guard-evaluator 0.1.0 fast>",
            "<notebook-guard-evaluator ../0 debug>",
            "<notebook-guard-evaluator 0/1 debug>",
            "<notebook-guard-evaluator  debug>",
        ] {
            assert_eq!(Imprint::find(text.as_bytes()), None, "{text}");
        }
        let long = format!("<notebook-guard-evaluator {} debug>", "1".repeat(65));
        assert_eq!(Imprint::find(long.as_bytes()), None);
    }
}
