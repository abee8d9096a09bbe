//! Finds an installation in an organization again, from nothing but credentials and a Region: who calls, the
//! organization, the record of targets, the StackSets.

mod elsewhere;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::StackSetStatus;

use super::caller::not_administrator;
use super::{CallAs, Membership, Noted, Organization, Reader, Record, Standing};
use crate::aws::{Clients, refused, resilient};
use crate::failure::Failure;
use crate::names::Names;
use crate::observe::{Read, StackState, find_stack};
use crate::session::{Session, in_region};
use crate::stack_set::{Sets, StackSet};

/// An organization, as its administrator sees it, and where in it our installation is.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) sdk: SdkConfig,
    /// The administrator account.
    pub(crate) account: String,
    pub(crate) partition: String,
    pub(crate) prefix: String,
    pub(crate) call_as: CallAs,
    pub(crate) organization: Organization,
    /// Where the StackSets are.
    pub(crate) home: String,
    /// What was recorded there; none if nothing is.
    pub(crate) record: Option<Record>,
    /// Where the installation was looked for.
    pub(crate) looked: Vec<String>,
    /// The Regions with an artifact stack of an organization; looked for only where there is neither record nor
    /// StackSet.
    pub(crate) traces: Vec<String>,
}

impl Site {
    pub(crate) fn names(&self) -> Names<'_> {
        Names { prefix: &self.prefix, account: &self.account, partition: &self.partition }
    }

    pub(crate) fn is_management(&self) -> bool {
        self.account == self.organization.management
    }

    pub(crate) fn sets(&self) -> Sets {
        Sets::new(&self.sdk, &self.home, self.call_as)
    }

    /// The StackSets of our names, ours or not.
    pub(crate) async fn named_sets(&self) -> Read<Vec<StackSet>> {
        let sets = self.sets();
        let mut found = Vec::new();
        for name in set_names(&self.sdk, &self.home, self.call_as).await?.iter().filter(|name| self.is_set(name)) {
            found.extend(sets.find(name).await?);
        }
        found.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
        Ok(found)
    }

    /// Whether a StackSet belongs to this installation. One prefix may look like another's second set:
    /// `guard-set-2` of `guard`, and of an installation of that prefix.
    pub(crate) fn is_ours(&self, set: &StackSet) -> bool {
        set.is_ours() && has_prefix(set, &self.prefix)
    }

    /// Refuses what another account installed.
    pub(crate) fn check_installer<'a>(&self, sets: impl IntoIterator<Item = &'a StackSet>) -> Result<(), Failure> {
        sets.into_iter().try_for_each(|set| check_installer(set, &self.account))
    }

    /// Where the installation was looked for, in words.
    pub(crate) fn looked_in(&self) -> String {
        match self.looked.len() {
            0..=4 => self.looked.join(", "),
            many => format!("all {many} enabled Regions"),
        }
    }

    fn is_set(&self, name: &str) -> bool {
        is_set_name(name, &self.prefix)
    }
}

/// Refuses a StackSet that another account than this one installed: its artifacts and its record are there.
pub(super) fn check_installer(set: &StackSet, account: &str) -> Result<(), Failure> {
    let Some(other) = installer(set).filter(|other| *other != account) else { return Ok(()) };
    Err(Failure::usage(format!("account {other} installed StackSet {}, and not account {account}", set.name))
        .help(format!("run it with credentials of account {other}: the artifacts and the record are there")))
}

/// What an artifact stack notes; nothing if there is none of ours, or one of a single account.
///
/// # Errors
/// The note cannot be understood: then nobody knows where the StackSets are, and for whom.
pub(super) fn noted_in(stack: Option<&StackState>, region: &str) -> Result<Option<Noted>, Failure> {
    let Some(stack) = stack.filter(|stack| stack.is_ours()) else { return Ok(None) };
    let Some(text) = stack.outputs.get("Targets").filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|error: super::record::RecordError| {
        Failure::usage(format!("output Targets of stack {} in {region}: {error}; nothing was changed", stack.name))
            .help("use the deployer that installed it, or a newer one")
    })
}

/// The account that installed a StackSet: the artifacts are there, and the record of targets. Two accounts may
/// administer StackSets of one organization.
pub(crate) fn installer(set: &StackSet) -> Option<&str> {
    let account = set.parameters.get("ArtifactBucketPrefix")?.rsplit('-').next()?;
    super::targets::is_account_id(account).then_some(account)
}

/// Whether a StackSet was made with a prefix.
pub(super) fn has_prefix(set: &StackSet, prefix: &str) -> bool {
    set.parameters.get("Prefix").is_none_or(|own| own == prefix)
}

/// Whether a StackSet has a name of ours: the prefix, or the prefix and a number.
pub(crate) fn is_set_name(name: &str, prefix: &str) -> bool {
    let number = |rest: &str| rest.parse::<usize>().is_ok_and(|number| number >= 2 && number.to_string() == rest);
    name == prefix || name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix("-set-")).is_some_and(number)
}

