//! Rows of an organization that nobody has, for reports: accounts of all kinds, the same each time.

use deployer::compliance::Sink;
use deployer::evidence::Moment;
use deployer::evidence::rows::{
    Asked, Compliance, EvaluationRow, Exempt, Known, Place, Reading, Resource, Tally, Totals,
};
use deployer::failure::Failure;
use deployer::report::Meta;
use deployer::settings::DEFAULT_CHECKS;
use rule::check::{self, Check};
use rule::resource::ResourceType;

const REGIONS: [&str; 17] = [
    "eu-west-1",
    "us-east-1",
    "us-west-2",
    "eu-central-1",
    "ap-southeast-2",
    "us-east-2",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ca-central-1",
    "sa-east-1",
    "us-west-1",
];
const TEAMS: [&str; 12] = [
    "Payments",
    "Fraud",
    "Genomics",
    "Search",
    "Pricing",
    "Forecasting",
    "Risk",
    "Marketing",
    "Logistics",
    "Vision",
    "Speech",
    "Claims",
];
const STAGES: [&str; 4] = ["Production", "Staging", "Research", "Sandbox"];
const WORK: [&str; 8] = [
    "churn-features",
    "gpu-bench",
    "exploration",
    "label-review",
    "fraud-graph",
    "demand-2026",
    "embeddings",
    "scratch",
];
/// Names that a terminal, a browser or a spreadsheet would obey.
const HOSTILE: [&str; 5] = [
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "\u{202e}gnp.koobeton\u{1b}[2J",
    "@SUM(1+1)*cmd|' /C calc'!A0",
];
/// The day of the reports.
const NOW: &str = "2026-11-23T09:00:00Z";

/// An organization.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    /// How many accounts it has.
    pub accounts: u64,
    /// In how many Regions.
    pub regions: usize,
    /// At most as many notebooks in each account × Region.
    pub notebooks: u64,
    /// How many accounts in a thousand have violations.
    pub bad: u64,
    /// How many accounts in a thousand give no data.
    pub silent: u64,
    /// Whether names try to break out.
    pub hostile: bool,
    /// Whether only those checks are installed that are on unless others are chosen.
    pub default: bool,
}

impl Fleet {
    /// How its report was made.
    #[must_use]
    pub fn meta(self) -> Meta {
        let scope = match self.accounts {
            1 => format!("account {}, {}", account(0), REGIONS.get(..self.regions).unwrap_or_default().join(", ")),
            many => format!("organization o-a1b2c3d4e5, {many} accounts × {} Regions", self.regions),
        };
        Meta {
            scope,
            source: "AWS Config of each account, as role SecurityAudit".to_owned(),
            asked: Vec::new(),
            checks: Vec::new(),
            limits: vec!["a result is as old as the last evaluation of its rule".to_owned()],
            sees_exempt: true,
            narrowed: false,
            started: moment(NOW),
            version: "0.1.0".to_owned(),
            caller: "arn:aws:sts::100000000011:assumed-role/SecurityAudit/jo".to_owned(),
        }
    }

    /// Tells all rows, and what they come to.
    ///
    /// # Errors
    /// The sink cannot write.
    pub fn tell(self, sink: &mut dyn Sink) -> Result<Totals, Failure> {
        let mut tally = Tally::default();
        for index in 0..self.accounts {
            for region in REGIONS.iter().take(self.regions) {
                self.place(index, region, sink, &mut tally)?;
            }
        }
        Ok(tally.totals())
    }

