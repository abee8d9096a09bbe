//! The ledger of exemptions says what the results say.

use std::collections::HashMap;
use std::io;

use super::{Content, ContentCheck, Inconsistencies};
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
        // How many results name an exemption, and how many of them it bears.
        let mut named = HashMap::<(String, String, String, String), (u64, u64)>::new();
        content.rows(EVALUATIONS, &mut Inconsistencies::default(), |row: EvaluationRow, _| {
            if let Some(exempt) = row.exempt {
                let counts = named.entry((row.account, row.region, row.check, exempt.ticket)).or_default();
                *counts = (counts.0 + 1, counts.1 + u64::from(!exempt.expired));
            }
        })?;
        content.rows(EXEMPTIONS, told, |row: ExemptionRow, told| {
            let name = format!("{} for `{}` by {}", row.check, row.notebook, row.ticket);
            let (all, borne) =
                named.get(&(row.account, row.region, row.check, row.ticket)).copied().unwrap_or_default();
            if all != row.matched {
                told.tell(EXEMPTIONS, format!("says that {} results name {name}, and {all} do", row.matched));
            }
            let fits = match row.state {
                Ledger::Applied => row.matched > 0,
                Ledger::Unmatched => row.matched == 0,
                Ledger::Expired => borne == 0,
            };
            if !fits {
                told.tell(EXEMPTIONS, format!("says of {name} what the results do not"));
            }
        })
    }
}
