//! The member stack as it will be in every account of an organization.

use std::collections::BTreeMap;

use super::region::{Base, differences, wanted};
use super::{Deploy, Intent};
use crate::templates::{Template, member_parameters, member_resources};

/// Stands for the Region in names that end in it.
const ANY_REGION: &str = "REGION";

/// What a StackSet has now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Installed<'a> {
    /// Its parameters.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// Its tags.
    pub(crate) tags: &'a BTreeMap<String, String>,
    /// Whether its template is the one that we would give it.
    pub(crate) has_template: bool,
}

/// The stack that a StackSet makes; nothing but what is different from what it has now is in `changes`. The triggers are
/// as they were asked for: nobody knows the members' recorders beforehand.
pub(crate) fn for_members(intent: Intent<'_>, installed: Option<Installed<'_>>) -> Deploy {
    let names = intent.names();
    let parameters = member_parameters(intent.settings, intent.settings.triggers, names, intent.artifact);
    let mut deploy = wanted(intent, Template::Member, installed.is_none(), parameters);
    let template = Template::Member.text();
    let base = installed.map(|installed| Base {
        parameters: installed.parameters,
        tags: installed.tags,
        template: installed.has_template.then_some(template),
    });
    let resources = |parameters: &BTreeMap<String, String>| member_resources(parameters, names, ANY_REGION);
    let before = base.map_or_else(Vec::new, |base| resources(base.parameters));
    deploy.changes = differences(&deploy, base, &before, &resources(&deploy.parameters));
    deploy
}
