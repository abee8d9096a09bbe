//! Texts of a bundle, which may be anything, on a terminal, which obeys some of them.

/// A text without characters that nobody sees, but a terminal or a reader's eye obeys: they are escaped.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if matches!(one, '"' | '\'' | '\\') {
            out.push(one);
        } else {
            out.extend(one.escape_debug());
        }
    }
    out
}

/// The same, and no longer than `longest` characters.
pub(crate) fn short(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => plain(text),
        Some((end, _)) => format!("{}...", plain(text.get(..end).unwrap_or(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(plain("\u{1b}[2J\r\n"), "\\u{1b}[2J\\r\\n");
        assert_eq!(plain("a\u{202e}b\u{200b}c\u{9b}"), "a\\u{202e}b\\u{200b}c\\u{9b}");
        assert_eq!(plain("caf\u{e9} \"it's\" \\"), "caf\u{e9} \"it's\" \\");
        assert_eq!(short("\u{e9}\u{e9}\u{e9}", 2), "\u{e9}\u{e9}...");
    }
}