/// The names of all StackSets of the account in a Region.
pub(crate) async fn set_names(sdk: &SdkConfig, region: &str, call_as: CallAs) -> Read<Vec<String>> {
    let client = aws_sdk_cloudformation::Client::new(&in_region(sdk, region));
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let call = client.list_stack_sets().status(StackSetStatus::Active).max_results(100).set_next_token(token);
        let page = call.call_as(call_as.into()).send().await;
        let page = page.map_err(|error| refused("cloudformation:ListStackSets", region, &error))?;
        names.extend(page.summaries().iter().filter_map(|set| set.stack_set_name().map(str::to_owned)));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

/// Finds the organization and the installation. `home` is the Region that was named for it.
///
/// # Errors
/// The caller can administer no StackSets, or something cannot be read without which nothing is known.
pub(crate) async fn open(session: &Session, prefix: &str, home: Option<&str>) -> Result<Site, Failure> {
    let sdk = resilient(&session.sdk);
    let reader = Reader::new(&sdk);
    let account = &session.identity.account;
    let membership = reader.membership().await?;
    let Some(membership) = membership else {
        return Err(Failure::usage(format!("the account {account} is in no organization"))
            .help("leave --org out, or use credentials of the management account"));
    };
    let call_as = administrator(&reader, &membership, account).await?;
    let organization = reader.organization(&membership).await?;
    let mut site = Site {
        account: account.clone(),
        partition: session.identity.partition().to_owned(),
        prefix: prefix.to_owned(),
        call_as,
        organization,
        home: String::new(),
        record: None,
        looked: Vec::new(),
        traces: Vec::new(),
        sdk,
    };
    let configured = session.sdk.region().map(ToString::to_string);
    let asked: Vec<String> = match home {
        Some(home) => vec![home.to_owned()],
        None => configured.into_iter().chain(session.regions.iter().cloned()).collect(),
    };
    (site.home, site.record) = settle(&site, asked.clone()).await?;
    for region in asked {
        if !site.looked.contains(&region) {
            site.looked.push(region);
        }
    }
    if home.is_none() && site.record.is_none() {
        elsewhere::look(&mut site).await?;
    }
    Ok(site)
}

async fn administrator(reader: &Reader, membership: &Membership, account: &str) -> Result<CallAs, Failure> {
    match reader.standing(membership, account).await {
        Standing::Administrator(call_as) => Ok(call_as),
        Standing::Member => Err(not_administrator(account, membership, WORK)),
        Standing::Untold(refusal) if refusal.is_denied() => Err(not_administrator(account, membership, WORK)
            .help("if it is a delegated administrator, its caller lacks organizations:ListDelegatedAdministrators")),
        Standing::Untold(refusal) => Err(refusal.into()),
    }
}

/// What only administrators can do.
const WORK: &str = "work with its StackSets";

/// The Region with the record, or else with StackSets of ours, or else the first that was asked for.
async fn settle(site: &Site, asked: Vec<String>) -> Result<(String, Option<Record>), Failure> {
    for region in &asked {
        match noted(site, region).await? {
            Some(Noted::Here(record)) => return Ok((region.clone(), Some(record))),
            Some(Noted::Elsewhere(home)) => {
                let record = match noted(site, &home).await? {
                    Some(Noted::Here(record)) => Some(record),
                    Some(Noted::Elsewhere(_)) | None => None,
                };
                return Ok((home, record));
            }
            None => {}
        }
    }
    for region in &asked {
        let sets = Sets::new(&site.sdk, region, site.call_as);
        if sets.find(&site.prefix).await?.is_some_and(|set| site.is_ours(&set)) {
            return Ok((region.clone(), None));
        }
    }
    Ok((asked.into_iter().next().unwrap_or_default(), None))
}

/// What the artifact stack of a Region notes; nothing if there is none, or of a single account.
async fn noted(site: &Site, region: &str) -> Result<Option<Noted>, Failure> {
    let clients = Clients::new(&site.sdk, region);
    match find_stack(&clients, &site.names().artifact_stack()).await {
        Ok(stack) => noted_in(stack.as_ref(), region),
        // A Region that is not enabled has no record.
        Err(refusal) if refusal.is_region_disabled() => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_names_of_stack_sets() {
        for (name, is_ours) in [
            ("notebook-guard", true),
            ("notebook-guard-set-2", true),
            ("notebook-guard-set-12", true),
            ("notebook-guard-set-1", false),
            ("notebook-guard-set-02", false),
            ("notebook-guard-set-", false),
            ("notebook-guard-artifacts", false),
            ("notebook-guards", false),
        ] {
            assert_eq!(is_set_name(name, "notebook-guard"), is_ours, "{name}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_read_is_no_empty_record() {
        let mut stack = StackState {
            id: String::new(),
            name: "notebook-guard-artifacts".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
            reason: None,
            parameters: std::collections::BTreeMap::new(),
            tags: [(crate::names::MANAGED_TAG.to_owned(), "true".to_owned())].into(),
            outputs: [("Targets".to_owned(), "units=ou-1;colour=red".to_owned())].into(),
            is_protected: false,
            template: None,
            has_our_change_set: false,
        };
        let told = noted_in(Some(&stack), "eu-west-1").unwrap_err().message;
        for part in ["notebook-guard-artifacts in eu-west-1", "`colour`"] {
            assert!(told.contains(part), "{told}");
        }
        stack.outputs.clear();
        assert_eq!(noted_in(Some(&stack), "eu-west-1"), Ok(None));
        assert_eq!(noted_in(None, "eu-west-1"), Ok(None));
    }

    #[test]
    fn another_prefix_is_another_installation() {
        let set = |prefix: &str| StackSet {
            name: "guard-set-2".to_owned(),
            id: String::new(),
            arn: String::new(),
            status: crate::stack_set::model::SetStatus::Active,
            permission_model: crate::stack_set::PermissionModel::ServiceManaged,
            parameters: [("Prefix".to_owned(), prefix.to_owned())].into(),
            tags: std::collections::BTreeMap::new(),
            auto_deployment: crate::stack_set::model::AutoDeployment::default(),
            is_managed_execution: true,
            units: Vec::new(),
            regions: Vec::new(),
            template_digest: String::new(),
        };
        assert!(is_set_name("guard-set-2", "guard"));
        assert!(has_prefix(&set("guard"), "guard"));
        assert!(!has_prefix(&set("guard-set-2"), "guard"));
    }
}
