//! Reads the rows of a bundle again, one account × Region after the other, while it is still being written.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::compliance::Sink;
use crate::evidence::rows::{EVALUATIONS, EvaluationRow, POPULATION, Place, PopulationRow, RULES, Resource, RuleRow};
use crate::evidence::write::Writer;
use crate::failure::Failure;

/// The rows of a file, with one that was read ahead.
struct Rows<T> {
    path: &'static str,
    reader: BufReader<File>,
    line: String,
    ahead: Option<T>,
    of: PhantomData<T>,
}

impl<T: DeserializeOwned> Rows<T> {
    fn open(writer: &Writer, path: &'static str) -> Result<Self, Failure> {
        let (reader, line) = (BufReader::new(writer.read(path)?), String::new());
        Ok(Self { path, reader, line, ahead: None, of: PhantomData })
    }

    fn next(&mut self) -> Result<Option<T>, Failure> {
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let failed = |error: &dyn std::fmt::Display| {
            Failure::internal(&format!("`{}` cannot be read again: {error}", self.path))
        };
        self.line.clear();
        if self.reader.read_line(&mut self.line).map_err(|error| failed(&error))? == 0 {
            return Ok(None);
        }
        serde_json::from_str(&self.line).map(Some).map_err(|error| failed(&error))
    }

    /// The rows from here on that are wanted.
    fn while_of(&mut self, is_wanted: impl Fn(&T) -> bool) -> Result<Vec<T>, Failure> {
        let mut rows = Vec::new();
        while let Some(row) = self.next()? {
            if is_wanted(&row) {
                rows.push(row);
            } else {
                self.ahead = Some(row);
                break;
            }
        }
        Ok(rows)
    }
}

/// An account × Region with its rows.
#[derive(Debug, Clone)]
pub(super) struct PlaceRows {
    pub(super) place: Place,
    pub(super) rules: Vec<RuleRow>,
    pub(super) evaluations: Vec<EvaluationRow>,
}

/// The rows of a bundle, from the beginning.
pub(super) struct Replay {
    population: Rows<PopulationRow>,
    rules: Rows<RuleRow>,
    evaluations: Rows<EvaluationRow>,
}

impl Replay {
    /// Begins. The three files have to be ended.
    pub(super) fn of(writer: &Writer) -> Result<Self, Failure> {
        Ok(Self {
            population: Rows::open(writer, POPULATION)?,
            rules: Rows::open(writer, RULES)?,
            evaluations: Rows::open(writer, EVALUATIONS)?,
        })
    }

    /// The next account × Region; resources on the way to it go to `resource`.
    pub(super) fn next(
        &mut self,
        resource: &mut dyn FnMut(Resource) -> Result<(), Failure>,
    ) -> Result<Option<PlaceRows>, Failure> {
        loop {
            match self.population.next()? {
                None => return Ok(None),
                Some(PopulationRow::Resource(one)) => resource(one)?,
                Some(PopulationRow::Place(place)) => {
                    let at = |account: &str, region: &str| account == place.account && region == place.region;
                    let rules = self.rules.while_of(|row| at(&row.account, &row.region))?;
                    let evaluations = self.evaluations.while_of(|row| at(&row.account, &row.region))?;
                    return Ok(Some(PlaceRows { place, rules, evaluations }));
                }
            }
        }
    }

    /// Gives all rows to a sink.
    pub(super) fn into_sink(mut self, sink: &mut dyn Sink) -> Result<(), Failure> {
        loop {
            let next = self.next(&mut |one| sink.resource(&one))?;
            let Some(PlaceRows { place, rules, evaluations }) = next else { return Ok(()) };
            rules.iter().try_for_each(|row| sink.rule(row))?;
            evaluations.iter().try_for_each(|row| sink.evaluation(row))?;
            sink.place(&place)?;
        }
    }
}
