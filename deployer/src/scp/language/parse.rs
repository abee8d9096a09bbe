//! The text of a policy to a policy, with all faults at once.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>,
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html>

use std::fmt;

use super::condition::Operator;
use super::json::Json;
use super::policy::{Actions, Condition, Effect, Policy, Resources, Statement, Version};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The place: `Statement[0].Effect`; empty for the whole text.
    pub path: String,
    /// What is wrong there, in lower case and without a full stop.
    pub problem: String,
    /// Whether the element is one that only resource-based policies have: `Principal`, `NotPrincipal`.
    pub is_principal: bool,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.problem) } else { write!(f, "{}: {}", self.path, self.problem) }
    }
}

impl std::error::Error for ParseError {}

impl Policy {
    /// Reads the text of a service control policy.
    ///
    /// # Errors
    /// All faults: what is no JSON, what AWS would refuse as malformed, and members that nobody knows.
    pub fn parse(text: &str) -> Result<Self, Vec<ParseError>> {
        let mut faults = Faults::default();
        let policy = match serde_json::from_str(text) {
            Ok(json) => faults.policy(&json),
            Err(error) => {
                faults.push("", format!("the text is not JSON: {error}"));
                None
            }
        };
        policy.filter(|_| faults.0.is_empty()).ok_or(faults.0)
    }
}

#[derive(Default)]
struct Faults(Vec<ParseError>);

impl Faults {
    fn push(&mut self, path: &str, problem: impl Into<String>) {
        self.0.push(ParseError { path: path.to_owned(), problem: problem.into(), is_principal: false });
    }

