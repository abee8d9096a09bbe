//! What the policies of ours that are in force say is intended.

use super::in_force::{Chain, Level};
use super::language::{Effect, Policy};
use super::settings::GuardrailSettings;
use crate::names::Names;

/// What was asked for, and what our own policies in force deny and except besides. Break-glass roles that were named
/// count alone: whoever names some wants to know of those.
#[must_use]
pub fn in_force(asked: &GuardrailSettings, levels: &[Level], names: Names<'_>) -> GuardrailSettings {
    let chain = Chain::read(levels);
    let of_name = |name: String| -> Vec<&Policy> {
        chain.levels.iter().flatten().filter(|(own, _)| *own == name).map(|(_, policy)| policy).collect()
    };
    let network = of_name(names.network_policy());
    let has = |sid: &str| network.iter().any(|policy| statement(policy, sid).is_some());
    let excepted = network.iter().find_map(|policy| excepted(policy)).unwrap_or_default();
    GuardrailSettings {
        targets: asked.targets.clone(),
        break_glass: if asked.break_glass.is_empty() { excepted } else { asked.break_glass.clone() },
        studio: asked.studio || has("DomainOnCreate"),
        tamper: asked.tamper || !of_name(names.tamper_policy()).is_empty(),
    }
}

fn statement<'a>(policy: &'a Policy, sid: &str) -> Option<&'a super::language::Statement> {
    policy.statements.iter().find(|one| one.effect == Effect::Deny && one.sid.as_deref() == Some(sid))
}

/// The roles that our policy does not bind.
fn excepted(policy: &Policy) -> Option<Vec<String>> {
    let conditions = &statement(policy, "DirectInternet")?.conditions;
    let roles = conditions.iter().find(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"))?;
    Some(roles.values.clone())
}

/// The flags that these settings stand for.
#[must_use]
pub fn flags(settings: &GuardrailSettings) -> String {
    let roles = settings.break_glass.iter().map(|role| format!("--break-glass {role}"));
    let switches = [("--studio", settings.studio), ("--tamper-scp", settings.tamper)];
    let switches = switches.into_iter().filter(|(_, is_on)| *is_on).map(|(flag, _)| flag.to_owned());
    roles.chain(switches).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scp::documents;
    use crate::scp::in_force::Attached;

    #[test]
    fn our_policies_tell_what_they_were_made_of() {
        let names = Names { prefix: "notebook-guard", account: "", partition: "aws" };
        let role = "arn:aws:iam::*:role/BreakGlass".to_owned();
        let all = GuardrailSettings { break_glass: vec![role], studio: true, tamper: true, targets: Vec::new() };
        let level = |settings: &GuardrailSettings| {
            let ours = documents::all(settings, names, "/notebook-guard/").into_iter();
            let attached = |one: documents::Named| Attached {
                id: String::new(),
                name: one.name,
                content: one.document.text(false),
            };
            vec![Level { id: "r-abcd".to_owned(), name: "Root".to_owned(), policies: ours.map(attached).collect() }]
        };
        let nothing = GuardrailSettings::default();
        assert_eq!(in_force(&nothing, &level(&all), names), all);
        assert_eq!(in_force(&nothing, &level(&nothing), names), nothing);
        assert_eq!(in_force(&all, &[], names), all);
        assert_eq!(flags(&all), "--break-glass arn:aws:iam::*:role/BreakGlass --studio --tamper-scp");
    }
}
