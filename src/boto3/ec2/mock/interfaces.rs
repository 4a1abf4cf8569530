//! Network interfaces: created with an instance or alone, attached, changed, deleted.

use std::net::Ipv4Addr;

use aws_sdk_ec2::operation::{
    attach_network_interface::*, create_network_interface::*, delete_network_interface::*, describe_network_interfaces::*,
    detach_network_interface::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::cidr::Cidr;
use super::describe::describe;
use super::filter::{each, filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

fn association(nic: &NetworkInterface, what: impl Fn(&NetworkInterfaceAssociation) -> Option<String>) -> Option<String> {
    nic.association().and_then(what)
}

fn attachment(nic: &NetworkInterface, what: impl Fn(&NetworkInterfaceAttachment) -> Option<String>) -> Option<String> {
    nic.attachment().and_then(what)
}

fn addresses(nic: &NetworkInterface, what: impl Fn(&NetworkInterfacePrivateIpAddress) -> Option<String>) -> Vec<String> {
    nic.private_ip_addresses().iter().filter_map(what).collect()
}

record!(
    NetworkInterface in interfaces by network_interface_id, tagged tag_set,
    Kind {
        prefix: "eni",
        resource: "network-interface",
        not_found: "InvalidNetworkInterfaceID.NotFound",
        absent: "The networkInterface ID '{}' does not exist",
        malformed: Some("InvalidNetworkInterfaceId.Malformed"),
    },
    filters!(nic: NetworkInterface =>
        "association.allocation-id" = association(nic, |to| to.allocation_id.clone()),
        "association.association-id" = association(nic, |to| to.association_id.clone()),
        "addresses.association.owner-id" = addresses(nic, |own| own.association()?.ip_owner_id.clone()),
        "addresses.association.public-ip" = addresses(nic, |own| own.association()?.public_ip.clone()),
        "addresses.primary" = addresses(nic, |own| own.primary().map(|yes| yes.to_string())),
        "addresses.private-ip-address" = addresses(nic, |own| own.private_ip_address.clone()),
        "association.ip-owner-id" = association(nic, |to| to.ip_owner_id.clone()),
        "association.public-ip" = association(nic, |to| to.public_ip.clone()),
        "association.public-dns-name" = association(nic, |to| to.public_dns_name.clone()),
        "attachment.attach-time" = attachment(nic, |to| stamp(to.attach_time())),
        "attachment.attachment-id" = attachment(nic, |to| to.attachment_id.clone()),
        "attachment.delete-on-termination" = attachment(nic, |to| to.delete_on_termination().map(|yes| yes.to_string())),
        "attachment.device-index" = attachment(nic, |to| to.device_index().map(|at| at.to_string())),
        "attachment.instance-id" = attachment(nic, |to| to.instance_id.clone()),
        "attachment.instance-owner-id" = attachment(nic, |to| to.instance_owner_id.clone()),
        "attachment.status" = attachment(nic, |to| to.status().map(|status| status.as_str().to_owned())),
        "availability-zone" = nic.availability_zone(),
        "availability-zone-id" = nic.availability_zone_id(),
        "description" = nic.description(),
        "group-id" = each(nic.groups(), GroupIdentifier::group_id),
        "group-name" = each(nic.groups(), GroupIdentifier::group_name),
        "ipv6-addresses.ipv6-address" = each(nic.ipv6_addresses(), NetworkInterfaceIpv6Address::ipv6_address),
        "interface-type" = nic.interface_type(),
        "mac-address" = nic.mac_address(),
        "network-interface-id" = nic.network_interface_id(),
        "operator.managed" = Some(false),
        "operator.principal" = Vec::new(),
        "owner-id" = nic.owner_id(),
        "private-dns-name" = nic.private_dns_name(),
        "private-ip-address" = nic.private_ip_address(),
        "requester-id" = nic.requester_id(),
        "requester-managed" = nic.requester_managed(),
        "source-dest-check" = nic.source_dest_check(),
        "status" = nic.status(),
        "subnet-id" = nic.subnet_id(),
        "vpc-id" = nic.vpc_id(),
    )
);

describe! {
    paged describe_network_interfaces(DescribeNetworkInterfacesInput: network_interface_ids, filters, "networkInterfaceIdSet")
        -> DescribeNetworkInterfacesOutput: set_network_interfaces;
}

/// An interface of a launched instance.
#[derive(Clone, Debug)]
pub(super) struct Nic {
    pub(super) existing: Option<String>,
    pub(super) subnet_id: String,
    pub(super) groups: Vec<GroupIdentifier>,
    pub(super) private_ip: Option<String>,
    pub(super) secondary: usize,
    pub(super) ipv6: Vec<String>,
    pub(super) ipv6_count: Option<i32>,
    pub(super) public: bool,
    pub(super) description: String,
    pub(super) device_index: i32,
    pub(super) delete_on_termination: bool,
}

impl Default for Nic {
    fn default() -> Nic {
        Nic {
            existing: None,
            subnet_id: String::new(),
            groups: Vec::new(),
            private_ip: None,
            secondary: 0,
            ipv6: Vec::new(),
            ipv6_count: None,
            public: false,
            description: String::new(),
            device_index: 0,
            delete_on_termination: true,
        }
    }
}

impl Region {
    /// Returns `count` free addresses of a subnet, lowest first.
    pub(super) fn free_addresses(&self, subnet_id: &str, count: usize, but: &[String]) -> Answer<Vec<String>> {
        let block = self.subnets.get(subnet_id)?.cidr_block().and_then(Cidr::parse);
        let mut taken: std::collections::HashSet<Ipv4Addr> = self.addresses_in(subnet_id).collect();
        taken.extend(but.iter().filter_map(|address| address.parse::<Ipv4Addr>().ok()));
        let hosts = block.into_iter().flat_map(Cidr::hosts).filter(|host| !taken.contains(host));
        let free: Vec<String> = hosts.take(count).map(|host| host.to_string()).collect();
        if free.len() < count {
            let message = format!("The specified subnet does not have enough free addresses to satisfy the request: {subnet_id}");
            return Err(Refusal::new("InsufficientFreeAddressesInSubnet", message));
        }
        Ok(free)
    }

    pub(super) fn private_name(&self, address: &str) -> String {
        let place = if self.name == "us-east-1" { "ec2".to_owned() } else { format!("{}.compute", self.name) };
        format!("ip-{}.{place}.internal", address.replace('.', "-"))
    }

    pub(super) fn private_address(&self, address: &str, primary: bool) -> NetworkInterfacePrivateIpAddress {
        NetworkInterfacePrivateIpAddress::builder()
            .private_ip_address(address)
            .private_dns_name(self.private_name(address))
            .primary(primary)
            .build()
    }

    /// Creates an interface in a subnet. The first address is its primary one.
    pub(super) fn make_interface(
        &mut self,
        subnet_id: &str,
        groups: Vec<GroupIdentifier>,
        addresses: Vec<String>,
        description: &str,
    ) -> Answer<String> {
        let subnet = self.subnets.get(subnet_id)?.clone();
        let number = self.ids.count("mac");
        let id = self.ids.next("eni");
        let primary = addresses.first().cloned().ok_or_else(|| Refusal::missing("privateIpAddress"))?;
        let private = addresses.iter().enumerate().map(|(at, address)| self.private_address(address, at == 0)).collect();
        let mac = [number >> 16, number >> 8, number].map(|byte| format!("{:02x}", byte as u8)).join(":");
        let nic = NetworkInterface::builder()
            .network_interface_id(&id)
            .subnet_id(subnet_id)
            .set_vpc_id(subnet.vpc_id)
            .set_availability_zone(subnet.availability_zone)
            .set_availability_zone_id(subnet.availability_zone_id)
            .description(description)
            .set_groups(Some(groups))
            .interface_type(NetworkInterfaceType::Interface)
            .set_ipv6_addresses(Some(Vec::new()))
            .mac_address(format!("02:00:17:{mac}"))
            .owner_id(OWNER)
            .private_dns_name(self.private_name(&primary))
            .private_ip_address(primary)
            .set_private_ip_addresses(Some(private))
            .requester_managed(false)
            .source_dest_check(true)
            .status(NetworkInterfaceStatus::Available);
        self.interfaces.put(nic.build());
        Ok(id)
    }

    /// Creates the interface of a launched instance, or attaches an existing one.
    pub(super) fn make_nic(&mut self, nic: &Nic, instance_id: &str) -> Answer<String> {
        let id = match &nic.existing {
            Some(id) => id.clone(),
            None => {
                let mut addresses: Vec<String> = nic.private_ip.clone().into_iter().collect();
                let more = self.free_addresses(&nic.subnet_id, 1 + nic.secondary - addresses.len(), &addresses)?;
                addresses.extend(more);
                let ipv6 = self.new_ipv6_addresses(self.subnets.get(&nic.subnet_id)?, &nic.ipv6, nic.ipv6_count)?;
                let id = self.make_interface(&nic.subnet_id, nic.groups.clone(), addresses, &nic.description)?;
                self.put_ipv6_addresses(&id, &ipv6)?;
                id
            }
        };
        self.put_attachment(&id, instance_id, nic.device_index, nic.delete_on_termination, AttachmentStatus::Attached)?;
        if nic.public {
            self.give_public_address(&id)?;
        }
        Ok(id)
    }

    fn put_attachment(
        &mut self,
        id: &str,
        instance_id: &str,
        at: i32,
        delete_on_termination: bool,
        status: AttachmentStatus,
    ) -> Answer<String> {
        let attachment_id = self.ids.next("eni-attach");
        let attachment = NetworkInterfaceAttachment::builder()
            .attachment_id(&attachment_id)
            .attach_time(self.stamp())
            .delete_on_termination(delete_on_termination)
            .device_index(at)
            .network_card_index(0)
            .instance_id(instance_id)
            .instance_owner_id(OWNER)
            .status(status);
        let nic = self.interfaces.get_mut(id)?;
        nic.attachment = Some(attachment.build());
        nic.status = Some(NetworkInterfaceStatus::InUse);
        Ok(attachment_id)
    }

    /// Releases the interfaces of a terminated instance.
    pub(super) fn release_interfaces(&mut self, instance_id: &str) {
        let own: Vec<(String, bool)> = self
            .nics_of(instance_id)
            .into_iter()
            .map(|nic| {
                (nic.id().to_owned(), nic.attachment().and_then(NetworkInterfaceAttachment::delete_on_termination) == Some(true))
            })
            .collect();
        for (id, doomed) in own {
            self.part_from_address(&id);
            if doomed {
                let _ = self.interfaces.take(&id);
                self.tags.forget(&id);
            } else if let Ok(nic) = self.interfaces.get_mut(&id) {
                nic.attachment = None;
                nic.status = Some(NetworkInterfaceStatus::Available);
            }
        }
    }

    pub(super) fn create_network_interface(
        &mut self,
        input: CreateNetworkInterfaceInput,
    ) -> Answer<CreateNetworkInterfaceOutput> {
        let tags = specified_for(input.tag_specifications(), "network-interface")?;
        let subnet_id = required(input.subnet_id(), "subnetId")?;
        let subnet = self.subnets.get(subnet_id)?;
        let prefixes = !input.ipv4_prefixes().is_empty() || !input.ipv6_prefixes().is_empty();
        let prefixes = prefixes || input.ipv4_prefix_count().or(input.ipv6_prefix_count()).is_some();
        if prefixes || input.interface_type().is_some() || input.enable_primary_ipv6() == Some(true) {
            return Err(Refusal::NotModelled);
        }
        let ipv6: Vec<String> = input.ipv6_addresses().iter().filter_map(|asked| asked.ipv6_address.clone()).collect();
        let ipv6 = self.new_ipv6_addresses(subnet, &ipv6, input.ipv6_address_count())?;
        let groups = self.groups_for(subnet.vpc_id().unwrap_or_default(), input.groups(), &[])?;
        let listed = input.private_ip_addresses();
        let primary = listed.iter().find(|address| address.primary() == Some(true)).or(listed.first());
        let primary = input.private_ip_address().or_else(|| primary?.private_ip_address());
        let others = listed
            .iter()
            .filter_map(PrivateIpAddressSpecification::private_ip_address)
            .filter(|address| Some(*address) != primary);
        let mut addresses: Vec<String> = primary.into_iter().chain(others).map(str::to_owned).collect();
        for address in &addresses {
            self.check_free(subnet, address)?;
        }
        let more = usize::try_from(input.secondary_private_ip_address_count().unwrap_or(0)).unwrap_or(0)
            + usize::from(addresses.is_empty());
        addresses.extend(self.free_addresses(subnet_id, more, &addresses)?);
        let id = self.make_interface(subnet_id, groups, addresses, input.description().unwrap_or_default())?;
        self.put_ipv6_addresses(&id, &ipv6)?;
        self.tags.put_all(&id, &tags);
        let mut nic = self.interfaces.get(&id)?.shown(self);
        nic.status = Some("pending".into());
        Ok(CreateNetworkInterfaceOutput::builder().network_interface(nic).set_client_token(input.client_token).build())
    }

    pub(super) fn delete_network_interface(
        &mut self,
        input: DeleteNetworkInterfaceInput,
    ) -> Answer<DeleteNetworkInterfaceOutput> {
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        if nic.status() == Some(&NetworkInterfaceStatus::InUse) {
            let message = format!("Network interface '{id}' is currently in use.");
            return Err(Refusal::new("InvalidParameterValue", message));
        }
        self.part_from_address(id);
        self.blacken_routes(|route| route.network_interface_id() == Some(id));
        self.interfaces.take(id)?;
        self.tags.forget(id);
        Ok(DeleteNetworkInterfaceOutput::builder().build())
    }

    pub(super) fn attach_network_interface(
        &mut self,
        input: AttachNetworkInterfaceInput,
    ) -> Answer<AttachNetworkInterfaceOutput> {
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let instance_id = required(input.instance_id(), "instanceId")?;
        let at = required(input.device_index(), "deviceIndex")?;
        let nic = self.interfaces.get(id)?;
        let machine = self.instances.get(instance_id)?;
        if !matches!(machine.state(), InstanceStateName::Running | InstanceStateName::Stopped) {
            return Err(Refusal::new("IncorrectState", format!("Instance '{instance_id}' is not 'running' or 'stopped'.")));
        }
        if nic.attachment().is_some() {
            return Err(Refusal::new("InvalidNetworkInterface.InUse", format!("Interface: [{id}] in use.")));
        }
        if nic.availability_zone() != machine.zone() {
            let message = "You may not attach a network interface to an instance if they are not in the same availability zone";
            return Err(Refusal::combination(message));
        }
        let taken = |nic: &&NetworkInterface| nic.attachment().and_then(NetworkInterfaceAttachment::device_index) == Some(at);
        if self.nics_of(instance_id).iter().any(taken) {
            let message = format!("Instance '{instance_id}' already has an interface attached at device index '{at}'.");
            return Err(Refusal::value(message));
        }
        let attachment_id = self.put_attachment(id, instance_id, at, false, AttachmentStatus::Attaching)?;
        self.later(delays::ATTACHMENT, Region::interface_attached, id);
        Ok(AttachNetworkInterfaceOutput::builder().attachment_id(attachment_id).network_card_index(0).build())
    }

    fn interface_attached(&mut self, id: &str) {
        if let Some(attachment) = self.interfaces.get_mut(id).ok().and_then(|nic| nic.attachment.as_mut())
            && attachment.status == Some(AttachmentStatus::Attaching)
        {
            attachment.status = Some(AttachmentStatus::Attached);
        }
    }

    pub(super) fn detach_network_interface(
        &mut self,
        input: DetachNetworkInterfaceInput,
    ) -> Answer<DetachNetworkInterfaceOutput> {
        let attachment_id = required(input.attachment_id(), "attachmentId")?;
        let meant = |nic: &&mut NetworkInterface| {
            nic.attachment().and_then(NetworkInterfaceAttachment::attachment_id) == Some(attachment_id)
        };
        let nic = self.interfaces.iter_mut().find(meant).ok_or_else(|| {
            let message = format!("The network interface attachment ID '{attachment_id}' does not exist");
            Refusal::new("InvalidAttachmentID.NotFound", message)
        })?;
        let id = nic.id().to_owned();
        if let Some(attachment) = &mut nic.attachment {
            if attachment.instance_id.is_none() {
                return Err(Refusal::not_permitted("You are not allowed to manage 'ela-attach' attachments."));
            }
            if attachment.device_index == Some(0) {
                let message = "The network interface at device index 0 and networkCard index 0 cannot be detached.";
                return Err(Refusal::not_permitted(message));
            }
            attachment.status = Some(AttachmentStatus::Detaching);
        }
        self.later(delays::ATTACHMENT, Region::interface_detached, &id);
        Ok(DetachNetworkInterfaceOutput::builder().build())
    }

    fn interface_detached(&mut self, id: &str) {
        if let Ok(nic) = self.interfaces.get_mut(id)
            && nic.attachment.as_ref().is_some_and(|to| to.status == Some(AttachmentStatus::Detaching))
        {
            nic.attachment = None;
            nic.status = Some(NetworkInterfaceStatus::Available);
        }
    }
}
