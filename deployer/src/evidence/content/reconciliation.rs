//! Population, evaluations and report tell the same story.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

use rule::check::Check;

use super::{Content, ContentCheck, Inconsistencies};
use crate::evidence::rows::{
    ACCOUNT_TYPE, EVALUATIONS, EvaluationRow, Keys, Known, POPULATION, Place, PopulationRow, REPORT, RULES, Report,
    Resource, RuleRow, Tally, Text, Totals,
};

/// Every evaluation is of a resource of the population, every resource in a place that was read, and the report's
/// totals are those of the lines.
#[derive(Debug)]
pub(super) struct Reconciliation;

impl ContentCheck for Reconciliation {
    fn name(&self) -> &'static str {
        "reconciliation"
    }

    fn promise(&self) -> &'static str {
        "every evaluation belongs to the population, and the totals of the report are theirs"
    }

    fn about(&self) -> &'static [&'static str] {
        &[EVALUATIONS, POPULATION, REPORT]
    }

    fn needs(&self) -> &'static [&'static str] {
        &[EVALUATIONS, POPULATION, REPORT]
    }

    fn reads(&self, path: &str) -> bool {
        path == RULES
    }

    fn check(&self, content: &Content<'_>, told: &mut Inconsistencies) -> io::Result<()> {
        let mut world = World::default();
        content.rows(POPULATION, told, |row, told| match row {
            PopulationRow::Place(place) => world.place(&place, told),
            PopulationRow::Resource(resource) => world.resource(&resource, told),
        })?;
        if content.has(RULES) {
            // Lines that cannot be read are told by another check.
            content.rows(RULES, &mut Inconsistencies::default(), |row, _| world.rule(&row))?;
        }
        world.close_population(told);
        // There are many: their texts are not copied.
        content.lines(EVALUATIONS, told, |line, told| {
            world.evaluation(&serde_json::from_slice(line)?, told);
            Ok(())
        })?;
        world.close_evaluations(told);
        if let Some(report) = content.json::<Report>(REPORT, told)? {
            let totals = world.tally.totals();
            compare(&report.totals, &totals, told);
            let unread = totals.places.unread + totals.places.incomplete;
            if report.unread_places.is_some_and(|says| says != unread) {
                told.tell(REPORT, format!("has `unreadPlaces` otherwise than the lines, which come to {unread}"));
            }
        }
        Ok(())
    }
}

/// What the lines have told so far.
#[derive(Default)]
struct World {
    /// By account and Region.
    places: HashMap<String, HashMap<String, PlaceSeen>>,
    results: HashSet<u64>,
    keys: Keys,
    tally: Tally,
}

#[derive(Default)]
struct PlaceSeen {
    /// How many resources it says it has, and whether anything of it was read.
    told: Option<(u64, bool)>,
    listed: u64,
    others: u64,
    /// How many resources it says that no check judges, less those of which the lines say so.
    not_judged: i128,
    /// The types that no check judges, as the lines say.
    beyond: BTreeSet<String>,
    /// The types that its checks judge.
    judged: BTreeSet<String>,
}

impl World {
    fn at(&mut self, account: &str, region: &str) -> &mut PlaceSeen {
        self.places.entry(account.to_owned()).or_default().entry(region.to_owned()).or_default()
    }

    fn place(&mut self, place: &Place, told: &mut Inconsistencies) {
        self.tally.place(place);
        let seen = self.at(&place.account, &place.region);
        seen.not_judged += i128::from(place.not_judged);
        let checks = place.checks.iter().filter_map(|id| Check::find(id));
        seen.judged.extend(checks.map(|check| check.resource_type().as_str().to_owned()));
        if seen.told.replace((place.resources, place.reading.has_data())).is_some() {
            told.tell(POPULATION, format!("has account {} in {} twice", place.account, place.region));
        }
    }

    /// Whatever a place says of its checks, one that has a rule there judges.
    fn rule(&mut self, rule: &RuleRow) {
        if let Some(check) = Check::find(&rule.check) {
            let kind = check.resource_type().as_str().to_owned();
            self.at(&rule.account, &rule.region).judged.insert(kind);
        }
    }

    fn resource(&mut self, resource: &Resource, told: &mut Inconsistencies) {
        let Resource { account, region, resource_id, known, .. } = resource;
        let seen = self.at(account, region);
        match known {
            Known::Listed => seen.listed += 1,
            Known::EvaluatedOnly | Known::Deleted => seen.others += 1,
        }
        if resource.not_judged.is_some() {
            seen.not_judged -= 1;
            seen.beyond.insert(resource.resource_type.clone());
        }
        if !is_there(resource_id, account, region) {
            told.tell(POPULATION, format!("has `{resource_id}` in account {account} in {region}"));
        }
        if !self.tally.resource(resource) {
            told.tell(POPULATION, format!("has `{resource_id}` twice"));
        }
    }

