use super::*;

/// Rules and proofs of a policy with these statements.
fn told(statements: &str) -> Vec<(&'static str, String)> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    let findings = lint(&text).into_iter().filter(|finding| finding.rule != "no-break-glass");
    findings.map(|one| (one.rule, one.proof.map(|proof| proof.sentence()).unwrap_or_default())).collect()
}

fn deny(action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":{action},"Resource":"*","Condition":{condition}}}"#)
}

fn rules(statements: &str) -> Vec<&'static str> {
    told(statements).into_iter().map(|(rule, _)| rule).collect()
}

const CREATE: &str = r#""sagemaker:CreateNotebookInstance""#;
const UPDATE: &str = r#""sagemaker:UpdateNotebookInstance""#;
const BOTH: &str = r#"["sagemaker:CreateNotebookInstance","sagemaker:UpdateNotebookInstance"]"#;

#[test]
fn our_own_policies_have_no_mistakes() {
    use crate::scp::documents;
    use crate::scp::settings::GuardrailSettings;
    let break_glass = vec!["BreakGlass".to_owned()];
    let settings = GuardrailSettings { break_glass, studio: true, tamper: true, targets: Vec::new() };
    let names = crate::names::Names { prefix: "notebook-guard", account: "111111111111", partition: "aws" };
    for one in documents::all(&settings, names, "/notebook-guard/") {
        assert_eq!(lint(&one.document.text(true)), [], "{}", one.name);
    }
}

