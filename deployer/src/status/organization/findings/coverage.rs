//! What is not covered although it should be, and what is left where nothing should be.

use super::{Finding, Head, Installed, Subject, flags, note, problem};
use crate::output::counted;
use crate::status::organization::{Class, MISSING, UNDER_WAY, UNINVITED};

pub(super) fn of(head: &Head, installed: &Installed) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(account) = installed.other_installer.as_ref().filter(|_| !installed.record.is_there) {
        found.push(note(
            Subject::Coverage,
            format!("account {account} installed, and has the record of targets: the StackSets' own stand for it here"),
            None,
        ));
    } else if !installed.record.is_there {
        found.push(problem(
            Subject::Coverage,
            "the record of targets is gone: the StackSets' own targets stand for it, and accounts that were excluded \
             are not known",
            format!("install again, with the flags that it was installed with: deployer install {}", flags(head)),
        ));
    }
    found.extend(failed(head, installed));
    let totals = installed.coverage.totals();
    if totals.outdated > 0 {
        found.push(problem(
            Subject::Coverage,
            format!("{} with an older version or older settings", are(totals.outdated)),
            format!("deployer install {} with the flags that it was installed with", flags(head)),
        ));
    }
    let uninvited = installed.coverage.totals_where(|row| row.why.cause == UNINVITED).all();
    if uninvited > 0 {
        found.push(note(
            Subject::Coverage,
            format!("{} out of scope: auto-deployment knows no exclusions", are(uninvited)),
            Some("install again to take them away, or leave them".to_owned()),
        ));
    }
    found.extend(strays(head, installed));
    found
}

/// The reasons themselves are told with the groups; here is what to do about them all.
fn failed(head: &Head, installed: &Installed) -> Vec<Finding> {
    let count = |is_meant: fn(&str) -> bool| {
        let is_failed = |class: Class| class == Class::Failed;
        installed.coverage.rows().filter(|row| is_failed(row.class) && is_meant(row.why.cause)).count()
    };
    let (missing, under_way) = (count(|cause| cause == MISSING), count(|cause| cause == UNDER_WAY));
    let failed = count(|cause| cause != MISSING && cause != UNDER_WAY);
    let mut found = Vec::new();
    if failed > 0 {
        found.push(problem(
            Subject::Coverage,
            format!("{} where the guard could not be installed", these(failed)),
            format!("mend what the reasons name, then: deployer retry {}", flags(head)),
        ));
    }
    if missing > 0 {
        found.push(problem(
            Subject::Coverage,
            format!("{} where nothing was installed yet", these(missing)),
            format!("deployer install {} with the flags that it was installed with", flags(head)),
        ));
    }
    if under_way > 0 {
        let message = format!("{} where it is being installed or changed now", these(under_way));
        found.push(problem(Subject::Coverage, message, format!("look again: deployer status {}", flags(head))));
    }
    found
}

fn strays(head: &Head, installed: &Installed) -> Vec<Finding> {
    let strays = installed.coverage.strays();
    let told = strays.map(|stray| {
        let (count, region) = (counted(stray.count, "instance"), &stray.region);
        if stray.is_member {
            problem(
                Subject::Coverage,
                format!("{count} in {region}, which is no target any more (one in {})", stray.sample),
                format!("take them away: deployer uninstall {} --region {region}", flags(head)),
            )
        } else {
            note(
                Subject::Coverage,
                format!("{count} in {region} of accounts that left the organization (one was {})", stray.sample),
                Some("CloudFormation removes them by itself, or keeps them as lost; nothing works in them".to_owned()),
            )
        }
    });
    told.collect()
}

fn these(number: usize) -> String {
    let is = if number == 1 { "there is" } else { "there are" };
    format!("{is} {}", counted(number, "place"))
}

fn are(number: usize) -> String {
    format!("{} {}", counted(number, "place"), if number == 1 { "is" } else { "are" })
}
