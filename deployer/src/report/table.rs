//! The report for people on a terminal: the worst first, at most one screen or two unless everything is wanted.

mod sections;

use std::io::Write;

use super::meta::{Layout, Meta};
use super::summary::{Room, Summary};
use super::verdict::conclude;
use super::worst::Bad;
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Place, Resource, RuleRow, Totals};
use crate::failure::Failure;

/// What fits a screen or two.
const FEW: usize = 10;

/// The report as text.
pub(super) struct Table<'a> {
    meta: Meta,
    layout: Layout,
    summary: Summary,
    out: &'a mut dyn Write,
}

impl std::fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(meta: Meta, layout: Layout, out: &'a mut dyn Write) -> Self {
        // With everything, the resources are written as they come.
        let room = if layout.everything {
            Room { worst: 0, accounts: usize::MAX }
        } else {
            Room { worst: FEW, accounts: FEW / 2 }
        };
        Self { meta, layout, summary: Summary::new(room), out }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.out.write_all(text.as_bytes()).map_err(|error| unwritten(&error))
    }
}

impl Sink for Table<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        self.summary.resource(resource);
        Ok(())
    }

    fn rule(&mut self, rule: &RuleRow) -> Result<(), Failure> {
        self.summary.rule(rule);
        Ok(())
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.summary.evaluation(row);
        Ok(())
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let (_, bad) = self.summary.place(place);
        if self.layout.everything {
            for one in &bad {
                let text = sections::resource(one, self.layout.width);
                self.write(&text)?;
            }
        }
        Ok(())
    }
}

impl ReportSink for Table<'_> {
    fn finish(self: Box<Self>, totals: &Totals) -> Result<(), Failure> {
        let Self { meta, layout, summary, out } = *self;
        let Summary { worst, reasons, standings, accounts, checks, expired, beyond, .. } = summary;
        let (worst, violating): (Vec<Bad>, u64) = worst.into_sorted();
        let accounts = accounts.worst();
        let most = if layout.everything { accounts.len() } else { FEW };
        let width = layout.width;
        let text: Vec<String> = [
            sections::heading(&meta, width),
            sections::worst(&worst, violating, width),
            sections::checks(&checks, totals, &meta, width),
            sections::accounts(&accounts, most, &meta, width),
            sections::reasons(&reasons.into_groups(), width),
            sections::beyond(&beyond.into_groups(), width),
            sections::conclusion(&conclude(standings, totals, expired, &meta), &meta, width),
        ]
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect();
        let text = text.join("\n");
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| unwritten(&error))
    }
}