    fn place(self, index: u64, region: &str, sink: &mut dyn Sink, tally: &mut Tally) -> Result<(), Failure> {
        let reading = self.reading(index, region);
        let (mut resources, mut not_judged, mut checks) = (0, 0, Vec::new());
        if reading.has_data() {
            checks.extend(self.checks().map(|check| check.id.to_owned()));
            let draw = dice(&[index, name_number(region), 7]);
            for number in 0..draw % (self.notebooks + 1) {
                let resource = self.resource(index, region, number);
                tally.resource(&resource);
                sink.resource(&resource)?;
                resources += 1;
                not_judged += u64::from(resource.not_judged.is_some());
                for row in self.results(index, &resource, number) {
                    tally.evaluation(&row);
                    sink.evaluation(&row)?;
                }
            }
        }
        let asked = vec![Asked {
            call: "sagemaker:ListNotebookInstances".to_owned(),
            at: moment(NOW),
            pages: 1,
            items: resources,
            error: None,
        }];
        let place = Place {
            account: account(index),
            account_name: Some(self.account_name(index)),
            region: region.to_owned(),
            reading,
            asked,
            resources,
            checks,
            not_judged,
        };
        tally.place(&place);
        sink.place(&place)
    }

    fn reading(self, index: u64, region: &str) -> Reading {
        let silent = self.accounts > 1 && dice(&[index, 1]) % 1_000 < self.silent;
        let (id, why) = (account(index), dice(&[index, 2]) % 4);
        match (silent, why) {
            (true, 0) => Reading::Excluded { why: "the account is suspended".to_owned() },
            (true, 1) => Reading::Unread {
                why: format!(
                    "role SecurityAudit cannot be assumed: AccessDenied: User: \
                     arn:aws:sts::100000000011:assumed-role/SecurityAudit/jo is not authorized to perform: \
                     sts:AssumeRole on resource: arn:aws:iam::{id}:role/SecurityAudit"
                ),
            },
            (true, 2) => Reading::Unread { why: "no rule of notebook-guard (recorder: stopped)".to_owned() },
            (true, _) if region.starts_with("us-") => Reading::Incomplete {
                why: format!("sagemaker:ListNotebookInstances in {region}: ThrottlingException: Rate exceeded"),
            },
            (true | false, _) => Reading::Read,
        }
    }

    fn account_name(self, index: u64) -> String {
        if self.hostile && index < 5 {
            return pick(&HOSTILE, index).to_owned();
        }
        let (team, stage) = (pick(&TEAMS, index), pick(&STAGES, index / 12));
        let round = index / 48;
        if round == 0 { format!("{team} {stage}") } else { format!("{team} {stage} {}", round + 1) }
    }

    fn resource(self, index: u64, region: &str, number: u64) -> Resource {
        let is_domain = dice(&[index, number, 3]).is_multiple_of(9);
        let (kind, path) = if is_domain {
            (ResourceType::DOMAIN, "domain/d-")
        } else {
            (ResourceType::NOTEBOOK_INSTANCE, "notebook-instance/")
        };
        let mut name = format!("{}-{}", pick(&WORK, dice(&[index, number, 4])), number + 1);
        if self.hostile && number == 0 {
            pick(&HOSTILE, index).clone_into(&mut name);
        }
        let resource_id = format!("arn:aws:sagemaker:{region}:{}:{path}{name}", account(index));
        Resource {
            account: account(index),
            region: region.to_owned(),
            resource_type: kind.as_str().to_owned(),
            resource_id,
            name: Some(name),
            status: Some("InService".to_owned()),
            created: Some(moment("2026-03-02T08:15:00Z")),
            known: Known::Listed,
            not_judged: (is_domain && self.default)
                .then(|| "no installed check applies to Studio domains: studio-vpc-only is not installed".to_owned()),
        }
    }

    /// The checks that are installed.
    fn checks(self) -> impl Iterator<Item = &'static Check> {
        check::ALL.into_iter().filter(move |check| !self.default || DEFAULT_CHECKS.contains(&check.id))
    }

    fn results(self, index: u64, resource: &Resource, number: u64) -> Vec<EvaluationRow> {
        let is_bad = dice(&[index, 5]) % 1_000 < self.bad;
        let of_type = |check: &&Check| check.resource_type().as_str() == resource.resource_type;
        let checks = self.checks().filter(of_type).enumerate();
        let region = name_number(&resource.region);
        checks
            .map(|(place, check)| {
                let draw = dice(&[index, region, number, place as u64, 6]) % 100;
                result(resource, check, if is_bad { draw } else { draw.min(60) }, self.hostile)
            })
            .collect()
    }
}

