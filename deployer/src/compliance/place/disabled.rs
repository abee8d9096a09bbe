//! Whether AWS Config refused because the account has not enabled the Region.

use rule::aws::{AwsInventory, Meter};

use super::super::pages::{Pages, begun};
use super::{Clients, Reach};
use crate::evidence::rows::{Asked, RuleRow};

/// Asks for the Regions that the account has enabled, where a refusal looks like it: credentials that are good
/// elsewhere are unknown in a Region that is not enabled, and session tokens of the old form are, too. What was asked,
/// if the Region is not among them.
pub(super) async fn read(reach: &Reach, clients: &Clients, rules: &Pages<RuleRow>) -> Option<Asked> {
    rules.refusal.as_ref().filter(|refusal| refusal.is_region_disabled())?;
    let mut asked = begun("ec2:DescribeRegions");
    let there = reach.clients(&clients.account, &reach.region()).await.ok()?;
    let enabled = AwsInventory::new(&there.sdk, &Meter::default()).regions().await.ok()?;
    (asked.pages, asked.items) = (1, enabled.len() as u64);
    (!enabled.contains(&clients.region)).then_some(asked)
}
