//! Network ACLs, their entries, and their subnets.

use aws_sdk_ec2::operation::{
    create_network_acl::*, create_network_acl_entry::*, delete_network_acl::*, delete_network_acl_entry::*,
    describe_network_acls::*, replace_network_acl_association::*, replace_network_acl_entry::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::cidr::{Cidr, is_ipv6_cidr};
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

fn port(entry: &NetworkAclEntry, what: impl Fn(&PortRange) -> Option<i32>) -> Option<i32> {
    entry.port_range().and_then(what)
}

fn icmp(entry: &NetworkAclEntry, what: impl Fn(&IcmpTypeCode) -> Option<i32>) -> Option<i32> {
    entry.icmp_type_code().and_then(what)
}

record!(
    NetworkAcl in acls by network_acl_id, tagged tags,
    Kind {
        prefix: "acl",
        resource: "network-acl",
        not_found: "InvalidNetworkAclID.NotFound",
        absent: "The networkAcl ID '{}' does not exist",
        malformed: Some("InvalidNetworkAclId.Malformed"),
    },
    filters!(acl: NetworkAcl =>
        "association.association-id" = each(acl.associations(), NetworkAclAssociation::network_acl_association_id),
        "association.network-acl-id" = each(acl.associations(), NetworkAclAssociation::network_acl_id),
        "association.subnet-id" = each(acl.associations(), NetworkAclAssociation::subnet_id),
        "default" = acl.is_default(),
        "entry.cidr" = each(acl.entries(), NetworkAclEntry::cidr_block),
        "entry.icmp.code" = each(acl.entries(), |entry| icmp(entry, IcmpTypeCode::code)),
        "entry.icmp.type" = each(acl.entries(), |entry| icmp(entry, IcmpTypeCode::r#type)),
        "entry.ipv6-cidr" = each(acl.entries(), NetworkAclEntry::ipv6_cidr_block),
        "entry.port-range.from" = each(acl.entries(), |entry| port(entry, PortRange::from)),
        "entry.port-range.to" = each(acl.entries(), |entry| port(entry, PortRange::to)),
        "entry.protocol" = each(acl.entries(), NetworkAclEntry::protocol),
        "entry.rule-action" = each(acl.entries(), NetworkAclEntry::rule_action),
        "entry.egress" = each(acl.entries(), NetworkAclEntry::egress),
        "entry.rule-number" = each(acl.entries(), NetworkAclEntry::rule_number),
        "network-acl-id" = acl.network_acl_id(),
        "owner-id" = acl.owner_id(),
        "vpc-id" = acl.vpc_id(),
    )
);

describe! {
    paged describe_network_acls(DescribeNetworkAclsInput: network_acl_ids, filters, "networkAclIdSet") -> DescribeNetworkAclsOutput: set_network_acls;
}

const LAST_RULE: i32 = 32_767;
const HIGHEST_RULE: i32 = 32_766;

fn everything(egress: bool, number: i32, action: RuleAction) -> NetworkAclEntry {
    NetworkAclEntry::builder()
        .cidr_block("0.0.0.0/0")
        .egress(egress)
        .protocol("-1")
        .rule_action(action)
        .rule_number(number)
        .build()
}

/// Checks an entry, for any of the operations.
macro_rules! entry {
    ($input:ident) => {{
        let number = required($input.rule_number(), "ruleNumber")?;
        if !(1..=HIGHEST_RULE).contains(&number) {
            return Err(Refusal::value(format!(
                "Value ({number}) for parameter ruleNumber is invalid. The rule number must be between 1 and {HIGHEST_RULE}."
            )));
        }
        let protocol = required($input.protocol(), "protocol")?;
        let block = match ($input.cidr_block(), $input.ipv6_cidr_block()) {
            (Some(text), None) => {
                let block =
                    Cidr::parse(text).ok_or_else(|| Refusal::bad_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
                Some(block.to_string())
            }
            (None, Some(text)) if is_ipv6_cidr(text) => None,
            (None, Some(text)) => return Err(Refusal::bad_value(text, "ipv6CidrBlock", "This is not a valid IPv6 CIDR block.")),
            (None, None) => return Err(Refusal::missing("cidrBlock")),
            _ => return Err(Refusal::combination("Only one of cidrBlock and ipv6CidrBlock may be specified")),
        };
        if ["6", "17", "tcp", "udp"].contains(&protocol) && $input.port_range().is_none() {
            return Err(Refusal::missing("portRange"));
        }
        NetworkAclEntry::builder()
            .rule_number(number)
            .protocol(match protocol {
                "tcp" => "6",
                "udp" => "17",
                "icmp" => "1",
                other => other,
            })
            .rule_action(required($input.rule_action.clone(), "ruleAction")?)
            .egress(required($input.egress(), "egress")?)
            .set_cidr_block(block)
            .set_ipv6_cidr_block($input.ipv6_cidr_block.clone())
            .set_icmp_type_code($input.icmp_type_code.clone())
            .set_port_range($input.port_range.clone())
            .build()
    }};
}

fn position(acl: &NetworkAcl, number: Option<i32>, egress: Option<bool>) -> Option<usize> {
    acl.entries().iter().position(|entry| entry.rule_number() == number && entry.egress() == egress)
}

fn absent(number: i32) -> Refusal {
    Refusal::new("InvalidNetworkAclEntry.NotFound", format!("The specified network acl entry does not exist: {number}"))
}

impl Region {
    fn make_acl(&mut self, vpc_id: &str, is_default: bool) -> String {
        let id = self.ids.next("acl");
        let mut entries = Vec::new();
        for egress in [true, false] {
            if is_default {
                entries.push(everything(egress, 100, RuleAction::Allow));
            }
            entries.push(everything(egress, LAST_RULE, RuleAction::Deny));
        }
        let acl = NetworkAcl::builder()
            .network_acl_id(&id)
            .vpc_id(vpc_id)
            .owner_id(OWNER)
            .is_default(is_default)
            .set_entries(Some(entries))
            .set_associations(Some(Vec::new()));
        self.acls.put(acl.build());
        id
    }

    pub(super) fn make_default_acl(&mut self, vpc_id: &str) {
        self.make_acl(vpc_id, true);
    }

    fn new_acl_association(&mut self, acl_id: &str, subnet_id: &str) -> NetworkAclAssociation {
        let id = self.ids.next("aclassoc");
        NetworkAclAssociation::builder().network_acl_association_id(id).network_acl_id(acl_id).subnet_id(subnet_id).build()
    }

    /// A subnet has its VPC's default ACL at first.
    pub(super) fn associate_default_acl(&mut self, vpc_id: &str, subnet_id: &str) {
        let default = self.acls.iter().find(|acl| acl.vpc_id() == Some(vpc_id) && acl.is_default() == Some(true));
        let Some(id) = default.map(|acl| acl.id().to_owned()) else { return };
        let association = self.new_acl_association(&id, subnet_id);
        if let Ok(acl) = self.acls.get_mut(&id) {
            acl.associations.get_or_insert_default().push(association);
        }
    }

    pub(super) fn create_network_acl(&mut self, input: CreateNetworkAclInput) -> Answer<CreateNetworkAclOutput> {
        let tags = specified_for(input.tag_specifications(), "network-acl")?;
        let vpc_id = required(input.vpc_id(), "vpcId")?;
        self.vpcs.get(vpc_id)?;
        let id = self.make_acl(vpc_id, false);
        self.tags.put_all(&id, &tags);
        let acl = self.acls.get(&id)?.shown(self);
        Ok(CreateNetworkAclOutput::builder().network_acl(acl).set_client_token(input.client_token).build())
    }

    pub(super) fn delete_network_acl(&mut self, input: DeleteNetworkAclInput) -> Answer<DeleteNetworkAclOutput> {
        let id = required(input.network_acl_id(), "networkAclId")?;
        let acl = self.acls.get(id)?;
        if acl.is_default() == Some(true) {
            return Err(Refusal::value(format!("cannot delete default network ACL {id}")));
        }
        if !acl.associations().is_empty() {
            return Err(Refusal::dependency(format!("The networkAcl '{id}' has dependencies and cannot be deleted.")));
        }
        self.acls.take(id)?;
        self.tags.forget(id);
        Ok(DeleteNetworkAclOutput::builder().build())
    }

    pub(super) fn create_network_acl_entry(&mut self, input: CreateNetworkAclEntryInput) -> Answer<CreateNetworkAclEntryOutput> {
        let acl = self.acls.get_mut(required(input.network_acl_id(), "networkAclId")?)?;
        let entry = entry!(input);
        if position(acl, entry.rule_number(), entry.egress()).is_some() {
            let message =
                format!("The network acl entry identified by {} already exists.", entry.rule_number().unwrap_or_default());
            return Err(Refusal::new("NetworkAclEntryAlreadyExists", message));
        }
        acl.entries.get_or_insert_default().push(entry);
        acl.entries.get_or_insert_default().sort_by_key(|entry| (entry.egress != Some(true), entry.rule_number));
        Ok(CreateNetworkAclEntryOutput::builder().build())
    }

    pub(super) fn replace_network_acl_entry(
        &mut self,
        input: ReplaceNetworkAclEntryInput,
    ) -> Answer<ReplaceNetworkAclEntryOutput> {
        let acl = self.acls.get_mut(required(input.network_acl_id(), "networkAclId")?)?;
        let entry = entry!(input);
        let number = entry.rule_number().unwrap_or_default();
        let at = position(acl, entry.rule_number(), entry.egress()).ok_or_else(|| absent(number))?;
        if let Some(own) = acl.entries.get_or_insert_default().get_mut(at) {
            *own = entry;
        }
        Ok(ReplaceNetworkAclEntryOutput::builder().build())
    }

    pub(super) fn delete_network_acl_entry(&mut self, input: DeleteNetworkAclEntryInput) -> Answer<DeleteNetworkAclEntryOutput> {
        let acl = self.acls.get_mut(required(input.network_acl_id(), "networkAclId")?)?;
        let number = required(input.rule_number(), "ruleNumber")?;
        let egress = required(input.egress(), "egress")?;
        if number > HIGHEST_RULE {
            return Err(Refusal::value(format!("cannot remove the default rule {number}")));
        }
        let at = position(acl, Some(number), Some(egress)).ok_or_else(|| absent(number))?;
        acl.entries.get_or_insert_default().remove(at);
        Ok(DeleteNetworkAclEntryOutput::builder().build())
    }

    pub(super) fn replace_network_acl_association(
        &mut self,
        input: ReplaceNetworkAclAssociationInput,
    ) -> Answer<ReplaceNetworkAclAssociationOutput> {
        let association_id = required(input.association_id(), "associationId")?;
        let acl_id = required(input.network_acl_id(), "networkAclId")?;
        self.acls.get(acl_id)?;
        let is = |to: &NetworkAclAssociation| to.network_acl_association_id() == Some(association_id);
        let own = self.acls.iter_mut().find_map(|acl| {
            let associations = acl.associations.get_or_insert_default();
            let at = associations.iter().position(is)?;
            Some(associations.remove(at))
        });
        let own = own.ok_or_else(|| {
            let message = format!("The association ID '{association_id}' does not exist");
            Refusal::new("InvalidAssociationID.NotFound", message)
        })?;
        let association = self.new_acl_association(acl_id, own.subnet_id().unwrap_or_default());
        let new_id = association.network_acl_association_id.clone();
        self.acls.get_mut(acl_id)?.associations.get_or_insert_default().push(association);
        Ok(ReplaceNetworkAclAssociationOutput::builder().set_new_association_id(new_id).build())
    }
}
