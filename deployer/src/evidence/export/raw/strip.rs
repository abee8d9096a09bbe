//! What is in answers and would open something is taken out of them.

use serde_json::Value;

use crate::compliance::check_of;
use crate::templates::Template;

/// Members that are taken out of an answer of Lambda, wherever they are.
const OF_FUNCTIONS: [&str; 2] = ["Environment", "Location"];
/// Members that are taken out of an answer of AWS Config: whoever has a result token may put results in the name of a
/// rule (<https://docs.aws.amazon.com/config/latest/APIReference/API_EvaluationResult.html>).
const OF_RESULTS: [&str; 1] = ["ResultToken"];
/// Members of a rule that its owner wrote: nobody knows what is in those of others.
const OF_FOREIGN_RULES: [&str; 3] = ["InputParameters", "CustomPolicyDetails", "Description"];
/// Members of an account of an organization: with its address somebody may ask for a new password of its root user.
const OF_ACCOUNTS: [&str; 2] = ["Email", "MasterAccountEmail"];
/// Elements of CloudFormation's answers whose text is taken out.
const OF_STACKS: [&str; 2] = ["TemplateBody", "StackPolicyBody"];
/// Elements with a value, and those before them that name it: values are kept of what our templates have.
const NAMED: [(&str, &str); 3] =
    [("ParameterValue", "ParameterKey"), ("ResolvedValue", "ParameterKey"), ("OutputValue", "OutputKey")];
/// What stands in their place.
const REMOVED: &str = "(removed)";

/// The answer of a service without secrets. What cannot be read is not kept.
pub(super) fn without_secrets(service: &str, body: String, prefix: &str) -> String {
    match service {
        "lambda" => stripped(&body, &|value| strip(value, &OF_FUNCTIONS)),
        "config" => stripped(&body, &|value| strip(value, &OF_RESULTS) | strip_rules(value, prefix)),
        "organizations" => stripped(&body, &|value| strip(value, &OF_ACCOUNTS)),
        "cloudformation" => strip_stacks(&body),
        _ => body,
    }
}

/// CloudFormation answers in XML. A text in it has no `<`, so that an element ends at the next one.
fn strip_stacks(body: &str) -> String {
    let (mut out, mut rest, mut name) = (String::with_capacity(body.len()), body, "");
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        let Some((element, text)) = after.split_once('>') else { break };
        out.push_str(element);
        out.push('>');
        let end = text.find('<').unwrap_or(text.len());
        let (text, next) = text.split_at_checked(end).unwrap_or((text, ""));
        let is_secret =
            OF_STACKS.contains(&element) || NAMED.iter().any(|(value, _)| *value == element) && !is_ours(name);
        out.push_str(if is_secret { REMOVED } else { text });
        if NAMED.iter().any(|(_, key)| *key == element) {
            name = text.trim();
        } else if element.starts_with("/member") {
            name = "";
        }
        rest = next;
    }
    if !rest.contains('<') {
        out.push_str(rest);
    }
    out
}

/// Whether one of our templates has a parameter or an output of this name. None of them is a secret.
fn is_ours(name: &str) -> bool {
    let entry = format!("\n  {name}:\n");
    let templates =
        [Template::Artifacts, Template::Member, Template::ConformancePack, Template::Guardrail, Template::Aggregator];
    !name.is_empty() && templates.into_iter().any(|template| template.text().contains(&entry))
}

/// An answer without what `strip` takes out of it, and as it came if that is nothing. What cannot be read is not kept.
fn stripped(body: &str, strip: &dyn Fn(&mut Value) -> bool) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            if strip(&mut value) {
                value.to_string()
            } else {
                body.to_owned()
            }
        }
        Err(_) => REMOVED.to_owned(),
    }
}

