//! Making, listing and deleting aggregators.

use serde_json::{Value, json};

use super::{Aggregator, Listing, PRINCIPAL, Regions, Source, named, no_such, size};
use crate::sandbox::iam::lacks;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Place, State};

/// <https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html>
const MOST: usize = 50;
const LARGEST_PAGE: usize = 100;

pub(in crate::sandbox::config) fn put(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let place = Place::new(call.account, call.region);
    let made = put_at(state, &place, call.input)?;
    let (region, _) = state.here(call)?;
    super::super::tags::keep(&mut region.config, &made.arn, call);
    Ok(json!({"ConfigurationAggregator": shown(&made)}))
}

/// Makes or changes an aggregator.
///
/// # Errors
/// What `PutConfigurationAggregator` refuses with.
pub(crate) fn put_at(state: &mut State, place: &Place, input: &Value) -> Result<Aggregator, Refusal> {
    let name = input.get("ConfigurationAggregatorName").and_then(Value::as_str).unwrap_or_default();
    let source = source(state, place, input)?;
    let now = state.ambient.clock.now();
    let id = state.ambient.random.lower(8);
    let aggregators = state.regions.get_mut(place).map(|region| &mut region.config.aggregators);
    let aggregators = aggregators.ok_or_else(|| Refusal::invalid_parameter("There is no such Region."))?;
    if !aggregators.contains_key(name) && aggregators.len() >= MOST {
        let message = format!("The maximum number of configuration aggregators: {MOST} is reached.");
        return Err(Refusal::new("LimitExceededException", message));
    }
    let aggregator = aggregators.entry(name.to_owned()).or_insert_with(|| Aggregator {
        name: name.to_owned(),
        arn: place.arn("config", &format!("config-aggregator/config-aggregator-{id}")),
        created: now,
        updated: now,
        source: source.clone(),
    });
    aggregator.source = source;
    aggregator.updated = now;
    Ok(aggregator.clone())
}

