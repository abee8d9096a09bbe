//! One security group.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::all_out;
use crate::sandbox::state::Place;

/// A security group. Permissions are written with EC2's API names (`IpProtocol`, `IpRanges`, …).
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityGroup {
    /// `GroupId`.
    pub id: String,
    /// `GroupName`.
    pub name: String,
    /// `Description`.
    pub description: String,
    /// `VpcId`; the Region's default VPC if `None`.
    pub vpc: Option<String>,
    /// `IpPermissions`.
    pub ingress: Vec<Value>,
    /// `IpPermissionsEgress`.
    pub egress: Vec<Value>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl SecurityGroup {
    /// A group that admits nothing and lets everything out.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            description: name.to_owned(),
            vpc: None,
            ingress: Vec::new(),
            egress: vec![all_out()],
            tags: BTreeMap::new(),
        }
    }

    /// The same group in a VPC.
    #[must_use]
    pub fn in_vpc(mut self, vpc: &str) -> Self {
        self.vpc = Some(vpc.to_owned());
        self
    }

    /// The same group, which also admits TCP to a port from an IPv4 or IPv6 range.
    #[must_use]
    pub fn admits(mut self, cidr: &str, port: u16) -> Self {
        let ranges = if cidr.contains(':') {
            json!({"Ipv6Ranges": [{"CidrIpv6": cidr}]})
        } else {
            json!({"IpRanges": [{"CidrIp": cidr}]})
        };
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port});
        if let (Value::Object(permission), Value::Object(ranges)) = (&mut permission, ranges) {
            permission.extend(ranges);
        }
        self.ingress.push(permission);
        self
    }

    /// The same group with one more inbound permission, by EC2's API names.
    #[must_use]
    pub fn permits(mut self, permission: Value) -> Self {
        self.ingress.push(permission);
        self
    }

    pub(super) fn arn(&self, place: &Place) -> String {
        place.arn("ec2", &format!("security-group/{}", self.id))
    }

    /// The group as `DescribeSecurityGroups` shows it.
    pub(super) fn shown(&self, place: &Place) -> Value {
        let filled =
            |permissions: &[Value]| permissions.iter().map(|permission| filled(permission, place)).collect::<Vec<_>>();
        let tags = self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>();
        let mut shown = json!({
            "OwnerId": place.account,
            "GroupId": self.id,
            "GroupName": self.name,
            "Description": self.description,
            "VpcId": self.vpc,
            "SecurityGroupArn": self.arn(place),
            "IpPermissions": filled(&self.ingress),
            "IpPermissionsEgress": filled(&self.egress),
        });
        if let (Value::Object(shown), false) = (&mut shown, self.tags.is_empty()) {
            shown.insert("Tags".to_owned(), Value::Array(tags));
        }
        shown
    }
}

/// A permission with all its four lists, as EC2 answers it, and the owner of every group that it names.
fn filled(permission: &Value, place: &Place) -> Value {
    let mut permission = permission.clone();
    if let Value::Object(members) = &mut permission {
        for list in ["UserIdGroupPairs", "IpRanges", "Ipv6Ranges", "PrefixListIds"] {
            members.entry(list).or_insert_with(|| json!([]));
        }
        let pairs = members.get_mut("UserIdGroupPairs").and_then(Value::as_array_mut);
        for pair in pairs.into_iter().flatten().filter_map(Value::as_object_mut) {
            pair.entry("UserId").or_insert_with(|| Value::from(place.account.as_str()));
        }
    }
    permission
}
