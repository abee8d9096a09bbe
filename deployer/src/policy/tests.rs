use serde_json::Value;

use super::*;
use crate::names::Names;
use crate::permissions::Use;
use crate::settings::{Delivery, Settings};

const NAMES: Names<'static> = Names { prefix: "guard", account: "111122223333", partition: "aws" };
const ALL_USES: [Use; 4] = [Use::Look, Use::Install, Use::Status, Use::Uninstall];

fn settings() -> Settings {
    Settings { prefix: "guard".to_owned(), ..Settings::new(Vec::new()) }
}

/// The longest that every name can be.
fn longest() -> (Settings, String) {
    let path = format!("/{}/", "p".repeat(510));
    let settings = Settings {
        prefix: "a".repeat(14),
        role_path: Some(path),
        permissions_boundary: Some("b".repeat(512)),
        delivery: Delivery::ConformancePack,
        ..Settings::new(Vec::new())
    };
    let prefix = settings.prefix.clone();
    (settings, prefix)
}

fn statements(document: &Document) -> Vec<Value> {
    let json: Value = serde_json::from_str(&document.to_json(false).unwrap()).unwrap();
    assert_eq!(json["Version"], "2012-10-17");
    json["Statement"].as_array().unwrap().clone()
}

#[test]
fn statements_have_names_of_their_own() {
    for delivery in [Delivery::Rules, Delivery::ConformancePack] {
        let settings = Settings { delivery, permissions_boundary: Some("bound".to_owned()), ..settings() };
        let statements = statements(&operator(&settings, NAMES, &ALL_USES, &[]));
        let mut sids: Vec<&str> = statements.iter().map(|one| one["Sid"].as_str().unwrap()).collect();
        let count = sids.len();
        sids.sort_unstable();
        sids.dedup();
        assert_eq!(sids.len(), count);
        assert!(sids.iter().all(|sid| sid.bytes().all(|b| b.is_ascii_alphanumeric())), "{sids:?}");
    }
}

#[test]
fn who_has_to_bound_the_role_may_make_no_other() {
    let bounded = Settings { permissions_boundary: Some("ops/bound".to_owned()), ..settings() };
    let arn = format!("arn:{}:iam::{}:policy/ops/bound", NAMES.partition, NAMES.account);
    let of = |settings: &Settings, action: &str| -> Vec<Value> {
        let with = statements(&operator(settings, NAMES, &ALL_USES, &[]));
        let has = |one: &Value| {
            one["Action"] == action || one["Action"].as_array().is_some_and(|all| all.contains(&action.into()))
        };
        with.into_iter().filter(has).collect()
    };
    for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"] {
        let found = of(&bounded, action);
        assert_eq!(found.len(), 1, "{action}");
        assert!(found.iter().all(|one| one["Condition"]["StringEquals"]["iam:PermissionsBoundary"] == arn.as_str()));
    }
    assert!(of(&bounded, "iam:DeleteRolePermissionsBoundary").is_empty());
    assert!(of(&bounded, "iam:DeleteRole").iter().all(|one| one.get("Condition").is_none()));
    let free = Settings { permissions_boundary: None, ..settings() };
    assert!(of(&free, "iam:CreateRole").iter().all(|one| one.get("Condition").is_none()));
}

#[test]
fn who_only_looks_may_change_nothing() {
    let document = operator(&settings(), NAMES, &[Use::Look, Use::Status], &[]).to_json(false).unwrap();
    for verb in ["Create", "Put", "Update", "Delete", "Add", "Remove", "Execute", "Pass", "Tag", "Untag"] {
        assert!(!document.contains(&format!(":{verb}")), "{verb}: {document}");
    }
}

#[test]
fn the_usual_policy_fits_a_managed_policy_and_the_longest_the_inline_ones() {
    let usual = operator(&Settings::new(Vec::new()), Names { prefix: "notebook-guard", ..NAMES }, &ALL_USES, &[]);
    assert_eq!(usual.parts(LARGEST_MANAGED), std::slice::from_ref(&usual), "{} characters", usual.size());
    let (settings, prefix) = longest();
    let names = Names { prefix: &prefix, account: "111122223333", partition: "aws-us-gov" };
    let size = operator(&settings, names, &ALL_USES, &[]).size();
    assert!(size <= LARGEST_INLINE, "{size}");
}

#[test]
fn parts_say_the_same_together_and_each_fits() {
    let (settings, prefix) = longest();
    let whole = operator(&settings, Names { prefix: &prefix, ..NAMES }, &ALL_USES, &[]);
    let parts = whole.parts(LARGEST_MANAGED);
    assert!(parts.len() > 1);
    assert!(parts.iter().all(|part| part.size() <= LARGEST_MANAGED));
    assert_eq!(parts.iter().flat_map(statements).collect::<Vec<_>>(), statements(&whole));
}

#[test]
fn white_space_is_not_counted() {
    let document = operator(&settings(), NAMES, &[Use::Status], &[]);
    let pretty = document.to_json(true).unwrap();
    assert_eq!(document.size(), pretty.chars().filter(|letter| !letter.is_whitespace()).count());
}

#[test]
fn the_role_may_read_what_its_checks_need() {
    let mut settings = settings();
    let actions = |settings: &Settings| role(settings, NAMES, "eu-west-1").unwrap().to_json(false).unwrap();
    settings.checks = vec!["root-access".to_owned()];
    let few = actions(&settings);
    assert!(!few.contains("ec2:") && !few.contains("Domain"), "{few}");
    settings.checks = vec!["open-ingress".to_owned(), "studio-vpc-only".to_owned()];
    let more = actions(&settings);
    assert!(more.contains(r#""Condition":{"StringEquals":{"ec2:Region":"eu-west-1"}}"#), "{more}");
    assert!(more.contains("sagemaker:DescribeDomain"), "{more}");
    assert!(more.contains(r#""arn:aws:logs:eu-west-1:111122223333:log-group:/guard/evaluator:*""#), "{more}");
    assert!(!more.contains("${"), "{more}");
}

#[test]
fn what_is_not_known_is_refused() {
    let resolved = |policy: &str| {
        let text = format!("Conditions:\n  On: !Equals [!Ref A, x]\n  Odd: !Not [!Condition On]\nAt: {policy}\n");
        let values = BTreeMap::from([("A".to_owned(), "x".to_owned())]);
        template::Resolver::new(&text, values).and_then(|resolver| resolver.at(&["At"]))
    };
    assert_eq!(resolved("[!If [On, !Sub 'a-${A}-b', c], !Ref AWS::NoValue]"), Ok(Value::from(vec!["a-x-b"])));
    for wrong in [
        "!Ref B",
        "!Sub '${B}'",
        "!Sub '${A'",
        "!If [Odd, a, b]",
        "!If [None, a, b]",
        "!Join ['', []]",
        "!Ref AWS::NoValue",
        "*x",
    ] {
        assert!(resolved(wrong).is_err(), "{wrong}");
    }
}
