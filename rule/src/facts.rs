//! What had to be learned about a subject beyond its own settings.

use std::collections::BTreeMap;

/// Facts that the edge gathered for one subject. A fact that was not asked for is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The security groups attached to the notebook, if the check needs them.
    pub security_groups: Option<SecurityGroups>,
}

/// The answer to "what do these security groups admit": absence is part of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityGroups {
    /// What each group that exists admits inbound, by group id.
    pub ingress: BTreeMap<String, Vec<Ingress>>,
}

impl SecurityGroups {
    /// The same groups with only what decides: the first permission of each that admits everyone. A group may have a
    /// hundred others, and there may be as many sets of groups as notebooks.
    #[must_use]
    pub fn decisive(self) -> Self {
        let first = |all: Vec<Ingress>| all.into_iter().find(Ingress::admits_everyone).into_iter().collect();
        Self { ingress: self.ingress.into_iter().map(|(id, all)| (id, first(all))).collect() }
    }
}

/// One source of one inbound permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// The admitted range, for instance `10.0.0.0/8` or `::/0`.
    pub cidr: String,
    /// The protocol as EC2 names it: `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    pub protocol: String,
    /// The first and last port, where the protocol has ports and they are limited.
    pub ports: Option<(i32, i32)>,
}

impl Ingress {
    /// Whether the range is the whole address space of IPv4 or IPv6: a prefix length of 0, however it is written.
    #[must_use]
    pub fn admits_everyone(&self) -> bool {
        self.cidr.rsplit_once('/').is_some_and(|(_, length)| !length.is_empty() && length.bytes().all(|b| b == b'0'))
    }

    /// The permission in words: `tcp 22`, `tcp 8000-8080`, `all traffic`.
    #[must_use]
    pub fn traffic(&self) -> String {
        match (self.protocol.as_str(), self.ports) {
            ("-1", _) => "all traffic".to_owned(),
            (protocol, Some((from, to))) if from == to => format!("{protocol} {from}"),
            (protocol, Some((from, to))) => format!("{protocol} {from}-{to}"),
            (protocol, None) => protocol.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ingress(cidr: &str) -> Ingress {
        Ingress { cidr: cidr.into(), protocol: "tcp".into(), ports: Some((22, 22)) }
    }

    #[test]
    fn everyone_is_a_prefix_of_no_bits() {
        for open in ["0.0.0.0/0", "::/0", "0:0:0:0:0:0:0:0/0", "0.0.0.0/00"] {
            assert!(ingress(open).admits_everyone(), "{open}");
        }
        for closed in ["10.0.0.0/8", "0.0.0.0/10", "0.0.0.0/1", "::/10", "::1/128", "0.0.0.0", "0.0.0.0/", ""] {
            assert!(!ingress(closed).admits_everyone(), "{closed}");
        }
    }

    #[test]
    fn traffic_reads_like_the_console() {
        assert_eq!(ingress("::/0").traffic(), "tcp 22");
        assert_eq!(Ingress { ports: Some((8000, 8080)), ..ingress("::/0") }.traffic(), "tcp 8000-8080");
        assert_eq!(Ingress { protocol: "-1".into(), ports: None, ..ingress("::/0") }.traffic(), "all traffic");
    }
}
