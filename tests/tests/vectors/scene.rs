//! The world of a vector: notebooks, domains, groups, old results, history, faults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use guard_tests::sandbox::{
    ConfigurationItem, Describe, Domain, Effect, Fault, FunctionSpec, Instant, Notebook, Options, RecordedTypes,
    RecorderState, Refusal, RuleSpec, Sandbox, SecurityGroup, StoredEvaluation, When, World,
};
use serde_json::{Value, json};

use crate::names::{ABSENT, ACCOUNT, FUNCTION, NOTEBOOK, REGION, RULE, id, kind, list, overlay};

pub(crate) async fn set(vector: &Value, folder: &Path) -> Sandbox {
    let options = Options { evaluate_new_rules: false, ..Options::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let world = sandbox.world();
    world.add_account(ACCOUNT).unwrap();
    world.enable_region(ACCOUNT, REGION).unwrap();
    // A recorder, so that there is a history, but one that does not see what the scene puts up.
    let types = RecordedTypes::Only(vec!["AWS::EC2::Instance".to_owned()]);
    world.set_recorder(ACCOUNT, REGION, &RecorderState::Recording { types, daily: false }).unwrap();
    let function = FunctionSpec::new(FUNCTION, code(vector, folder));
    world.install_function(ACCOUNT, REGION, function).unwrap();
    world.put_config_rule(ACCOUNT, REGION, &RuleSpec::scheduled(RULE, FUNCTION, json!({}))).unwrap();
    let scene = &vector["world"];
    resources(scene, world);
    old_results(scene, world);
    history(scene, world);
    for fault in list(&vector["faults"]) {
        world.faults().add(self::fault(&fault));
    }
    world.set_empty_list_page(scene["emptyPage"].as_u64().map(|page| usize::try_from(page).unwrap()));
    world.set_overlapping_pages(scene["overlap"] == true);
    world.set_empty_history_page(scene["emptyHistoryPage"] == true);
    sandbox
}

/// The program in a folder of its own, with the exemptions beside it if the vector has any: a list, or the text of a
/// file that is no list.
fn code(vector: &Value, folder: &Path) -> PathBuf {
    let program = folder.join("bootstrap");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_bootstrap-under-test"), &program).unwrap();
    let exemptions = &vector["exemptions"];
    if exemptions.is_null() {
        return program;
    }
    let list = || json!({"version": 1, "exemptions": list(exemptions).iter().map(exemption).collect::<Vec<_>>()});
    let text = exemptions.as_str().map_or_else(|| list().to_string(), str::to_owned);
    std::fs::write(folder.join("exemptions.json"), text).unwrap();
    program
}

fn exemption(changes: &Value) -> Value {
    let mut whole = json!({"account": ACCOUNT, "region": REGION, "notebook": "*", "check": "direct-internet-access",
        "reason": "the vendor needs it", "owner": "research", "ticket": "SEC-1", "approved_by": "ciso",
        "expires": "2999-12-31"});
    overlay(&mut whole, changes);
    if let Some(notebook) = changes["notebook"].as_str() {
        whole["notebook"] = json!(id(notebook));
    }
    whole
}

fn resources(scene: &Value, world: &World) {
    for index in 0..scene["fleet"].as_u64().unwrap_or_default() {
        let name = format!("nb-{index}");
        let mut notebook = Notebook::new(&name).hardened();
        notebook.arn = Some(id(&format!("arn({name})")));
        world.put_notebook(ACCOUNT, REGION, notebook).unwrap();
    }
    for described in list(&scene["notebooks"]) {
        world.put_notebook(ACCOUNT, REGION, notebook(&described)).unwrap();
    }
    for domain in list(&scene["domains"]) {
        let text = |name: &str| domain[name].as_str().unwrap_or_default();
        let mut put = Domain::new(text("id"), text("id"), text("access"));
        if let Some(status) = domain["status"].as_str() {
            status.clone_into(&mut put.status);
        }
        world.put_domain(ACCOUNT, REGION, put).unwrap();
    }
    for group in list(&scene["groups"]) {
        let id = group["id"].as_str().unwrap();
        let put = list(&group["cidrs"])
            .iter()
            .fold(SecurityGroup::new(id, id), |put, cidr| put.admits(cidr.as_str().unwrap(), 443));
        world.put_security_group(ACCOUNT, REGION, put).unwrap();
    }
}

fn notebook(described: &Value) -> Notebook {
    let name = described["name"].as_str().unwrap();
    let mut notebook = Notebook::new(name);
    notebook.arn = Some(id(described["arn"].as_str().unwrap_or(&format!("arn({name})"))));
    if let Some(status) = described["status"].as_str() {
        notebook = notebook.status(status);
    }
    for (member, value) in described["describe"].as_object().into_iter().flatten() {
        notebook = if value == ABSENT { notebook.without(member) } else { notebook.odd(member, value.clone()) };
    }
    match described["fate"].as_str() {
        Some("vanished") => notebook.described(Describe::Vanished),
        Some("denied") => notebook.described(Describe::AccessDenied),
        Some(other) => panic!("no such fate: {other}"),
        None => notebook,
    }
}

fn old_results(scene: &Value, world: &World) {
    let before = Instant::parse("2023-04-26T00:00:00.000Z").unwrap();
    let put = |kind: &str, id: &str, compliance: &str| {
        let old = StoredEvaluation::new(kind, id, compliance, before);
        world.seed_compliance(ACCOUNT, REGION, RULE, old).unwrap();
    };
    for old in list(&scene["old"]) {
        let text = |index: usize| old[index].as_str().unwrap();
        put(kind(text(0)), &id(text(1)), text(2));
    }
    for index in 0..scene["oldFleet"].as_u64().unwrap_or_default() {
        put(NOTEBOOK, &id(&format!("arn(old-{index})")), "COMPLIANT");
    }
}

fn history(scene: &Value, world: &World) {
    for item in list(&scene["history"]) {
        let arn = id(&format!("arn({})", item["name"].as_str().unwrap()));
        let item = ConfigurationItem {
            resource_type: NOTEBOOK.to_owned(),
            resource_id: arn.clone(),
            resource_name: None,
            arn,
            status: "OK".to_owned(),
            captured: Instant::parse(item["time"].as_str().unwrap()).unwrap(),
            created: None,
            configuration: Some(item["configuration"].clone()),
            tags: BTreeMap::new(),
            daily: false,
        };
        world.seed_history(ACCOUNT, REGION, item).unwrap();
    }
}

fn fault(described: &Value) -> Fault {
    let (service, operation) = described["on"].as_str().unwrap().split_once(':').unwrap();
    let effect = if described["throttle"] == true {
        Effect::Throttle
    } else if let Some(delay) = described["delay"].as_u64() {
        Effect::Delay(Duration::from_millis(delay))
    } else if let Some(failed) = described["failed"].as_array() {
        Effect::FailedEvaluations(failed.iter().map(|one| id(one.as_str().unwrap())).collect())
    } else {
        let refuse = &described["refuse"];
        let status = u16::try_from(refuse[0].as_u64().unwrap()).unwrap();
        Effect::Refuse(Refusal::new(refuse[1].as_str().unwrap(), refuse[2].as_str().unwrap()).with_status(status))
    };
    let number = |name: &str| described[name].as_u64().map(|number| u32::try_from(number).unwrap());
    let when = match (number("times"), number("nth")) {
        (Some(times), _) => When::Times(times),
        (None, Some(nth)) => When::Nth(nth),
        (None, None) => When::Always,
    };
    Fault::on(service, operation, effect).when(when)
}
