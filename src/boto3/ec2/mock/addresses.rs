//! Public addresses: the elastic ones, which an account keeps, and those that come and go with an instance.

use aws_sdk_ec2::operation::{
    allocate_address::*, associate_address::*, describe_addresses::*, disassociate_address::*, release_address::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::filter::filters;
use super::refusal::{Answer, Refusal};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    Address in addresses by allocation_id, tagged tags,
    Kind {
        prefix: "eipalloc",
        resource: "elastic-ip",
        not_found: "InvalidAllocationID.NotFound",
        absent: "The allocation ID '{}' does not exist",
        malformed: None,
    },
    filters!(address: Address =>
        "allocation-id" = address.allocation_id(),
        "association-id" = address.association_id(),
        "domain" = address.domain(),
        "instance-id" = address.instance_id(),
        "network-border-group" = address.network_border_group(),
        "network-interface-id" = address.network_interface_id(),
        "network-interface-owner-id" = address.network_interface_owner_id(),
        "private-ip-address" = address.private_ip_address(),
        "public-ip" = address.public_ip(),
    )
);

fn absent(public_ip: &str) -> Refusal {
    Refusal::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

impl Region {
    /// An address that nobody had before.
    fn new_public_address(&mut self) -> String {
        let number = self.ids.count("public address");
        let third = super::ids::fnv(&self.name) % 200;
        format!("54.{}.{}.{}", third, number / 250 % 250, number % 250 + 4)
    }

    fn public_name(&self, address: &str) -> String {
        let place = if self.name == "us-east-1" { "compute-1".to_owned() } else { format!("{}.compute", self.name) };
        format!("ec2-{}.{place}.amazonaws.com", address.replace('.', "-"))
    }

    fn put_association(&mut self, nic_id: &str, association: Option<NetworkInterfaceAssociation>) -> Answer<()> {
        let nic = self.interfaces.get_mut(nic_id)?;
        for address in nic.private_ip_addresses.iter_mut().flatten().filter(|address| address.primary == Some(true)) {
            address.association = association.clone();
        }
        nic.association = association;
        Ok(())
    }

    /// Gives an interface an address of Amazon's, until its instance stops.
    pub(super) fn give_public_address(&mut self, nic_id: &str) -> Answer<()> {
        let address = self.new_public_address();
        let association = NetworkInterfaceAssociation::builder()
            .ip_owner_id("amazon")
            .public_dns_name(self.public_name(&address))
            .public_ip(address);
        self.put_association(nic_id, Some(association.build()))
    }

    /// An instance has stopped: Amazon takes its own addresses back.
    pub(super) fn release_passing_addresses(&mut self, instance_id: &str) {
        let passing =
            |nic: &&NetworkInterface| nic.association().and_then(NetworkInterfaceAssociation::ip_owner_id) == Some("amazon");
        let nics: Vec<String> = self.nics_of(instance_id).into_iter().filter(passing).map(|nic| nic.id().to_owned()).collect();
        for nic in nics {
            let _ = self.put_association(&nic, None);
        }
    }

    /// An instance starts again: it has a new address, if its subnet gives one and it has none.
    pub(super) fn give_passing_address(&mut self, instance_id: &str) {
        let first = self.nics_of(instance_id).into_iter().find(|nic| {
            let at = nic.attachment().and_then(NetworkInterfaceAttachment::device_index);
            at == Some(0) && nic.association().is_none()
        });
        let Some((nic, subnet)) = first.map(|nic| (nic.id().to_owned(), nic.subnet_id.clone().unwrap_or_default())) else {
            return;
        };
        if self.subnets.get(&subnet).is_ok_and(|subnet| subnet.map_public_ip_on_launch() == Some(true)) {
            let _ = self.give_public_address(&nic);
        }
    }

    /// An interface goes, or its address is wanted elsewhere: an elastic one is free again.
    pub(super) fn part_from_address(&mut self, nic_id: &str) {
        for address in self.addresses.iter_mut().filter(|address| address.network_interface_id() == Some(nic_id)) {
            address.association_id = None;
            address.instance_id = None;
            address.network_interface_id = None;
            address.network_interface_owner_id = None;
            address.private_ip_address = None;
        }
        let _ = self.put_association(nic_id, None);
    }

    pub(super) fn allocate_address(&mut self, input: AllocateAddressInput) -> Answer<AllocateAddressOutput> {
        let tags = specified_for(input.tag_specifications(), "elastic-ip")?;
        if let Some(asked) = input.address() {
            return Err(Refusal::new("InvalidAddress.NotFound", format!("Address '{asked}' not found.")));
        }
        let id = self.ids.next("eipalloc");
        let public_ip = self.new_public_address();
        let address = Address::builder()
            .allocation_id(&id)
            .public_ip(&public_ip)
            .domain(DomainType::Vpc)
            .public_ipv4_pool("amazon")
            .network_border_group(&self.name);
        self.addresses.put(address.build());
        self.tags.put_all(&id, &tags);
        Ok(AllocateAddressOutput::builder()
            .allocation_id(id)
            .public_ip(public_ip)
            .domain(DomainType::Vpc)
            .public_ipv4_pool("amazon")
            .network_border_group(&self.name)
            .build())
    }

    /// The address that is meant, by allocation or by itself.
    fn meant_address(&self, allocation_id: Option<&str>, public_ip: Option<&str>) -> Answer<String> {
        match (allocation_id, public_ip) {
            (Some(id), _) => Ok(self.addresses.get(id)?.id().to_owned()),
            (None, Some(ip)) => {
                let own = self.addresses.iter().find(|address| address.public_ip() == Some(ip));
                Ok(own.ok_or_else(|| absent(ip))?.id().to_owned())
            }
            (None, None) => Err(Refusal::missing("AllocationId")),
        }
    }

    pub(super) fn associate_address(&mut self, input: AssociateAddressInput) -> Answer<AssociateAddressOutput> {
        let id = self.meant_address(input.allocation_id(), input.public_ip())?;
        let (nic_id, instance_id) = match (input.network_interface_id(), input.instance_id()) {
            (Some(nic), _) => {
                let nic = self.interfaces.get(nic)?;
                (nic.id().to_owned(), nic.attachment().and_then(|to| to.instance_id.clone()))
            }
            (None, Some(instance)) => {
                let machine = self.instances.get(instance)?;
                if !matches!(
                    machine.state(),
                    InstanceStateName::Pending
                        | InstanceStateName::Running
                        | InstanceStateName::Stopped
                        | InstanceStateName::Stopping
                ) {
                    let message = format!("The instance '{instance}' is not in a valid state for this operation.");
                    return Err(Refusal::new("InvalidInstanceID", message));
                }
                let first = self
                    .nics_of(instance)
                    .into_iter()
                    .find(|nic| nic.attachment().and_then(NetworkInterfaceAttachment::device_index) == Some(0));
                (first.map(|nic| nic.id().to_owned()).unwrap_or_default(), Some(instance.to_owned()))
            }
            (None, None) => return Err(Refusal::missing("InstanceId or NetworkInterfaceId")),
        };
        let own = self.addresses.get(&id)?.clone();
        if own.network_interface_id().is_some_and(|other| other != nic_id) {
            if input.allow_reassociation() != Some(true) {
                let message =
                    format!("resource {id} is already associated with associate-id {}", own.association_id().unwrap_or_default());
                return Err(Refusal::new("Resource.AlreadyAssociated", message));
            }
            self.part_from_address(own.network_interface_id().unwrap_or_default());
        }
        self.part_from_address(&nic_id);
        let association_id = self.ids.next("eipassoc");
        let public_ip = own.public_ip.clone().unwrap_or_default();
        let association = NetworkInterfaceAssociation::builder()
            .allocation_id(&id)
            .association_id(&association_id)
            .ip_owner_id(OWNER)
            .public_dns_name(self.public_name(&public_ip))
            .public_ip(public_ip);
        self.put_association(&nic_id, Some(association.build()))?;
        let private = self.interfaces.get(&nic_id)?.private_ip_address.clone();
        let address = self.addresses.get_mut(&id)?;
        address.association_id = Some(association_id.clone());
        address.instance_id = instance_id;
        address.network_interface_id = Some(nic_id);
        address.network_interface_owner_id = Some(OWNER.to_owned());
        address.private_ip_address = input.private_ip_address.or(private);
        Ok(AssociateAddressOutput::builder().association_id(association_id).build())
    }

    pub(super) fn disassociate_address(&mut self, input: DisassociateAddressInput) -> Answer<DisassociateAddressOutput> {
        let own = match (input.association_id(), input.public_ip()) {
            (Some(id), _) => {
                let own = self.addresses.iter().find(|address| address.association_id() == Some(id));
                own.ok_or_else(|| {
                    Refusal::new("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"))
                })?
            }
            (None, Some(ip)) => {
                self.addresses.iter().find(|address| address.public_ip() == Some(ip)).ok_or_else(|| absent(ip))?
            }
            (None, None) => return Err(Refusal::missing("AssociationId")),
        };
        let nic = own.network_interface_id.clone().unwrap_or_default();
        self.part_from_address(&nic);
        Ok(DisassociateAddressOutput::builder().build())
    }

    pub(super) fn release_address(&mut self, input: ReleaseAddressInput) -> Answer<ReleaseAddressOutput> {
        let id = self.meant_address(input.allocation_id(), input.public_ip())?;
        let own = self.addresses.get(&id)?;
        if own.association_id().is_some() {
            let ip = own.public_ip().unwrap_or_default();
            return Err(Refusal::new("InvalidIPAddress.InUse", format!("Address {ip} is in use.")));
        }
        self.addresses.take(&id)?;
        self.tags.forget(&id);
        Ok(ReleaseAddressOutput::builder().build())
    }

    pub(super) fn describe_addresses(&mut self, input: DescribeAddressesInput) -> Answer<DescribeAddressesOutput> {
        let ips = input.public_ips();
        for ip in ips {
            self.meant_address(None, Some(ip))?;
        }
        let mut addresses: Vec<Address> = self.listed(input.allocation_ids(), input.filters())?;
        addresses.retain(|address| ips.is_empty() || ips.iter().any(|ip| address.public_ip() == Some(ip)));
        Ok(DescribeAddressesOutput::builder().set_addresses(Some(addresses)).build())
    }
}
