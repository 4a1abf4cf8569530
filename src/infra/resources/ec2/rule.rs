//! [`Rule`]: what a security group lets through.

use serde::{Deserialize, Serialize};

use super::cidr;
use crate::boto3::ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use crate::infra::Input;

/// What a security group lets through: `Rule::tcp(443)`, `Rule::ports(8000..=8100).from("10.0.0.0/8")`.
///
/// A port number alone is a rule for TCP from everywhere: `SecurityGroup::new("web").ingress(443)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    protocol: String,
    from_port: Option<i32>,
    to_port: Option<i32>,
    peer: Input<String>,
    description: Option<String>,
}

/// A rule whose values are all known; what two rules are compared by comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Known {
    pub(super) key: (String, Option<i32>, Option<i32>, String),
    pub(super) description: Option<String>,
}

const EVERYWHERE: &str = "0.0.0.0/0";
/// The peer of a rule that names its own group.
const ITSELF: &str = "self";

impl Rule {
    fn new(protocol: &str, ports: Option<(i32, i32)>) -> Rule {
        Rule {
            protocol: protocol.to_owned(),
            from_port: ports.map(|ports| ports.0),
            to_port: ports.map(|ports| ports.1),
            peer: EVERYWHERE.into(),
            description: None,
        }
    }

    /// One port of TCP, from everywhere (`0.0.0.0/0`) or to everywhere.
    pub fn tcp(port: u16) -> Rule {
        Rule::ports(port..=port)
    }

    /// Ports of TCP.
    pub fn ports(ports: std::ops::RangeInclusive<u16>) -> Rule {
        Rule::new("tcp", Some(((*ports.start()).into(), (*ports.end()).into())))
    }

    /// One port of UDP.
    pub fn udp(port: u16) -> Rule {
        Rule::new("udp", Some((port.into(), port.into())))
    }

    /// All of ICMP.
    pub fn icmp() -> Rule {
        Rule::new("icmp", Some((-1, -1)))
    }

    /// Everything.
    pub fn all() -> Rule {
        Rule::new("-1", None)
    }

    /// The other end: a CIDR block, the id of a security group (`sg-..`), of a prefix list (`pl-..`), or `self` for the group itself.
    #[must_use]
    pub fn from(self, peer: impl Into<Input<String>>) -> Rule {
        Rule { peer: peer.into(), ..self }
    }

    /// The same as [`Rule::from`]: it reads better for a rule of egress.
    #[must_use]
    pub fn to(self, peer: impl Into<Input<String>>) -> Rule {
        self.from(peer)
    }

    /// Explains the rule. Letters, digits and `. _-:/()#,@[]+=&;{}!$*`.
    #[must_use]
    pub fn description(self, text: impl Into<String>) -> Rule {
        Rule { description: Some(text.into()), ..self }
    }

    /// Fails for a rule that AWS would keep in another form.
    pub(super) fn validate(&self) -> crate::Result<()> {
        check_text("the description", self.description.as_deref().unwrap_or_default())?;
        match self.peer.get() {
            Some(peer) if !is_id(peer) => cidr::check("the peer", peer),
            _ => Ok(()),
        }
    }

    pub(super) fn known(&self) -> crate::Result<Known> {
        let peer = self.peer.required("the peer of a rule")?.clone();
        let key = (self.protocol.clone(), self.from_port, self.to_port, peer);
        Ok(Known { key, description: self.description.clone() })
    }
}

/// Fails for a character that AWS does not accept in names and descriptions of groups and rules.
pub(super) fn check_text(what: &str, text: &str) -> crate::Result<()> {
    let bad = text.chars().find(|c| !(c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(*c)));
    match bad {
        Some(bad) => Err(crate::Error::other(format!("{what} {text:?} has the character {bad:?}, which AWS does not accept"))),
        None if text.len() > 255 => Err(crate::Error::other(format!("{what} is longer than 255 characters"))),
        None => Ok(()),
    }
}

/// Anything but a CIDR block.
fn is_id(peer: &str) -> bool {
    peer == ITSELF || peer.starts_with("sg-") || peer.starts_with("pl-")
}

impl From<u16> for Rule {
    fn from(port: u16) -> Rule {
        Rule::tcp(port)
    }
}

impl From<i32> for Rule {
    /// A number outside of 0..=65535 is refused when it is planned.
    fn from(port: i32) -> Rule {
        Rule::new("tcp", Some((port, port)))
    }
}

impl Known {
    /// As EC2 takes it, in the group `own`.
    pub(super) fn permission(&self, own: &str) -> IpPermission {
        let (protocol, from, to, peer) = &self.key;
        let about = self.description.clone();
        let permission = IpPermission::builder().ip_protocol(protocol).set_from_port(*from).set_to_port(*to);
        let permission = match peer.as_str() {
            group if group == ITSELF || group.starts_with("sg-") => {
                let group = if group == ITSELF { own } else { group };
                permission.user_id_group_pairs(UserIdGroupPair::builder().group_id(group).set_description(about).build())
            }
            list if list.starts_with("pl-") => {
                permission.prefix_list_ids(PrefixListId::builder().prefix_list_id(list).set_description(about).build())
            }
            block if block.contains(':') => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(block).set_description(about).build())
            }
            block => permission.ip_ranges(IpRange::builder().cidr_ip(block).set_description(about).build()),
        };
        permission.build()
    }
}

/// The rules of the group `own`, one for each peer.
pub(super) fn rules(permissions: &[IpPermission], own: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    for permission in permissions {
        let protocol = permission.ip_protocol().unwrap_or("-1");
        let ports = match protocol {
            "tcp" | "udp" | "icmp" | "icmpv6" => Some((permission.from_port().unwrap_or(-1), permission.to_port().unwrap_or(-1))),
            // Other protocols have no ports, whatever numbers the service fills in.
            _ => None,
        };
        let mut add = |peer: Option<&str>, description: Option<&str>| {
            let Some(peer) = peer else { return };
            let peer = if peer == own { ITSELF } else { peer };
            let description = description.filter(|text| !text.is_empty()).map(str::to_owned);
            rules.push(Rule { peer: peer.into(), description, ..Rule::new(protocol, ports) });
        };
        permission.ip_ranges().iter().for_each(|range| add(range.cidr_ip(), range.description()));
        permission.ipv6_ranges().iter().for_each(|range| add(range.cidr_ipv6(), range.description()));
        permission.prefix_list_ids().iter().for_each(|list| add(list.prefix_list_id(), list.description()));
        permission.user_id_group_pairs().iter().for_each(|pair| add(pair.group_id(), pair.description()));
    }
    rules
}

/// Fails if two rules differ in nothing but their descriptions, or if one is not valid.
pub(super) fn check(rules: &[Rule]) -> crate::Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for rule in rules {
        rule.validate()?;
        let bad = [rule.from_port, rule.to_port].into_iter().flatten().find(|port| !(-1..=65_535).contains(port));
        if let Some(port) = bad {
            return Err(crate::Error::other(format!("port {port} is not in 0..=65535")));
        }
        if let Ok(known) = rule.known()
            && !seen.insert(known.key.clone())
        {
            let (protocol, from, to, peer) = known.key;
            let ports = format!("{}-{}", from.unwrap_or(-1), to.unwrap_or(-1));
            return Err(crate::Error::other(format!("the rule {protocol} {ports} {peer} is declared twice")));
        }
    }
    Ok(())
}
