//! The lines on notebooks and Studio domains.

use super::place::Place;
use super::request::{Who, of_pattern, request, role};
use super::{Outcome, Row};
use crate::scp::settings::GuardrailSettings;

type Keys = &'static [(&'static str, &'static str)];

const INTERNET: &str = "sagemaker:DirectInternetAccess";
const ROOT: &str = "sagemaker:RootAccess";
const SUBNETS: &str = "sagemaker:VpcSubnets";
const DOMAIN: &str = "sagemaker:AppNetworkAccessType";
const SUBNET: &str = "subnet-0123456789abcdef0";

const CREATE: &str = "CreateNotebookInstance";
const UPDATE: &str = "UpdateNotebookInstance";

/// What is asked, with which settings, and what has to come of it.
const NOTEBOOKS: [(&str, &str, Keys, Outcome); 18] = [
    (
        "creates a good notebook",
        CREATE,
        &[(INTERNET, "Disabled"), (ROOT, "Disabled"), (SUBNETS, SUBNET)],
        Outcome::Allowed,
    ),
    ("creates a notebook with no setting at all", CREATE, &[], Outcome::Denied),
    (
        "creates one, internet Enabled",
        CREATE,
        &[(INTERNET, "Enabled"), (ROOT, "Disabled"), (SUBNETS, SUBNET)],
        Outcome::Denied,
    ),
    ("creates one, internet left out", CREATE, &[(ROOT, "Disabled"), (SUBNETS, SUBNET)], Outcome::Denied),
    (
        "creates one, internet disabled in lower case",
        CREATE,
        &[(INTERNET, "disabled"), (ROOT, "Disabled"), (SUBNETS, SUBNET)],
        Outcome::Denied,
    ),
    ("creates one without a subnet", CREATE, &[(INTERNET, "Disabled"), (ROOT, "Disabled")], Outcome::Denied),
    (
        "creates one, root Enabled",
        CREATE,
        &[(INTERNET, "Disabled"), (ROOT, "Enabled"), (SUBNETS, SUBNET)],
        Outcome::Denied,
    ),
    ("creates one, root left out", CREATE, &[(INTERNET, "Disabled"), (SUBNETS, SUBNET)], Outcome::Denied),
    (
        "creates one, internet and root Enabled, in a subnet",
        CREATE,
        &[(INTERNET, "Enabled"), (ROOT, "Enabled"), (SUBNETS, SUBNET)],
        Outcome::Denied,
    ),
    ("resizes a notebook", UPDATE, &[("sagemaker:InstanceTypes", "ml.m5.large")], Outcome::Allowed),
    ("gives a notebook IMDSv2", UPDATE, &[("sagemaker:MinimumInstanceMetadataServiceVersion", "2")], Outcome::Allowed),
    ("switches root on", UPDATE, &[(ROOT, "Enabled")], Outcome::Denied),
    ("switches root off", UPDATE, &[(ROOT, "Disabled")], Outcome::Allowed),
    ("starts a notebook", "StartNotebookInstance", &[], Outcome::Allowed),
    ("stops a notebook", "StopNotebookInstance", &[], Outcome::Allowed),
    ("deletes a notebook", "DeleteNotebookInstance", &[], Outcome::Allowed),
    ("opens a notebook", "CreatePresignedNotebookInstanceUrl", &[], Outcome::Allowed),
    ("describes a notebook", "DescribeNotebookInstance", &[], Outcome::Allowed),
];

const DOMAINS: [(&str, &str, Keys, Outcome); 5] = [
    ("creates a Studio domain with no setting", "CreateDomain", &[], Outcome::Denied),
    (
        "creates a public domain in subnets",
        "CreateDomain",
        &[(DOMAIN, "PublicInternetOnly"), (SUBNETS, SUBNET)],
        Outcome::Denied,
    ),
    ("creates a domain that is VpcOnly", "CreateDomain", &[(DOMAIN, "VpcOnly"), (SUBNETS, SUBNET)], Outcome::Allowed),
    ("changes something else of a domain", "UpdateDomain", &[], Outcome::Allowed),
    ("makes a domain public", "UpdateDomain", &[(DOMAIN, "PublicInternetOnly")], Outcome::Denied),
];

pub(super) fn rows(settings: &GuardrailSettings, partition: &str, place: &Place) -> Vec<Row> {
    let developer = role(partition, place, "developer");
    let arn = |kind: &str| format!("arn:{partition}:sagemaker:{}:{}:{kind}/example", place.region, place.account);
    let row = |who: (&str, &Who), (does, action, keys, intended): (&str, &str, Keys, Outcome)| {
        let resource = arn(if action.contains("Domain") { "domain" } else { "notebook-instance" });
        let request = request(who.1, &format!("sagemaker:{action}"), resource, keys, place);
        Row { id: format!("{} {does}", who.0), request, intended }
    };
    let mut rows: Vec<Row> = NOTEBOOKS.iter().map(|line| row(("a developer", &developer), *line)).collect();
    let set = ("create a notebook with no setting at all", CREATE, &[][..], Outcome::Denied);
    rows.push(row(("StackSets", &role(partition, place, "stacksets-exec-0123456789abcdef")), set));
    let domains = DOMAINS.iter().map(|(does, action, keys, intended)| {
        (*does, *action, *keys, if settings.studio { *intended } else { Outcome::Allowed })
    });
    rows.extend(domains.map(|line| row(("a developer", &developer), line)));
    for (name, pattern) in settings.break_glass.iter().zip(settings.principals(partition)) {
        let who = of_pattern(&pattern, place);
        let label = format!("break-glass {name}");
        rows.push(row((&label, &who), ("creates a notebook with no setting at all", CREATE, &[], Outcome::Allowed)));
        for (does, action) in
            [("makes a role", "iam:CreateRole"), ("changes the trust of", "iam:UpdateAssumeRolePolicy")]
        {
            let (request, intended) = (request(&developer, action, who.arn.clone(), &[], place), Outcome::Denied);
            rows.push(Row { id: format!("a developer {does} {name}"), request, intended });
        }
    }
    if !settings.break_glass.is_empty() {
        for (does, name, intended) in [
            ("makes a role like those of StackSets", "stacksets-exec-evil", Outcome::Denied),
            ("makes another role", "of-a-team", Outcome::Allowed),
        ] {
            let request = request(&developer, "iam:CreateRole", role(partition, place, name).arn, &[], place);
            rows.push(Row { id: format!("a developer {does}"), request, intended });
        }
    }
    rows
}