    fn close_population(&self, told: &mut Inconsistencies) {
        let regions = |(account, regions)| std::iter::repeat(account).zip(regions);
        let mut places: Vec<(&String, (&String, &PlaceSeen))> = self.places.iter().flat_map(regions).collect();
        places.sort_by_key(|(account, (region, _))| (*account, *region));
        for (account, (region, seen)) in places {
            let place = format!("account {account} in {region}");
            match seen.told {
                None => told.tell(POPULATION, format!("has resources in {place}, which is in no line of its own")),
                Some((_, false)) if seen.listed + seen.others > 0 => {
                    told.tell(POPULATION, format!("has resources in {place}, of which nothing was read"));
                }
                Some((says, _)) if says != seen.listed => {
                    told.tell(POPULATION, format!("says {says} resources of {place}, and lists {}", seen.listed));
                }
                Some(_) if seen.not_judged != 0 => {
                    told.tell(
                        POPULATION,
                        format!("counts those that no check judges in {place} otherwise than it lists"),
                    );
                }
                Some(_) => {}
            }
            for kind in seen.beyond.intersection(&seen.judged) {
                told.tell(
                    POPULATION,
                    format!("says that no check judges `{kind}` in {place}, and names one that does"),
                );
            }
        }
    }

    fn evaluation(&mut self, row: &EvaluationRow<Text<'_>>, told: &mut Inconsistencies) {
        let evaluated = self.tally.evaluated(row);
        let (account, region, id) = (row.account.as_ref(), row.region.as_ref(), row.resource_id.as_ref());
        if !self.results.insert(self.keys.result(evaluated.key, row.rule.as_ref())) {
            told.tell(EVALUATIONS, format!("has the result of `{}` for `{id}` twice", row.rule.as_ref()));
        }
        let was_read = self.places.get(account).and_then(|regions| regions.get(region)).and_then(|seen| seen.told);
        let place = || format!("account {account} in {region}");
        match was_read {
            None => told.tell(EVALUATIONS, format!("has a result in {}, which is not in the population", place())),
            Some((_, false)) => {
                told.tell(EVALUATIONS, format!("has a result in {}, of which nothing was read", place()));
            }
            Some((_, true)) if row.resource_type.as_ref() == ACCOUNT_TYPE => {
                if id != account {
                    told.tell(EVALUATIONS, format!("has a result of account `{id}` in {}", place()));
                }
            }
            Some((_, true)) => {
                if evaluated.is_beyond {
                    told.tell(EVALUATIONS, format!("has a result for `{id}`, which no check is said to judge"));
                }
                if !evaluated.is_known {
                    told.tell(EVALUATIONS, format!("has a result for `{id}`, which is not in the population"));
                }
            }
        }
    }

    fn close_evaluations(&self, told: &mut Inconsistencies) {
        let alone = self.tally.without_reason();
        if alone > 0 {
            let message = format!("has {alone} resources that only their evaluations tell of, and those are missing");
            told.tell(POPULATION, message);
        }
    }
}

/// Whether an ARN is of an account and a Region. What is no ARN says nothing.
fn is_there(id: &str, account: &str, region: &str) -> bool {
    let mut parts = id.splitn(6, ':');
    if parts.next() != Some("arn") {
        return true;
    }
    let (at, of) = (parts.nth(2), parts.next());
    at.is_none_or(|at| at == region) && of.is_none_or(|of| of == account)
}

/// Tells each number of the report that is not what the lines come to.
fn compare(says: &Totals, are: &Totals, told: &mut Inconsistencies) {
    let mut numbers = |of: &str, pairs: &[(&str, u64)], with: &[(&str, u64)]| {
        for ((name, says), (_, are)) in pairs.iter().zip(with) {
            if says != are {
                told.tell(REPORT, format!("says {says} for `{name}` of {of}, and the lines come to {are}"));
            }
        }
    };
    numbers("all places", &says.places.named(), &are.places.named());
    numbers("all resources", &says.resources.named(), &are.resources.named());
    numbers("all evaluations", &says.evaluations.named(), &are.evaluations.named());
    for (what, says, are) in [("check", &says.checks, &are.checks), ("account", &says.accounts, &are.accounts)] {
        each(says, are, |name, says, are| numbers(&format!("{what} {name}"), &says.named(), &are.named()));
    }
    each(&says.check_resources, &are.check_resources, |name, says, are| {
        numbers(&format!("the resources of check {name}"), &says.named(), &are.named());
    });
}

/// Each name of either with what both have there.
fn each<T: Copy + Default>(says: &BTreeMap<String, T>, are: &BTreeMap<String, T>, mut tell: impl FnMut(&str, T, T)) {
    let names: BTreeSet<&String> = says.keys().chain(are.keys()).collect();
    for name in names {
        let of = |all: &BTreeMap<String, T>| all.get(name).copied().unwrap_or_default();
        tell(name, of(says), of(are));
    }
}
