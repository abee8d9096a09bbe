//! The bundle while it is written, from many sides at once.

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::evidence::write::{OpenFile, Parked, Writer};
use crate::failure::Failure;

/// So many files of raw answers are open at a time: an organization has more accounts than a process may open files.
const OPEN: usize = 24;

/// The bundle, its files that grow, and the first thing that went wrong.
#[derive(Debug)]
pub(super) struct Desk(Mutex<Option<Inner>>);

#[derive(Debug)]
struct Inner {
    writer: Writer,
    open: HashMap<String, OpenFile>,
    /// The open files of raw answers, the one that was written last at the end.
    recent: VecDeque<String>,
    parked: HashMap<String, Parked>,
    failed: Option<Failure>,
}

impl Desk {
    pub(super) fn new(writer: Writer) -> Self {
        let (open, recent, parked) = (HashMap::new(), VecDeque::new(), HashMap::new());
        Self(Mutex::new(Some(Inner { writer, open, recent, parked, failed: None })))
    }

    fn inner(&self) -> MutexGuard<'_, Option<Inner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act<T>(&self, act: impl FnOnce(&mut Inner) -> Result<T, Failure>) -> Result<T, Failure> {
        self.inner().as_mut().map_or_else(|| Err(Failure::internal(&"the bundle is finished already")), act)
    }

    /// Makes a file of lines that may stay empty.
    pub(super) fn begin(&self, path: &'static str) -> Result<(), Failure> {
        self.act(|inner| {
            let file = inner.writer.file(path)?;
            inner.open.insert(path.to_owned(), file);
            Ok(())
        })
    }

    /// Writes lines that stay together.
    pub(super) fn lines<T: Serialize>(&self, path: &'static str, rows: &[T]) -> Result<(), Failure> {
        self.act(|inner| rows.iter().try_for_each(|row| inner.line(path, row)))
    }

    /// Writes a line.
    pub(super) fn line<T: Serialize>(&self, path: &'static str, row: &T) -> Result<(), Failure> {
        self.act(|inner| inner.line(path, row))
    }

    /// Writes what was answered. That it cannot be is told later: whoever hears the answer has nobody to tell.
    pub(super) fn raw<T: Serialize>(&self, account: &str, page: &T) {
        let mut inner = self.inner();
        let path = format!("raw/{account}.jsonl");
        if let Some(inner) = inner.as_mut()
            && inner.failed.is_none()
            && let Err(failure) = inner.raw(&path, page)
        {
            inner.failed = Some(failure);
        }
    }

    /// Ends a file, after which it can be read again.
    pub(super) fn end(&self, path: &'static str) -> Result<(), Failure> {
        self.act(|inner| match inner.open.remove(path) {
            Some(file) => inner.writer.close(file),
            None => Ok(()),
        })
    }

    /// Does something with the writer: whole files, reading files again.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Writer) -> Result<T, Failure>) -> Result<T, Failure> {
        self.act(|inner| act(&mut inner.writer))
    }

    /// The bundle with all of its files ended.
    pub(super) fn finish(&self) -> Result<Writer, Failure> {
        let inner = self.inner().take().ok_or_else(|| Failure::internal(&"the bundle is finished already"))?;
        let Inner { mut writer, open, parked, failed, .. } = inner;
        if let Some(failure) = failed {
            return Err(failure);
        }
        for (_, file) in open {
            writer.close(file)?;
        }
        for (_, parked) in parked {
            writer.close_parked(parked);
        }
        Ok(writer)
    }
}

impl Inner {
    fn line<T: Serialize>(&mut self, path: &str, row: &T) -> Result<(), Failure> {
        let missing = || Failure::internal(&format!("`{path}` was not begun"));
        let file = self.open.get_mut(path).ok_or_else(missing)?;
        let failed = |error: &dyn std::fmt::Display| Failure::internal(&format!("`{path}` cannot be written: {error}"));
        serde_json::to_writer(&mut *file, row).map_err(|error| failed(&error))?;
        file.write_all(b"\n").map_err(|error| failed(&error))
    }

    fn raw<T: Serialize>(&mut self, path: &str, page: &T) -> Result<(), Failure> {
        if self.open.contains_key(path) {
            self.recent.retain(|other| other != path);
        } else {
            let file = match self.parked.remove(path) {
                Some(parked) => self.writer.unpark(parked)?,
                None => self.writer.file(path)?,
            };
            self.open.insert(path.to_owned(), file);
        }
        self.recent.push_back(path.to_owned());
        if self.recent.len() > OPEN
            && let Some(oldest) = self.recent.pop_front()
            && let Some(file) = self.open.remove(&oldest)
        {
            let parked = self.writer.park(file)?;
            self.parked.insert(oldest, parked);
        }
        self.line(path, page)
    }
}
