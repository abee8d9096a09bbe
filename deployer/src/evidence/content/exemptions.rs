//! The ledger of exemptions says what the results say.

use std::collections::BTreeMap;
use std::io;

use rule::exemption::{Exemption, Exemptions as Entries};
use serde_json::json;

use super::{Content, ContentCheck, Inconsistencies};
use crate::compliance::ledger_entry;
use crate::evidence::rows::{EVALUATIONS, EXEMPTIONS, EvaluationRow, ExemptionRow, Ledger};

/// How often an exemption applied is how many results name it, and none that has expired bears anything.
#[derive(Debug)]
pub(super) struct Exemptions;

impl ContentCheck for Exemptions {
    fn name(&self) -> &'static str {
        "exemptions"
    }

    fn promise(&self) -> &'static str {
        "each exemption of the ledger bears as many results as it says, and an expired one bears none"
    }

    fn about(&self) -> &'static [&'static str] {
        &[EXEMPTIONS]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[EXEMPTIONS, EVALUATIONS]
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let mut rows = Vec::new();
        content.rows(EXEMPTIONS, told, |row: ExemptionRow, told| match entry(&row) {
            Ok(entry) => rows.push((row, entry)),
            Err(why) => told.tell(EXEMPTIONS, format!("has no exemption that can be one ({}): {why}", row.ticket)),
        })?;
        let ledger: Entries = rows.iter().map(|(_, entry)| entry.clone()).collect();
        // How many results name an exemption, and how many of them it bears.
        let mut named = BTreeMap::<Exemption, (u64, u64)>::new();
        content.rows(EVALUATIONS, &mut Inconsistencies::default(), |row: EvaluationRow, _| {
            if let Some(entry) = ledger_entry(&row, &ledger) {
                let counts = named.entry(entry.clone()).or_default();
                *counts = (counts.0 + 1, counts.1 + u64::from(row.is_exempt()));
            }
        })?;
        for (row, entry) in rows {
            let name = format!("{} for `{}` by {}", row.check, row.notebook, row.ticket);
            let (all, borne) = named.get(&entry).copied().unwrap_or_default();
            if all != row.matched {
                told.tell(EXEMPTIONS, format!("says that {} results name {name}, and {all} do", row.matched));
            }
            let fits = match row.state {
                Ledger::Applied => row.matched > 0,
                Ledger::Unmatched | Ledger::Unknown => row.matched == 0,
                Ledger::Expired => borne == 0,
            };
            if !fits {
                told.tell(EXEMPTIONS, format!("says of {name} what the results do not"));
            }
        }
        Ok(())
    }
}

/// The exemption of a row, read as strictly as those of the function.
fn entry(row: &ExemptionRow) -> Result<Exemption, String> {
    let one = json!({
        "account": row.account, "region": row.region, "check": row.check, "notebook": row.notebook,
        "ticket": row.ticket, "reason": row.reason, "owner": row.owner, "approved_by": row.approved_by,
        "expires": row.expires,
    });
    let ledger = json!({"version": 1, "exemptions": [one]}).to_string();
    let entries = Entries::read(ledger.as_bytes()).map_err(|error| error.to_string())?;
    entries.as_slice().first().cloned().ok_or_else(|| "there is none".to_owned())
}
