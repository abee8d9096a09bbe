//! Reading a live account: every Region side by side, every resource described once and judged by every check.

use std::collections::BTreeSet;
use std::pin::pin;

use aws_config::SdkConfig;
use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt as _};
use rule::aws::{AwsInventory, Meter};
use rule::exemption::{Candidates, Exemption};
use rule::handler::gather::Gatherer;
use rule::parameters::RuleParameters;
use rule::port::{Inventory as _, Listed, ReadError};
use rule::resource::ResourceType;
use rule::verdict::Verdict;

use super::{Exempting, Reading, Report, Request, Resource, Source};
use crate::failure::Failure;
use crate::interrupt::{Interrupt, interrupt};
use crate::output::Printer;
use crate::progress::Progress;
use crate::session::{Session, in_region, open};

/// Regions read side by side.
const REGIONS_AT_ONCE: usize = 6;
/// Describe calls in flight in each Region.
const DESCRIBES_AT_ONCE: usize = 8;

/// Judges the resources of the account that the credentials belong to.
///
/// # Errors
/// [`Failure`] if there are no credentials, no Region, or AWS does not tell who is calling. A Region that cannot be
/// read is no failure of the run: the report says so.
pub async fn live(request: &Request, printer: Printer) -> Result<Report, Failure> {
    let Session { sdk, identity: who, regions } = open(request.profile.as_deref(), &request.regions).await?;
    let progress = Progress::new(printer, format!("reading account {} in {}", who.account, said(&regions)), "judged");
    // What was judged by then is still printed.
    let interrupt = interrupt();
    let work = stream::iter(regions)
        .map(|region| read_region(&sdk, region, &who.account, (request, &progress, interrupt.clone())))
        .buffered(REGIONS_AT_ONCE)
        .collect::<Vec<_>>();
    let read = progress.beside(work).await;
    let (readings, rest): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let (resources, unmatched): (Vec<_>, Vec<_>) = rest.into_iter().unzip();
    Ok(Report {
        source: Source::Account { account: who.account, caller: who.arn },
        checks: request.parameters.iter().map(|parameters| parameters.check).collect(),
        readings,
        resources: resources.into_iter().flatten().collect(),
        unmatched: unmatched.into_iter().flatten().collect(),
        interrupted: interrupt.peek().is_some(),
    })
}

fn said(regions: &[String]) -> String {
    match regions {
        [only] => only.clone(),
        many => format!("{} Regions", many.len()),
    }
}

async fn read_region(
    sdk: &SdkConfig,
    region: String,
    account: &str,
    (request, progress, interrupt): (&Request, &Progress, Interrupt),
) -> (Reading, (Vec<Resource>, Vec<Exemption>)) {
    let inventory = AwsInventory::new(&in_region(sdk, &region), &Meter::default());
    let Exempting { exemptions, today } = &request.exempting;
    let rules: Vec<Rule<'_>> = request
        .parameters
        .iter()
        .map(|parameters| (parameters, exemptions.candidates((account, &region), parameters.check, *today)))
        .collect();
    let survey = Survey { inventory: &inventory, gatherer: Gatherer::new(&inventory), rules: &rules, progress };
    let mut resources = Vec::new();
    let mut failures: Vec<String> = Vec::new();
    for resource_type in [ResourceType::NOTEBOOK_INSTANCE, ResourceType::DOMAIN] {
        let (judged, failed) = survey.judge_all(&resource_type, interrupt.clone()).await;
        resources.extend(judged);
        failures.extend(failed.filter(|failed| !failures.contains(failed)));
    }
    let failure = (!failures.is_empty()).then(|| failures.join("; "));
    for resource in &mut resources {
        resource.account = Some(account.to_owned());
        resource.region = Some(region.clone());
    }
    // What was not seen may be what an exemption is for.
    let unmatched =
        rules.iter().filter(|_| failure.is_none()).flat_map(|(_, exempting)| exempting.unmatched().cloned());
    let unmatched = unmatched.collect();
    resources.sort_by(|one, other| (&one.resource_type, &one.name).cmp(&(&other.resource_type, &other.name)));
    (Reading { place: region, resources: resources.len(), failure }, (resources, unmatched))
}

/// A Region that is not enabled answers as if the key were wrong.
fn explained(error: &ReadError) -> String {
    match error {
        ReadError::Refused { code, .. } if code == "UnrecognizedClientException" => {
            format!("{error} (is the Region enabled in the account?)")
        }
        ReadError::Refused { .. } | ReadError::Gone | ReadError::NoAnswer { .. } | ReadError::Unusable { .. } => {
            error.to_string()
        }
    }
}

/// A check as it runs in one Region, and what is exempt from it there.
type Rule<'a> = (&'a RuleParameters, Candidates<'a>);

/// Reading one Region.
struct Survey<'a> {
    inventory: &'a AwsInventory,
    gatherer: Gatherer<'a, AwsInventory>,
    rules: &'a [Rule<'a>],
    progress: &'a Progress,
}

impl Survey<'_> {
    /// Judges all resources of a type, and says why they may not be all.
    async fn judge_all(&self, resource_type: &ResourceType, interrupt: Interrupt) -> (Vec<Resource>, Option<String>) {
        let rules: Vec<&Rule<'_>> =
            self.rules.iter().filter(|(one, _)| one.check.resource_type() == *resource_type).collect();
        let mut failure = None;
        if rules.is_empty() {
            return (Vec::new(), failure);
        }
        let mut judged = Vec::new();
        let mut known = BTreeSet::new();
        let mut next_token = None;
        loop {
            let asked_with: Option<String> = next_token.clone();
            let page = match select(pin!(self.inventory.page(resource_type, next_token)), interrupt.clone()).await {
                Either::Left((Ok(page), _)) => page,
                Either::Left((Err(error), _)) => return (judged, Some(explained(&error))),
                Either::Right(((), _)) => return (judged, Some("interrupted".to_owned())),
            };
            // Pages may overlap while notebooks come and go.
            let fresh: Vec<Listed> =
                page.resources.into_iter().filter(|listed| known.insert(listed.id.to_string())).collect();
            let asked = fresh.len();
            let described: Vec<Option<Resource>> = stream::iter(fresh)
                .map(|listed| self.judge(resource_type, listed, &rules))
                .buffered(DESCRIBES_AT_ONCE)
                .take_until(interrupt.clone())
                .collect()
                .await;
            if described.len() < asked {
                failure = Some("interrupted".to_owned());
            }
            judged.extend(described.into_iter().flatten());
            if page.next_token.is_some() && page.next_token == asked_with {
                failure = Some("the next page of the list is the same page again".to_owned());
            }
            next_token = page.next_token;
            if next_token.is_none() || failure.is_some() {
                return (judged, failure);
            }
        }
    }

    /// One resource by every check, or nothing if it is gone.
    async fn judge(&self, resource_type: &ResourceType, listed: Listed, rules: &[&Rule<'_>]) -> Option<Resource> {
        let subject = self.inventory.describe(resource_type, &listed.name, &listed.id).await;
        let name = subject.as_ref().map_or(listed.name.as_str(), |subject| subject.name());
        let mut resource = Resource::of(resource_type, &listed.id, name);
        for (parameters, exempting) in rules {
            let verdict = match &subject {
                Ok(subject) => self.gatherer.verdict(subject, parameters).await,
                Err(ReadError::Gone) => return None,
                Err(error) => Verdict::Undetermined(error.to_string()),
            };
            resource.judged(parameters.check, &listed.id, (verdict, exempting));
        }
        self.progress.advance();
        Some(resource)
    }
}
