//! Mistakes that requests prove: the evaluator looks for one that passes and should not, or should and does not.
//!
//! Only the conditions on SageMaker's keys are looked at; all others (who, where from, in which Region) are taken to
//! hold, and every resource to match. So what passes here passes in truth, and what is denied here is denied for those
//! whom the statement binds.

use super::facts::{SETTINGS, Setting, actions, is_key_of, written};
use super::{Finding, Severity};
use crate::output::counted;
use crate::scp::language::{Actions, Base, Condition, Context, Effect, Policy, Request, Resources, Statement, Truth};

/// A request and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The action.
    pub action: String,
    /// The condition keys that the request has, with their values.
    pub keys: Vec<(String, String)>,
    /// What comes of it: `allowed` or `denied`.
    pub decision: &'static str,
    /// What should come of it.
    pub intended: &'static str,
}

impl Proof {
    /// In a line.
    #[must_use]
    pub fn sentence(&self) -> String {
        let name = |key: &String| key.trim_start_matches("sagemaker:").to_owned();
        let keys: Vec<String> = self.keys.iter().map(|(key, value)| format!("{}={value}", name(key))).collect();
        let with = if keys.is_empty() { "no setting".to_owned() } else { keys.join(", ") };
        format!("{} with {with} is {}, and should be {}", self.action, self.decision, self.intended)
    }
}

pub(super) fn findings(policy: &Policy) -> Vec<Finding> {
    let bare = bare(policy);
    let mut found = Vec::new();
    for setting in &SETTINGS {
        found.extend(on_create(policy, &bare, setting));
        found.extend(on_update(policy, &bare, setting));
    }
    found.extend(unrelated_updates(policy, &bare));
    found.extend(other_actions(policy, &bare));
    found
}

type Keys = Vec<(String, String)>;

/// The policy with nothing but its conditions on SageMaker's keys.
fn bare(policy: &Policy) -> Policy {
    let mut bare = policy.clone();
    for statement in &mut bare.statements {
        statement.conditions.retain(|condition| condition.key.to_lowercase().starts_with("sagemaker:"));
        statement.resources = Resources::Only(vec!["*".to_owned()]);
    }
    bare
}

fn request(action: &str, keys: &Keys) -> Request {
    let context = keys.iter().fold(Context::default(), |context, (key, value)| context.with(key, value));
    Request { action: action.to_owned(), resource: "*".to_owned(), context }
}

/// All settings of what an action makes, each good.
fn good(create: &str) -> Keys {
    let own = SETTINGS.iter().filter(|setting| setting.create == create);
    let own: Keys = own.map(|setting| (setting.key.to_owned(), setting.good.to_owned())).collect();
    let more = [
        ("sagemaker:VpcSubnets", "subnet-0123456789abcdef0"),
        ("sagemaker:VpcSecurityGroupIds", "sg-0123456789abcdef0"),
    ];
    let missing = more.iter().filter(|(key, _)| own.iter().all(|(other, _)| other != key));
    let missing: Keys = missing.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    own.into_iter().chain(missing).collect()
}

fn with(keys: &Keys, key: &str, value: Option<&str>) -> Keys {
    let others = keys.iter().filter(|(other, _)| other != key).cloned();
    others.chain(value.map(|value| (key.to_owned(), value.to_owned()))).collect()
}

/// The statements that deny a request, and whether that could be told of all of them.
fn deniers(policy: &Policy, request: &Request) -> (Vec<usize>, bool) {
    let (mut found, mut is_sure) = (Vec::new(), true);
    for (index, statement) in policy.statements.iter().enumerate().filter(|(_, one)| one.effect == Effect::Deny) {
        match policy.applies(statement, request) {
            Truth::True => found.push(index),
            Truth::False => {}
            Truth::Unknown(_) => is_sure = false,
        }
    }
    (found, is_sure)
}

/// Whether a request surely passes.
fn passes(policy: &Policy, request: &Request) -> bool {
    deniers(policy, request) == (Vec::new(), true)
}