    /// The members of an object, each known and only once.
    fn members<'a>(&mut self, json: &'a Json, path: &str, known: &[&str]) -> Option<Vec<(&'a str, &'a Json)>> {
        let Json::Map(members) = json else {
            self.push(path, format!("has to be an object, and is {}", json.kind()));
            return None;
        };
        self.doubles(members, path);
        for (name, _) in members {
            if matches!(name.as_str(), "Principal" | "NotPrincipal") {
                let problem = format!("`{name}` belongs to resource-based policies; AWS refuses it in an SCP");
                self.0.push(ParseError { path: below(path, name), problem, is_principal: true });
            } else if !known.is_empty() && !known.contains(&name.as_str()) {
                self.push(&below(path, name), format!("no such element; known are {}", known.join(", ")));
            }
        }
        Some(members.iter().map(|(name, value)| (name.as_str(), value)).collect())
    }

    fn doubles(&mut self, members: &[(String, Json)], path: &str) {
        for (place, (name, _)) in members.iter().enumerate() {
            if members.iter().take(place).any(|(other, _)| other == name) {
                self.push(&below(path, name), "is there twice");
            }
        }
    }

    fn policy(&mut self, json: &Json) -> Option<Policy> {
        let members = self.members(json, "", &["Version", "Id", "Statement"])?;
        let version = match find(&members, "Version") {
            None => Version::Of2008,
            Some(Json::Text(text)) if text == "2008-10-17" => Version::Of2008,
            Some(Json::Text(text)) if text == "2012-10-17" => Version::Of2012,
            Some(_) => {
                self.push("Version", "has to be \"2012-10-17\"");
                Version::Of2012
            }
        };
        let statements = match find(&members, "Statement") {
            None => {
                self.push("", "there is no `Statement`");
                return None;
            }
            Some(Json::List(list)) if list.is_empty() => {
                self.push("Statement", "there is no statement in it");
                return None;
            }
            Some(Json::List(list)) => {
                let each = list.iter().enumerate();
                each.map(|(index, one)| self.statement(one, &format!("Statement[{index}]"))).collect::<Vec<_>>()
            }
            Some(one) => vec![self.statement(one, "Statement")],
        };
        let is_single = !matches!(find(&members, "Statement"), Some(Json::List(_)));
        Some(Policy { version, statements: statements.into_iter().collect::<Option<_>>()?, is_single })
    }

    fn statement(&mut self, json: &Json, path: &str) -> Option<Statement> {
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
        let members = self.members(json, path, &known)?;
        let sid = find(&members, "Sid").and_then(|sid| self.text(sid, &below(path, "Sid")));
        let effect = self.effect(find(&members, "Effect"), path);
        let actions = self.one_of(&members, path, ["Action", "NotAction"]).map(|(is_not, patterns)| {
            self.actions(&patterns, path, if is_not { "NotAction" } else { "Action" });
            if is_not { Actions::Except(patterns) } else { Actions::Only(patterns) }
        });
        let resources = self.one_of(&members, path, ["Resource", "NotResource"]);
        let resources = resources.map(
            |(is_not, patterns)| {
                if is_not { Resources::Except(patterns) } else { Resources::Only(patterns) }
            },
        );
        let conditions = match find(&members, "Condition") {
            Some(block) => self.conditions(block, &below(path, "Condition")),
            None => Vec::new(),
        };
        Some(Statement { sid, effect: effect?, actions: actions?, resources: resources?, conditions })
    }

    fn effect(&mut self, json: Option<&Json>, path: &str) -> Option<Effect> {
        match json {
            Some(Json::Text(text)) if text == "Allow" => Some(Effect::Allow),
            Some(Json::Text(text)) if text == "Deny" => Some(Effect::Deny),
            Some(_) => {
                self.push(&below(path, "Effect"), "has to be \"Allow\" or \"Deny\", in exactly these letters");
                None
            }
            None => {
                self.push(path, "there is no `Effect`");
                None
            }
        }
    }

    /// The one of two elements that is there, and whether it is the second.
    fn one_of(
        &mut self,
        members: &[(&str, &Json)],
        path: &str,
        [name, negated]: [&str; 2],
    ) -> Option<(bool, Vec<String>)> {
        match (find(members, name), find(members, negated)) {
            (Some(json), None) => self.texts(json, &below(path, name)).map(|texts| (false, texts)),
            (None, Some(json)) => self.texts(json, &below(path, negated)).map(|texts| (true, texts)),
            (Some(_), Some(_)) => {
                self.push(path, format!("`{name}` and `{negated}` exclude each other"));
                None
            }
            (None, None) => {
                self.push(path, format!("there is neither `{name}` nor `{negated}`"));
                None
            }
        }
    }

    fn actions(&mut self, patterns: &[String], path: &str, name: &str) {
        for (index, pattern) in patterns.iter().enumerate() {
            let is_action = pattern
                .split_once(':')
                .is_some_and(|(service, action)| !service.is_empty() && !action.is_empty() && !action.contains(':'));
            if pattern != "*" && !is_action {
                let place = format!("{}[{index}]", below(path, name));
                self.push(&place, format!("`{pattern}` is no action: they are written service:Action"));
            }
        }
    }

    fn conditions(&mut self, json: &Json, path: &str) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (written, block) in self.members(json, path, &[]).unwrap_or_default() {
            let path = below(path, written);
            for (key, values) in self.members(block, &path, &[]).unwrap_or_default() {
                if let Some(values) = self.scalars(values, &below(&path, key)) {
                    let operator = Operator::parse(written);
                    conditions.push(Condition { written: written.to_owned(), operator, key: key.to_owned(), values });
                }
            }
        }
        conditions
    }

    fn text(&mut self, json: &Json, path: &str) -> Option<String> {
        if let Json::Text(text) = json {
            return Some(text.clone());
        }
        self.push(path, format!("has to be a text, and is {}", json.kind()));
        None
    }

    /// A text or a list of texts, but not nothing.
    fn texts(&mut self, json: &Json, path: &str) -> Option<Vec<String>> {
        let texts = match json {
            Json::List(list) => {
                let each = list.iter().enumerate();
                each.map(|(index, one)| self.text(one, &format!("{path}[{index}]"))).collect::<Vec<_>>()
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Map(_) => vec![self.text(json, path)],
        };
        if texts.is_empty() {
            self.push(path, "the list is empty");
            return None;
        }
        texts.into_iter().collect()
    }

    /// The values of a condition: numbers and booleans count as what they print.
    fn scalars(&mut self, json: &Json, path: &str) -> Option<Vec<String>> {
        let one = |json: &Json| match json {
            Json::Text(text) | Json::Number(text) => Some(text.clone()),
            Json::Bool(value) => Some(value.to_string()),
            Json::Null | Json::List(_) | Json::Map(_) => None,
        };
        let values = match json {
            Json::List(list) => list.iter().map(one).collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Map(_) => {
                one(json).map(|value| vec![value])
            }
        };
        if values.is_none() {
            self.push(path, "has to be a text, a number, a boolean, or a list of them");
        }
        values
    }
}

fn find<'a>(members: &[(&str, &'a Json)], name: &str) -> Option<&'a Json> {
    members.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
