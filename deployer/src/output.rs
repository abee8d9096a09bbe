//! Where words go: the product to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

/// Red, for what is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Green, for what is right.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Yellow, for what is not known.
pub const UNSURE: Style = AnsiColor::Yellow.on_default().bold();
/// For names and headings.
pub const STRONG: Style = Style::new().bold();
/// For what can be passed over.
pub const FAINT: Style = Style::new().dimmed();

/// Narrower than this nothing is laid out any more; wider than that lines are hard to read.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// The two streams of the process. Colour is dropped where the stream is no terminal or `NO_COLOR` is set.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    width: usize,
}

impl Printer {
    /// The printer of this process: as wide as the terminal, else as `COLUMNS` says, else 80. Shells and tools export a
    /// `COLUMNS` that is of another terminal, or of this one before it was resized.
    #[must_use]
    pub fn of_process() -> Self {
        let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        Self { width: width(terminal, columns) }
    }

    /// The columns that a line may take.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    /// The columns that a row of a long list may take before it is cut: where no terminal shows it, none is.
    #[must_use]
    pub fn row_width(self) -> usize {
        if io::stdout().is_terminal() { self.width } else { usize::MAX }
    }

    /// Writes the product. A reader that has seen enough (`| head`) ends the output, not the run.
    ///
    /// # Errors
    /// Whatever standard output says, except that nobody reads any more.
    pub fn product(self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// A note that is no part of the product.
    pub fn note(self, text: &str) {
        self.say(&format!("{FAINT}note:{FAINT:#} "), text, &[]);
    }

    /// Something that limits the product.
    pub fn warning(self, text: &str) {
        self.say(&format!("{UNSURE}warning:{UNSURE:#} "), text, &[]);
    }

    /// Why there is no product.
    pub fn failure(self, failure: &Failure) {
        self.say(&format!("{BAD}error:{BAD:#} "), &failure.message, &failure.help);
    }

    /// Text that is laid out already, and no part of the product.
    pub fn diagnostic(self, text: &str) {
        // Standard error that is closed leaves nobody to tell.
        let _ = write!(anstream::stderr().lock(), "{text}");
    }

    /// Whether a person watches the progress.
    #[must_use]
    pub fn is_watched(self) -> bool {
        io::stderr().is_terminal()
    }

    fn say(self, label: &str, text: &str, help: &[String]) {
        // Commands and names are copied from here: no line ends inside one.
        let options = |width| {
            textwrap::Options::new(width).break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation)
        };
        let mut lines = textwrap::fill(text, options(self.width.saturating_sub(9)).subsequent_indent("  "));
        for line in help {
            lines.push('\n');
            let indented = options(self.width).initial_indent("  ").subsequent_indent("    ");
            lines.push_str(&textwrap::fill(line, indented));
        }
        // Standard error that is closed leaves nobody to tell.
        let _ = writeln!(anstream::stderr().lock(), "{label}{lines}");
    }
}

/// What a terminal without a size says is nothing.
fn width(terminal: Option<usize>, columns: impl FnOnce() -> Option<usize>) -> usize {
    let width = terminal.filter(|width| *width > 0).or_else(columns).unwrap_or(80);
    width.clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// A number with its noun: `1 Region`, `2 Regions`.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Things that come to the same, together, in the order of the first of each.
pub(crate) fn grouped<'a, T>(things: impl Iterator<Item = &'a T>, same: impl Fn(&T) -> String) -> Vec<Vec<&'a T>> {
    let mut groups: Vec<(String, Vec<&T>)> = Vec::new();
    for thing in things {
        let key = same(thing);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(thing),
            None => groups.push((key, vec![thing])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// A size in the decimal units that AWS's limits are told in.
pub(crate) fn bytes(size: u64) -> String {
    if size < 100_000 {
        return format!("{} kB", size.div_ceil(1000));
    }
    format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000)
}

/// How running text is laid out where names and commands are copied from: no word is cut or split.
pub(crate) fn layout(width: usize, indent: &str) -> textwrap::Options<'_> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .initial_indent(indent)
        .subsequent_indent(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_says_how_wide_it_is_and_has_bounds() {
        for (terminal, columns, expected) in [
            (Some(60), Some(80), 60),
            (Some(100), Some(80), 100),
            (Some(200), Some(80), 120),
            (Some(200), None, 120),
            (Some(10), None, 40),
            (Some(0), Some(100), 100),
            (None, Some(100), 100),
            (None, None, 80),
        ] {
            assert_eq!(width(terminal, || columns), expected, "{terminal:?} {columns:?}");
        }
    }
}
