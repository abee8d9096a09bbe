//! Studio domains. What a request says of one is kept as it came.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::{Map, Value, json};

use super::notebook::present;
use super::tags::pairs;
use super::{DOMAIN_TYPE, SERVICE};
use crate::sandbox::clock::Instant;
use crate::sandbox::config::{Recordable, record_deletion};
use crate::sandbox::page::{Cursor, cut, fingerprint};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::service::Call;
use crate::sandbox::state::{Ambient, Place, Region, State};

/// A domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// `DomainId`.
    pub id: String,
    /// `DomainName`.
    pub name: String,
    /// `Status`.
    pub status: String,
    /// The members of `CreateDomain`, by name, `AppNetworkAccessType` and `VpcId` among them.
    pub settings: Map<String, Value>,
    /// `CreationTime`; the time of the put if `None`.
    pub created: Option<Instant>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Domain {
    /// A domain in service with this id, name and `AppNetworkAccessType`.
    #[must_use]
    pub fn new(id: &str, name: &str, app_network_access_type: &str) -> Self {
        let settings = json!({
            "AuthMode": "IAM",
            "DefaultUserSettings": {},
            "AppNetworkAccessType": app_network_access_type,
            "SubnetIds": ["subnet-0a1b2c3d4e5f60718"],
            "VpcId": "vpc-0a1b2c3d4e5f60718",
        });
        let settings = if let Value::Object(settings) = settings { settings } else { Map::new() };
        let (id, name, status) = (id.to_owned(), name.to_owned(), "InService".to_owned());
        Self { id, name, status, settings, created: None, tags: BTreeMap::new() }
    }

    pub(super) fn arn(&self, place: &Place) -> String {
        place.arn("sagemaker", &format!("domain/{}", self.id))
    }

    fn url(&self, place: &Place) -> String {
        format!("https://{}.studio.{}.sagemaker.aws", self.id, place.region)
    }

    /// Every domain has a file system of its own.
    fn file_system(&self) -> String {
        let digits = self.id.bytes().rev().take(8).map(|byte| format!("{byte:02x}"));
        format!("fs-0{}", digits.collect::<String>())
    }

    fn description(&self, place: &Place) -> Value {
        let mut description = self.settings.clone();
        let computed = json!({
            "DomainArn": self.arn(place),
            "DomainId": self.id,
            "DomainName": self.name,
            "Status": self.status,
            "Url": self.url(place),
            "HomeEfsFileSystemId": self.file_system(),
            "CreationTime": self.created.map(Instant::epoch),
            "LastModifiedTime": self.created.map(Instant::epoch),
        });
        if let Value::Object(computed) = computed {
            description.extend(computed);
        }
        let known = SERVICE.model().map(|model| model.output_members("DescribeDomain")).unwrap_or_default();
        description.retain(|name, _| known.contains(&name.as_str()));
        present(Value::Object(description))
    }

    pub(super) fn recordable(&self, place: &Place) -> Recordable {
        let mut configuration = self.settings.clone();
        configuration.remove("Tags");
        let computed =
            json!({"DomainArn": self.arn(place), "DomainId": self.id, "DomainName": self.name, "Url": self.url(place)});
        if let Value::Object(computed) = computed {
            configuration.extend(computed);
        }
        Recordable {
            resource_type: DOMAIN_TYPE.to_owned(),
            resource_id: self.id.clone(),
            resource_name: Some(self.name.clone()),
            arn: self.arn(place),
            created: self.created,
            configuration: Value::Object(configuration),
            tags: self.tags.clone(),
        }
    }
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let name = call.required("DomainName");
    if region.sagemaker.domains.values().any(|domain| domain.name == name) {
        let message = format!("Domain with name {name} already exists.");
        return Err(Refusal::new("ResourceInUse", message));
    }
    let id = format!("d-{}", ambient.random.lower(12));
    let mut domain = Domain::new(&id, name, "PublicInternetOnly");
    let tags = pairs(call.list("Tags"));
    let access = domain.settings.remove("AppNetworkAccessType");
    domain.settings = call.input.as_object().cloned().unwrap_or_default();
    domain.settings.retain(|member, _| member != "Tags" && member != "DomainName");
    domain.settings.entry("AppNetworkAccessType").or_insert(access.unwrap_or_default());
    (domain.created, domain.tags) = (Some(ambient.clock.now()), tags);
    let answer = json!({"DomainArn": domain.arn(&region.place), "DomainId": id, "Url": domain.url(&region.place)});
    super::put_domain(region, ambient, domain);
    Ok(answer)
}

pub(super) fn describe(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let domain = region.sagemaker.domains.get(call.required("DomainId")).ok_or_else(|| not_found(call))?;
    Ok(domain.description(&region.place))
}

pub(super) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let mut domain = region.sagemaker.domains.get(call.required("DomainId")).ok_or_else(|| not_found(call))?.clone();
    let changes = call.input.as_object().into_iter().flatten().filter(|(member, _)| *member != "DomainId");
    domain.settings.extend(changes.map(|(member, value)| (member.clone(), value.clone())));
    let arn = domain.arn(&region.place);
    super::put_domain(region, ambient, domain);
    Ok(json!({"DomainArn": arn}))
}

pub(super) fn delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, ambient) = state.here(call)?;
    let id = call.required("DomainId");
    if !region.sagemaker.domains.contains_key(id) {
        return Err(not_found(call));
    }
    remove(region, ambient, id);
    Ok(Value::Null)
}

/// Takes a domain away, if it is there, and records that.
pub(crate) fn remove(region: &mut Region, ambient: &mut Ambient, id: &str) {
    if let Some(domain) = region.sagemaker.domains.remove(id) {
        let recordable = domain.recordable(&region.place);
        record_deletion(region, ambient, &recordable);
    }
}

pub(super) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (region, _) = state.here(call)?;
    let fingerprint = fingerprint(call, &["NextToken", "MaxResults"]);
    let cursor = match call.text("NextToken") {
        Some(token) => {
            Cursor::parse(token, fingerprint).ok_or_else(|| Refusal::validation("Invalid pagination token"))?
        }
        None => Cursor::default(),
    };
    let after = cursor.after.and_then(|after| after.into_iter().next());
    let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let rest = region.sagemaker.domains.range::<str, _>((start, Bound::Unbounded));
    let keyed = rest.map(|(id, domain)| (vec![id.clone()], domain));
    let page = cut(keyed, call.count("MaxResults").unwrap_or(10), cursor.page, fingerprint);
    let known = ["DomainArn", "DomainId", "DomainName", "Status", "CreationTime", "LastModifiedTime", "Url"];
    let details = page.items.into_iter().map(|domain| {
        let description = domain.description(&region.place);
        known
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), description.get(*name)?.clone())))
            .collect::<Map<_, _>>()
    });
    Ok(present(json!({"Domains": details.collect::<Vec<_>>(), "NextToken": page.next})))
}

fn not_found(call: &Call<'_>) -> Refusal {
    Refusal::new("ResourceNotFound", format!("Domain {} does not exist.", call.required("DomainId")))
}
