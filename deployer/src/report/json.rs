//! One JSON object, of which nothing is kept but the accounts × Regions.

use std::io::Write;

use rule::check;
use serde::Serialize;
use serde_json::{Value, json};

use super::meta::Meta;
use super::{ReportSink, unwritten};
use crate::compliance::Sink;
use crate::evidence::rows::{EvaluationRow, Place, Resource, Totals};
use crate::failure::Failure;

/// It rises when a member changes its meaning; members may be added.
const SCHEMA_VERSION: u32 = 1;

/// The report as JSON.
pub(super) struct Json<'a> {
    meta: Option<Meta>,
    out: &'a mut dyn Write,
    /// The places as they will be written. They come between evaluations, and an object has only one array open.
    places: Vec<u8>,
    has_evaluations: bool,
}

impl std::fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Json").field("meta", &self.meta).finish_non_exhaustive()
    }
}

impl<'a> Json<'a> {
    pub(super) fn new(meta: Meta, out: &'a mut dyn Write) -> Self {
        Self { meta: Some(meta), out, places: Vec::new(), has_evaluations: false }
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
    fn resource(&mut self, _: &Resource) -> Result<(), Failure> {
        Ok(())
    }

    fn evaluation(&mut self, row: &EvaluationRow) -> Result<(), Failure> {
        self.begin()?;
        let comma = if self.has_evaluations { ",\n" } else { "\n" };
        self.has_evaluations = true;
        self.write(format!("{comma}{}", text(row)?).as_bytes())
    }

    fn place(&mut self, place: &Place) -> Result<(), Failure> {
        let comma = if self.places.is_empty() { "\n" } else { ",\n" };
        self.places.extend_from_slice(comma.as_bytes());
        self.places.extend_from_slice(text(place)?.as_bytes());
        Ok(())
    }
}

impl ReportSink for Json<'_> {
    fn finish(mut self: Box<Self>, totals: &Totals) -> Result<(), Failure> {
        self.begin()?;
        self.write(b"\n],\n\"places\":[")?;
        let places = std::mem::take(&mut self.places);
        self.write(&places)?;
        let tail = format!("\n],\n\"totals\":{}}}\n", text(totals)?);
        self.write(tail.as_bytes())?;
        self.out.flush().map_err(|error| unwritten(&error))
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
