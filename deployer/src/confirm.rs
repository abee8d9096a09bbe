//! A question to the person at the terminal, before anything is changed.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Printer, STRONG};

/// Asks, and takes nothing but the word `yes` for one. `--yes` (`assume_yes`) is the answer of whoever cannot be asked.
/// Anything else is no: another word, the end of the input.
///
/// # Errors
/// [`Failure`] with [`Exit::Refused`] if there is neither a terminal nor `--yes`, with [`Exit::Detached`] after Ctrl-C.
pub(crate) async fn confirm(printer: Printer, question: &str, assume_yes: bool) -> Result<bool, Failure> {
    if assume_yes { Ok(true) } else { confirm_by(printer, question, "yes").await }
}

/// Asks for a word that nobody types by habit: the id of what the answer is about. `--yes` is no answer to it.
///
/// # Errors
/// [`Failure`] with [`Exit::Refused`] if there is no terminal, with [`Exit::Detached`] after Ctrl-C.
pub(crate) async fn confirm_by(printer: Printer, question: &str, word: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(not_asked());
    }
    let width = textwrap::Options::new(printer.width());
    let text = textwrap::fill(&format!("{question} Type {word} to go on:"), width);
    // Standard error that is closed hides the question; the answer still has to be the word.
    let _ = write!(anstream::stderr().lock(), "{STRONG}{text}{STRONG:#} ");
    tokio::select! {
        line = line() => Ok(line.trim() == word),
        _ = tokio::signal::ctrl_c() => {
            let _ = writeln!(anstream::stderr().lock());
            Err(Failure { exit: Exit::Detached, ..Failure::usage("interrupted at the question; nothing was changed") })
        }
    }
}

fn not_asked() -> Failure {
    Failure {
        message: "nothing was changed: standard input is no terminal, so that nobody can be asked".to_owned(),
        help: vec!["add --yes to agree beforehand, or --dry-run to only look".to_owned()],
        exit: Exit::Refused,
    }
}

/// A line of standard input; empty at its end. It is read on a thread that nobody waits for: the runtime would not end
/// before a blocking read of its own.
async fn line() -> String {
    let (told, hears) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        // Nobody hears it after Ctrl-C.
        let _ = told.send(read.map(|_| line).unwrap_or_default());
    });
    hears.await.unwrap_or_default()
}
