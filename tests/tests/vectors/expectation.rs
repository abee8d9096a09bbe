//! What a vector expects: what reached AWS, what AWS Config now holds, and how the invocation ended.

use std::collections::{BTreeMap, BTreeSet};

use guard_tests::sandbox::{Invocation, World};
use serde_json::Value;

use crate::names::{ACCOUNT, CAPTURED, REGION, RULE, SCHEDULED, id, kind, list, spelled_out};

/// (type, id, compliance type)
type Put = (String, String, String);

pub(crate) fn check(vector: &Value, world: &World, invocation: &Invocation, payload: &Value) {
    let expected = &vector["expect"];
    let says = vector["says"].as_str().unwrap();
    let context = format!("{says}\n{:#?}", invocation.attempts);
    ending(expected, invocation, &context);
    calls(expected, world, &context);
    evaluations(vector, world, payload, &context);
    stored(expected, world, &context);
    secrets(invocation, payload);
}

fn ending(expected: &Value, invocation: &Invocation, context: &str) {
    assert_eq!(invocation.error_type(), expected["error"].as_str(), "{context}");
    assert_eq!(invocation.attempts.len(), 1);
    let message = format!("{:?}", invocation.attempts[0].outcome);
    for part in list(&expected["errorSays"]) {
        let part = spelled_out(part.as_str().unwrap());
        assert!(message.contains(&part), "the error does not say {part}: {message}");
    }
    let logs: Vec<&str> = invocation.logs().collect();
    for part in list(&expected["logs"]) {
        assert!(logs.iter().any(|line| line.contains(part.as_str().unwrap())), "no log line says {part}: {logs:#?}");
    }
    for part in list(&expected["noLogs"]) {
        assert!(!logs.iter().any(|line| line.contains(part.as_str().unwrap())), "a log line says {part}: {logs:#?}");
    }
}

fn calls(expected: &Value, world: &World, context: &str) {
    let counts: BTreeMap<String, usize> = world
        .calls()
        .counts()
        .into_iter()
        .map(|((service, operation), count)| (format!("{service}:{operation}"), count))
        .collect();
    for (operation, count) in expected["calls"].as_object().into_iter().flatten() {
        let made = counts.get(operation).copied().unwrap_or_default();
        assert_eq!(made as u64, count.as_u64().unwrap(), "calls of {operation}; {context}");
    }
    if let Some(only) = expected["only"].as_array() {
        let allowed: BTreeSet<&str> = only.iter().map(|name| name.as_str().unwrap()).collect();
        let made: BTreeSet<&str> = counts.keys().map(String::as_str).collect();
        assert_eq!(made, allowed, "{context}");
    }
    for (operation, members) in expected["requests"].as_object().into_iter().flatten() {
        let (service, operation) = operation.split_once(':').unwrap();
        for call in world.calls().of(service, operation) {
            for (name, value) in members.as_object().unwrap() {
                let expected = value.as_str().map_or_else(|| value.clone(), |text| Value::String(id(text)));
                assert_eq!(call.request[name], expected, "{name} of {operation}");
            }
        }
    }
}

fn evaluations(vector: &Value, world: &World, payload: &Value, context: &str) {
    let expected = &vector["expect"];
    let sent = world.calls().puts();
    let batches: Vec<Vec<Value>> = sent.iter().map(|put| list(&put["Evaluations"])).collect();
    for put in &sent {
        assert_eq!(put["ResultToken"], payload["resultToken"], "the token goes back unchanged");
        assert_eq!(put["TestMode"].as_bool().unwrap_or(false), expected["testMode"].as_bool().unwrap_or(false));
    }
    assert!(batches.iter().all(|batch| (1..=100).contains(&batch.len())), "{context}");
    if let Some(sizes) = expected["sent"].as_array() {
        let made: Vec<u64> = batches.iter().map(|batch| batch.len() as u64).collect();
        let sizes: Vec<u64> = sizes.iter().map(|size| size.as_u64().unwrap()).collect();
        assert_eq!(made, sizes, "{context}");
    }
    let taken = taken(world);
    if let Some(sizes) = expected["batches"].as_array() {
        let mut made: Vec<u64> = taken.iter().map(|batch| batch.len() as u64).collect();
        made.sort_unstable_by(|one, other| other.cmp(one));
        let sizes: Vec<u64> = sizes.iter().map(|size| size.as_u64().unwrap()).collect();
        assert_eq!(made, sizes, "{context}");
    }
    let all: Vec<Value> = taken.into_iter().flatten().collect();
    let puts: BTreeSet<Put> = all.iter().map(put).collect();
    assert_eq!(puts.len(), all.len(), "no resource is put twice: {context}");
    contents(expected, &puts, context);
    let default = if vector["event"]["item"].is_object()
        || vector["event"]["kind"] == "change"
        || vector["event"]["kind"] == "oversized"
    {
        CAPTURED
    } else {
        SCHEDULED
    };
    let time = epoch_seconds(expected["time"].as_str().unwrap_or(default));
    for evaluation in &all {
        assert_eq!(evaluation["OrderingTimestamp"].as_f64(), Some(time), "{context}");
        annotation(expected, evaluation, context);
    }
}

