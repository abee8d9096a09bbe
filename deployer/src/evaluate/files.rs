//! Judging saved answers of AWS, without AWS.

mod answers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rule::check::{Needs, OPEN_INGRESS};
use rule::facts::SecurityGroups;
use rule::handler::gather::Gatherer;
use rule::parameters::RuleParameters;
use rule::port::{Inventory, Page, ReadError};
use rule::resource::{Arn, ResourceId, ResourceType};
use rule::subject::Subject;

use self::answers::Answer;
use super::{Exempting, Reading, Report, Resource, Source};
use crate::failure::Failure;
use crate::input::{self, place};
use crate::output::Printer;

/// Judges what the files hold. With `all_checks` the check open-ingress is left out, and that is said, where no file
/// tells what the security groups admit.
///
/// # Errors
/// [`Failure`] if a file cannot be read, is not JSON, or holds something that is no answer of a Describe call.
pub async fn from_files(
    files: &[PathBuf],
    (mut parameters, all_checks): (Vec<RuleParameters>, bool),
    exempting: &Exempting,
    printer: Printer,
) -> Result<Report, Failure> {
    let mut subjects = Vec::new();
    let mut groups = SecurityGroups::default();
    let mut readings = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        if !seen.insert(file) {
            return Err(Failure::usage(format!("{} is given twice", place(file))));
        }
        let mut resources = 0;
        for answer in answers::read(&text(file)?).map_err(|error| error.into_failure(&place(file)))? {
            match answer {
                Answer::Subject(subject) => {
                    resources += 1;
                    subjects.push(*subject);
                }
                Answer::SecurityGroups(more) => groups.ingress.extend(more.ingress),
            }
        }
        readings.push(Reading { place: place(file), resources, failure: None });
    }
    if all_checks && groups.ingress.is_empty() {
        parameters.retain(|parameters| parameters.check.needs != Needs::SecurityGroups);
        printer.note(&format!(
            "{} is left out: add --inventory FILE with the answer of aws ec2 describe-security-groups",
            OPEN_INGRESS.id
        ));
    }
    let saved = Saved { groups };
    let gatherer = Gatherer::new(&saved);
    let mut resources = Vec::with_capacity(subjects.len());
    for subject in &subjects {
        resources.push(judge(subject, &parameters, exempting, &gatherer).await);
    }
    Ok(Report {
        source: Source::Files(files.iter().map(|file| place(file)).collect()),
        checks: parameters.iter().map(|parameters| parameters.check).collect(),
        readings,
        resources,
        // Files need not hold everything that there is.
        unmatched: Vec::new(),
        interrupted: false,
    })
}

fn text(file: &Path) -> Result<String, Failure> {
    input::text(file).map_err(|failure| {
        if file.as_os_str() == "-" || file.exists() {
            failure
        } else {
            failure.help("make one: aws sagemaker describe-notebook-instance --notebook-instance-name NAME > FILE")
        }
    })
}

async fn judge(
    subject: &Subject,
    parameters: &[RuleParameters],
    Exempting { exemptions, today }: &Exempting,
    gatherer: &Gatherer<'_, Saved>,
) -> Resource {
    let mut resource = Resource::of(&subject.resource_type(), subject.id(), subject.name());
    let arn: Option<Arn> = subject.id().as_str().parse().ok();
    resource.account = arn.as_ref().map(|arn| arn.account().to_owned());
    resource.region = arn.as_ref().map(|arn| arn.region().to_owned());
    let place = arn.as_ref().map_or(("", ""), |arn| (arn.account(), arn.region()));
    for parameters in parameters.iter().filter(|one| one.check.resource_type() == subject.resource_type()) {
        let verdict = gatherer.verdict(subject, parameters).await;
        let exempting = exemptions.candidates(place, parameters.check, *today);
        resource.judged(parameters.check, subject.id(), (verdict, &exempting));
    }
    resource
}

/// The files as an inventory: it can only tell what groups admit.
struct Saved {
    groups: SecurityGroups,
}

impl Inventory for Saved {
    async fn page(&self, _: &ResourceType, _: Option<String>) -> Result<Page, ReadError> {
        Ok(Page::default())
    }

    async fn describe(&self, _: &ResourceType, _: &str, _: &ResourceId) -> Result<Subject, ReadError> {
        Err(ReadError::Gone)
    }

    async fn security_groups(&self, ids: &BTreeSet<String>) -> Result<SecurityGroups, ReadError> {
        let known = |(id, _): &(&String, _)| ids.contains(*id);
        let ingress = self.groups.ingress.iter().filter(known).map(|(id, all)| (id.clone(), all.clone())).collect();
        Ok(SecurityGroups { ingress })
    }
}
