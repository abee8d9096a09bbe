//! One JSON object, of which nothing is kept but the accounts × Regions and what no check judges.

use std::io::Write;

use rule::check;
use serde::Serialize;
use serde_json::{Value, json};

use super::meta::Meta;
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Known, Place, Resource, Totals};
use crate::failure::Failure;

/// It rises when a member changes its meaning; members may be added.
const SCHEMA_VERSION: u32 = 1;

/// The report as JSON.
pub(super) struct Json<'a> {
    meta: Option<Meta>,
    out: &'a mut dyn Write,
    /// The places as they will be written. They come between evaluations, and an object has only one array open.
    places: List,
    /// What no check judges.
    beyond: List,
    has_evaluations: bool,
}

impl std::fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Json").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Json<'a> {
    pub(super) fn new(meta: Meta, out: &'a mut dyn Write) -> Self {
        Self { meta: Some(meta), out, places: List::default(), beyond: List::default(), has_evaluations: false }
    }

    /// Writes what comes before the first evaluation, once.
    fn begin(&mut self) -> Result<(), Failure> {
        let Some(meta) = self.meta.take() else { return Ok(()) };
        let head = format!(
            "{{\"schemaVersion\":{SCHEMA_VERSION},\n\"meta\":{},\n\"checks\":{},\n\"evaluations\":[",
            text(&meta)?,
            text(&checks())?
        );
        self.write(head.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.write_all(bytes).map_err(|error| unwritten(&error))
    }
}

impl Sink for Json<'_> {
    fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        let is_beyond = resource.known == Known::Listed && resource.not_judged.is_some();
        if is_beyond { self.beyond.push(resource) } else { Ok(()) }
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.begin()?;
        let comma = if self.has_evaluations { ",\n" } else { "\n" };
        self.has_evaluations = true;
        self.write(format!("{comma}{}", text(row)?).as_bytes())
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        self.places.push(place)
    }
}

impl ReportSink for Json<'_> {
    fn finish(mut self: Box<Self>, totals: &Totals) -> Result<(), Failure> {
        self.begin()?;
        self.write(b"\n],\n\"places\":[")?;
        let (places, beyond) = (std::mem::take(&mut self.places), std::mem::take(&mut self.beyond));
        self.write(&places.0)?;
        self.write(b"\n],\n\"notJudged\":[")?;
        self.write(&beyond.0)?;
        let tail = format!("\n],\n\"totals\":{}}}\n", text(totals)?);
        self.write(tail.as_bytes())?;
        self.out.flush().map_err(|error| unwritten(&error))
    }
}

/// What is in an array, as it will be written.
#[derive(Default)]
struct List(Vec<u8>);

impl List {
    fn push<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        let comma = if self.0.is_empty() { "\n" } else { ",\n" };
        self.0.extend_from_slice(comma.as_bytes());
        self.0.extend_from_slice(text(value)?.as_bytes());
        Ok(())
    }
}

fn text<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::internal(&error))
}

/// What each check means, so that nobody has to look it up.
fn checks() -> Vec<Value> {
    let one = |check: &check::Check| {
        json!({"check": check.id, "title": check.title, "severity": check.severity.as_str(),
            "resourceType": check.resource_type().as_str(), "securityHubControl": check.security_hub_control,
            "requirements": check.requirements, "remediation": check.remediation})
    };
    check::ALL.into_iter().map(one).collect()
}
