//! Progress on standard error: a line that moves on a terminal, a heartbeat every 15 seconds elsewhere. What takes no
//! time shows nothing.

use std::cell::{Cell, OnceCell};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Printer;

/// Before that, a person does not wonder.
const PATIENCE: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Tells that work goes on.
#[derive(Debug)]
pub(crate) struct Progress {
    printer: Printer,
    what: String,
    /// What is counted: `judged`; empty if nothing is.
    unit: &'static str,
    bar: OnceCell<ProgressBar>,
    count: Cell<u64>,
    started: Instant,
}

impl Progress {
    /// Progress of something that was just begun: `reading account 111122223333`.
    pub(crate) fn new(printer: Printer, what: String, unit: &'static str) -> Self {
        Self { printer, what, unit, bar: OnceCell::new(), count: Cell::new(0), started: Instant::now() }
    }

    /// One more is done.
    pub(crate) fn advance(&self) {
        self.count.set(self.count.get() + 1);
        if let Some(bar) = self.bar.get() {
            bar.inc(1);
        }
    }

    /// Shows progress until the work is done.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        match select(pin!(work), pin!(self.show())).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn show(&self) -> Infallible {
        if self.printer.is_watched() {
            tokio::time::sleep(PATIENCE).await;
            self.bar.get_or_init(|| self.moving_line());
            std::future::pending::<()>().await;
        }
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let seconds = self.started.elapsed().as_secs();
            self.printer.note(&format!("still {} after {seconds} s{}", self.what, self.counted()));
        }
    }

    fn counted(&self) -> String {
        if self.unit.is_empty() { String::new() } else { format!(": {} {}", self.count.get(), self.unit) }
    }

    fn moving_line(&self) -> ProgressBar {
        let bar = ProgressBar::new_spinner();
        let count = if self.unit.is_empty() { String::new() } else { format!(": {{pos}} {}", self.unit) };
        if let Ok(style) = ProgressStyle::with_template(&format!("{{spinner}} {{msg}}{count}, {{elapsed}}")) {
            bar.set_style(style);
        }
        bar.set_position(self.count.get());
        bar.set_message(self.what.clone());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
