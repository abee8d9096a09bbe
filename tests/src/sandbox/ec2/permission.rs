//! `AuthorizeSecurityGroupIngress`: permissions as they are asked for, checked and taken apart into rules.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::security_groups::{dry_run, identified};
use crate::sandbox::random::Random;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, Region, State};

/// The four lists of a permission, and the member of each entry that says whom it admits.
const SOURCES: [(&str, &str); 4] = [
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
];

pub(super) fn authorize_ingress(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let id = identified(region, call)?;
    let asked = asked(call)?;
    let mut rules = Vec::new();
    let mut ingress = region.ec2.groups.get(&id).map(|group| group.ingress.clone()).unwrap_or_default();
    for permission in &asked {
        let permission = checked(permission, region)?;
        for (list, member) in SOURCES {
            for entry in permission.get(list).and_then(Value::as_array).into_iter().flatten() {
                merge(&mut ingress, &permission, list, member, entry)?;
                rules.push(rule(&id, &permission, member, entry, &region.place, &mut ambient.random));
            }
        }
    }
    if rules.is_empty() {
        return Err(Refusal::new("InvalidParameterValue", "Invalid permission: no source was specified"));
    }
    dry_run(call)?;
    if let Some(group) = region.ec2.groups.get_mut(&id) {
        group.ingress = ingress;
    }
    Ok(json!({"Return": true, "SecurityGroupRules": rules}))
}

/// The permissions of a request: the list, or the single one that is spelled out by top-level members.
fn asked(call: &Call<'_>) -> Result<Vec<Value>, Refusal> {
    let listed = call.list("IpPermissions");
    let Some(protocol) = call.text("IpProtocol") else {
        return if listed.is_empty() { Err(missing("ipPermissions")) } else { Ok(listed.to_vec()) };
    };
    let mut permission = Map::from_iter([("IpProtocol".to_owned(), Value::from(protocol))]);
    for member in ["FromPort", "ToPort"] {
        permission.extend(call.input.get(member).map(|port| (member.to_owned(), port.clone())));
    }
    let cidr = call.text("CidrIp").ok_or_else(|| missing("cidrIp"))?;
    permission.insert("IpRanges".to_owned(), json!([{"CidrIp": cidr}]));
    Ok(vec![Value::Object(permission)])
}

fn missing(parameter: &str) -> Refusal {
    Refusal::new("MissingParameter", format!("The request must contain the parameter {parameter}"))
}

/// The permission in EC2's own spelling.
fn checked(permission: &Value, region: &Region) -> Result<Value, Refusal> {
    let mut permission = permission.clone();
    let asked = permission.get("IpProtocol").and_then(Value::as_str).ok_or_else(|| missing("ipProtocol"))?;
    let protocol = protocol(asked)?;
    let port = |name: &str| permission.get(name).and_then(Value::as_i64);
    match (protocol.as_str(), port("FromPort"), port("ToPort")) {
        ("tcp" | "udp", Some(from), Some(to)) if (0..=65535).contains(&from) && (from..=65535).contains(&to) => {}
        ("tcp" | "udp", None, _) | ("tcp" | "udp", _, None) => {
            return Err(Refusal::new(
                "InvalidParameterValue",
                format!(
                    "Invalid value 'Must specify both from and to ports with {}' for portRange.",
                    protocol.to_uppercase()
                ),
            ));
        }
        ("tcp" | "udp", Some(from), Some(to)) => {
            let message = format!("Invalid value '{from}-{to}' for portRange. Must be a valid port range.");
            return Err(Refusal::new("InvalidParameterValue", message));
        }
        _ => {}
    }
    for (list, member) in SOURCES {
        for entry in permission.get(list).and_then(Value::as_array).into_iter().flatten() {
            let value = entry.get(member).and_then(Value::as_str).ok_or_else(|| missing(member))?;
            refuse_source(member, value, region)?;
        }
    }
    if let Value::Object(members) = &mut permission {
        if protocol == "-1" {
            members.retain(|name, _| name != "FromPort" && name != "ToPort");
        }
        members.insert("IpProtocol".to_owned(), Value::from(protocol));
    }
    Ok(permission)
}

