//! Amazon EC2: security groups, and the list of Regions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::random::Random;
use super::service::Service;

mod group;
mod permission;
mod regions;
mod security_groups;

pub use group::SecurityGroup;

pub(crate) use regions::is_opt_in;

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "ec2",
    model_text: include_str!("model/ec2.json"),
    operations: &[
        ("AuthorizeSecurityGroupIngress", permission::authorize_ingress),
        ("CreateSecurityGroup", security_groups::create),
        ("DeleteSecurityGroup", security_groups::delete),
        ("DescribeRegions", regions::describe),
        ("DescribeSecurityGroups", security_groups::describe),
    ],
};

/// What EC2 holds in one Region.
#[derive(Debug)]
pub(crate) struct Store {
    /// By id.
    pub(crate) groups: BTreeMap<String, SecurityGroup>,
    /// The default VPC.
    pub(crate) vpc: String,
}

impl Store {
    /// A new Region: a default VPC with its default security group, as every account has.
    pub(crate) fn new(random: &mut Random) -> Self {
        let vpc = format!("vpc-{}", random.hex(17));
        let id = format!("sg-{}", random.hex(17));
        let mut group = SecurityGroup::new(&id, "default").in_vpc(&vpc);
        "default VPC security group".clone_into(&mut group.description);
        group.ingress.push(json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": id}]}));
        Self { groups: BTreeMap::from([(id, group)]), vpc }
    }
}

/// Everything out, which is what a new group allows.
fn all_out() -> Value {
    json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
}
