//! `uninstall --org`: takes an installation away from an organization, in the reverse order of its making.
//!
//! look, show, confirm; then the deny-SCPs, the aggregator, the pack of managed rules, the StackSets with their instances, and in each
//! Region of the administrator account the management account's stack and the artifacts. Trusted access, policy types
//! and recorders are never touched. Every step can be done again, so that the same command finishes what was
//! interrupted; the look at the end says what is left.

mod look;
mod record;
mod remove;
mod report;
mod text;

use crate::confirm::confirm;
use crate::display::Display;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::interrupt;
use crate::organization::site::Site;
use crate::output::Printer;

use super::{End, Request};
use report::Report;

/// How a part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PartEnd {
    /// It was not there.
    Nothing,
    /// It is gone.
    Gone,
    /// It says what is left.
    Changed,
    /// Somebody else's, or kept because of something else; says why.
    Kept(String),
    /// It could not be removed: why, and what to do.
    Failed(String, String),
}

/// How a StackSet ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SetEnd {
    /// All that was meant to go is gone, but for what is told.
    Done(crate::stack_set::Removed),
    /// It stopped: why, and what to do.
    Failed(String, String),
}

/// How everything ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Ends {
    guardrail: Option<PartEnd>,
    aggregator: Option<PartEnd>,
    /// By Region.
    packs: Vec<(String, PartEnd)>,
    /// By name, with whether the whole StackSet was to go.
    sets: Vec<(String, bool, SetEnd)>,
    record: Option<PartEnd>,
    /// By Region.
    regions: Vec<(String, End)>,
    /// The Regions whose bucket and artifact stack stay, and why.
    kept: Vec<(String, &'static str)>,
    /// What was being done when the user left.
    detached: Option<String>,
    /// What a last look still finds.
    still: Vec<String>,
}

/// Uninstalls, or says what it would do.
pub(crate) async fn uninstall(
    request: &Request,
    site: &Site,
    asked: &[String],
    printer: Printer,
) -> Result<Exit, Failure> {
    let report = Report::new(printer, request, site);
    let display = Display::new(printer, request.form, 1);
    display.say("looking at the organization");
    let found = Box::pin(display.beside(look::look(site, asked, request))).await?;
    site.check_installer(found.sets.iter().map(|one| &one.set))?;
    report.plan(&found)?;
    if request.dry_run || !found.has_work() {
        let ends = Ends { regions: found.untouched(), ..Ends::default() };
        report.result(&found, &ends)?;
        return Ok(exit(&ends));
    }
    if !confirm(printer, &question(site, &found), request.assume_yes).await? {
        return Err(Failure { exit: Exit::Refused, ..Failure::usage("not confirmed; nothing was changed") });
    }
    let on = |event| display.event(event);
    let ends = display.beside(Box::pin(remove::remove(site, &found, request, &on, interrupt()))).await;
    drop(display);
    report.result(&found, &ends)?;
    Ok(exit(&ends))
}

fn question(site: &Site, found: &look::Found) -> String {
    let places = found.instances();
    let what = match &found.only {
        None => "everything of Notebook Guard".to_owned(),
        Some(regions) => format!("Notebook Guard in {}", regions.join(", ")),
    };
    format!("Remove {what} from organization {} ({places} instances in its accounts)?", site.organization.id)
}

impl Ends {
    fn is_left(&self) -> bool {
        let is_bad = |end: &PartEnd| matches!(end, PartEnd::Failed(..));
        let is_set_bad = |end: &SetEnd| match end {
            SetEnd::Failed(..) => true,
            SetEnd::Done(removed) => !removed.leftovers.is_empty(),
        };
        self.guardrail.iter().chain(&self.aggregator).chain(&self.record).any(is_bad)
            || self.packs.iter().any(|(_, end)| is_bad(end))
            || self.sets.iter().any(|(_, is_whole, end)| {
                is_set_bad(end) || matches!(end, SetEnd::Done(removed) if *is_whole && !removed.is_gone)
            })
            || self.regions.iter().any(|(_, end)| matches!(end, End::Left(_) | End::Failed(_)))
            || !self.still.is_empty()
    }
}

fn exit(ends: &Ends) -> Exit {
    if ends.detached.is_some() || ends.regions.iter().any(|(_, end)| matches!(end, End::Detached(_))) {
        Exit::Detached
    } else if ends.is_left() {
        Exit::Partial
    } else {
        Exit::Done
    }
}
