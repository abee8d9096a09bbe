//! The record of targets, when some Regions go and others stay.

use super::PartEnd;
use crate::apply::deploy_stack;
use crate::aws::Clients;
use crate::names::SETTINGS_TAG;
use crate::observe::{StackState, find_stack};
use crate::organization::Record;
use crate::organization::site::Site;
use crate::plan::{Deploy, digest};
use crate::templates::Template;

/// Writes the record that is left into the artifact stack of the home Region.
pub(super) async fn write(site: &Site, record: &Record) -> PartEnd {
    let clients = Clients::new(&site.sdk, &site.home);
    let failed = |why: String, fix: String| PartEnd::Failed(format!("the record of targets: {why}"), fix);
    let stack = match find_stack(&clients, &site.names().artifact_stack()).await {
        Ok(Some(stack)) if stack.is_ours() => stack,
        Ok(_) => return PartEnd::Nothing,
        Err(refusal) => return failed(refusal.to_string(), refusal.advice()),
    };
    let StackState { name, mut parameters, mut tags, .. } = stack;
    parameters.insert("Targets".to_owned(), record.to_string());
    tags.retain(|key, _| !key.starts_with("aws:"));
    tags.insert(SETTINGS_TAG.to_owned(), digest(Template::Artifacts, &parameters));
    let deploy =
        Deploy { stack: name, template: Template::Artifacts, is_new: false, parameters, tags, changes: Vec::new() };
    match deploy_stack(&clients, &deploy, &|_, _| {}).await {
        Ok(()) => PartEnd::Changed,
        Err(problem) => failed(problem.to_string(), "run the same command again".to_owned()),
    }
}