/// The evaluations that AWS Config took, by call: not those of a throttled or refused call, nor failed ones.
fn taken(world: &World) -> Vec<Vec<Value>> {
    let calls = world.calls().of("config", "PutEvaluations");
    let taken = calls.iter().filter(|call| call.status == 200).map(|call| {
        let answer: Value = serde_json::from_str(&call.response).unwrap_or_default();
        let failed: BTreeSet<Put> = list(&answer["FailedEvaluations"]).iter().map(put).collect();
        list(&call.request["Evaluations"]).into_iter().filter(|one| !failed.contains(&put(one))).collect::<Vec<_>>()
    });
    taken.filter(|batch| !batch.is_empty()).collect()
}

fn contents(expected: &Value, puts: &BTreeSet<Put>, context: &str) {
    if let Some(count) = expected["fleet"].as_u64() {
        let fleet: BTreeSet<Put> =
            (0..count).map(|index| triple("T", &format!("arn(nb-{index})"), "COMPLIANT")).collect();
        assert_eq!(*puts, fleet, "{context}");
    } else if let Some(most) = expected["some"].as_u64() {
        assert!(!puts.is_empty() && (puts.len() as u64) < most, "{} delivered; {context}", puts.len());
        assert!(puts.iter().all(|(_, _, kind)| kind == "COMPLIANT"), "{context}");
    } else {
        let mut wanted: BTreeSet<Put> = list(&expected["put"])
            .iter()
            .map(|item| triple(item[0].as_str().unwrap(), item[1].as_str().unwrap(), item[2].as_str().unwrap()))
            .collect();
        let stale = expected["stale"].as_u64().unwrap_or_default();
        wanted.extend((0..stale).map(|index| triple("T", &format!("arn(old-{index})"), "NOT_APPLICABLE")));
        assert_eq!(*puts, wanted, "{context}");
    }
}

fn annotation(expected: &Value, evaluation: &Value, context: &str) {
    let id_of = evaluation["ComplianceResourceId"].as_str().unwrap();
    if let Some(text) = evaluation.get("Annotation") {
        let text = text.as_str().unwrap();
        assert!((1..=256).contains(&text.len()) && text.is_ascii(), "{text}");
    } else {
        assert_eq!(evaluation["ComplianceType"], "COMPLIANT", "only a good result needs no words: {context}");
    }
    for (name, part) in expected["annotations"].as_object().into_iter().flatten() {
        if id(name) == id_of {
            let text = evaluation["Annotation"].as_str().unwrap_or_default();
            assert!(text.contains(part.as_str().unwrap()), "{text}");
        }
    }
    for name in list(&expected["noAnnotation"]) {
        assert!(id(name.as_str().unwrap()) != id_of || evaluation.get("Annotation").is_none(), "{context}");
    }
}

fn stored(expected: &Value, world: &World, context: &str) {
    let Some(wanted) = expected["stored"].as_array() else { return };
    let held = world.compliance(ACCOUNT, REGION, RULE).unwrap();
    if wanted.is_empty() {
        assert!(held.is_empty(), "{context}");
    }
    for item in wanted {
        let (kind, id, compliance) =
            triple(item[0].as_str().unwrap(), item[1].as_str().unwrap(), item[2].as_str().unwrap());
        assert!(
            held.iter()
                .any(|one| one.resource_type == kind && one.resource_id == id && one.compliance_type == compliance),
            "{id} is not held as {compliance}: {held:#?}"
        );
    }
}

/// Neither the token nor a credential is ever logged.
fn secrets(invocation: &Invocation, payload: &Value) {
    let token = payload["resultToken"].as_str().unwrap_or("no token");
    let said = format!("{:?}", invocation.attempts.iter().map(|attempt| &attempt.outcome).collect::<Vec<_>>());
    for line in invocation.logs().chain([said.as_str()]) {
        assert!(token == "TESTMODE" || !line.contains(token), "the token is logged: {line}");
        assert!(!line.contains("ASIA") && !line.contains("AWS4-HMAC"), "a credential is logged: {line}");
    }
}

fn put(evaluation: &Value) -> Put {
    let text = |name: &str| evaluation[name].as_str().unwrap().to_owned();
    (text("ComplianceResourceType"), text("ComplianceResourceId"), text("ComplianceType"))
}

fn triple(type_name: &str, name: &str, compliance: &str) -> Put {
    (kind(type_name).to_owned(), id(name), compliance.to_owned())
}

fn epoch_seconds(time: &str) -> f64 {
    guard_tests::sandbox::Instant::parse(time).unwrap().epoch().as_f64().unwrap()
}
