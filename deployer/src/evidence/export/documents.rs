//! The same rows in the forms that people and other programs read.

use std::io::Write as _;

use super::desk::Desk;
use super::oscal::{self, About};
use super::replay::Replay;
use crate::evidence::rows::Totals;
use crate::failure::Failure;
use crate::report::{Format, Layout, Meta, writer};

/// The files with the rows in other forms.
const FORMS: [(&str, Format); 3] =
    [("evaluations.csv", Format::Csv), ("ocsf.jsonl", Format::Ocsf), ("report.html", Format::Html)];
/// What an auditor reads first.
const README: &str = include_str!("readme.txt");

/// Writes all of them.
pub(super) fn write(desk: &Desk, meta: &Meta, about: &About<'_>, totals: &Totals) -> Result<(), Failure> {
    desk.with(|writer| writer.put("README.txt", README.as_bytes()))?;
    let replay = || desk.with(|writer| Replay::of(writer));
    for (path, format) in FORMS {
        let mut file = desk.with(|writer| writer.file(path))?;
        let layout = Layout { width: 120, everything: true };
        let mut report = writer(format, meta.clone(), layout, &mut file);
        replay()?.into_sink(report.as_mut())?;
        report.finish(totals)?;
        desk.with(|writer| writer.close(file))?;
    }
    let mut file = desk.with(|writer| writer.file(oscal::PATH))?;
    oscal::write(about, &replay, &mut file)?;
    file.write_all(b"\n").map_err(|error| Failure::internal(&error))?;
    desk.with(|writer| writer.close(file))
}