/// Takes members of these names out, wherever they are. Whether there were any.
fn strip(value: &mut Value, names: &[&str]) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |found, (name, member)| {
            if names.contains(&name.as_str()) {
                *member = Value::from(REMOVED);
                return true;
            }
            strip(member, names) | found
        }),
        Value::Array(values) => values.iter_mut().fold(false, |found, value| strip(value, names) | found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Takes out what the owners of rules wrote that are not ours. Whether there was anything.
fn strip_rules(answer: &mut Value, prefix: &str) -> bool {
    let rules = answer.get_mut("ConfigRules").and_then(Value::as_array_mut);
    let is_foreign = |rule: &&mut Value| {
        let name = rule.get("ConfigRuleName").and_then(Value::as_str).unwrap_or_default();
        check_of(name, prefix).is_none()
    };
    let foreign = rules.into_iter().flatten().filter(is_foreign);
    foreign.fold(false, |found, rule| strip(rule, &OF_FOREIGN_RULES) | found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_links_are_taken_out() {
        let body = r#"{"FunctionName":"f","Environment":{"Variables":{"TOKEN":"hunter2"}},"Code":{"Location":"https://x?X-Amz-Security-Token=t"}}"#;
        let without_secrets = |body: &str| stripped(body, &|value| strip(value, &OF_FUNCTIONS));
        let kept = without_secrets(body);
        assert_eq!(kept, r#"{"Code":{"Location":"(removed)"},"Environment":"(removed)","FunctionName":"f"}"#);
        assert_eq!(without_secrets("<html>hunter2"), REMOVED);
        let as_it_came = r#"{"b": 1, "a": 2}"#;
        assert_eq!(without_secrets(as_it_came), as_it_came);
    }

    #[test]
    fn addresses_of_accounts_are_taken_out() {
        let body = r#"{"Accounts":[{"Id":"111122223333","Email":"root@example.com"}],"NextToken":"n"}"#;
        let kept = r#"{"Accounts":[{"Email":"(removed)","Id":"111122223333"}],"NextToken":"n"}"#;
        assert_eq!(without_secrets("organizations", body.to_owned(), "guard"), kept);
        let body = r#"{"Organization":{"Id":"o-1","MasterAccountEmail":"root@example.com"}}"#;
        let kept = r#"{"Organization":{"Id":"o-1","MasterAccountEmail":"(removed)"}}"#;
        assert_eq!(without_secrets("organizations", body.to_owned(), "guard"), kept);
    }

    #[test]
    fn templates_and_parameters_that_are_not_ours_are_taken_out() {
        let parameter = |key: &str, value: &str| {
            let value = format!("<ParameterValue>{value}</ParameterValue><ResolvedValue>{value}</ResolvedValue>");
            format!("<member>\n <ParameterKey>{key}</ParameterKey> {value}</member>")
        };
        let body = |template: &str, value: &str| {
            let (own, other) = (parameter("ArtifactSha256", "abc"), parameter("Password", value));
            let output = format!("<OutputKey>Password</OutputKey><OutputValue>{value}</OutputValue>");
            format!("<R><TemplateBody>{template}</TemplateBody><Parameters>{own}{other}</Parameters>{output}</R>")
        };
        let kept = without_secrets("cloudformation", body("hunter2: {}", "hunter2"), "guard");
        assert_eq!(kept, body(REMOVED, REMOVED));
        // An answer that is cut off ends where something begins that may be a secret.
        let cut = without_secrets("cloudformation", "<R><TemplateBody>hunter2".to_owned(), "guard");
        assert_eq!(cut, "<R><TemplateBody>(removed)");
        let mixed = "<ParameterValue>hunter2</ParameterValue><ParameterKey>Version</ParameterKey>";
        let kept = without_secrets("cloudformation", mixed.to_owned(), "guard");
        assert!(!kept.contains("hunter2"), "{kept}");
    }

    #[test]
    fn result_tokens_and_parameters_of_other_rules_are_taken_out() {
        let without = |body: &str| stripped(body, &|value| strip(value, &OF_RESULTS) | strip_rules(value, "guard"));
        let results = r#"{"EvaluationResults":[{"ComplianceType":"COMPLIANT","ResultToken":"hunter2"}]}"#;
        let kept = r#"{"EvaluationResults":[{"ComplianceType":"COMPLIANT","ResultToken":"(removed)"}]}"#;
        assert_eq!(without(results), kept);
        let rule = |name: &str, parameters: &str| {
            format!(
                r#"{{"ConfigRuleName":"{name}","InputParameters":"{parameters}","Source":{{"Owner":"CUSTOM_LAMBDA"}}}}"#
            )
        };
        let rules = |foreign: &str| {
            let ours = rule("guard-root-access", "ours");
            format!(r#"{{"ConfigRules":[{ours},{}]}}"#, rule("guards-own", foreign))
        };
        assert_eq!(without(&rules("hunter2")), rules(REMOVED));
    }
}