fn protocol(asked: &str) -> Result<String, Refusal> {
    let known = match asked.to_lowercase().as_str() {
        "-1" | "all" => "-1",
        "6" | "tcp" => "tcp",
        "17" | "udp" => "udp",
        "1" | "icmp" => "icmp",
        "58" | "icmpv6" => "icmpv6",
        number if number.parse::<u8>().is_ok() => return Ok(number.to_owned()),
        _ => {
            return Err(Refusal::new(
                "InvalidParameterValue",
                format!("Invalid value '{asked}' for IP protocol. Unknown protocol."),
            ));
        }
    };
    Ok(known.to_owned())
}

fn refuse_source(member: &str, value: &str, region: &Region) -> Result<(), Refusal> {
    let cidr = |ipv6: bool| {
        let (address, length) = value.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let longest = if ipv6 { 128 } else { 32 };
        (address.is_ipv6() == ipv6 && length.parse::<u8>().ok()? <= longest).then_some(())
    };
    let valid = match member {
        "CidrIp" => cidr(false).is_some(),
        "CidrIpv6" => cidr(true).is_some(),
        "GroupId" if !region.ec2.groups.contains_key(value) => {
            return Err(Refusal::new("InvalidGroup.NotFound", format!("The security group '{value}' does not exist")));
        }
        _ => true,
    };
    if valid { Ok(()) } else { Err(Refusal::new("InvalidParameterValue", format!("CIDR block {value} is malformed"))) }
}

/// Adds a source to the permission with the same protocol and ports, as EC2 shows them.
fn merge(ingress: &mut Vec<Value>, permission: &Value, list: &str, member: &str, entry: &Value) -> Result<(), Refusal> {
    let key = |permission: &Value| ["IpProtocol", "FromPort", "ToPort"].map(|name| permission.get(name).cloned());
    let wanted = key(permission);
    let at = ingress.iter().position(|existing| key(existing) == wanted);
    let bare = || {
        let names = ["IpProtocol", "FromPort", "ToPort"].into_iter();
        let members = names.filter_map(|name| Some((name.to_owned(), permission.get(name)?.clone())));
        Value::Object(members.collect())
    };
    let at = at.unwrap_or_else(|| {
        ingress.push(bare());
        ingress.len() - 1
    });
    let existing = ingress.get_mut(at).and_then(Value::as_object_mut);
    let entries = existing.and_then(|members| members.entry(list).or_insert_with(|| json!([])).as_array_mut());
    let Some(entries) = entries else { return Ok(()) };
    if entries.iter().any(|other| other.get(member) == entry.get(member)) {
        let source = entry.get(member).and_then(Value::as_str).unwrap_or_default();
        let protocol = permission.get("IpProtocol").and_then(Value::as_str).unwrap_or_default();
        let message = format!("the specified rule \"peer: {source}, {protocol}, ALLOW\" already exists");
        return Err(Refusal::new("InvalidPermission.Duplicate", message));
    }
    entries.push(entry.clone());
    Ok(())
}

fn rule(group: &str, permission: &Value, member: &str, entry: &Value, place: &Place, random: &mut Random) -> Value {
    let id = format!("sgr-{}", random.hex(17));
    let protocol = permission.get("IpProtocol").cloned().unwrap_or_default();
    // EC2 writes -1 for "all ports" in a rule, and nothing in a permission.
    let port = |name: &str| permission.get(name).cloned().unwrap_or(Value::from(-1));
    let source = entry.get(member).cloned().unwrap_or_default();
    let mut rule = json!({
        "SecurityGroupRuleId": id,
        "SecurityGroupRuleArn": place.arn("ec2", &format!("security-group-rule/{id}")),
        "GroupId": group,
        "GroupOwnerId": place.account,
        "IsEgress": false,
        "IpProtocol": protocol,
        "FromPort": port("FromPort"),
        "ToPort": port("ToPort"),
        "Description": entry.get("Description"),
    });
    if let Value::Object(members) = &mut rule {
        let (name, value) = match member {
            "CidrIp" => ("CidrIpv4", source),
            "GroupId" => ("ReferencedGroupInfo", json!({"GroupId": source, "UserId": place.account})),
            other => (other, source),
        };
        members.insert(name.to_owned(), value);
    }
    rule
}
