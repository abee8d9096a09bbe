//! Properties of the pure core, over arbitrary input.

use proptest::prelude::*;
use rule::check::ALL;
use rule::evaluation::Annotation;
use rule::event::Invocation;
use rule::exemption::{Exemption, Exemptions, Field};
use rule::facts::Facts;
use rule::handler::accept;
use rule::parameters::RuleParameters;
use rule::subject::{Shape, Subject};
use rule::verdict::Verdict;
use serde_json::{Map, Value, json};
use time::macros::date;
use time::{Date, Duration};

const OWN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:guard";

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("Disabled")),
        Just(json!("ConfigurationItemChangeNotification")),
        Just(json!("2023-04-27T15:03:11.636Z")),
        Just(json!("123456789012")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((member(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A name that the parser looks for, or any other.
fn member() -> impl Strategy<Value = String> {
    let known = [
        "invokingEvent",
        "resultToken",
        "accountId",
        "ruleParameters",
        "messageType",
        "configurationItem",
        "resourceId",
        "configurationItemSummary",
        "configurationItemCaptureTime",
        "resourceType",
        "configuration",
        "eventLeftScope",
        "notificationCreationTime",
        "configurationItemStatus",
        "evaluationMode",
        "check",
        "SubnetIds",
        "ARN",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

/// A configuration with some of the members that checks look at, none of them with a good value.
fn configuration_without_good_values() -> impl Strategy<Value = Value> {
    let bad = prop_oneof![
        Just(Value::Null),
        Just(json!("Enabled")),
        Just(json!("disabled")),
        Just(json!("")),
        Just(json!(2)),
        Just(json!("PublicInternetOnly")),
        Just(json!(["Disabled"])),
        Just(json!({"Disabled": "Disabled"})),
    ];
    let names = ["DirectInternetAccess", "RootAccess", "AppNetworkAccessType", "PlatformIdentifier"];
    prop::collection::vec((prop::sample::select(names.to_vec()), bad), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Compliant),
        any::<String>().prop_map(Verdict::NonCompliant),
        any::<String>().prop_map(Verdict::NotApplicable),
        any::<String>().prop_map(Verdict::Undetermined),
    ]
}

/// An exemption of one account, Region and check, whose last day is so many days after 2027-01-01.
fn exemption() -> impl Strategy<Value = Exemption> {
    ("[ab*-]{1,4}", "[\\PC]{1,60}", 0_i64..20).prop_filter_map("a valid one", |(notebook, text, days)| {
        let expires = (FIRST_DAY + Duration::days(days)).to_string();
        Exemption::of(|field| {
            Some(match field {
                Field::Account => "123456789012",
                Field::Region => "eu-west-1",
                Field::Check => ALL[0].id,
                Field::Notebook => &notebook,
                Field::Expires => &expires,
                Field::Reason | Field::Owner | Field::Ticket | Field::ApprovedBy => text.trim(),
            })
        })
        .ok()
    })
}

/// Whether the pattern means the name, told by looking for the parts between the stars one after the other.
fn wanted(exemption: &Exemption, name: &str) -> bool {
    let pattern = exemption.notebook.as_str();
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return pattern == name };
    let Some(rest) = name.strip_prefix(first) else { return false };
    let Some(mut rest) = rest.strip_suffix(last) else { return false };
    for part in middle {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

const FIRST_DAY: Date = date!(2027 - 01 - 01);

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_makes_the_parser_panic(event in any_json(), inner in any_json()) {
        let _ = accept(&event, OWN);
        let mut wrapped = json!({"accountId": "123456789012", "resultToken": "t", "invokingEvent": inner.to_string()});
        let _ = Invocation::read(&wrapped);
        wrapped["ruleParameters"] = event;
        let _ = accept(&wrapped, OWN);
    }

    #[test]
    fn an_error_of_the_parser_never_shows_the_token(inner in any_json()) {
        let event = json!({"accountId": "x", "resultToken": "TOPSECRETTOKEN", "invokingEvent": inner});
        if let Err(error) = accept(&event, OWN) {
            prop_assert!(!error.message.contains("TOPSECRETTOKEN"), "{error}");
        }
    }

    #[test]
    fn every_annotation_is_valid(text in any::<String>(), repeat in 0_usize..40) {
        if let Some(annotation) = Annotation::fitted(&text.repeat(repeat)) {
            let text = annotation.as_str();
            prop_assert!((1..=256).contains(&text.len()));
            prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }

    #[test]
    fn nothing_is_compliant_without_a_good_value(configuration in configuration_without_good_values()) {
        for check in ALL {
            let id = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/nb".parse().unwrap();
            for shape in [Shape::ConfigurationItem, Shape::Describe] {
                let subject = Subject::read(&check.resource_type(), Clone::clone(&id), shape, &configuration).unwrap();
                let verdict = check.verdict(&subject, &Facts::default(), &RuleParameters::defaults(check));
                prop_assert_ne!(verdict, Verdict::Compliant);
            }
        }
    }

    #[test]
    fn exemptions_only_ever_excuse_a_violation(
        all in prop::collection::vec(exemption(), 0..6),
        name in "[ab-]{1,3}",
        verdict in verdict(),
        days in 0_i64..20,
    ) {
        let today = FIRST_DAY + Duration::days(days);
        let holding = all.iter().any(|one| one.holds_on(today) && wanted(one, &name));
        let expired = all.iter().any(|one| !one.holds_on(today) && wanted(one, &name));
        let exemptions: Exemptions = all.into_iter().collect();
        let candidates = exemptions.candidates(("123456789012", "eu-west-1"), ALL[0], today);
        let id = format!("arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/{name}").parse().unwrap();
        let after = candidates.ruling(&name, &id, &verdict).map(|ruling| ruling.applied(verdict.clone()));
        match &verdict {
            Verdict::NonCompliant(_) if holding => {
                let after = after.unwrap();
                prop_assert!(matches!(&after, Verdict::NotApplicable(why) if why.starts_with("exempt until 2027-01-")));
                let annotation = Annotation::fitted(after.reason().unwrap()).unwrap();
                prop_assert!(annotation.as_str().starts_with("exempt until 2027-01-"));
            }
            Verdict::NonCompliant(seen) if expired => {
                let said = matches!(&after, Some(Verdict::NonCompliant(why))
                    if why.starts_with("the exemption until 2027-01-") && why.ends_with(seen.as_str()));
                prop_assert!(said, "{after:?}");
            }
            Verdict::Compliant | Verdict::NonCompliant(_) | Verdict::NotApplicable(_) | Verdict::Undetermined(_) => {
                prop_assert_eq!(after, None);
            }
        }
    }

    #[test]
    fn no_artifact_makes_the_reader_panic_and_a_valid_one_comes_back(
        any in any_json(),
        entries in any_json(),
        all in prop::collection::vec(exemption(), 0..6),
    ) {
        let _ = Exemptions::read(any.to_string().as_bytes());
        let _ = Exemptions::read(json!({"version": 1, "exemptions": [entries]}).to_string().as_bytes());
        let exemptions: Exemptions = all.into_iter().collect();
        prop_assert_eq!(Exemptions::read(&exemptions.to_json()).unwrap(), exemptions);
    }

    #[test]
    fn parameters_are_valid_or_every_fault_is_named(members in prop::collection::vec((member(), any_json()), 0..5)) {
        let given: Map<String, Value> = members.into_iter().collect();
        match RuleParameters::from_object(&given) {
            Ok(parameters) => prop_assert!(ALL.iter().any(|check| check.id == parameters.check.id)),
            Err(error) => prop_assert!(!error.faults().is_empty() && !error.to_string().is_empty()),
        }
    }
}
