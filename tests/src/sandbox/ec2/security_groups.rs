//! `CreateSecurityGroup`, `DeleteSecurityGroup` and `DescribeSecurityGroups`.

use serde_json::{Value, json};

use super::SecurityGroup;
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::sagemaker::pairs;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Region, State};

const LARGEST_PAGE: usize = 1000;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    dry_run(call)?;
    let (name, description) = (call.required("GroupName"), call.required("Description"));
    refuse_name(name, description)?;
    let vpc = call.text("VpcId").unwrap_or(&region.ec2.vpc).to_owned();
    let same = |group: &SecurityGroup| group.name == name && group.vpc.as_deref() == Some(vpc.as_str());
    if region.ec2.groups.values().any(same) {
        let message = format!("The security group '{name}' already exists for VPC '{vpc}'");
        return Err(Refusal::new("InvalidGroup.Duplicate", message));
    }
    let mut group = SecurityGroup::new(&format!("sg-{}", ambient.random.hex(17)), name).in_vpc(&vpc);
    description.clone_into(&mut group.description);
    let specifications =
        call.list("TagSpecifications").iter().filter_map(|specification| specification.get("Tags")?.as_array());
    group.tags = specifications.flat_map(|tags| pairs(tags)).collect();
    let mut answer = json!({"GroupId": group.id, "SecurityGroupArn": group.arn(&region.place)});
    if let Some(tags) = group.shown(&region.place).get("Tags")
        && let Value::Object(answer) = &mut answer
    {
        answer.insert("Tags".to_owned(), tags.clone());
    }
    region.ec2.groups.insert(group.id.clone(), group);
    Ok(answer)
}

