//! Public addresses: elastic ones, which an account keeps, and automatic ones, which belong to a
//! running instance.

use aws_sdk_ec2::operation::{
    allocate_address::*, associate_address::*, describe_addresses::*, describe_addresses_attribute::*, disassociate_address::*,
    release_address::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::describe::page;
use super::filter::filters;
use super::refusal::{Answer, Refusal};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    Address in addresses by allocation_id, tagged tags, shown by at_instance,
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

/// Updates the instance of its interface.
fn at_instance(region: &Region, address: &mut Address) {
    let nic = address.network_interface_id().and_then(|id| region.interfaces.get(id).ok());
    address.instance_id = nic.and_then(|nic| nic.attachment()?.instance_id.clone());
}

fn absent(public_ip: &str) -> Refusal {
    Refusal::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

impl Region {
    /// Returns an unused address.
    fn new_public_address(&mut self) -> String {
        let number = self.ids.count("public address");
        let third = super::ids::fnv(&self.name) % 200;
        format!("54.{}.{}.{}", third, number / 250 % 250, number % 250 + 4)
    }

    fn public_name(&self, address: &str) -> String {
        let place = if self.name == "us-east-1" { "compute-1".to_owned() } else { format!("{}.compute", self.name) };
        format!("ec2-{}.{place}.amazonaws.com", address.replace('.', "-"))
    }

    /// Sets the public association of a private address of an interface; for the primary one, also
    /// the interface's own.
    fn put_association(&mut self, nic_id: &str, private_ip: &str, public: Option<NetworkInterfaceAssociation>) -> Answer<()> {
        let nic = self.interfaces.get_mut(nic_id)?;
        let mut addresses = nic.private_ip_addresses.iter_mut().flatten();
        if let Some(own) = addresses.find(|own| own.private_ip_address() == Some(private_ip)) {
            own.association = public.clone();
            if own.primary == Some(true) {
                nic.association = public;
            }
        }
        Ok(())
    }

    /// Assigns an automatic public address to an interface, until its instance stops.
    pub(super) fn give_public_address(&mut self, nic_id: &str) -> Answer<()> {
        let address = self.new_public_address();
        let association = NetworkInterfaceAssociation::builder()
            .ip_owner_id("amazon")
            .public_dns_name(self.public_name(&address))
            .public_ip(address);
        let private = self.private_address_of(nic_id, None)?;
        self.put_association(nic_id, &private, Some(association.build()))
    }

    /// Releases an automatic public address.
    pub(super) fn take_public_address(&mut self, nic_id: &str) -> Answer<()> {
        let nic = self.interfaces.get(nic_id)?;
        if nic.association().and_then(NetworkInterfaceAssociation::ip_owner_id) == Some("amazon") {
            let private = self.private_address_of(nic_id, None)?;
            self.put_association(nic_id, &private, None)?;
        }
        Ok(())
    }

    /// Releases the automatic public addresses of a stopped instance.
    pub(super) fn release_passing_addresses(&mut self, instance_id: &str) {
        let nics: Vec<String> = self.nics_of(instance_id).into_iter().map(|nic| nic.id().to_owned()).collect();
        for nic in nics {
            let _ = self.take_public_address(&nic);
        }
    }

    /// Assigns a new automatic address to a starting instance, if its subnet assigns them and the
    /// instance has none.
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

    /// Disassociates the elastic addresses of a removed interface.
    pub(super) fn part_from_address(&mut self, nic_id: &str) {
        let own = self.interfaces.get(nic_id).map(|nic| nic.private_ip_addresses().to_vec()).unwrap_or_default();
        for private in own.iter().filter_map(NetworkInterfacePrivateIpAddress::private_ip_address) {
            self.part_private_from_address(nic_id, private);
        }
    }

    /// Disassociates the public address of a private address.
    pub(super) fn part_private_from_address(&mut self, nic_id: &str, private_ip: &str) {
        let meant = |address: &&mut Address| {
            address.network_interface_id() == Some(nic_id) && address.private_ip_address() == Some(private_ip)
        };
        for address in self.addresses.iter_mut().filter(meant) {
            address.association_id = None;
            address.network_interface_id = None;
            address.network_interface_owner_id = None;
            address.private_ip_address = None;
        }
        let _ = self.put_association(nic_id, private_ip, None);
    }

    /// Returns the selected private address of an interface, by default the primary one.
    fn private_address_of(&self, nic_id: &str, asked: Option<&str>) -> Answer<String> {
        let nic = self.interfaces.get(nic_id)?;
        let private = asked.or(nic.private_ip_address()).unwrap_or_default();
        if !nic.private_ip_addresses().iter().any(|own| own.private_ip_address() == Some(private)) {
            let message = format!("The private IP address {private} is not assigned to the network interface {nic_id}");
            return Err(Refusal::value(message));
        }
        Ok(private.to_owned())
    }

    /// Associates an elastic address with a private address of an interface, and returns the
    /// association.
    pub(super) fn join_address(&mut self, id: &str, nic_id: &str, private_ip: Option<&str>) -> Answer<String> {
        let private = self.private_address_of(nic_id, private_ip)?;
        let public_ip = self.addresses.get(id)?.public_ip.clone().unwrap_or_default();
        self.part_private_from_address(nic_id, &private);
        let association_id = self.ids.next("eipassoc");
        let association = NetworkInterfaceAssociation::builder()
            .allocation_id(id)
            .association_id(&association_id)
            .ip_owner_id(OWNER)
            .public_dns_name(self.public_name(&public_ip))
            .public_ip(public_ip);
        self.put_association(nic_id, &private, Some(association.build()))?;
        let address = self.addresses.get_mut(id)?;
        address.association_id = Some(association_id.clone());
        address.network_interface_id = Some(nic_id.to_owned());
        address.network_interface_owner_id = Some(OWNER.to_owned());
        address.private_ip_address = Some(private);
        Ok(association_id)
    }

    /// Checks that the interface does not belong to an AWS service, which manages its addresses
    /// itself.
    fn check_ours(&self, nic_id: &str) -> Answer<()> {
        if self.interfaces.get(nic_id).is_ok_and(|nic| nic.requester_managed() == Some(true)) {
            return Err(Refusal::new("AuthFailure", "You do not have permission to access the specified resource."));
        }
        Ok(())
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

    /// Returns the selected address, by allocation or by its value.
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
        let nic_id = match (input.network_interface_id(), input.instance_id()) {
            (Some(nic), _) => self.interfaces.get(nic)?.id().to_owned(),
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
                first.map(|nic| nic.id().to_owned()).unwrap_or_default()
            }
            (None, None) => return Err(Refusal::missing("InstanceId or NetworkInterfaceId")),
        };
        let private = self.private_address_of(&nic_id, input.private_ip_address())?;
        self.check_ours(&nic_id)?;
        let own = self.addresses.get(&id)?.clone();
        if let Some(other) = own.network_interface_id() {
            if other != nic_id && input.allow_reassociation() != Some(true) {
                let message =
                    format!("resource {id} is already associated with associate-id {}", own.association_id().unwrap_or_default());
                return Err(Refusal::new("Resource.AlreadyAssociated", message));
            }
            self.check_ours(other)?;
            self.part_private_from_address(other, own.private_ip_address().unwrap_or_default());
        }
        let association_id = self.join_address(&id, &nic_id, Some(&private))?;
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
        let (nic, private) = (own.network_interface_id.clone().unwrap_or_default(), own.private_ip_address.clone());
        self.check_ours(&nic)?;
        self.part_private_from_address(&nic, &private.unwrap_or_default());
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

    /// No implemented operation sets an address's attribute, so all are empty.
    pub(super) fn describe_addresses_attribute(
        &mut self,
        input: DescribeAddressesAttributeInput,
    ) -> Answer<DescribeAddressesAttributeOutput> {
        let addresses: Vec<Address> = self.listed(input.allocation_ids(), &[])?;
        let (addresses, next) = page(addresses, input.max_results(), input.next_token())?;
        let attributes = addresses.into_iter().map(|address| {
            AddressAttribute::builder().set_allocation_id(address.allocation_id).set_public_ip(address.public_ip).build()
        });
        Ok(DescribeAddressesAttributeOutput::builder().set_addresses(Some(attributes.collect())).set_next_token(next).build())
    }
}
