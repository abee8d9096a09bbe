//! The StackSets and their instances.

use std::cell::RefCell;

use futures_util::StreamExt as _;
use futures_util::future::join_all;

use super::tags;
use crate::aws::AwsRefusal;
use crate::organization::site::Site;
use crate::plan::digest;
use crate::stack_set::digest_of_template;
use crate::stack_set::{Interner, Operation, Sets, StackSet};
use crate::status::organization::{Coverage, SetState, expect};
use crate::templates::Template;

/// Reads the StackSets side by side, and takes their instances into the coverage. `with_strays` says whether instances
/// in Regions that are no targets are looked for, too.
pub(super) async fn read(
    site: &Site,
    ours: &[StackSet],
    regions: &[String],
    with_strays: bool,
    coverage: &mut Coverage,
    told: &dyn Fn(usize),
) -> (Vec<SetState>, Vec<AwsRefusal>) {
    let reader = site.sets();
    let (seen, coverage) = (RefCell::new(Interner::default()), RefCell::new(coverage));
    let work = ours.iter().map(|set| {
        let chosen: Vec<String> =
            set.regions.iter().filter(|region| with_strays || regions.contains(region)).cloned().collect();
        one(&reader, set, chosen, &seen, &coverage, told)
    });
    let (states, unread): (Vec<SetState>, Vec<Vec<AwsRefusal>>) = join_all(work).await.into_iter().unzip();
    (states, unread.into_iter().flatten().collect())
}

async fn one(
    reader: &Sets,
    set: &StackSet,
    regions: Vec<String>,
    seen: &RefCell<Interner>,
    coverage: &RefCell<&mut Coverage>,
    told: &dyn Fn(usize),
) -> (SetState, Vec<AwsRefusal>) {
    let mut unread = Vec::new();
    // Beforehand: what ends meanwhile is seen as under way, and not as outdated.
    let operations = reader.operations(&set.name).await.unwrap_or_else(|refusal| {
        unread.push(refusal);
        Vec::new()
    });
    let running: Vec<&Operation> = operations.iter().filter(|one| !one.status.is_final()).collect();
    let is_busy = !running.is_empty();
    let mut pages = Box::pin(reader.instances(&set.name, &regions, None, seen));
    while let Some(page) = pages.next().await {
        match page {
            Err(refusal) => unread.push(refusal),
            Ok(instances) => {
                let mut coverage = coverage.borrow_mut();
                for instance in &instances {
                    coverage.record(&instance.account, &instance.region, &expect::found(instance, is_busy));
                }
                told(instances.len());
            }
        }
    }
    let words = |operation: &&Operation| (operation.action.to_string(), operation.status.to_string());
    let running = running.iter().map(words).collect();
    (state(set, running), unread)
}

fn state(set: &StackSet, running: Vec<(String, String)>) -> SetState {
    let (version, settings) = tags(set);
    SetState {
        name: set.name.clone(),
        regions: set.regions.clone(),
        auto_deployment: set.auto_deployment.is_on,
        blocking: Vec::new(),
        managed_execution: set.is_managed_execution,
        is_changed: is_changed(set, &version, &settings),
        code: set.parameters.get("ArtifactSha256").cloned().unwrap_or_default(),
        version,
        settings,
        running,
    }
}

/// The digest in the tag is over template and parameters. The template is compared by its own digest, so that only one
/// that this version embeds can be judged; another one of the same version was changed by hand.
fn is_changed(set: &StackSet, version: &str, settings: &str) -> Option<bool> {
    let own = digest_of_template(Template::Member.text());
    if set.template_digest == own {
        Some(digest(Template::Member, &set.parameters) != settings)
    } else {
        (version == env!("CARGO_PKG_VERSION")).then_some(true)
    }
}
