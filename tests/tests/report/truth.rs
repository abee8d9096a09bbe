//! What is so in the organization of these tests, as plain values: results, notebooks, accounts × Regions.

use std::collections::BTreeMap;

pub(crate) const MANAGEMENT: &str = "111111111111";
pub(crate) const PAYMENTS: &str = "222222222222";
pub(crate) const SEARCH: &str = "333333333333";
/// Nothing was installed there, and there is nothing to judge.
pub(crate) const EMPTY: &str = "444444444444";
/// It is suspended.
pub(crate) const OLD: &str = "555555555555";
pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const OTHER: &str = "us-east-1";
pub(crate) const REGIONS: [&str; 2] = [HOME, OTHER];
/// The accounts with rules.
pub(crate) const GUARDED: [&str; 3] = [MANAGEMENT, PAYMENTS, SEARCH];
pub(crate) const CHECKS: [&str; 3] = ["direct-internet-access", "root-access", "studio-vpc-only"];
pub(crate) const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";
pub(crate) const DOMAIN: &str = "AWS::SageMaker::Domain";
pub(crate) const ACCOUNT_TYPE: &str = "AWS::::Account";

const EXEMPT: &str = "exempt until 2099-01-31 (SEC-7): the vendor's driver (v2) needs it";
const LATE: &str = "the exemption until 2026-10-31 (SEC-3) has expired. RootAccess is \"Enabled\"";
const OPEN: &str = "DirectInternetAccess is \"Enabled\": set it to Disabled";
const ROOT: &str = "RootAccess is \"Enabled\"";

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Result {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) check: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) word: String,
    pub(crate) annotation: Option<String>,
}

impl Result {
    fn of((account, region): (&str, &str), check: &str, (kind, id): (&str, String), word: &str) -> Self {
        let text = str::to_owned;
        let (account, region, check, kind) = (text(account), text(region), text(check), text(kind));
        Self { account, region, check, kind, id, word: text(word), annotation: None }
    }
}

pub(crate) fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{region}:{account}:notebook-instance/{name}")
}

/// The notebooks that there are, in account, Region, name.
pub(crate) const NOTEBOOKS: [(&str, &str, &str); 8] = [
    (MANAGEMENT, HOME, "admin"),
    (PAYMENTS, HOME, "fraud"),
    (PAYMENTS, HOME, "late"),
    (PAYMENTS, HOME, "ledger"),
    (PAYMENTS, HOME, "vendor"),
    (PAYMENTS, OTHER, "batch"),
    (SEARCH, HOME, "index"),
    // No rule has judged it yet.
    (SEARCH, HOME, "new"),
];
/// A domain, in account and Region with id and name.
pub(crate) const STUDIO: (&str, &str, &str, &str) = (PAYMENTS, HOME, "d-abcdefghijkl", "studio");

/// All results that AWS Config holds.
pub(crate) fn results() -> Vec<Result> {
    let mut all = Vec::new();
    let good = ["COMPLIANT", "COMPLIANT"];
    for ((account, region), name, words, annotations) in [
        ((MANAGEMENT, HOME), "admin", good, [None, None]),
        ((PAYMENTS, HOME), "ledger", good, [None, None]),
        ((PAYMENTS, HOME), "fraud", ["NON_COMPLIANT", "NON_COMPLIANT"], [Some(OPEN), Some(ROOT)]),
        ((PAYMENTS, HOME), "vendor", ["COMPLIANT", "NOT_APPLICABLE"], [None, Some(EXEMPT)]),
        ((PAYMENTS, HOME), "late", ["COMPLIANT", "NON_COMPLIANT"], [None, Some(LATE)]),
        ((PAYMENTS, OTHER), "batch", good, [None, None]),
        ((SEARCH, HOME), "index", ["NON_COMPLIANT", "COMPLIANT"], [Some(OPEN), None]),
        // Somebody deleted it, and no sweep has come by since.
        ((SEARCH, HOME), "gone", good, [None, None]),
    ] {
        for ((check, word), annotation) in CHECKS.iter().zip(words).zip(annotations) {
            let resource = (NOTEBOOK, arn(account, region, name));
            let annotation = annotation.map(str::to_owned);
            all.push(Result { annotation, ..Result::of((account, region), check, resource, word) });
        }
    }
    let (account, region, id, _) = STUDIO;
    all.push(Result::of((account, region), CHECKS[2], (DOMAIN, id.to_owned()), "NON_COMPLIANT"));
    // An account without notebooks says so.
    for check in &CHECKS[..2] {
        let resource = (ACCOUNT_TYPE, SEARCH.to_owned());
        all.push(Result::of((SEARCH, OTHER), check, resource, "NOT_APPLICABLE"));
    }
    all.sort();
    all
}

/// How each account × Region is to be read account by account.
pub(crate) fn places() -> BTreeMap<(String, String), &'static str> {
    let mut all = BTreeMap::new();
    for region in REGIONS {
        for account in GUARDED {
            all.insert((account.to_owned(), region.to_owned()), "read");
        }
        all.insert((EMPTY.to_owned(), region.to_owned()), "unread");
        all.insert((OLD.to_owned(), region.to_owned()), "excluded");
    }
    // `new` has no result.
    all.insert((SEARCH.to_owned(), HOME.to_owned()), "incomplete");
    all
}