/// The statements that deny an action and look at a key.
fn about<'a>(policy: &'a Policy, action: &str, key: &str) -> Vec<(usize, &'a Statement, &'a Condition)> {
    let denies = policy.statements.iter().enumerate().filter(|(_, one)| one.effect == Effect::Deny);
    let covers = denies.filter(|(_, one)| one.actions.cover(action) == Truth::True);
    covers
        .filter_map(|(index, one)| {
            let condition = one.conditions.iter().find(|condition| condition.key.eq_ignore_ascii_case(key))?;
            Some((index, one, condition))
        })
        .collect()
}

fn place(policy: &Policy, index: usize, condition: &Condition) -> String {
    format!("{}.Condition.{}.{}", policy.place(index), condition.written, condition.key)
}

fn proof(action: &str, keys: Keys, decision: &'static str) -> Proof {
    let intended = if decision == "allowed" { "denied" } else { "allowed" };
    Proof { action: action.to_owned(), keys, decision, intended }
}

fn on_create(policy: &Policy, bare: &Policy, setting: &Setting) -> Vec<Finding> {
    let about = about(bare, setting.create, setting.key);
    let Some((first, statement, condition)) = about.first() else { return Vec::new() };
    let all_good = good(setting.create);
    let (denied_by, _) = deniers(bare, &request(setting.create, &all_good));
    let inverted: Vec<Finding> = about
        .iter()
        .filter(|(index, _, _)| denied_by.contains(index))
        .map(|(index, _, condition)| {
            let message = format!("the statement denies what is secure: `{}` is {}", setting.key, setting.good);
            let fix = "turn the operator or the value round: deny with StringNotEquals and the good value";
            Finding::new("inverted", Severity::Error, place(policy, *index, condition), message, fix).proved(proof(
                setting.create,
                all_good.clone(),
                "denied",
            ))
        })
        .collect();
    if !inverted.is_empty() {
        return inverted;
    }
    let leak = |value: Option<&str>| {
        let keys = with(&all_good, setting.key, value);
        passes(bare, &request(setting.create, &keys)).then(|| proof(setting.create, keys, "allowed"))
    };
    let at = place(policy, *first, condition);
    let keys = statement.conditions.len();
    let bad = setting.bad.and_then(|bad| leak(Some(bad)));
    let absent = leak(None);
    let is_anded = keys > 1 && (bad.is_some() || setting.bad.is_none());
    let finding = match (bad.or_else(|| absent.clone().filter(|_| setting.bad.is_none())), absent) {
        (Some(proof), _) if is_anded => Finding::new(
            "anded-conditions",
            Severity::Error,
            at,
            format!("{} passes: the statement denies only if all of its {keys} conditions hold", setting.what),
            "give each condition a statement of its own",
        )
        .proved(proof),
        (Some(proof), _) => Finding::new(
            "lets-pass",
            Severity::Error,
            at,
            format!("{} passes, although the statement looks at `{}`", setting.what, setting.key),
            "deny with StringNotEquals and the good value; for subnets with \"Null\": \"true\"",
        )
        .proved(proof),
        (None, Some(proof)) => Finding::new(
            "misses-default",
            Severity::Error,
            at,
            format!("{} passes if the setting is left out, which is SageMaker's insecure default", setting.what),
            "use a negated operator without IfExists: StringNotEquals and the good value",
        )
        .proved(proof),
        (None, None) => return Vec::new(),
    };
    vec![finding]
}

