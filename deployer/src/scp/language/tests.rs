use super::*;

fn policy(statement: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).unwrap()
}

fn request(action: &str) -> Request {
    Request { action: action.to_owned(), resource: "*".to_owned(), context: Context::default() }
}

fn full_access() -> (String, Policy) {
    ("FullAWSAccess".to_owned(), policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#))
}

#[test]
fn a_denial_at_any_level_wins_and_is_cited() {
    let deny = policy(r#"[{"Effect":"Deny","Sid":"Stop","Action":"SageMaker:create*","Resource":"*"}]"#);
    let levels = [vec![full_access()], vec![full_access(), ("network".to_owned(), deny)], vec![full_access()]];
    let decision = decide_chain(&levels, &request("sagemaker:CreateNotebookInstance"));
    let by = Cited { level: 1, policy: "network".to_owned(), statement: 0, sid: Some("Stop".to_owned()) };
    assert_eq!(decision, Decision::Denied { by });
    let allowed = decide_chain(&levels, &request("sagemaker:ListNotebookInstances"));
    assert_eq!(allowed.is_allowed(), Some(true));
}

#[test]
fn every_level_has_to_allow() {
    let some = policy(r#"{"Effect":"Allow","NotAction":"sagemaker:*","Resource":"*"}"#);
    let levels = [vec![full_access()], vec![("some".to_owned(), some)]];
    let of = |action| decide_chain(&levels, &request(action));
    assert_eq!(of("sagemaker:ListNotebookInstances"), Decision::NotAllowed { level: 1 });
    assert_eq!(of("s3:ListBuckets").is_allowed(), Some(true));
}

/// Whether a condition holds for a request with these keys: `Some(true)`, `Some(false)`, or none if it cannot be told.
fn holds(condition: &str, context: Context) -> Option<bool> {
    let text = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{condition}}}"#);
    let policy = policy(&text);
    let request = Request { context, ..request("sagemaker:CreateNotebookInstance") };
    match policy.applies(&policy.statements[0], &request) {
        Truth::True => Some(true),
        Truth::False => Some(false),
        Truth::Unknown(why) => {
            assert!(!why.is_empty());
            None
        }
    }
}

fn key(value: &str) -> Context {
    Context::default().with("s:Key", value)
}

fn keys(values: &[&str]) -> Context {
    Context::default().with_all("s:Key", values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn operators_compare_as_their_names_say() {
    let table = [
        ("StringEquals", "Disabled", "Disabled", true),
        ("StringEquals", "Disabled", "disabled", false),
        ("StringEquals", "Dis*", "Disabled", false),
        ("StringNotEquals", "Disabled", "disabled", true),
        ("StringEqualsIgnoreCase", "Disabled", "dISABLED", true),
        ("StringNotEqualsIgnoreCase", "Disabled", "dISABLED", false),
        ("StringLike", "ml.*.?large", "ml.m5.xlarge", true),
        ("StringLike", "ml.*.?large", "ml.m5.large", false),
        ("StringLike", "ML.*", "ml.m5.large", false),
        ("StringNotLike", "a*c*e", "abcde", false),
        ("ArnLike", "arn:aws:iam::*:role/Break*", "arn:aws:iam::111122223333:role/BreakGlass", true),
        ("ArnEquals", "arn:aws:iam::*:role/Break*", "arn:aws:iam::111122223333:role/BreakGlass", true),
        ("ArnNotLike", "arn:aws:iam::*:role/Break*", "arn:aws:iam::111122223333:role/x", true),
        ("ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b:c", true),
        ("ArnLike", "arn:aws:iam::*:role/x", "no arn", false),
        ("Bool", "true", "True", true),
        ("Bool", "false", "true", false),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "10.0", false),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "10", "9.5", false),
        ("NumericGreaterThanEquals", "-1", "0", true),
        ("DateLessThan", "2027-01-01T00:00:00Z", "2026-12-31T23:59:59Z", true),
        ("DateGreaterThan", "2027-01-01", "1798761601", true),
        ("DateEquals", "2027-01-01T00:00:00Z", "1798761600", true),
        ("DateNotEquals", "2027-01-01T00:00:00Z", "2027-01-01T01:00:00+01:00", false),
        ("DateLessThanEquals", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", true),
        ("IpAddress", "203.0.113.0/24", "203.0.113.255", true),
        ("IpAddress", "203.0.113.0/24", "203.0.114.0", false),
        ("IpAddress", "203.0.113.7", "203.0.113.7", true),
        ("IpAddress", "0.0.0.0/0", "203.0.113.7", true),
        ("IpAddress", "::/0", "203.0.113.7", false),
        ("IpAddress", "2001:db8::/32", "2001:db8:1::1", true),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
    ];
    for (operator, wanted, found, expected) in table {
        let condition = format!(r#"{{"{operator}":{{"s:Key":"{wanted}"}}}}"#);
        assert_eq!(holds(&condition, key(found)), Some(expected), "{operator} {wanted} {found}");
    }
}

#[test]
fn a_key_that_is_not_there_satisfies_negated_operators_and_if_exists() {
    let absent = Context::default;
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringLike", false),
        ("StringNotEquals", true),
        ("StringNotEqualsIfExists", true),
        ("StringEqualsIfExists", true),
        ("ArnNotLike", true),
        ("ArnLike", false),
        ("ArnLikeIfExists", true),
        ("BoolIfExists", true),
        ("NumericLessThan", false),
        ("NumericLessThanIfExists", true),
        ("NotIpAddress", true),
        ("NotIpAddressIfExists", true),
        ("BinaryEquals", false),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        let condition = format!(r#"{{"{operator}":{{"s:Key":"true"}}}}"#);
        assert_eq!(holds(&condition, absent()), Some(expected), "{operator}");
        // A list without values is the same.
        assert_eq!(holds(&condition, absent().without("s:Key")), Some(expected), "{operator}");
    }
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    let null = |value: &str, context| holds(&format!(r#"{{"Null":{{"S:KEY":{value}}}}}"#), context);
    assert_eq!(null("true", Context::default()), Some(true));
    assert_eq!(null("\"false\"", Context::default()), Some(false));
    assert_eq!(null("\"true\"", key("x")), Some(false));
    assert_eq!(null("\"false\"", key("x")), Some(true));
    assert_eq!(null("\"perhaps\"", key("x")), None);
}

#[test]
fn several_values_are_alternatives_and_none_of_them_for_negated_operators() {
    let two = |operator: &str, found: &str| holds(&format!(r#"{{"{operator}":{{"s:Key":["a","b"]}}}}"#), key(found));
    assert_eq!(two("StringEquals", "b"), Some(true));
    assert_eq!(two("StringNotEquals", "b"), Some(false));
    assert_eq!(two("StringNotEquals", "c"), Some(true));
}

#[test]
fn operators_and_keys_all_have_to_hold() {
    let condition = r#"{"StringEquals":{"s:Key":"a","s:Other":"b"},"Null":{"s:Third":"true"}}"#;
    assert_eq!(holds(condition, key("a")), Some(false));
    assert_eq!(holds(condition, key("a").with("s:Other", "b")), Some(true));
    assert_eq!(holds(condition, key("a").with("s:Other", "b").with("s:Third", "c")), Some(false));
}

#[test]
fn keys_with_several_values() {
    let of = |operator: &str, found: &[&str]| holds(&format!(r#"{{"{operator}":{{"s:Key":["a","b"]}}}}"#), keys(found));
    assert_eq!(of("ForAllValues:StringEquals", &["a", "b"]), Some(true));
    assert_eq!(of("ForAllValues:StringEquals", &["a", "c"]), Some(false));
    assert_eq!(of("ForAnyValue:StringEquals", &["c", "a"]), Some(true));
    assert_eq!(of("ForAnyValue:StringEquals", &["c"]), Some(false));
    assert_eq!(of("ForAnyValue:StringNotEquals", &["a", "c"]), Some(true));
    assert_eq!(of("ForAnyValue:StringNotEquals", &["a", "b"]), Some(false));
    assert_eq!(of("ForAllValues:StringNotEquals", &["c", "d"]), Some(true));
    // Without a quantifier it is only sure where all values agree.
    assert_eq!(of("StringEquals", &["a", "b"]), Some(true));
    assert_eq!(of("StringEquals", &["a", "c"]), None);
    assert_eq!(of("StringNotEquals", &["c", "d"]), Some(true));
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    for (condition, context) in [
        (r#"{"StringIs":{"s:Key":"x"}}"#, key("x")),
        (r#"{"stringequals":{"s:Key":"x"}}"#, key("x")),
        (r#"{"NullIfExists":{"s:Key":"true"}}"#, key("x")),
        (r#"{"ForAnyValue:Null":{"s:Key":"true"}}"#, key("x")),
        (r#"{"BinaryEquals":{"s:Key":"eA=="}}"#, key("eA==")),
        (r#"{"Bool":{"s:Key":"yes"}}"#, key("true")),
        (r#"{"NumericEquals":{"s:Key":"ten"}}"#, key("10")),
        (r#"{"DateEquals":{"s:Key":"tomorrow"}}"#, key("10")),
        (r#"{"IpAddress":{"s:Key":"203.0.113.0/33"}}"#, key("203.0.113.1")),
        (r#"{"StringEquals":{"s:Key":[]}}"#, key("x")),
        (r#"{"StringEquals":{"s:Key":"x"}}"#, Context::default().with_unknown("s:")),
        (r#"{"ArnLike":{"s:Key":"arn:aws:iam:*role/x"}}"#, key("arn:aws:iam::1:role/x")),
        (r#"{"StringEquals":{"s:Key":"${aws:username}"}}"#, key("x")),
        (r#"{"StringEquals":{"s:Key":"${aws:username"}}"#, key("x")),
    ] {
        assert_eq!(holds(condition, context), None, "{condition}");
    }
}

#[test]
fn policy_variables_stand_for_values() {
    let of = |value: &str, context: Context| holds(&format!(r#"{{"StringLike":{{"s:Key":"{value}"}}}}"#), context);
    assert_eq!(of("${aws:PrincipalTag/team}-*", key("blue-1").with("aws:principaltag/TEAM", "blue")), Some(true));
    assert_eq!(of("${aws:PrincipalTag/team}-*", key("red-1").with("aws:PrincipalTag/team", "blue")), Some(false));
    assert_eq!(of("${aws:PrincipalTag/team, 'none'}-*", key("none-1")), Some(true));
    assert_eq!(of("${*}${?}${$}", key("*?$")), Some(true));
    assert_eq!(of("${*}", key("x")), Some(false));
    // A value that would itself be a pattern is not documented.
    assert_eq!(of("${aws:PrincipalTag/team}", key("x").with("aws:PrincipalTag/team", "*")), None);
    let old = Policy::parse(
        r#"{"Version":"2008-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{"StringEquals":{"s:Key":"${aws:username}"}}}}"#,
    );
    let request = Request { context: key("${aws:username}"), ..request("a:B") };
    assert_eq!(old.unwrap().decide(&request).is_allowed(), Some(false));
}

#[test]
fn only_what_depends_on_the_unknown_is_undecided() {
    let deny_known = r#"{"Effect":"Deny","Action":"a:Known","Resource":"*"}"#;
    let deny_open = r#"{"Effect":"Deny","Action":"a:*","Resource":"*","Condition":{"Bool":{"aws:Mystery":"true"}}}"#;
    let open = policy(&format!("[{deny_open},{deny_known}]"));
    let levels = [vec![full_access(), ("open".to_owned(), open)]];
    let ask = |action: &str| {
        let context = Context::default().with_unknown("aws:");
        decide_chain(&levels, &Request { context, ..request(action) })
    };
    assert_eq!(ask("a:Known").is_allowed(), Some(false));
    assert_eq!(ask("b:Other").is_allowed(), Some(true));
    let why = vec!["the request does not say what `aws:Mystery` is".to_owned()];
    assert_eq!(ask("a:Other"), Decision::Undecided { why });
    // Where nothing allows it, it does not matter.
    let alone = [vec![("open".to_owned(), policy(deny_open))]];
    assert_eq!(decide_chain(&alone, &request("a:Other")), Decision::NotAllowed { level: 0 });
}

#[test]
fn actions_and_resources_match_by_pattern() {
    let covers = |statement: &str, action: &str, resource: &str| {
        let policy = policy(&format!(r#"{{"Effect":"Deny",{statement}}}"#));
        let request = Request { resource: resource.to_owned(), ..request(action) };
        policy.applies(&policy.statements[0], &request)
    };
    let arn = "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/scratch-1";
    for (statement, expected) in [
        (r#""Action":"*","Resource":"*""#, true),
        (r#""Action":"SAGEMAKER:*notebook?nstance","Resource":"*""#, true),
        (r#""Action":["a:B","sagemaker:Create*"],"Resource":"*""#, true),
        (r#""Action":"sagemaker:Create","Resource":"*""#, false),
        (r#""NotAction":"iam:*","Resource":"*""#, true),
        (r#""NotAction":["iam:*","sagemaker:Create*"],"Resource":"*""#, false),
        (r#""Action":"*","Resource":"arn:aws:sagemaker:*:*:notebook-instance/scratch-*""#, true),
        (r#""Action":"*","Resource":"arn:aws:sagemaker:*:*:notebook-instance/Scratch-*""#, false),
        (r#""Action":"*","NotResource":"arn:aws:sagemaker:*:*:notebook-instance/scratch-*""#, false),
        (r#""Action":"*","NotResource":["arn:aws:s3:::x"]"#, true),
    ] {
        assert_eq!(covers(statement, "sagemaker:CreateNotebookInstance", arn), expected.into(), "{statement}");
    }
    let spanning = covers(r#""Action":"*","Resource":"arn:aws:sagemaker:*/scratch-1""#, "sagemaker:X", arn);
    assert!(matches!(spanning, Truth::Unknown(_)), "{spanning:?}");
}

#[test]
fn all_faults_are_told_with_their_places() {
    let told = |text: &str| {
        let errors = Policy::parse(text).unwrap_err();
        errors.into_iter().map(|error| error.path).collect::<Vec<_>>()
    };
    assert_eq!(told("[]"), [""]);
    assert_eq!(told("{}"), [""]);
    assert_eq!(told(r#"{"Version":"2012","Statement":[]}"#), ["Version", "Statement"]);
    assert_eq!(
        told(
            r#"{"Version":"2012-10-17","Statements":[],"Statement":[
            {"Effect":"deny","Action":"x","NotAction":"y","Resource":[],"Sid":1,"Effect":"Deny"},
            {"Effect":"Allow","NotPrincipal":"*","Action":["*","sage"],"Condition":{"Bool":{"a":{}},"Null":3}}]}"#
        ),
        [
            "Statements",
            "Statement[0].Effect",
            "Statement[0].Sid",
            "Statement[0].Effect",
            "Statement[0]",
            "Statement[0].Resource",
            "Statement[1].NotPrincipal",
            "Statement[1].Action[1]",
            "Statement[1]",
            "Statement[1].Condition.Bool.a",
            "Statement[1].Condition.Null",
        ]
    );
}

#[test]
fn service_linked_roles_are_not_bound() {
    assert!(!is_bound("arn:aws:iam::1:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"));
    assert!(is_bound("arn:aws:iam::1:role/BreakGlass"));
}