#[test]
fn a_negated_operator_on_an_update_denies_every_other_change() {
    let told = told(&deny(BOTH, r#"{"StringNotEquals":{"sagemaker:RootAccess":"Disabled"}}"#));
    let proof = "sagemaker:UpdateNotebookInstance with no setting is denied, and should be allowed";
    assert_eq!(told, [("negated-on-update", proof.to_owned())]);
}

#[test]
fn if_exists_does_not_help_on_an_update() {
    let rules = rules(&deny(UPDATE, r#"{"StringNotEqualsIfExists":{"sagemaker:RootAccess":"Disabled"}}"#));
    assert_eq!(rules, ["if-exists-over-blocks"]);
}

#[test]
fn conditions_in_one_statement_let_a_public_notebook_pass() {
    let both =
        r#"{"StringNotEquals":{"sagemaker:DirectInternetAccess":"Disabled"},"Null":{"sagemaker:VpcSubnets":"true"}}"#;
    let told = told(&deny(CREATE, both));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told.iter().all(|(rule, _)| *rule == "anded-conditions"), "{told:#?}");
    assert!(told[0].1.contains("DirectInternetAccess=Enabled is allowed"), "{told:#?}");
    // The same in two statements is right.
    let apart = [
        deny(CREATE, r#"{"StringNotEquals":{"sagemaker:DirectInternetAccess":"Disabled"}}"#),
        deny(CREATE, r#"{"Null":{"sagemaker:VpcSubnets":"true"}}"#),
    ];
    assert_eq!(rules(&format!("[{}]", apart.join(","))), [""; 0]);
}

#[test]
fn the_whitepapers_studio_policy_lets_a_public_domain_pass() {
    let condition = r#"{"StringEquals":{"sagemaker:AppNetworkAccessType":"PublicInternetOnly"},"Null":{"sagemaker:VpcSubnets":"true"}}"#;
    let told = told(&deny(r#""sagemaker:CreateDomain""#, condition));
    assert!(
        told.iter()
            .any(|(rule, proof)| *rule == "anded-conditions"
                && proof.contains("AppNetworkAccessType=PublicInternetOnly")),
        "{told:#?}"
    );
}

#[test]
fn an_inverted_effect_denies_the_secure_notebook() {
    assert_eq!(rules(&deny(CREATE, r#"{"StringEquals":{"sagemaker:RootAccess":"Disabled"}}"#)), ["inverted"]);
    assert_eq!(rules(&deny(CREATE, r#"{"StringNotEquals":{"sagemaker:RootAccess":"Enabled"}}"#)), ["inverted"]);
    assert_eq!(rules(&deny(UPDATE, r#"{"StringEquals":{"sagemaker:RootAccess":"Disabled"}}"#)), ["inverted"]);
}

#[test]
fn a_positive_operator_misses_the_default() {
    let told = told(&deny(CREATE, r#"{"StringEquals":{"sagemaker:DirectInternetAccess":"Enabled"}}"#));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "misses-default");
    assert!(!told[0].1.contains("DirectInternetAccess="), "{told:?}");
}

#[test]
fn the_letters_of_values_count() {
    let rules = rules(&deny(CREATE, r#"{"StringNotEquals":{"SageMaker:directInternetAccess":"disabled"}}"#));
    assert_eq!(rules, ["wrong-case", "inverted"]);
}

#[test]
fn names_that_there_are_not() {
    assert_eq!(rules(&deny(r#""sagemaker:CreateNotebook""#, "{}")), ["unknown-action"]);
    assert_eq!(rules(&deny(CREATE, r#"{"StringEquals":{"sagemaker:InternetAccess":"x"}}"#)), ["unknown-key"]);
    let other = r#"{"StringEquals":{"sagemaker:DirectInternetAccess":"Enabled"}}"#;
    assert_eq!(rules(&deny(UPDATE, other)), ["key-of-other-action"]);
    assert_eq!(rules(&deny(r#""sagemaker:*Notebook*""#, "{}")), [""; 0]);
    assert_eq!(rules(&deny(CREATE, r#"{"StringIs":{"aws:PrincipalArn":"x"}}"#)), ["unknown-operator"]);
    assert_eq!(rules(&deny(CREATE, r#"{"Null":{"sagemaker:VpcSubnets":"yes"}}"#))[0], "unknown-value");
}

#[test]
fn what_is_no_scp_is_told_with_every_fault() {
    let text = r#"{"Version": "2012-10-17",
 "Statement": [
  {"Effect": "deny", "Principal": "*", "Action": "*", "Resource": "*"},
  {"Effect": "Deny", "Action": "sagemaker", "Resource": []}]}"#;
    let told: Vec<(&str, Option<usize>)> = lint(text).iter().map(|one| (one.rule, one.line)).collect();
    let malformed = |line| ("malformed", Some(line));
    assert_eq!(told, [("principal", Some(3)), malformed(3), malformed(4), malformed(4)]);
    assert_eq!(lint("{").first().map(|one| (one.rule, one.line)), Some(("malformed", None)));
}

#[test]
fn size_counts_white_space() {
    let statement = deny(CREATE, r#"{"StringNotEquals":{"sagemaker:RootAccess":"Disabled"}}"#);
    let text = format!("{{\"Version\":\"2012-10-17\",{}\"Statement\":{statement}}}", " ".repeat(10_240));
    let found = lint(&text);
    assert_eq!(found[0].rule, "over-size");
    assert!(found[0].message.contains("which fits"), "{}", found[0].message);
}

#[test]
fn who_only_allows_forbids_nothing() {
    assert_eq!(rules(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#), ["allow-only"]);
}

#[test]
fn wildcards_of_actions_cover_what_they_match() {
    let not_disabled = r#"{"StringNotEquals":{"sagemaker:DirectInternetAccess":"Disabled"}}"#;
    let told = told(&deny(r#""sagemaker:Create*""#, not_disabled));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].0 == "denies-other-actions" && told[0].1.contains("with no setting is denied"), "{told:#?}");
    let updates = rules(&deny(r#""*""#, r#"{"StringNotEquals":{"sagemaker:RootAccess":"Disabled"}}"#));
    assert_eq!(updates, ["negated-on-update", "negated-on-update", "denies-other-actions"]);
    let enabled = r#"{"StringEquals":{"sagemaker:DirectInternetAccess":"Enabled"}}"#;
    for pattern in [r#""sagemaker:Create*""#, r#""sagemaker:*""#, r#""*""#] {
        assert_eq!(rules(&deny(pattern, enabled)), ["misses-default"], "{pattern}");
    }
    // What NotAction leaves out is not covered.
    let except = deny(CREATE, enabled).replace("Action", "NotAction");
    assert_eq!(rules(&except), [""; 0]);
}

#[test]
fn exceptions_of_everybody_and_of_nobody() {
    let except = |operator: &str, pattern: &str| {
        let settings = r#""StringNotEquals":{"sagemaker:RootAccess":"Disabled"}"#;
        rules(&deny(CREATE, &format!(r#"{{{settings},"{operator}":{{"aws:PrincipalArn":"{pattern}"}}}}"#)))
    };
    for pattern in ["arn:aws:iam::*:role/*", "*", "arn:aws-cn:iam::*:role/?*", "arn:*:iam::*:*"] {
        assert_eq!(except("ArnNotLike", pattern), ["excepts-everybody"], "{pattern}");
    }
    assert_eq!(except("StringNotLike", "arn:aws:iam::*:role/*"), ["excepts-everybody"]);
    for pattern in ["arn:aws:iam::*:role/BreakGlass", "arn:aws:iam::*:role/ops/*", "arn:aws:iam::111122223333:role/*"] {
        assert_eq!(except("ArnNotLike", pattern), [""; 0], "{pattern}");
    }
    assert_eq!(except("ArnLike", "arn:aws:iam::*:role/*"), [""; 0], "it binds every role, and excepts none");
    for pattern in ["arn:aws:sts::111122223333:assumed-role/Admin/me", "arn:aws:sts::*:assumed-role/Admin/*"] {
        assert_eq!(except("ArnNotLike", pattern), ["session-arn"], "{pattern}");
    }
}

#[test]
fn a_resource_of_another_kind_is_never_denied() {
    let on = |action: &str, resource: &str| {
        let condition = r#"{"StringNotEquals":{"sagemaker:RootAccess":"Disabled"}}"#;
        rules(&deny(action, condition).replace(r#""Resource":"*""#, &format!(r#""Resource":{resource}"#)))
    };
    for wrong in [
        r#""arn:aws:sagemaker:*:*:domain/*""#,
        r#""arn:aws:sagemaker:*:*:notebook-instance-lifecycle-config/*""#,
        r#"["arn:aws:s3:::bucket/*","arn:aws:sagemaker:*:*:Notebook-instance/*"]"#,
    ] {
        assert_eq!(on(CREATE, wrong), ["wrong-resource"], "{wrong}");
    }
    for right in [
        r#""arn:aws:sagemaker:*:*:notebook-instance/*""#,
        r#""arn:*:sagemaker:*:111122223333:note*""#,
        r#"["arn:aws:sagemaker:*:*:domain/*","arn:aws:sagemaker:*:*:*"]"#,
    ] {
        assert_eq!(on(CREATE, right), [""; 0], "{right}");
    }
}
