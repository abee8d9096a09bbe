//! The answers of AWS are there, as many as were counted.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead as _, BufReader};

use serde::Deserialize;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{POPULATION, PopulationRow, Text};

/// For each call that was asked of an account × Region there are as many answers as pages. A bundle without answers says
/// nothing of them.
#[derive(Debug)]
pub(super) struct Raw;

/// What is read of a line of `raw/ACCOUNT.jsonl`.
#[derive(Deserialize)]
struct Answer<'line> {
    #[serde(borrow)]
    call: Text<'line>,
    region: Text<'line>,
    status: u16,
}

/// By Region and call.
type Counts = HashMap<(String, String), u64>;

impl ContentCheck for Raw {
    fn name(&self) -> &'static str {
        "raw"
    }

    fn promise(&self) -> &'static str {
        "the answers of AWS are there, at least as many as pages were counted"
    }

    fn about(&self) -> &'static [&'static str] {
        &[POPULATION]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[POPULATION]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let files: BTreeMap<String, String> =
            content.paths().filter_map(|path| Some((account_of(path)?.to_owned(), path.to_owned()))).collect();
        if files.is_empty() {
            return Ok(());
        }
        // Of one account at a time: its lines are together.
        let mut current: Option<(String, Counts)> = None;
        let mut failed = Ok(());
        content.rows(POPULATION, &mut Inconsistencies::default(), |row, _| {
            let PopulationRow::Place(place) = row else { return };
            if failed.is_err() {
                return;
            }
            if current.as_ref().is_none_or(|(account, _)| *account != place.account) {
                match files.get(&place.account).map_or_else(|| Ok(Counts::new()), |path| count(content, path)) {
                    Ok(counts) => current = Some((place.account.clone(), counts)),
                    Err(error) => failed = Err(error),
                }
            }
            let Some((_, counts)) = &current else { return };
            // An aggregator's answers are in another account's file.
            for asked in place.asked.iter().filter(|asked| asked.pages > 0 && !asked.call.contains("Aggregat")) {
                let key = (place.region.clone(), asked.call.clone());
                let are = counts.get(&key).copied().unwrap_or_default();
                if are < asked.pages {
                    told.tell(
                        POPULATION,
                        format!(
                            "says {} pages of {} of account {} in {}, and `raw` has {are}",
                            asked.pages, asked.call, place.account, place.region
                        ),
                    );
                }
            }
        })?;
        failed
    }
}

/// The account of `raw/111122223333.jsonl`.
fn account_of(path: &str) -> Option<&str> {
    let account = path.strip_prefix("raw/")?.strip_suffix(".jsonl")?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

fn count(content: &Content<'_>, path: &str) -> io::Result<Counts> {
    content.read(path, |reader| {
        let (mut reader, mut line, mut counts) = (BufReader::new(reader), Vec::new(), Counts::new());
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(counts);
            }
            let Ok(answer) = serde_json::from_slice::<Answer<'_>>(&line) else { continue };
            if answer.status < 300 {
                let key = (answer.region.as_ref().to_owned(), answer.call.as_ref().to_owned());
                *counts.entry(key).or_default() += 1;
            }
        }
    })
}
