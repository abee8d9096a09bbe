//! Progress on standard error: a line that moves on a terminal, a heartbeat every 15 seconds elsewhere.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Printer;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// Counts judged resources aloud.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    printer: Printer,
    judged: AtomicUsize,
    started: Instant,
}

impl Progress {
    /// A progress line, shown only when a person watches.
    pub(super) fn start(printer: Printer, what: &str) -> Self {
        let bar = printer.is_watched().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} judged, {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, printer, judged: AtomicUsize::new(0), started: Instant::now() }
    }

    /// One more resource is judged.
    pub(super) fn judged(&self) {
        self.judged.fetch_add(1, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// Runs beside the work and never ends; it speaks only where there is no moving line.
    pub(super) async fn heartbeat(&self) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if self.bar.is_none() {
                let judged = self.judged.load(Ordering::Relaxed);
                self.printer
                    .note(&format!("still reading after {} s: {judged} judged", self.started.elapsed().as_secs()));
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
