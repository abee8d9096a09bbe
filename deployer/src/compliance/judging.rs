//! Which checks are to judge in a place, and what none of them applies to.

use std::collections::BTreeSet;

use rule::check::{ALL, Check};
use rule::resource::ResourceType;

use super::lacking::named;

/// The checks that are to judge in a place, as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judging {
    /// Their ids; none if nobody knows.
    ids: Option<BTreeSet<&'static str>>,
}

impl Judging {
    /// Nobody knows.
    pub(super) const UNKNOWN: Self = Self { ids: None };

    /// These and no others.
    pub(super) fn these<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        let all: BTreeSet<&str> = checks.into_iter().map(|check| check.id).collect();
        Self { ids: Some(ALL.map(|check| check.id).into_iter().filter(|id| all.contains(id)).collect()) }
    }

    /// Their ids in alphabetical order.
    pub(super) fn ids(&self) -> Vec<String> {
        self.ids.iter().flatten().map(|id| (*id).to_owned()).collect()
    }

    /// Why none of them judges what is of a type, if none does. Where nobody knows, everything should have been judged.
    pub(super) fn why_not(&self, resource_type: &str) -> Option<String> {
        let ids = self.ids.as_ref()?;
        let of_type = ALL.into_iter().filter(|check| check.resource_type().as_str() == resource_type);
        let of_type: Vec<&str> = of_type.map(|check| check.id).collect();
        if of_type.is_empty() || of_type.iter().any(|id| ids.contains(id)) {
            return None;
        }
        let (noun, names) = (noun(resource_type), named(&of_type));
        let none = if of_type.len() == 1 { format!("{names} is not") } else { format!("none of {names} is") };
        Some(format!("no installed check applies to {noun}: {none} installed"))
    }
}

fn noun(resource_type: &str) -> &str {
    match resource_type {
        _ if resource_type == ResourceType::DOMAIN.as_str() => "Studio domains",
        _ if resource_type == ResourceType::NOTEBOOK_INSTANCE.as_str() => "notebooks",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use rule::check::{ROOT_ACCESS, STUDIO_VPC_ONLY};

    use super::*;

    #[test]
    fn only_what_an_installed_check_applies_to_has_to_be_judged() {
        let (notebook, domain) = (ResourceType::NOTEBOOK_INSTANCE, ResourceType::DOMAIN);
        let why = |judging: &Judging| [&notebook, &domain].map(|kind| judging.why_not(kind.as_str()));
        let told = "no installed check applies to Studio domains: studio-vpc-only is not installed".to_owned();
        assert_eq!(why(&Judging::these([&ROOT_ACCESS])), [None, Some(told)]);
        assert_eq!(why(&Judging::these([&ROOT_ACCESS, &STUDIO_VPC_ONLY])), [None, None]);
        let [notebooks, domains] = why(&Judging::these([&STUDIO_VPC_ONLY]));
        assert_eq!(domains, None);
        assert!(
            notebooks.is_some_and(|why| why.contains("none of direct-internet-access, inside-vpc, root-access and 4"))
        );
        assert_eq!(why(&Judging::UNKNOWN), [None, None], "then it is no data");
    }
}
