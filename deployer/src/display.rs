//! Progress on standard error: a line for each Region on a terminal, a line for each step and a heartbeat elsewhere.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::apply::{Event, What};
use crate::organization::apply::{SetEvent, SetWhat};
use crate::output::{BAD, GOOD, Printer};

/// Where nobody sees a moving line, silence never lasts longer.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// More lines than this do not fit a terminal with the plan above them.
const LINES: usize = 20;

/// How a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Shows what goes on.
#[derive(Debug)]
pub(crate) struct Display {
    printer: Printer,
    /// Whether lines stay that say what is done.
    speaks: bool,
    started: Instant,
    regions: usize,
    /// What there are so many of.
    noun: &'static str,
    done: Cell<usize>,
    /// What is going on, for the heartbeat.
    now: RefCell<String>,
    lines: Option<MultiProgress>,
    bars: RefCell<BTreeMap<String, ProgressBar>>,
}

impl Display {
    /// A display of work that changes something: what is done stays on the screen.
    pub(crate) fn new(printer: Printer, form: Form, regions: usize) -> Self {
        let is_watched = printer.is_watched() && form == Form::Text;
        Self::of(printer, form == Form::Text, is_watched, regions)
    }

    /// A display of work on StackSets.
    pub(crate) fn of_sets(printer: Printer, form: Form, sets: usize) -> Self {
        let mut display = Self::new(printer, form, sets);
        display.noun = "StackSets";
        display
    }

    /// A display of reading: only what moves is shown, and a heartbeat where nobody sees it.
    pub(crate) fn of_reading(printer: Printer, regions: usize) -> Self {
        Self::of(printer, false, printer.is_watched(), regions)
    }

    fn of(printer: Printer, speaks: bool, is_watched: bool, regions: usize) -> Self {
        let lines = is_watched.then(MultiProgress::new);
        let (now, bars) = (RefCell::default(), RefCell::default());
        Self {
            printer,
            speaks,
            started: Instant::now(),
            regions,
            noun: "Regions",
            done: Cell::new(0),
            now,
            lines,
            bars,
        }
    }

    /// Says what the whole run is at.
    pub(crate) fn say(&self, what: &str) {
        what.clone_into(&mut self.now.borrow_mut());
        self.line("", what);
    }

    /// Shows an event.
    pub(crate) fn event(&self, event: Event) {
        let Event { region, what } = event;
        match what {
            What::Began(step) => {
                self.line(&region, &step);
                self.now.replace(format!("{region}: {step}"));
            }
            What::Progress { status, resources } => {
                let done = if resources == 0 { String::new() } else { format!(", {resources} resources") };
                self.line(&region, &format!("{status}{done}"));
                self.now.replace(format!("{region}: {status}{done}"));
            }
            What::Finished(step) => self.tell(&format!("{region}: {step} done")),
            What::Done => self.end(&region, &format!("{GOOD}✓{GOOD:#}")),
            What::Failed(_) => self.end(&region, &format!("{BAD}✗{BAD:#}")),
        }
    }

    /// Shows what happens to a StackSet. The display was made for as many things as there are sets.
    pub(crate) fn set_event(&self, event: &SetEvent) {
        let (set, what) = (event.set.as_str(), &event.what);
        match what {
            SetWhat::Done => self.end(set, &format!("{GOOD}✓{GOOD:#}")),
            SetWhat::Failed(_) => self.end(set, &format!("{BAD}✗{BAD:#}")),
            SetWhat::Finished { .. } | SetWhat::Attached { .. } | SetWhat::Waiting { .. } => {
                self.tell(&format!("{set}: {what}"));
                self.now.replace(format!("{set}: {what}"));
            }
            SetWhat::Began(_) | SetWhat::Progress { .. } | SetWhat::Reading => {
                self.line(set, &what.to_string());
                self.now.replace(format!("{set}: {what}"));
            }
        }
    }

    /// Runs work while the display moves.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let ended = match select(pin!(work), pin!(self.heartbeat())).await {
            Either::Left((result, _)) => result,
            Either::Right((never, _)) => match never {},
        };
        self.clear();
        ended
    }

    async fn heartbeat(&self) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            if self.lines.is_none() {
                let (done, now) = (self.done.get(), self.now.borrow().clone());
                let seconds = self.started.elapsed().as_secs();
                self.printer.note(&format!("{seconds} s, {done} of {} {} done; {now}", self.regions, self.noun));
            }
        }
    }

    fn end(&self, region: &str, mark: &str) {
        self.done.set(self.done.get() + 1);
        if let Some(bar) = self.bars.borrow_mut().remove(region) {
            bar.finish_and_clear();
        }
        self.tell(&format!("{mark} {region}"));
    }

    /// A line that stays. Programs that read JSON get the events in the result instead.
    fn tell(&self, text: &str) {
        match (&self.lines, self.speaks) {
            (Some(lines), true) => lines.suspend(|| self.printer.note(text)),
            (None, true) => self.printer.note(text),
            (_, false) => {}
        }
    }

    /// A line that moves.
    fn line(&self, region: &str, text: &str) {
        let Some(lines) = &self.lines else { return };
        let mut bars = self.bars.borrow_mut();
        if !bars.contains_key(region) && bars.len() < LINES {
            let bar = lines.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:15} {wide_msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_prefix(region.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bars.insert(region.to_owned(), bar);
        }
        if let Some(bar) = bars.get(region) {
            bar.set_message(text.to_owned());
        }
    }

    fn clear(&self) {
        for (_, bar) in std::mem::take(&mut *self.bars.borrow_mut()) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.clear();
    }
}
