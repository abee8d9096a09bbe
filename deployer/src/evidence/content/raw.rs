//! The answers of AWS are there, as many as were counted, and tell the same results.

mod results;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead as _, BufReader};

use serde::Deserialize;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{Asked, EVALUATIONS, POPULATION, Place, PopulationRow, RULES, Text};
use results::{Results, is_of_results};

/// For each call that was asked of an account × Region there are as many answers as pages, and the results on them are
/// the evaluations, each and no other.
#[derive(Debug)]
pub(super) struct Raw;

/// What is read of a line of `raw/ACCOUNT.jsonl`.
#[derive(Deserialize)]
struct Answer<'line> {
    #[serde(borrow)]
    call: Text<'line>,
    region: Text<'line>,
    status: u16,
    request: Option<Text<'line>>,
    body: Option<Text<'line>>,
}

/// By Region and call.
type Counts = HashMap<(String, String), u64>;

impl ContentCheck for Raw {
    fn name(&self) -> &'static str {
        "raw"
    }

    fn promise(&self) -> &'static str {
        "the answers of AWS are there, at least as many as pages were counted, and have the results that are told"
    }

    fn about(&self) -> &'static [&'static str] {
        &[POPULATION]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[POPULATION, EVALUATIONS]
    }

    fn reads(&self, path: &str) -> bool {
        path == RULES || account_of(path).is_some()
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let mut seen = Seen::default();
        for path in content.paths() {
            if let Some(account) = account_of(path) {
                seen.file(content, account, path)?;
            }
        }
        let mut places = Vec::new();
        // Lines that cannot be read are told by the reconciliation.
        content.rows(POPULATION, &mut Inconsistencies::default(), |row, _| match row {
            PopulationRow::Place(place) => places.push(place),
            PopulationRow::Resource(_) => {}
        })?;
        for place in &places {
            seen.pages_of(place, told);
        }
        seen.of_all_accounts(&places, told);
        seen.results.compare(content, &places, told)
    }
}

/// What the files of answers tell.
#[derive(Default)]
struct Seen {
    accounts: BTreeMap<String, Counts>,
    /// Calls to an aggregator, wherever they were made.
    aggregated: HashMap<String, u64>,
    results: Results,
}

impl Seen {
    fn file(&mut self, content: &Content<'_>, account: &str, path: &str) -> io::Result<()> {
        let counts = self.accounts.entry(account.to_owned()).or_default();
        content.read(path, |reader| {
            let (mut reader, mut line) = (BufReader::new(reader), Vec::new());
            loop {
                line.clear();
                if reader.read_until(b'\n', &mut line)? == 0 {
                    return Ok(());
                }
                let Ok(answer) = serde_json::from_slice::<Answer<'_>>(&line) else { continue };
                if answer.status >= 300 {
                    continue;
                }
                let (region, call) = (answer.region.as_ref(), answer.call.as_ref());
                *counts.entry((region.to_owned(), call.to_owned())).or_default() += 1;
                if is_aggregated(call) {
                    *self.aggregated.entry(call.to_owned()).or_default() += 1;
                }
                if let (true, Some(request), Some(body)) = (is_of_results(call), &answer.request, &answer.body) {
                    self.results.page((account, region), request.as_ref(), body.as_ref());
                }
            }
        })
    }

    fn pages_of(&self, place: &Place, told: &mut Inconsistencies) {
        // There is one for each rule.
        for (call, says) in sums(place.asked.iter().filter(|asked| !is_aggregated(&asked.call) && is_kept(&asked.call)))
        {
            let key = (place.region.clone(), call.to_owned());
            let are =
                self.accounts.get(&place.account).and_then(|counts| counts.get(&key)).copied().unwrap_or_default();
            if are < says {
                let Place { account, region, .. } = place;
                told.tell(
                    POPULATION,
                    format!("says {says} pages of {call} of account {account} in {region}, and `raw` has {are}"),
                );
            }
        }
    }

    /// What an aggregator was asked is in the file of the account that has it. Of each account × Region it was asked
    /// for the results of rules; everything else was asked once for all of them, and is told of each.
    fn of_all_accounts(&self, places: &[Place], told: &mut Inconsistencies) {
        let mut due = BTreeMap::<&str, u64>::new();
        for place in places {
            for (call, pages) in sums(place.asked.iter().filter(|asked| is_aggregated(&asked.call))) {
                let count = due.entry(call).or_default();
                *count = if is_of_results(call) { *count + pages } else { (*count).max(pages) };
            }
        }
        for (call, says) in due {
            let are = self.aggregated.get(call).copied().unwrap_or_default();
            if are < says {
                told.tell(POPULATION, format!("says {says} pages of {call}, and `raw` has {are}"));
            }
        }
    }
}

/// The pages of each call.
fn sums<'a>(asked: impl Iterator<Item = &'a Asked>) -> BTreeMap<&'a str, u64> {
    let mut sums = BTreeMap::new();
    for asked in asked {
        *sums.entry(asked.call.as_str()).or_default() += asked.pages;
    }
    sums
}

/// Which Regions an account has enabled is asked of EC2, whose answers are not kept.
fn is_kept(call: &str) -> bool {
    !call.starts_with("ec2:")
}

fn is_aggregated(call: &str) -> bool {
    call.contains("Aggregat")
}

/// The account of `raw/111122223333.jsonl`.
fn account_of(path: &str) -> Option<&str> {
    let account = path.strip_prefix("raw/")?.strip_suffix(".jsonl")?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}
