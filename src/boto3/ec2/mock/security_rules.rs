//! The rules of security groups: one record each, listed separately or grouped as permissions.

use std::net::Ipv6Addr;

use aws_sdk_ec2::operation::{describe_security_group_rules::*, modify_security_group_rules::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::cidr::{Cidr, is_ipv6_cidr};
use super::describe::describe;
use super::filter::filters;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    SecurityGroupRule in rules by security_group_rule_id, tagged tags,
    Kind {
        prefix: "sgr",
        resource: "security-group-rule",
        not_found: "InvalidSecurityGroupRuleId.NotFound",
        absent: "The security group rule ID '{}' does not exist",
        malformed: Some("InvalidSecurityGroupRuleId.Malformed"),
    },
    filters!(rule: SecurityGroupRule =>
        "group-id" = rule.group_id(),
        "security-group-rule-id" = rule.security_group_rule_id(),
    )
);

describe! {
    paged describe_security_group_rules(DescribeSecurityGroupRulesInput: security_group_rule_ids, filters, "securityGroupRuleIds")
        -> DescribeSecurityGroupRulesOutput: set_security_group_rules;
}

const MOST_RULES: usize = 60;

/// Compares two rules, ignoring their ids.
fn same(a: &SecurityGroupRule, b: &SecurityGroupRule) -> bool {
    let peer = |rule: &SecurityGroupRule| {
        let group = rule.referenced_group_info().and_then(|group| group.group_id.clone());
        (rule.cidr_ipv4.clone(), rule.cidr_ipv6.clone(), rule.prefix_list_id.clone(), group)
    };
    (&a.ip_protocol, a.from_port, a.to_port, a.is_egress, peer(a))
        == (&b.ip_protocol, b.from_port, b.to_port, b.is_egress, peer(b))
}

fn words(rule: &SecurityGroupRule) -> String {
    let group = rule.referenced_group_info().and_then(ReferencedSecurityGroup::group_id);
    let peer = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or(group).unwrap_or_default();
    let ports = match (rule.ip_protocol(), rule.from_port(), rule.to_port()) {
        (Some("-1"), ..) => "ALL, ".to_owned(),
        (protocol, from, to) => format!(
            "{}, from port: {}, to port: {}, ",
            protocol.unwrap_or_default().to_uppercase(),
            from.unwrap_or(-1),
            to.unwrap_or(-1)
        ),
    };
    format!("the specified rule \"peer: {peer}, {ports}ALLOW\" already exists")
}

/// Returns the stored name of a protocol: AWS knows four by name, the rest by number.
fn protocol(text: &str) -> Answer<String> {
    let name = match text.to_ascii_lowercase().as_str() {
        "tcp" | "6" => "tcp".to_owned(),
        "udp" | "17" => "udp".to_owned(),
        "icmp" | "1" => "icmp".to_owned(),
        "icmpv6" | "58" => "icmpv6".to_owned(),
        "-1" | "all" => "-1".to_owned(),
        number if number.parse::<u8>().is_ok() => number.to_owned(),
        _ => return Err(Refusal::value(format!("Invalid value '{text}' for IP protocol. Unknown protocol."))),
    };
    Ok(name)
}

