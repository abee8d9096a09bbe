//! The fleet of the demo: an organization of six accounts and two Regions, with every kind of notebook in two of the
//! accounts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::DemoError;
use crate::sandbox::{
    Describe, Domain, Notebook, OrganizationSpec, RecorderState, SandboxError, SecurityGroup, StackSetsAccess, World,
};

/// The account that manages the organization.
pub(super) const MANAGEMENT: &str = "111122223333";
/// The account and Region in which people try things out.
pub(super) const RESEARCH: (&str, &str) = ("444455556666", "eu-west-1");
/// The account and Region in which only what is safe may be made.
pub(super) const PRODUCTION: (&str, &str) = ("222233334444", "us-east-1");
/// The account that is moved into the unit [`MOVED_TO`].
pub(super) const NEWCOMER: &str = "666677778888";
pub(super) const MOVED_TO: &str = "Research";
/// Every account with the path of its unit; the management account and the newcomer are in the root.
const MEMBERS: [(&str, &str); 5] = [
    ("Prod/Payments", PRODUCTION.0),
    ("Prod/Data", "333344445555"),
    ("Research", RESEARCH.0),
    ("Research", "555566667777"),
    ("", NEWCOMER),
];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const CLOSED: &str = "sg-0c105ed0000000001";
const OPEN: &str = "sg-00be40000000000002";

/// Makes all of it; gives the ids of the organization's units by their paths.
pub(super) fn put_up(world: &World) -> Result<BTreeMap<String, String>, DemoError> {
    let spec = MEMBERS
        .iter()
        .fold(OrganizationSpec::new(MANAGEMENT, &REGIONS), |spec, (unit, account)| spec.account(unit, account));
    let units = world.put_organization(&spec)?;
    world.set_stack_sets_access(StackSetsAccess::Enabled)?;
    for place in world.places() {
        furnish(world, (&place.account, &place.region))?;
    }
    for ((account, region), notebooks) in notebooks() {
        for notebook in notebooks {
            world.put_notebook(account, region, notebook)?;
        }
    }
    world.put_domain(RESEARCH.0, RESEARCH.1, Domain::new("d-studiopublic", "sandbox", "PublicInternetOnly"))?;
    world.put_domain(PRODUCTION.0, PRODUCTION.1, Domain::new("d-studioclosed", "research", "VpcOnly"))?;
    Ok(units)
}

/// A recorder, and two security groups.
fn furnish(world: &World, (account, region): (&str, &str)) -> Result<(), SandboxError> {
    world.set_recorder(account, region, &RecorderState::ALL)?;
    let closed = SecurityGroup::new(CLOSED, "closed").admits("10.0.0.0/8", 443);
    world.put_security_group(account, region, closed)?;
    let open = SecurityGroup::new(OPEN, "open").admits("10.0.0.0/8", 443).admits("0.0.0.0/0", 8888);
    world.put_security_group(account, region, open)
}

type Place = (&'static str, &'static str);

fn notebooks() -> Vec<(Place, Vec<Notebook>)> {
    vec![
        (RESEARCH, vec![good("fraud-model"), in_group(good("shared-lab"), OPEN), Notebook::new("defaults-only")]),
        (
            (RESEARCH.0, "us-east-1"),
            vec![
                good("forecast"),
                good("internet-on").odd("DirectInternetAccess", json!("Enabled")),
                good("root-on").odd("RootAccess", json!("Enabled")),
                good("gone-meanwhile").described(Describe::Vanished),
            ],
        ),
        (
            (PRODUCTION.0, "eu-west-1"),
            vec![
                Notebook::new("being-deleted").status("Deleting"),
                Notebook::new("failed-start").status("Failed"),
                good("odd-case").odd("DirectInternetAccess", json!("disabled")),
                good("odd-null").odd("RootAccess", Value::Null),
            ],
        ),
        (
            PRODUCTION,
            vec![
                good("old-platform").odd("PlatformIdentifier", json!("notebook-al2-v2")),
                in_group(good("lost-group"), "sg-0dead000000000003"),
            ],
        ),
    ]
}

/// Everything as it should be.
fn good(name: &str) -> Notebook {
    let mut notebook = Notebook::new(name).hardened();
    notebook.kms_key_id =
        Some("arn:aws:kms:eu-west-1:111122223333:key/75d1e7ba-f9c5-46b9-97bc-28e6c834aa49".to_owned());
    in_group(notebook, CLOSED)
}

fn in_group(mut notebook: Notebook, group: &str) -> Notebook {
    notebook.security_groups = vec![group.to_owned()];
    notebook
}
