//! Three accounts, two Regions. One account has everything, of one nothing could be read, one is out of scope.

use deployer::evidence::rows::{Compliance, EvaluationRow, Exempt, Known, Place, Reading, Resource, Tally, Totals};
use deployer::report::{Format, Layout, Meta, writer};

pub(crate) const ONE: &str = "111122223333";
pub(crate) const MUTE: &str = "444455556666";
pub(crate) const GONE: &str = "777788889999";
const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";
const DOMAIN: &str = "AWS::SageMaker::Domain";

/// What goes by, in the order of a scope.
pub(crate) enum Row {
    Resource(Resource),
    Evaluation(Box<EvaluationRow>),
    Place(Place),
}

pub(crate) fn meta() -> Meta {
    Meta {
        scope: "organization o-example, 3 accounts × 2 Regions".to_owned(),
        source: "AWS Config of each account, as role Audit".to_owned(),
        asked: vec!["checks of the network".to_owned()],
        checks: Vec::new(),
        limits: vec!["a result is as old as the last evaluation of its rule".to_owned()],
        sees_exempt: true,
        narrowed: false,
        started: "2026-11-23T09:00:00Z".parse().unwrap(),
        version: "1.2.3".to_owned(),
        caller: "arn:aws:sts::111122223333:assumed-role/Audit/jo".to_owned(),
    }
}

pub(crate) fn organization() -> Vec<Row> {
    use Compliance::{Compliant, InsufficientData, NonCompliant, NotApplicable};
    let expired = exempt("2026-10-31", true);
    let holds = exempt("2027-01-31", false);
    let here = (ONE, "eu-west-1");
    vec![
        resource(here, NOTEBOOK, "research"),
        resource(here, NOTEBOOK, "scratch"),
        resource(here, DOMAIN, "d-1"),
        result(here, "research", "direct-internet-access", NonCompliant, None),
        result(here, "scratch", "direct-internet-access", Compliant, None),
        result(here, "research", "root-access", NonCompliant, Some(expired)),
        result(here, "scratch", "root-access", Compliant, None),
        result(here, "research", "imds-v2", NotApplicable, Some(holds)),
        result(here, "scratch", "imds-v2", InsufficientData, None),
        result(here, "d-1", "studio-vpc-only", NonCompliant, None),
        place(here, Reading::Read, 3),
        resource((ONE, "us-east-1"), NOTEBOOK, "forgotten"),
        result((ONE, "us-east-1"), "forgotten", "direct-internet-access", Compliant, None),
        place((ONE, "us-east-1"), Reading::Incomplete { why: "sagemaker:ListDomains: Throttling".to_owned() }, 1),
        place((MUTE, "eu-west-1"), unassumable(), 0),
        place((MUTE, "us-east-1"), unassumable(), 0),
        place((GONE, "eu-west-1"), Reading::Excluded { why: "the account is suspended".to_owned() }, 0),
        place((GONE, "us-east-1"), Reading::Excluded { why: "the account is suspended".to_owned() }, 0),
    ]
}

fn unassumable() -> Reading {
    Reading::Unread { why: format!("role arn:aws:iam::{MUTE}:role/Audit cannot be assumed: AccessDenied") }
}

pub(crate) fn exempt(until: &str, expired: bool) -> Exempt {
    Exempt {
        ticket: "SEC-123".to_owned(),
        reason: "until the migration".to_owned(),
        owner: "ml@example.com".to_owned(),
        approved_by: "ciso@example.com".to_owned(),
        expires: until.to_owned(),
        expired,
    }
}

fn kind(name: &str) -> &'static str {
    if name == "d-1" { DOMAIN } else { NOTEBOOK }
}

fn arn((account, region): (&str, &str), name: &str) -> String {
    let path = if kind(name) == DOMAIN { "domain" } else { "notebook-instance" };
    format!("arn:aws:sagemaker:{region}:{account}:{path}/{name}")
}

pub(crate) fn resource(at: (&str, &str), kind: &str, name: &str) -> Row {
    Row::Resource(Resource {
        account: at.0.to_owned(),
        region: at.1.to_owned(),
        resource_type: kind.to_owned(),
        resource_id: arn(at, name),
        name: Some(name.to_owned()),
        status: None,
        created: None,
        known: Known::Listed,
        not_judged: None,
    })
}