fn ports(protocol: &str, from: Option<i32>, to: Option<i32>) -> Answer<(i32, i32)> {
    match protocol {
        "tcp" | "udp" => {
            let missing = || Refusal::value("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
            let (from, to) = (from.ok_or_else(missing)?, to.ok_or_else(missing)?);
            if !(0..=65_535).contains(&from) || !(0..=65_535).contains(&to) {
                return Err(Refusal::value(format!(
                    "Invalid value '{from}-{to}' for portRange. Ports must be between 0 and 65535."
                )));
            }
            if from > to {
                let message = format!("Invalid TCP/UDP port range ({from}:{to})");
                return Err(Refusal::value(message));
            }
            Ok((from, to))
        }
        "icmp" | "icmpv6" => Ok((from.unwrap_or(-1), to.unwrap_or(-1))),
        _ => Ok((-1, -1)),
    }
}

impl Region {
    pub(super) fn put_rule(&mut self, mut rule: SecurityGroupRule) -> String {
        let id = self.ids.next("sgr");
        rule.security_group_rule_arn = Some(self.arn("security-group-rule", &id));
        rule.security_group_rule_id = Some(id.clone());
        rule.group_owner_id = Some(OWNER.to_owned());
        self.rules.put(rule);
        id
    }

    fn rules_of<'a>(&'a self, group_id: &'a str) -> impl Iterator<Item = &'a SecurityGroupRule> {
        self.rules.iter().filter(move |rule| rule.group_id() == Some(group_id))
    }

    pub(super) fn forget_rules_of(&mut self, group_id: &str) {
        let ids: Vec<String> = self.rules_of(group_id).map(|rule| rule.id().to_owned()).collect();
        for id in ids {
            let _ = self.rules.take(&id);
            self.tags.forget(&id);
        }
    }

    /// Returns the rules of a group as permissions, grouped by protocol and ports.
    pub(super) fn permissions(&self, group_id: &str, egress: bool) -> Vec<IpPermission> {
        let mut permissions: Vec<IpPermission> = Vec::new();
        for rule in self.rules_of(group_id).filter(|rule| rule.is_egress() == Some(egress)) {
            let ports = if rule.ip_protocol() == Some("-1") { (None, None) } else { (rule.from_port, rule.to_port) };
            let own = |permission: &IpPermission| {
                permission.ip_protocol == rule.ip_protocol && (permission.from_port, permission.to_port) == ports
            };
            let at = permissions.iter().position(own).unwrap_or(permissions.len());
            if at == permissions.len() {
                let permission = IpPermission::builder()
                    .set_ip_protocol(rule.ip_protocol.clone())
                    .set_from_port(ports.0)
                    .set_to_port(ports.1)
                    .set_ip_ranges(Some(Vec::new()))
                    .set_ipv6_ranges(Some(Vec::new()))
                    .set_prefix_list_ids(Some(Vec::new()))
                    .set_user_id_group_pairs(Some(Vec::new()));
                permissions.push(permission.build());
            }
            let Some(permission) = permissions.get_mut(at) else { continue };
            let about = rule.description.clone();
            if let Some(cidr) = rule.cidr_ipv4() {
                permission
                    .ip_ranges
                    .get_or_insert_default()
                    .push(IpRange::builder().cidr_ip(cidr).set_description(about.clone()).build());
            }
            if let Some(cidr) = rule.cidr_ipv6() {
                permission
                    .ipv6_ranges
                    .get_or_insert_default()
                    .push(Ipv6Range::builder().cidr_ipv6(cidr).set_description(about.clone()).build());
            }
            if let Some(list) = rule.prefix_list_id() {
                permission
                    .prefix_list_ids
                    .get_or_insert_default()
                    .push(PrefixListId::builder().prefix_list_id(list).set_description(about.clone()).build());
            }
            if let Some(group) = rule.referenced_group_info() {
                let pair = UserIdGroupPair::builder()
                    .set_group_id(group.group_id.clone())
                    .set_user_id(group.user_id.clone())
                    .set_description(about);
                permission.user_id_group_pairs.get_or_insert_default().push(pair.build());
            }
        }
        permissions
    }

    /// Returns the checked rules of the requested permissions.
    fn understand_permissions(
        &self,
        group_id: &str,
        egress: bool,
        permissions: &[IpPermission],
    ) -> Answer<Vec<SecurityGroupRule>> {
        let mut rules = Vec::new();
        let vpc = self.groups.get(group_id)?.vpc_id().unwrap_or_default();
        for permission in permissions {
            let protocol = protocol(required(permission.ip_protocol(), "ipProtocol")?)?;
            let (from, to) = ports(&protocol, permission.from_port(), permission.to_port())?;
            let rule = || {
                SecurityGroupRule::builder()
                    .group_id(group_id)
                    .is_egress(egress)
                    .ip_protocol(&protocol)
                    .from_port(from)
                    .to_port(to)
            };
            let before = rules.len();
            for range in permission.ip_ranges() {
                let text = required(range.cidr_ip(), "cidrIp")?;
                let cidr = Cidr::parse(text).ok_or_else(|| Refusal::value(format!("CIDR block {text} is malformed")))?;
                rules.push(rule().cidr_ipv4(cidr.to_string()).set_description(range.description.clone()).build());
            }
            for range in permission.ipv6_ranges() {
                let text = required(range.cidr_ipv6(), "cidrIpv6")?;
                let (address, prefix) = text
                    .split_once('/')
                    .filter(|_| is_ipv6_cidr(text))
                    .ok_or_else(|| Refusal::value(format!("CIDR block {text} is malformed")))?;
                let address = address.parse::<Ipv6Addr>().map_or_else(|_| address.to_owned(), |address| address.to_string());
                rules.push(rule().cidr_ipv6(format!("{address}/{prefix}")).set_description(range.description.clone()).build());
            }
            for list in permission.prefix_list_ids() {
                rules.push(
                    rule().set_prefix_list_id(list.prefix_list_id.clone()).set_description(list.description.clone()).build(),
                );
            }
            for pair in permission.user_id_group_pairs() {
                let id = match (pair.group_id(), pair.group_name()) {
                    (Some(id), _) if pair.user_id().is_none_or(|user| user == OWNER) => self.groups.get(id)?.id().to_owned(),
                    (Some(id), _) => id.to_owned(),
                    (None, Some(name)) => self.group_named(vpc, name)?.id().to_owned(),
                    (None, None) => return Err(Refusal::missing("groupId")),
                };
                let group = ReferencedSecurityGroup::builder().group_id(id).user_id(pair.user_id().unwrap_or(OWNER));
                rules.push(rule().referenced_group_info(group.build()).set_description(pair.description.clone()).build());
            }
            if rules.len() == before {
                return Err(Refusal::missing("source or destination"));
            }
        }
        for (at, rule) in rules.iter().enumerate() {
            if rules.iter().take(at).any(|before| same(before, rule)) {
                return Err(Refusal::value("The same permission must not appear multiple times"));
            }
        }
        Ok(rules)
    }

    pub(super) fn authorize(
        &mut self,
        group_id: &str,
        egress: bool,
        permissions: &[IpPermission],
        tags: &[TagSpecification],
    ) -> Answer<Vec<SecurityGroupRule>> {
        let tags = specified_for(tags, "security-group-rule")?;
        let permissions = required_list(permissions, "ipPermissions")?;
        let rules = self.understand_permissions(group_id, egress, permissions)?;
        if let Some(twice) = rules.iter().find(|rule| self.rules_of(group_id).any(|own| same(own, rule))) {
            return Err(Refusal::new("InvalidPermission.Duplicate", words(twice)));
        }
        let own = self.rules_of(group_id).filter(|rule| rule.is_egress() == Some(egress)).count();
        if own + rules.len() > MOST_RULES {
            let message = "The maximum number of rules per security group has been reached.";
            return Err(Refusal::new("RulesPerSecurityGroupLimitExceeded", message));
        }
        let made = rules.into_iter().map(|rule| {
            let id = self.put_rule(rule);
            self.tags.put_all(&id, &tags);
            Ok(self.rules.get(&id)?.shown(self))
        });
        made.collect()
    }

    pub(super) fn revoke(
        &mut self,
        group_id: &str,
        egress: bool,
        permissions: &[IpPermission],
        ids: &[String],
    ) -> Answer<Vec<RevokedSecurityGroupRule>> {
        let mut gone: Vec<String> = Vec::new();
        for id in ids {
            let rule = self.rules.get(id)?;
            if rule.group_id() != Some(group_id) || rule.is_egress() != Some(egress) {
                return Err(SecurityGroupRule::KIND.absent(id));
            }
            gone.push(id.clone());
        }
        if ids.is_empty() {
            for asked in self.understand_permissions(group_id, egress, required_list(permissions, "ipPermissions")?)? {
                let own = self.rules_of(group_id).find(|own| same(own, &asked)).ok_or_else(|| {
                    Refusal::new("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
                })?;
                gone.push(own.id().to_owned());
            }
        }
        let mut revoked = Vec::new();
        for id in gone {
            let rule = self.rules.take(&id)?;
            self.tags.forget(&id);
            let shown = RevokedSecurityGroupRule::builder()
                .security_group_rule_id(id)
                .group_id(group_id)
                .is_egress(egress)
                .set_ip_protocol(rule.ip_protocol)
                .set_from_port(rule.from_port)
                .set_to_port(rule.to_port)
                .set_cidr_ipv4(rule.cidr_ipv4)
                .set_cidr_ipv6(rule.cidr_ipv6)
                .set_prefix_list_id(rule.prefix_list_id)
                .set_referenced_group_id(rule.referenced_group_info.and_then(|group| group.group_id))
                .set_description(rule.description);
            revoked.push(shown.build());
        }
        Ok(revoked)
    }

    /// Sets the descriptions of the rules that these permissions name.
    pub(super) fn describe_rules(
        &mut self,
        group_id: &str,
        egress: bool,
        permissions: &[IpPermission],
        by_id: &[SecurityGroupRuleDescription],
    ) -> Answer<()> {
        let mut changes = Vec::new();
        for asked in self.understand_permissions(group_id, egress, permissions)? {
            let own = self.rules_of(group_id).find(|own| same(own, &asked));
            let own = own.ok_or_else(|| {
                Refusal::new("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
            })?;
            changes.push((own.id().to_owned(), asked.description));
        }
        for asked in by_id {
            let id = required(asked.security_group_rule_id(), "securityGroupRuleId")?;
            changes.push((self.rules.get(id)?.id().to_owned(), asked.description.clone()));
        }
        if changes.is_empty() {
            return Err(Refusal::missing("ipPermissions"));
        }
        for (id, description) in changes {
            self.rules.get_mut(&id)?.description = description;
        }
        Ok(())
    }

    pub(super) fn modify_security_group_rules(
        &mut self,
        input: ModifySecurityGroupRulesInput,
    ) -> Answer<ModifySecurityGroupRulesOutput> {
        let group_id = self.meant_group(input.group_id(), None)?;
        let mut changed = Vec::new();
        for update in required_list(input.security_group_rules(), "SecurityGroupRules")? {
            let id = required(update.security_group_rule_id(), "SecurityGroupRuleId")?;
            let own = self.rules.get(id)?;
            if own.group_id() != Some(&group_id) {
                return Err(SecurityGroupRule::KIND.absent(id));
            }
            let asked = required(update.security_group_rule(), "SecurityGroupRule")?;
            let group = asked.referenced_group_id().map(|id| UserIdGroupPair::builder().group_id(id).build());
            let permission = IpPermission::builder()
                .set_ip_protocol(asked.ip_protocol.clone().or(own.ip_protocol.clone()))
                .set_from_port(asked.from_port.or(own.from_port))
                .set_to_port(asked.to_port.or(own.to_port))
                .set_ip_ranges(asked.cidr_ipv4().map(|cidr| vec![IpRange::builder().cidr_ip(cidr).build()]))
                .set_ipv6_ranges(asked.cidr_ipv6().map(|cidr| vec![Ipv6Range::builder().cidr_ipv6(cidr).build()]))
                .set_prefix_list_ids(
                    asked.prefix_list_id().map(|list| vec![PrefixListId::builder().prefix_list_id(list).build()]),
                )
                .set_user_id_group_pairs(group.map(|group| vec![group]));
            let rules = self.understand_permissions(&group_id, own.is_egress() == Some(true), &[permission.build()])?;
            let [rule] = rules.as_slice() else {
                return Err(Refusal::combination(
                    "Only one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId may be specified",
                ));
            };
            let mut rule = rule.clone();
            rule.description = asked.description.clone();
            rule.security_group_rule_id = own.security_group_rule_id.clone();
            rule.security_group_rule_arn = own.security_group_rule_arn.clone();
            rule.group_owner_id = own.group_owner_id.clone();
            changed.push(rule);
        }
        changed.into_iter().for_each(|rule| self.rules.put(rule));
        Ok(ModifySecurityGroupRulesOutput::builder().r#return(true).build())
    }
}