/// A result, by chance: below 70 it is fine.
fn result(resource: &Resource, check: &Check, draw: u64, hostile: bool) -> EvaluationRow {
    let exempt = |expires: &str, expired| Exempt {
        ticket: if hostile { "=HYPERLINK(\"http://x\")".to_owned() } else { "SEC-4711".to_owned() },
        reason: "vendor appliance until the migration".to_owned(),
        owner: "ml-platform@example.com".to_owned(),
        approved_by: "ciso@example.com".to_owned(),
        expires: expires.to_owned(),
        expired,
    };
    let (compliance_type, annotation, exempt) = match draw {
        0..70 => (Compliance::Compliant, None, None),
        70..72 => (Compliance::NotApplicable, Some("it has no subnet".to_owned()), None),
        // One of them has expired, and the rule did not run since.
        72..74 => {
            let exempt = if draw == 72 { exempt("2027-01-31", false) } else { exempt("2026-11-22", true) };
            (
                Compliance::NotApplicable,
                Some(format!("exempt until {} ({})", exempt.expires, exempt.ticket)),
                Some(exempt),
            )
        }
        74..75 => (Compliance::NonCompliant, Some(seen(check).to_owned()), Some(exempt("2026-10-31", true))),
        75..76 => (Compliance::InsufficientData, None, None),
        _ => (Compliance::NonCompliant, Some(seen(check).to_owned()), None),
    };
    EvaluationRow {
        account: resource.account.clone(),
        region: resource.region.clone(),
        check: check.id.to_owned(),
        rule: check.rule_name(),
        resource_type: resource.resource_type.clone(),
        resource_id: resource.resource_id.clone(),
        notebook: resource.name.clone(),
        compliance_type,
        annotation,
        ordering_timestamp: Some(moment("2026-11-23T06:00:00Z")),
        config_rule_invoked_time: Some(moment("2026-11-23T06:00:01Z")),
        result_recorded_time: Some(moment("2026-11-23T06:00:03Z")),
        exempt,
    }
}

fn seen(check: &Check) -> &'static str {
    match check.id {
        "direct-internet-access" => {
            "DirectInternetAccess is \"Enabled\"; \"Disabled\" is required. It cannot be changed: recreate the notebook in \
             a subnet with DirectInternetAccess=Disabled."
        }
        "inside-vpc" => "SubnetId is not reported; a subnet is required. Recreate the notebook in one.",
        "root-access" => "RootAccess is \"Enabled\"; \"Disabled\" is required. Stop the notebook and update it.",
        "open-ingress" => "security group sg-0a1b2c3d4e5f60718 admits 0.0.0.0/0 on tcp 22-22. Narrow the rule.",
        "volume-kms-key" => "KmsKeyId is not reported; a key is required. Recreate the notebook with one.",
        "platform-identifier" => "PlatformIdentifier is \"notebook-al2-v2\"; \"notebook-al2023-v1\" is required.",
        "imds-v2" => {
            "MinimumInstanceMetadataServiceVersion is \"1\"; \"2\" is required. Stop the notebook and update it."
        }
        _ => "AppNetworkAccessType is \"PublicInternetOnly\"; \"VpcOnly\" is required.",
    }
}

fn account(index: u64) -> String {
    format!("{:012}", 100_000_000_000 + index * 11)
}

fn name_number(name: &str) -> u64 {
    name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn pick<'a>(all: &[&'a str], number: u64) -> &'a str {
    let index = usize::try_from(number % all.len() as u64).unwrap_or_default();
    all.get(index).copied().unwrap_or_default()
}

/// A number that looks drawn and is the same each time (the finalizer of splitmix64).
fn dice(seeds: &[u64]) -> u64 {
    seeds.iter().fold(0x9e37_79b9_7f4a_7c15, |state: u64, seed| {
        let mut z = state.wrapping_add(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap_or_else(|_| Moment::now())
}