pub(crate) fn result(
    at: (&str, &str),
    name: &str,
    check: &str,
    compliance_type: Compliance,
    exempt: Option<Exempt>,
) -> Row {
    let is_bad = compliance_type == Compliance::NonCompliant;
    let until = exempt.as_ref().map(|one| format!("exempt until {}", one.expires));
    Row::Evaluation(Box::new(EvaluationRow {
        account: at.0.to_owned(),
        region: at.1.to_owned(),
        check: check.to_owned(),
        rule: format!("notebook-guard-{check}"),
        resource_type: kind(name).to_owned(),
        resource_id: arn(at, name),
        notebook: Some(name.to_owned()),
        compliance_type,
        annotation: if is_bad { Some(format!("{check} of {name} is wrong. Mend it.")) } else { until },
        ordering_timestamp: Some("2026-11-23T06:00:00Z".parse().unwrap()),
        config_rule_invoked_time: None,
        result_recorded_time: Some("2026-11-23T06:00:03.250Z".parse().unwrap()),
        exempt,
    }))
}

pub(crate) fn place(at: (&str, &str), reading: Reading, resources: u64) -> Row {
    let name = (at.0 != GONE).then(|| if at.0 == ONE { "Payments" } else { "Fraud" }.to_owned());
    let (account, region) = (at.0.to_owned(), at.1.to_owned());
    Row::Place(Place {
        account,
        account_name: name,
        region,
        reading,
        asked: Vec::new(),
        resources,
        checks: Vec::new(),
        not_judged: 0,
    })
}

/// A notebook that complies with one check, and violates another as soon as its exemption has expired.
pub(crate) fn borne(expired: bool) -> Vec<Row> {
    let here = (ONE, "eu-west-1");
    let exempt = exempt(if expired { "2026-11-22" } else { "2027-01-31" }, expired);
    vec![
        resource(here, NOTEBOOK, "research"),
        result(here, "research", "direct-internet-access", Compliance::Compliant, None),
        result(here, "research", "root-access", Compliance::NotApplicable, Some(exempt)),
        place(here, Reading::Read, 1),
    ]
}

/// A notebook that complies, and nothing that could not be read.
pub(crate) fn good() -> Vec<Row> {
    let here = (ONE, "eu-west-1");
    vec![
        resource(here, NOTEBOOK, "research"),
        result(here, "research", "direct-internet-access", Compliance::Compliant, None),
        place(here, Reading::Read, 1),
    ]
}

/// A notebook that complies, and a domain that no installed check is about.
pub(crate) fn beyond() -> Vec<Row> {
    let mut rows = good();
    let domain = resource((ONE, "eu-west-1"), DOMAIN, "d-1");
    let why = "no installed check applies to Studio domains: studio-vpc-only is not installed";
    if let Row::Resource(one) = domain {
        rows.insert(1, Row::Resource(Resource { not_judged: Some(why.to_owned()), ..one }));
    }
    if let Some(Row::Place(place)) = rows.last_mut() {
        (place.resources, place.not_judged) = (2, 1);
        place.checks = vec!["direct-internet-access".to_owned()];
    }
    rows
}

/// The report of rows.
pub(crate) fn report(format: Format, rows: &[Row], layout: Layout) -> String {
    report_as(meta(), format, rows, layout)
}

/// The report of rows that were read so.
pub(crate) fn report_as(meta: Meta, format: Format, rows: &[Row], layout: Layout) -> String {
    let (mut out, mut tally) = (Vec::new(), Tally::default());
    let mut sink = writer(format, meta, layout, &mut out);
    for row in rows {
        match row {
            Row::Resource(row) => {
                tally.resource(row);
                sink.resource(row)
            }
            Row::Evaluation(row) => {
                tally.evaluation(row);
                sink.evaluation(row)
            }
            Row::Place(row) => {
                tally.place(row);
                sink.place(row)
            }
        }
        .unwrap();
    }
    sink.finish(&tally.totals()).unwrap();
    String::from_utf8(out).unwrap()
}

/// What the rows come to.
pub(crate) fn totals(rows: &[Row]) -> Totals {
    let mut tally = Tally::default();
    for row in rows {
        match row {
            Row::Resource(row) => {
                tally.resource(row);
            }
            Row::Evaluation(row) => tally.evaluation(row),
            Row::Place(row) => tally.place(row),
        }
    }
    tally.totals()
}

pub(crate) const SCREEN: Layout = Layout { width: 80, everything: false };

/// Without colours.
pub(crate) fn table(rows: &[Row], layout: Layout) -> String {
    anstream::adapter::strip_str(&report(Format::Table, rows, layout)).to_string()
}
