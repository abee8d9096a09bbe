//! `oscal/assessment-results.json`: the evaluations in NIST's words, OSCAL 1.1.3
//! (<https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-outline/>).
//!
//! It is written while the rows are read again, so that nothing of it is kept but a UUID for each violation. The same
//! rows give the same text.

mod control;
mod element;
mod uuid;

use std::cell::RefCell;
use std::io::Write;

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::replay::Replay;
use crate::evidence::Moment;
use crate::evidence::rows::Totals;
use crate::failure::Failure;
pub(in crate::evidence) use control::states;
use element::Failing;

/// Where it is in a bundle.
pub(super) const PATH: &str = "oscal/assessment-results.json";

/// What the document says beside the rows.
#[derive(Debug, Clone)]
pub(super) struct About<'a> {
    /// What was looked at, in words.
    pub(super) scope: &'a str,
    /// Who exported it.
    pub(super) exporter: &'a str,
    /// When reading began.
    pub(super) started: Moment,
    /// When it ended.
    pub(super) ended: Moment,
    /// What the rows come to.
    pub(super) totals: &'a Totals,
}

type Give<'a> = dyn FnMut(&Value) -> Result<(), Failure> + 'a;

/// A list whose elements are made while it is written.
struct List<'a>(&'a dyn Fn(&mut Give<'_>) -> Result<(), Failure>);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let told = (self.0)(&mut |element| list.serialize_element(element).map_err(|error| Failure::internal(&error)));
        told.map_err(S::Error::custom)?;
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    assessment_results: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Body<'a> {
    uuid: String,
    metadata: Value,
    import_ap: Value,
    results: [Results<'a>; 1],
    back_matter: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results<'a> {
    uuid: String,
    title: &'static str,
    description: String,
    start: Moment,
    end: Moment,
    // A list that is empty may not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    local_definitions: Option<Definitions<'a>>,
    reviewed_controls: Value,
    observations: List<'a>,
    findings: List<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Definitions<'a> {
    inventory_items: List<'a>,
}

/// Writes the document. `replay` gives the rows once more, from the beginning.
pub(super) fn write(
    about: &About<'_>,
    replay: &dyn Fn() -> Result<Replay, Failure>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let failing = RefCell::new(Failing::default());
    let inventory = |give: &mut Give<'_>| {
        let mut rows = replay()?;
        while rows.next(&mut |resource| give(&element::inventory(&resource)))?.is_some() {}
        Ok(())
    };
    let observations = |give: &mut Give<'_>| {
        element::summaries(about).iter().try_for_each(&mut *give)?;
        let mut rows = replay()?;
        while let Some(place) = rows.next(&mut |_| Ok(()))? {
            for row in &place.evaluations {
                give(&element::observation(row, about, &mut failing.borrow_mut()))?;
            }
        }
        Ok(())
    };
    let findings = |give: &mut Give<'_>| element::findings(about, &failing.borrow()).iter().try_for_each(give);
    let resources = about.totals.resources.listed + about.totals.resources.evaluated_not_listed;
    let results = Results {
        uuid: uuid::uuid(&format!("result/{}/{}", about.scope, about.started)),
        title: "SageMaker notebook instances and Studio domains as AWS Config rules judge them",
        description: format!("What AWS Config held of {}; no data is never taken for compliance.", about.scope),
        start: about.started,
        end: about.ended,
        local_definitions: (resources > 0).then_some(Definitions { inventory_items: List(&inventory) }),
        reviewed_controls: element::reviewed(),
        observations: List(&observations),
        findings: List(&findings),
    };
    let body = Body {
        uuid: uuid::uuid(&format!("assessment-results/{}/{}", about.scope, about.started)),
        metadata: element::metadata(about),
        import_ap: element::plan(),
        results: [results],
        back_matter: element::back_matter(),
    };
    serde_json::to_writer(out, &Document { assessment_results: body })
        .map_err(|error| Failure::internal(&format!("`{PATH}` cannot be written: {error}")))
}
