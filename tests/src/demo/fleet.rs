//! The fleet of the demo: every kind of notebook, in two accounts and two Regions.

use serde_json::{Value, json};

use crate::sandbox::{Describe, Domain, Notebook, RecorderState, SandboxError, SecurityGroup, World};

/// The account and Region in which the later chapters play.
pub(super) const FIRST: (&str, &str) = ("111122223333", "eu-west-1");
pub(super) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
const CLOSED: &str = "sg-0c105ed0000000001";
const OPEN: &str = "sg-00be40000000000002";

pub(super) fn put_up(world: &World) -> Result<(), SandboxError> {
    for account in ACCOUNTS {
        world.add_account(account)?;
        for region in REGIONS {
            world.enable_region(account, region)?;
            world.set_recorder(account, region, &RecorderState::ALL)?;
            world.put_security_group(
                account,
                region,
                SecurityGroup::new(CLOSED, "closed").admits("10.0.0.0/8", 443),
            )?;
            let open = SecurityGroup::new(OPEN, "open").admits("10.0.0.0/8", 443).admits("0.0.0.0/0", 8888);
            world.put_security_group(account, region, open)?;
        }
    }
    for ((account, region), notebooks) in notebooks() {
        for notebook in notebooks {
            world.put_notebook(account, region, notebook)?;
        }
    }
    world.put_domain(FIRST.0, FIRST.1, Domain::new("d-studioclosed", "research", "VpcOnly"))?;
    world.put_domain("444455556666", "us-east-1", Domain::new("d-studiopublic", "sandbox", "PublicInternetOnly"))
}

type Place = (&'static str, &'static str);

fn notebooks() -> Vec<(Place, Vec<Notebook>)> {
    vec![
        (FIRST, vec![good("fraud-model"), in_group(good("shared-lab"), OPEN), Notebook::new("defaults-only")]),
        (
            ("111122223333", "us-east-1"),
            vec![
                good("forecast"),
                good("internet-on").odd("DirectInternetAccess", json!("Enabled")),
                good("root-on").odd("RootAccess", json!("Enabled")),
                good("gone-meanwhile").described(Describe::Vanished),
            ],
        ),
        (
            ("444455556666", "eu-west-1"),
            vec![
                Notebook::new("being-deleted").status("Deleting"),
                Notebook::new("failed-start").status("Failed"),
                good("odd-case").odd("DirectInternetAccess", json!("disabled")),
                good("odd-null").odd("RootAccess", Value::Null),
            ],
        ),
        (
            ("444455556666", "us-east-1"),
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