fn refuse_name(name: &str, description: &str) -> Result<(), Refusal> {
    let invalid = |what: &str, value: &str, why: &str| {
        Refusal::new("InvalidParameterValue", format!("Value ({value}) for parameter {what} is invalid. {why}"))
    };
    let allowed = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c));
    if name.starts_with("sg-") {
        return Err(invalid("GroupName", name, "Group names may not be in the format sg-*."));
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(Refusal::new("InvalidParameterValue", "Cannot use reserved security group name: default"));
    }
    if name.len() > 255 || !allowed(name) {
        return Err(invalid("GroupName", name, "Character sets beyond ASCII are not supported."));
    }
    if description.len() > 255 || !allowed(description) {
        return Err(invalid("GroupDescription", description, "Character sets beyond ASCII are not supported."));
    }
    Ok(())
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    dry_run(call)?;
    let id = identified(region, call)?;
    if region.ec2.groups.get(&id).is_some_and(|group| group.name == "default") {
        let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
        return Err(Refusal::new("CannotDelete", message));
    }
    let names = |permission: &Value| permission.to_string().contains(&format!("\"{id}\""));
    let used = region.ec2.groups.values().any(|group| group.id != id && group.ingress.iter().any(names));
    let attached = region.sagemaker.notebooks.values().any(|notebook| notebook.security_groups.contains(&id));
    if used || attached {
        return Err(Refusal::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    region.ec2.groups.remove(&id);
    Ok(json!({"Return": true, "GroupId": id}))
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    dry_run(call)?;
    let ids = call.texts("GroupIds");
    let missing = ids.iter().find(|id| !region.ec2.groups.contains_key(**id));
    if let Some(id) = missing {
        return Err(not_found(id));
    }
    let names = call.texts("GroupNames");
    if let Some(name) = names.iter().find(|name| !region.ec2.groups.values().any(|group| group.name == **name)) {
        return Err(not_found(name));
    }
    if !ids.is_empty() && call.count("MaxResults").is_some() {
        let message = "The parameter GroupIds cannot be used with the parameter MaxResults";
        return Err(Refusal::new("InvalidParameterCombination", message));
    }
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    let invalid = || Refusal::new("InvalidNextToken", "The token is invalid.");
    let cursor = call
        .text("NextToken")
        .map(|token| Cursor::parse(token, fingerprint).ok_or_else(invalid))
        .transpose()?
        .unwrap_or_default();
    let after = cursor.after.as_ref().and_then(|after| after.first()).map(String::as_str).unwrap_or_default();
    let mut found = Vec::new();
    for group in region.ec2.groups.values().filter(|group| group.id.as_str() > after) {
        let listed = (ids.is_empty() || ids.contains(&group.id.as_str()))
            && (names.is_empty() || names.contains(&group.name.as_str()));
        if listed && selected(group, region, call.list("Filters"))? {
            found.push((vec![group.id.clone()], group.shown(&region.place)));
        }
    }
    let page = cut(found.into_iter(), call.count("MaxResults").unwrap_or(LARGEST_PAGE), cursor.page, fingerprint);
    Ok(json!({"SecurityGroups": page.items, "NextToken": page.next}))
}

fn selected(group: &SecurityGroup, region: &Region, filters: &[Value]) -> Result<bool, Refusal> {
    for filter in filters {
        let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
        let values: Vec<&str> =
            filter.get("Values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let any = |actual: &str| values.iter().any(|pattern| matches(pattern, actual));
        let fits = match name.split_once(':').unwrap_or((name, "")) {
            ("group-id", "") => any(&group.id),
            ("group-name", "") => any(&group.name),
            ("vpc-id", "") => any(group.vpc.as_deref().unwrap_or_default()),
            ("description", "") => any(&group.description),
            ("owner-id", "") => any(&region.place.account),
            ("tag-key", "") => group.tags.keys().any(|key| any(key)),
            ("tag", key) => group.tags.get(key).is_some_and(|value| any(value)),
            _ => return Err(Refusal::new("InvalidParameterValue", format!("The filter '{name}' is invalid"))),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// EC2's filter patterns: `*` for any text, `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), first) => matches(rest(pattern), text) || (first.is_some() && matches(pattern, rest(text))),
        (Some('?'), Some(_)) => matches(rest(pattern), rest(text)),
        (Some(a), Some(b)) => a == b && matches(rest(pattern), rest(text)),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn rest(text: &str) -> &str {
    let mut letters = text.chars();
    letters.next();
    letters.as_str()
}

/// The group that a request names by id or, in the default VPC, by name.
pub(super) fn identified(region: &Region, call: &Call<'_>) -> Result<String, Refusal> {
    let groups = &region.ec2.groups;
    match (call.text("GroupId"), call.text("GroupName")) {
        (Some(id), _) if groups.contains_key(id) => Ok(id.to_owned()),
        (Some(id), _) => Err(not_found(id)),
        (None, Some(name)) => {
            let in_default =
                |group: &&SecurityGroup| group.name == name && group.vpc.as_deref() == Some(region.ec2.vpc.as_str());
            groups.values().find(in_default).map(|group| group.id.clone()).ok_or_else(|| not_found(name))
        }
        (None, None) => {
            Err(Refusal::new("MissingParameter", "The request must contain the parameter groupName or groupId"))
        }
    }
}

fn not_found(group: &str) -> Refusal {
    let digits = group.strip_prefix("sg-");
    let malformed =
        digits.is_some_and(|digits| digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if malformed {
        return Refusal::new("InvalidGroupId.Malformed", format!("Invalid id: \"{group}\" (expecting \"sg-...\")"));
    }
    Refusal::new("InvalidGroup.NotFound", format!("The security group '{group}' does not exist"))
}

/// EC2 answers a permitted dry run with an error.
pub(super) fn dry_run(call: &Call<'_>) -> Result<(), Refusal> {
    if !call.flag("DryRun") {
        return Ok(());
    }
    Err(Refusal::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.").with_status(412))
}

#[cfg(test)]
mod tests {
    #[test]
    fn filters_know_wildcards() {
        assert!(super::matches("vpc-*", "vpc-1"));
        assert!(super::matches("a?c*", "abcd"));
        assert!(!super::matches("a?c", "ac"));
    }
}
