//! What policies say to a request.

use super::condition;
use super::context::Request;
use super::pattern::{Pattern, Wildcards};
use super::policy::{Actions, Effect, Policy, Resources, Statement, Version};
use super::truth::Truth;

/// A statement that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The level in the chain, 0 at the root.
    pub level: usize,
    /// The policy's name; empty if it was asked alone.
    pub policy: String,
    /// The statement's place in the policy, from 0.
    pub statement: usize,
    /// The statement's name.
    pub sid: Option<String>,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed: by this statement of the lowest level. By none if there are no levels.
    Allowed {
        /// The statement.
        by: Option<Cited>,
    },
    /// Denied by a statement.
    Denied {
        /// The statement.
        by: Cited,
    },
    /// Not denied, but no statement of this level allows it, which comes to the same.
    NotAllowed {
        /// The level in the chain, 0 at the root.
        level: usize,
    },
    /// It depends on something that cannot be told.
    Undecided {
        /// What, each once.
        why: Vec<String>,
    },
}

impl Decision {
    /// Whether the request goes through; none if it cannot be told.
    #[must_use]
    pub fn is_allowed(&self) -> Option<bool> {
        match self {
            Self::Allowed { .. } => Some(true),
            Self::Denied { .. } | Self::NotAllowed { .. } => Some(false),
            Self::Undecided { .. } => None,
        }
    }
}

impl Policy {
    /// What this policy alone says. A policy that only denies allows nothing: see [`decide_chain`] for SCPs.
    #[must_use]
    pub fn decide(&self, request: &Request) -> Decision {
        decide(&[vec![("", self)]], request)
    }

    /// Whether a statement of this policy matches the request.
    #[must_use]
    pub fn applies(&self, statement: &Statement, request: &Request) -> Truth {
        statement.applies(request, self.version)
    }
}

/// What the SCPs from the root down to the account say: at each level a statement has to allow it, and a statement that
/// denies it anywhere wins. Policies are unnamed or named at will; no levels at all is no SCPs.
#[must_use]
pub fn decide_chain(levels: &[Vec<(String, Policy)>], request: &Request) -> Decision {
    decide(&levels.iter().map(|level| borrowed(level)).collect::<Vec<_>>(), request)
}

fn borrowed(level: &[(String, Policy)]) -> Vec<(&str, &Policy)> {
    level.iter().map(|(name, policy)| (name.as_str(), policy)).collect()
}

/// Whether SCPs bind a principal of a member account: service-linked roles they do not bind. The management account
/// they bind in nothing, which this cannot see.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
#[must_use]
pub fn is_bound(principal_arn: &str) -> bool {
    !principal_arn.contains(":role/aws-service-role/")
}

fn decide(levels: &[Vec<(&str, &Policy)>], request: &Request) -> Decision {
    let mut unknown = Vec::new();
    let mut not_allowed = None;
    let mut allowed = None;
    for (level, policies) in levels.iter().enumerate() {
        match strongest(Effect::Deny, level, policies, request) {
            (Truth::True, Some(by)) => return Decision::Denied { by },
            (deny, _) => unknown.push(deny),
        }
        match strongest(Effect::Allow, level, policies, request) {
            (Truth::True, by) => allowed = by,
            (Truth::False, _) => not_allowed = not_allowed.or(Some(level)),
            (allow @ Truth::Unknown(_), _) => unknown.push(allow),
        }
    }
    if let Some(level) = not_allowed {
        return Decision::NotAllowed { level };
    }
    match Truth::any(unknown) {
        Truth::Unknown(why) => Decision::Undecided { why },
        Truth::True | Truth::False => Decision::Allowed { by: allowed },
    }
}

/// Whether a statement of this effect matches, and which is the first one that surely does.
fn strongest(effect: Effect, level: usize, policies: &[(&str, &Policy)], request: &Request) -> (Truth, Option<Cited>) {
    let mut answers = Vec::new();
    for (name, policy) in policies {
        for (index, statement) in policy.statements.iter().enumerate().filter(|(_, one)| one.effect == effect) {
            let answer = statement.applies(request, policy.version);
            if answer == Truth::True {
                let sid = statement.sid.clone();
                return (answer, Some(Cited { level, policy: (*name).to_owned(), statement: index, sid }));
            }
            answers.push(answer);
        }
    }
    (Truth::any(answers), None)
}

impl Statement {
    fn applies(&self, request: &Request, version: Version) -> Truth {
        let conditions = self.conditions.iter().map(|one| condition::holds(one, &request.context, version));
        Truth::all(
            [self.actions.cover(&request.action), self.resources.cover(request, version)].into_iter().chain(conditions),
        )
    }
}

/// Whether a pattern of actions matches an action. Letter case does not matter.
#[must_use]
pub fn action_matches(pattern: &str, action: &str) -> bool {
    Pattern::plain(pattern).matches_any_case(action)
}

/// Whether a pattern without variables surely matches a text: as a whole, or part by part as ARNs are compared.
pub(in crate::scp) fn like(pattern: &str, text: &str, is_arn: bool) -> bool {
    let pattern = Pattern::plain(pattern);
    if is_arn { pattern.matches_arn(text) == Truth::True } else { pattern.matches(text) }
}

impl Actions {
    pub(in crate::scp) fn cover(&self, action: &str) -> Truth {
        let hit = |patterns: &[String]| patterns.iter().any(|pattern| action_matches(pattern, action));
        match self {
            Self::Only(patterns) => hit(patterns).into(),
            Self::Except(patterns) => (!hit(patterns)).into(),
        }
    }
}

impl Resources {
    fn cover(&self, request: &Request, version: Version) -> Truth {
        let one = |text: &String| match Pattern::expand(text, Wildcards::Matched, version, &request.context) {
            Ok(pattern) => pattern.matches_arn(&request.resource),
            Err(why) => Truth::unknown(why),
        };
        match self {
            Self::Only(patterns) => Truth::any(patterns.iter().map(one)),
            Self::Except(patterns) => !Truth::any(patterns.iter().map(one)),
        }
    }
}