fn source(state: &mut State, place: &Place, input: &Value) -> Result<Source, Refusal> {
    let accounts = input.get("AccountAggregationSources").and_then(Value::as_array).and_then(|list| list.first());
    match (accounts, input.get("OrganizationAggregationSource")) {
        (Some(source), None) => {
            let accounts = source.get("AccountIds").map(texts).unwrap_or_default();
            Ok(Source::Accounts { accounts, regions: regions(source)? })
        }
        (None, Some(source)) => {
            let role = source.get("RoleArn").and_then(Value::as_str).unwrap_or_default();
            let regions = regions(source)?;
            let id = administered(state, place)?;
            check_role(state, place, role)?;
            Ok(Source::Organization { id, role: role.to_owned(), regions })
        }
        _ => Err(Refusal::invalid_parameter(
            "You must choose either AccountAggregationSources or OrganizationAggregationSource.",
        )),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn regions(source: &Value) -> Result<Regions, Refusal> {
    let all = source.get("AllAwsRegions").and_then(Value::as_bool).unwrap_or_default();
    let these = source.get("AwsRegions").map(texts).unwrap_or_default();
    match (all, these.is_empty()) {
        (true, true) => Ok(Regions::All),
        (false, false) => Ok(Regions::These(these)),
        _ => Err(Refusal::invalid_parameter("You must choose either AllAwsRegions or AwsRegions.")),
    }
}

fn denied(message: &str) -> Refusal {
    Refusal::new("OrganizationAccessDeniedException", message)
}

/// The id of the organization, for its management account, for which AWS Config enables trusted access itself, or for
/// a delegated administrator of AWS Config.
fn administered(state: &mut State, place: &Place) -> Result<String, Refusal> {
    let organization = state.organization.as_ref().filter(|known| known.members.contains_key(&place.account));
    let organization = organization.ok_or_else(|| {
        let message = "The account is not in an organization of AWS Organizations.";
        Refusal::new("NoAvailableOrganizationException", message)
    })?;
    if !organization.all_features {
        let message = "AWS Config resource cannot be created because your organization does not have all features \
                       enabled.";
        return Err(Refusal::new("OrganizationAllFeaturesNotEnabledException", message));
    }
    let may = |action: &str| state.accounts.get(&place.account).is_some_and(|account| !lacks(account, action));
    let id = organization.id.clone();
    if organization.management == place.account {
        if !organization.trusted.contains_key(PRINCIPAL) && !may("organizations:EnableAWSServiceAccess") {
            return Err(denied("You do not have permission to call the EnableAWSServiceAccess API."));
        }
        let now = state.ambient.clock.now();
        if let Some(organization) = state.organization.as_mut() {
            organization.trusted.entry(PRINCIPAL.to_owned()).or_insert(now);
        }
        return Ok(id);
    }
    if organization.is_delegate(PRINCIPAL, &place.account) && may("organizations:ListDelegatedAdministrators") {
        return Ok(id);
    }
    Err(denied(
        "You are not a registered delegated administrator for AWS Config with permissions to call \
         ListDelegatedAdministrators API.",
    ))
}

/// The role has to be there, to trust AWS Config, and the caller may pass it.
fn check_role(state: &State, place: &Place, arn: &str) -> Result<(), Refusal> {
    let account = state.accounts.get(&place.account);
    if account.is_none_or(|account| lacks(account, "iam:PassRole")) {
        let message = format!("User is not authorized to perform: iam:PassRole on resource: {arn}");
        return Err(Refusal::new("AccessDeniedException", message));
    }
    if is_usable(state, place, arn) {
        return Ok(());
    }
    let message = "The role provided cannot be assumed by AWS Config, or does not exist.";
    Err(Refusal::new("InvalidRoleException", message))
}

/// Whether a role may list the accounts of the organization: with AWS's policy for that, or one of its own.
pub(super) fn may_list(state: &State, place: &Place, arn: &str) -> bool {
    let roles = state.accounts.get(&place.account).into_iter().flat_map(|account| account.iam.values());
    let fits = ["/AWSConfigRoleForOrganizations", "/AdministratorAccess"];
    let mut own = roles.filter(|role| role.arn == arn);
    let linked = arn.contains(":role/aws-service-role/");
    linked
        || own.any(|role| {
            role.managed.iter().any(|managed| fits.iter().any(|fits| managed.ends_with(fits)))
                || role.policies.values().any(|policy| policy.contains("organizations:ListAccounts"))
        })
}

/// Whether AWS Config can assume a role. Its service-linked role is made when it is needed.
pub(super) fn is_usable(state: &State, place: &Place, arn: &str) -> bool {
    let linked = place.iam_arn("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    let mut roles = state.accounts.get(&place.account).into_iter().flat_map(|account| account.iam.values());
    let trusts = |trust: &str| trust.contains(PRINCIPAL) && trust.contains("sts:AssumeRole");
    arn == linked || roles.any(|role| role.arn == arn && trusts(&role.trust))
}

/// An aggregator as the API shows it.
pub(crate) fn shown(aggregator: &Aggregator) -> Value {
    let Aggregator { name, arn, created, updated, source } = aggregator;
    let mut shown = json!({
        "ConfigurationAggregatorName": name, "ConfigurationAggregatorArn": arn,
        "CreationTime": created.epoch(), "LastUpdatedTime": updated.epoch(),
    });
    let (member, value) = match source {
        Source::Organization { role, regions, .. } => {
            ("OrganizationAggregationSource", with_regions(json!({"RoleArn": role}), regions))
        }
        Source::Accounts { accounts, regions } => {
            ("AccountAggregationSources", json!([with_regions(json!({"AccountIds": accounts}), regions)]))
        }
    };
    if let Value::Object(members) = &mut shown {
        members.insert(member.to_owned(), value);
    }
    shown
}

fn with_regions(mut source: Value, regions: &Regions) -> Value {
    if let Value::Object(members) = &mut source {
        members.insert("AllAwsRegions".to_owned(), (*regions == Regions::All).into());
        if let Regions::These(regions) = regions {
            members.insert("AwsRegions".to_owned(), json!(regions));
        }
    }
    source
}

pub(in crate::sandbox::config) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let listing = Listing::of(call)?;
    let (region, _) = state.here(call)?;
    let aggregators = &region.config.aggregators;
    let names = call.texts("ConfigurationAggregatorNames");
    if let Some(unknown) = names.iter().find(|name| !aggregators.contains_key(**name)) {
        return Err(no_such(unknown));
    }
    let wanted = aggregators.values().filter(|found| names.is_empty() || names.contains(&found.name.as_str()));
    let entries = wanted.filter(|found| listing.is_after(&[&found.name]));
    let entries = entries.map(|found| (vec![found.name.clone()], shown(found)));
    Ok(Value::Object(listing.page("ConfigurationAggregators", entries, (size(call, LARGEST_PAGE), false))))
}

pub(in crate::sandbox::config) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let name = named(state, call)?.name.clone();
    delete_at(state, &Place::new(call.account, call.region), &name);
    Ok(Value::Null)
}

/// Deletes an aggregator; whether there was one.
pub(crate) fn delete_at(state: &mut State, place: &Place, name: &str) -> bool {
    let region = state.regions.get_mut(place);
    region.is_some_and(|region| region.config.aggregators.remove(name).is_some())
}