fn on_update(policy: &Policy, bare: &Policy, setting: &Setting) -> Vec<Finding> {
    let Some(update) = setting.update else { return Vec::new() };
    let about = about(bare, update, setting.key);
    let Some((first, _, first_condition)) = about.first() else { return Vec::new() };
    let one = |value: &str| vec![(setting.key.to_owned(), value.to_owned())];
    let (by_good, _) = deniers(bare, &request(update, &one(setting.good)));
    let (by_none, _) = deniers(bare, &request(update, &Vec::new()));
    let inverted = about.iter().filter(|(index, _, _)| by_good.contains(index) && !by_none.contains(index));
    let mut found: Vec<Finding> = inverted
        .map(|(index, _, condition)| {
            let message =
                format!("the statement denies what is secure: changing `{}` to {}", setting.key, setting.good);
            let fix = "on an update, deny with StringEquals and the bad value";
            Finding::new("inverted", Severity::Error, place(policy, *index, condition), message, fix).proved(proof(
                update,
                one(setting.good),
                "denied",
            ))
        })
        .collect();
    if let Some(bad) = setting.bad.filter(|bad| found.is_empty() && passes(bare, &request(update, &one(bad)))) {
        let message =
            format!("{} passes by an update, although the statement looks at `{}`", setting.what, setting.key);
        let fix = "on an update, deny with StringEquals and the bad value";
        let at = place(policy, *first, first_condition);
        found.push(Finding::new("lets-pass", Severity::Error, at, message, fix).proved(proof(
            update,
            one(bad),
            "allowed",
        )));
    }
    found
}

/// Updates that change something else: no key is in the request, which a negated operator takes for a hit.
fn unrelated_updates(policy: &Policy, bare: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for update in ["sagemaker:UpdateNotebookInstance", "sagemaker:UpdateDomain"] {
        let (denied_by, _) = deniers(bare, &request(update, &Vec::new()));
        for index in denied_by {
            // Without a condition, the statement means to deny every update.
            let conditions = bare.statements.get(index).map(|one| one.conditions.as_slice()).unwrap_or_default();
            let Some(condition) = conditions.first() else { continue };
            let (rule, why) = over_blocks(condition);
            let message = format!("every {update} that does not name `{}` is denied: {why}", condition.key);
            let fix = "give the update a statement of its own: StringEquals and the bad value";
            found.push(
                Finding::new(rule, Severity::Error, place(policy, index, condition), message, fix).proved(proof(
                    update,
                    Vec::new(),
                    "denied",
                )),
            );
        }
    }
    found
}

/// Actions that a wildcard covers and that do not have the key: they are denied as if it were left out.
fn other_actions(policy: &Policy, bare: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, statement) in bare.statements.iter().enumerate() {
        let (Effect::Deny, Some(condition)) = (statement.effect, statement.conditions.first()) else { continue };
        let is_named = |pattern: &String| !pattern.contains(['*', '?']);
        if matches!(&statement.actions, Actions::Only(patterns) if patterns.iter().all(is_named)) {
            continue;
        }
        let alone = Policy { statements: vec![statement.clone()], ..bare.clone() };
        let lacks = |action: &&str| statement.conditions.iter().all(|one| !is_key_of(&one.key, action));
        let denied = |action: &&str| deniers(&alone, &request(action, &Vec::new())).0 == [0];
        let hit: Vec<&str> = actions().filter(lacks).filter(denied).collect();
        // Updates have a finding of their own.
        let Some(first) = hit.iter().find(|action| !action.starts_with("sagemaker:update")) else { continue };
        let (first, why) = (written(first), over_blocks(condition).1);
        let message = format!(
            "{} of SageMaker are denied that have no `{}` at all, {first} among them: {why}",
            counted(hit.len(), "action"),
            condition.key
        );
        let fix = "name the actions that the setting is about, without wildcards";
        let at = place(policy, index, condition);
        let proof = proof(&first, Vec::new(), "denied");
        found.push(Finding::new("denies-other-actions", Severity::Error, at, message, fix).proved(proof));
    }
    found
}

fn over_blocks(condition: &Condition) -> (&'static str, &'static str) {
    match condition.operator {
        Some(operator) if operator.if_exists => {
            ("if-exists-over-blocks", "IfExists holds for a key that is not in the request")
        }
        Some(operator) if operator.base == Base::Null => {
            ("null-on-update", "Null holds for a key that is not in the request")
        }
        _ => ("negated-on-update", "a negated operator holds for a key that is not in the request"),
    }
}
