//! The report as one JSON document, its rows written piece by piece. `docs/status.md` describes it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::in_pieces;
use crate::aws::AwsRefusal;
use crate::observe::Read;
use crate::status::Level;
use crate::status::organization::{
    Artifacts, Finding, Group, Guardrail, Installed, OwnStack, Packs, Recorded, Report, Row, SetState, Standing, Totals,
};

/// The version of the document's form.
const FORMAT: u32 = 1;

/// The report as JSON, ending in a line break.
///
/// # Errors
/// Whatever `write` says.
pub fn json<E>(report: &Report, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let text = format!("{:#}", document(report));
    let Standing::Present(installed) = &report.installation else { return write(&format!("{text}\n")) };
    // The rows go before the closing brace of the document.
    let open = text.strip_suffix('}').unwrap_or(&text).trim_end();
    write(&format!("{open},\n  \"rows\": [\n"))?;
    let one = |row: Row<'_>, out: &mut String| {
        // Writing to a text cannot fail.
        let _ = write!(out, "    {}", self::row(row));
    };
    in_pieces(installed, one, ",\n", &mut write)?;
    write("\n  ]\n}\n")
}

fn row(row: Row<'_>) -> Value {
    json!({
        "account": row.account.id, "name": row.account.name, "active": row.account.is_active, "region": row.region,
        "class": row.class.as_str(), "cause": row.why.cause, "why": &*row.why.words,
    })
}

fn document(report: &Report) -> Value {
    let head = &report.head;
    let findings = report.findings();
    let (state, installed) = match &report.installation {
        Standing::Absent => ("absent", None),
        Standing::Foreign(_) => ("foreign", None),
        Standing::Present(installed) => ("installed", Some(installed)),
    };
    let mut document = json!({
        "format": FORMAT,
        "deployer": env!("CARGO_PKG_VERSION"),
        "organization": head.organization,
        "management": head.management,
        "administrator": head.administrator,
        "prefix": head.prefix,
        "homeRegion": head.home,
        "state": state,
        "healthy": findings.iter().all(|finding| finding.level == Level::Note),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    });
    if let (Some(installed), Some(members)) = (installed, document.as_object_mut()) {
        members.insert("otherInstaller".to_owned(), json!(installed.other_installer));
        members.insert("record".to_owned(), record(&installed.record));
        members.insert("stackSets".to_owned(), installed.sets.iter().map(set).collect());
        members.insert("coverage".to_owned(), coverage(installed));
        let management = installed.management.as_ref();
        let management = management.map(|stacks| stacks.iter().map(own_stack).collect::<Vec<_>>());
        members.insert("managementAccount".to_owned(), json!({"stacks": management, "boundByPolicies": false}));
        members.insert("artifacts".to_owned(), installed.artifacts.iter().map(artifacts).collect());
        members.insert(
            "guardrail".to_owned(),
            read(&installed.guardrail, |one| one.as_ref().map_or(Value::Null, guardrail)),
        );
        members.insert("managedPack".to_owned(), read(&installed.packs, packs));
        members.insert("aggregator".to_owned(), read(&installed.aggregator, |status| json!(status)));
    }
    document
}

fn finding(finding: &Finding) -> Value {
    json!({
        "subject": finding.subject.as_str(), "level": finding.level.as_str(),
        "message": finding.message, "fix": finding.fix,
    })
}

fn record(record: &Recorded) -> Value {
    json!({
        "present": record.is_there, "units": record.units, "accounts": record.accounts, "excluded": record.excluded,
        "regions": record.regions, "managementAccount": record.management,
    })
}

fn set(set: &SetState) -> Value {
    let running: Vec<Value> =
        set.running.iter().map(|(action, status)| json!({"action": action, "status": status})).collect();
    json!({
        "name": set.name, "version": set.version, "regions": set.regions, "autoDeployment": set.auto_deployment,
        "managedExecution": set.managed_execution, "settings": set.settings, "changed": set.is_changed,
        "codeSha256": set.code, "running": running,
    })
}

fn coverage(installed: &Installed) -> Value {
    let coverage = &installed.coverage;
    let regions: serde_json::Map<String, Value> =
        coverage.by_region().into_iter().map(|(region, sums)| (region.to_owned(), totals(sums))).collect();
    let strays: Vec<Value> = coverage
        .strays()
        .map(|stray| json!({"region": stray.region, "member": stray.is_member, "count": stray.count, "sample": stray.sample}))
        .collect();
    json!({
        "accounts": coverage.members().len(),
        "totals": totals(coverage.totals()),
        "regions": regions,
        "groups": coverage.groups().iter().map(group).collect::<Vec<_>>(),
        "strays": strays,
    })
}

fn totals(totals: Totals) -> Value {
    json!({
        "all": totals.all(), "installed": totals.installed, "outdated": totals.outdated, "failed": totals.failed,
        "skipped": totals.skipped, "outOfScope": totals.out_of_scope,
    })
}

fn group(group: &Group<'_>) -> Value {
    json!({
        "class": group.class.as_str(), "cause": group.why.cause, "why": &*group.why.words,
        "fix": group.why.fix.as_deref(), "places": group.cells, "accounts": group.accounts, "regions": group.regions,
        "sample": {"account": group.sample.account.id, "region": group.sample.region},
    })
}

fn own_stack(own: &OwnStack) -> Value {
    json!({"region": own.region, "stack": read(&own.state, |state| state.as_ref().map_or(Value::Null, |stack| json!({
        "ours": stack.is_ours, "status": stack.status, "version": stack.version, "installedSha256": stack.installed,
        "sha256": read(&stack.runs, |runs| json!(runs)),
    })))})
}

fn artifacts(artifacts: &Artifacts) -> Value {
    json!({
        "region": artifacts.region, "stack": read(&artifacts.stack, |is_there| json!(is_there)),
        "zip": read(&artifacts.zip, |is_there| json!(is_there)),
    })
}

fn guardrail(guardrail: &Guardrail) -> Value {
    json!({"region": guardrail.region, "status": guardrail.status, "policies": guardrail.policies})
}

fn packs(packs: &Packs) -> Value {
    let regions = packs
        .regions
        .iter()
        .map(|pack| json!({"region": pack.region, "status": pack.status, "accounts": pack.accounts}));
    let failures = packs.failures.iter().map(|one| {
        json!({
            "why": one.words, "accounts": one.accounts, "regions": one.regions, "sample": one.sample, "fix": one.fix,
        })
    });
    json!({"regions": regions.collect::<Vec<_>>(), "failures": failures.collect::<Vec<_>>()})
}

/// What could not be read is an object with the one member `unread`, as in the report of an account.
fn read<T>(read: &Read<T>, shown: impl Fn(&T) -> Value) -> Value {
    match read {
        Ok(value) => shown(value),
        Err(AwsRefusal { call, code, .. }) => json!({"unread": {"call": call, "code": code}}),
    }
}
