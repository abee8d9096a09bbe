//! What will be removed from an organization, as people read it: fewer than a hundred lines.

use std::fmt::Write as _;

use super::look::{Found, SetFound};
use crate::organization::site::Site;
use crate::output::{BAD, FAINT, STRONG, UNSURE, counted, layout};
use crate::uninstall::text::blocks;

/// StackSets and Regions that are told one by one.
const SHOWN: usize = 20;

pub(super) fn render(site: &Site, found: &Found, width: usize) -> String {
    let title = format!("Notebook Guard in organization {}: what will be removed", site.organization.id);
    let mut out = format!("{STRONG}{title}{STRONG:#}\n\n{STRONG}{}{STRONG:#}\n", site.home);
    guardrail(&mut out, site, found);
    aggregator(&mut out, site, found);
    if !found.packs.is_empty() {
        let name = crate::managed_pack::PackSettings::name_of(&site.prefix);
        let text = format!(
            "organization conformance pack {name} with its rules and their results, in {}",
            found.packs.join(", ")
        );
        line(&mut out, &text, width);
    }
    for set in found.sets.iter().take(SHOWN) {
        self::set(&mut out, set, width);
    }
    if found.sets.len() > SHOWN {
        let _ = writeln!(out, "    and {} more StackSets", found.sets.len() - SHOWN);
    }
    for name in &found.foreign {
        let _ = writeln!(out, "  {FAINT}= StackSet {name} stays: deployer did not make it{FAINT:#}");
    }
    if let Some(record) = &found.record {
        let _ = writeln!(out, "  ~ record of targets: Regions {}", record.regions.join(", "));
    }
    if found.keeps_home {
        let text = "= the artifact stack stays: it has the record of the targets that are left";
        let _ = writeln!(out, "  {FAINT}{text}{FAINT:#}");
    }
    if found.regions.iter().any(crate::uninstall::Region::has_work) {
        let _ = write!(out, "\nIn account {} itself:\n{}", site.account, blocks(&found.regions, site.names()));
    }
    elsewhere(&mut out, site, width);
    out.push('\n');
    out
}

/// What only the management account itself can take away.
fn elsewhere(out: &mut String, site: &Site, width: usize) {
    if !site.is_management() {
        let text = format!(
            "! the management account {} may have stacks of its own: deployer uninstall there removes them",
            site.organization.management
        );
        let _ = writeln!(out, "\n{UNSURE}{}{UNSURE:#}", textwrap::fill(&text, layout(width, "  ")));
    }
}

fn guardrail(out: &mut String, site: &Site, found: &Found) {
    if let Some(stack) = &found.guardrail {
        let _ = writeln!(out, "  {BAD}-{BAD:#} stack {}: its policies are detached and deleted", stack.name);
        for (output, name) in
            [("NetworkPolicyId", site.names().network_policy()), ("TamperPolicyId", site.names().tamper_policy())]
        {
            if stack.outputs.contains_key(output) {
                let _ = writeln!(out, "      policy  {name}");
            }
        }
    } else if found.keeps_guardrail {
        let text = "= the service control policies stay: they are not a Region's";
        let _ = writeln!(out, "  {FAINT}{text}{FAINT:#}");
    }
}

fn aggregator(out: &mut String, site: &Site, found: &Found) {
    if let Some(stack) = &found.aggregator {
        let name = site.names().aggregator();
        let _ = writeln!(out, "  {BAD}-{BAD:#} stack {}: the aggregator {name} and its role", stack.name);
    } else if found.keeps_aggregator {
        let _ = writeln!(out, "  {FAINT}= the aggregator stays: it is not a Region's{FAINT:#}");
    }
}

fn set(out: &mut String, one: &SetFound, width: usize) {
    let SetFound { set, instances, unreachable, is_whole } = one;
    let count: usize = instances.values().sum();
    let whole = if *is_whole { "" } else { ", and stays for its other Regions" };
    let name = &set.name;
    let text =
        format!("StackSet {name}: {} with their functions, rules, results and logs{whole}", counted(count, "instance"));
    line(out, &text, width);
    for (region, count) in instances.iter().take(SHOWN) {
        let _ = writeln!(out, "      {region:15} {count}");
    }
    if *unreachable > 0 {
        let text = format!(
            "{unreachable} of them are in accounts that are not ACTIVE: StackSets let go of them, and their stacks stay"
        );
        let _ = writeln!(out, "{UNSURE}{}{UNSURE:#}", textwrap::fill(&text, layout(width, "      ")));
    }
}

fn line(out: &mut String, text: &str, width: usize) {
    let wrapped = textwrap::fill(text, layout(width, "    "));
    let _ = writeln!(out, "  {BAD}-{BAD:#} {}", wrapped.trim_start());
}
