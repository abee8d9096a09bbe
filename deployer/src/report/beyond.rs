//! Notebooks and domains that no check judges, by reason.

use std::collections::BTreeMap;

use rule::resource::ResourceType;

use crate::evidence::rows::{Known, Resource};

/// Those of which no check judges the type, for the same reason.
#[derive(Debug)]
pub(super) struct Group {
    /// Why.
    pub(super) why: String,
    /// How many.
    pub(super) count: u64,
    /// What they are, for so many.
    pub(super) noun: &'static str,
    /// The first of them: the name, and account and Region.
    pub(super) first: Vec<(String, String)>,
}

/// The groups. There is one for each type and reason; what each keeps is bounded.
#[derive(Debug)]
pub(super) struct Beyond {
    most: usize,
    groups: BTreeMap<(String, String), Group>,
}

impl Beyond {
    /// Each group keeps as many names.
    pub(super) fn new(most: usize) -> Self {
        Self { most, groups: BTreeMap::new() }
    }

    pub(super) fn resource(&mut self, one: &Resource) {
        let Some(why) = one.not_judged.as_ref().filter(|_| one.known == Known::Listed) else { return };
        let group = self.groups.entry((one.resource_type.clone(), why.clone())).or_insert_with(|| Group {
            why: why.clone(),
            count: 0,
            noun: "",
            first: Vec::new(),
        });
        group.count += 1;
        group.noun = noun(&one.resource_type, group.count);
        if group.first.len() < self.most {
            let name = one.name.as_ref().unwrap_or(&one.resource_id).clone();
            group.first.push((name, format!("{} {}", one.account, one.region)));
        }
    }

    /// The largest first.
    pub(super) fn into_groups(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }
}

fn noun(resource_type: &str, count: u64) -> &'static str {
    let is_domain = resource_type == ResourceType::DOMAIN.as_str();
    match (is_domain, count) {
        (true, 1) => "Studio domain",
        (true, _) => "Studio domains",
        (false, 1) => "notebook",
        (false, _) => "notebooks",
    }
}
