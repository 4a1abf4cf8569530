//! The secondary addresses of an interface, private ones and IPv6: assigning and unassigning.

use std::collections::HashSet;
use std::net::Ipv6Addr;

use aws_sdk_ec2::operation::{
    assign_ipv6_addresses::*, assign_private_ip_addresses::*, unassign_ipv6_addresses::*, unassign_private_ip_addresses::*,
};
use aws_sdk_ec2::types::*;

use super::instance_types::Shape;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::Record;

fn holds(nic: &NetworkInterface, address: &str) -> bool {
    nic.private_ip_addresses().iter().any(|own| own.private_ip_address() == Some(address))
}

/// Converts a count.
fn counted(count: i32, parameter: &str) -> Answer<usize> {
    let some = usize::try_from(count).ok().filter(|count| *count > 0);
    some.ok_or_else(|| Refusal::bad_value(count, parameter, "It must be greater than 0."))
}

fn ipv6_block(subnet: &Subnet) -> Option<u128> {
    let block = subnet.ipv6_cidr_block_association_set().first()?.ipv6_cidr_block()?;
    Some(block.split('/').next()?.parse::<Ipv6Addr>().ok()?.to_bits() >> 64 << 64)
}

impl Region {
    /// Checks that an interface can have this many addresses of one IP version, which its
    /// instance's type limits. An unattached interface has no limit.
    fn check_room(&self, nic: &NetworkInterface, count: usize) -> Answer<()> {
        let instance = nic.attachment().and_then(NetworkInterfaceAttachment::instance_id);
        let machine = instance.and_then(|id| self.instances.get(id).ok());
        let shape = machine.and_then(|machine| Shape::of(machine.instance.instance_type()?.as_str()));
        if shape.is_some_and(|shape| usize::try_from(shape.addresses_per_interface()).is_ok_and(|most| count > most)) {
            return Err(Refusal::new("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit."));
        }
        Ok(())
    }

    /// Returns addresses for an interface: the named ones, or as many as requested. An address that
    /// it already has is ignored; another interface's secondary address can be taken if
    /// reassignment is allowed.
    fn new_private_addresses(&self, nic: &NetworkInterface, input: &AssignPrivateIpAddressesInput) -> Answer<Vec<String>> {
        let subnet = self.subnets.get(nic.subnet_id().unwrap_or_default())?;
        let asked = match (input.private_ip_addresses(), input.secondary_private_ip_address_count()) {
            ([], None) => return Err(Refusal::missing("privateIpAddress or secondaryPrivateIpAddressCount")),
            ([], Some(count)) => {
                return self.free_addresses(subnet.id(), counted(count, "secondaryPrivateIpAddressCount")?, &[]);
            }
            (asked, None) => asked,
            _ => return Err(Refusal::combination("Specify privateIpAddress or secondaryPrivateIpAddressCount, not both.")),
        };
        let mut new: Vec<String> = Vec::new();
        for address in asked.iter().filter(|address| !holds(nic, address)) {
            match self.interfaces.iter().find(|other| other.subnet_id() == nic.subnet_id() && holds(other, address)) {
                Some(other) if other.private_ip_address() == Some(address) && input.allow_reassignment() == Some(true) => {
                    let message = format!("{address} is the primary address of {} and cannot be reassigned", other.id());
                    return Err(Refusal::value(message));
                }
                Some(_) if input.allow_reassignment() == Some(true) => {}
                _ => self.check_free(subnet, address)?,
            }
            if !new.contains(address) {
                new.push(address.clone());
            }
        }
        Ok(new)
    }

    pub(super) fn assign_private_ip_addresses(
        &mut self,
        input: AssignPrivateIpAddressesInput,
    ) -> Answer<AssignPrivateIpAddressesOutput> {
        if !input.ipv4_prefixes().is_empty() || input.ipv4_prefix_count().is_some() {
            return Err(Refusal::NotModelled);
        }
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        let new = self.new_private_addresses(nic, &input)?;
        self.check_room(nic, nic.private_ip_addresses().len() + new.len())?;
        for address in &new {
            self.move_private_address(address, id)?;
        }
        let assigned =
            new.into_iter().map(|address| AssignedPrivateIpAddress::builder().private_ip_address(address).build()).collect();
        Ok(AssignPrivateIpAddressesOutput::builder()
            .network_interface_id(id)
            .set_assigned_private_ip_addresses(Some(assigned))
            .build())
    }

    /// Assigns an address to an interface, moving it from another one of the same subnet if
    /// necessary. An associated elastic address moves along.
    fn move_private_address(&mut self, address: &str, id: &str) -> Answer<()> {
        let subnet_id = self.interfaces.get(id)?.subnet_id.clone();
        let mut own = self.private_address(address, false);
        for other in self.interfaces.iter_mut().filter(|other| other.subnet_id == subnet_id) {
            let addresses = other.private_ip_addresses.get_or_insert_default();
            if let Some(at) = addresses.iter().position(|held| held.private_ip_address() == Some(address)) {
                own = addresses.remove(at);
            }
        }
        let nic = self.interfaces.get_mut(id)?;
        let association_id = own.association().and_then(|to| to.association_id.clone());
        nic.private_ip_addresses.get_or_insert_default().push(own);
        let moved = |elastic: &&mut Address| association_id.is_some() && elastic.association_id == association_id;
        for elastic in self.addresses.iter_mut().filter(moved) {
            elastic.network_interface_id = Some(id.to_owned());
        }
        Ok(())
    }

    pub(super) fn unassign_private_ip_addresses(
        &mut self,
        input: UnassignPrivateIpAddressesInput,
    ) -> Answer<UnassignPrivateIpAddressesOutput> {
        if !input.ipv4_prefixes().is_empty() {
            return Err(Refusal::NotModelled);
        }
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        let gone = required_list(input.private_ip_addresses(), "privateIpAddress")?;
        if gone.iter().any(|address| !holds(nic, address)) {
            return Err(Refusal::value(format!("Some of the addresses provided are not assigned to interface {id}")));
        }
        if let Some(primary) = gone.iter().find(|address| nic.private_ip_address() == Some(address)) {
            return Err(Refusal::value(format!("{primary} is the primary address of {id} and cannot be unassigned")));
        }
        for address in gone {
            self.part_private_from_address(id, address);
        }
        let own = self.interfaces.get_mut(id)?.private_ip_addresses.get_or_insert_default();
        own.retain(|own| !gone.iter().any(|address| own.private_ip_address() == Some(address)));
        Ok(UnassignPrivateIpAddressesOutput::builder().build())
    }

    /// Returns addresses of a subnet's IPv6 block: the named ones, as many as requested, or the one
    /// that the subnet assigns to each interface.
    pub(super) fn new_ipv6_addresses(&self, subnet: &Subnet, asked: &[String], count: Option<i32>) -> Answer<Vec<String>> {
        let given = (subnet.assign_ipv6_address_on_creation() == Some(true)).then_some(1);
        let count = if asked.is_empty() { count.or(given) } else { count };
        if asked.is_empty() && count.is_none() {
            return Ok(Vec::new());
        }
        let block = ipv6_block(subnet).ok_or_else(|| {
            Refusal::value(format!("The subnet '{}' does not have an IPv6 CIDR block associated with it", subnet.id()))
        })?;
        let nics = self.interfaces.iter().filter(|nic| nic.subnet_id() == subnet.subnet_id());
        let taken = nics.flat_map(NetworkInterface::ipv6_addresses).filter_map(|own| own.ipv6_address()?.parse().ok());
        let taken: HashSet<Ipv6Addr> = taken.collect();
        if let Some(count) = count.filter(|_| asked.is_empty()) {
            // Without the first four, which AWS reserves.
            let free = (block + 4..).map(Ipv6Addr::from_bits).filter(|address| !taken.contains(address));
            return Ok(free.take(counted(count, "ipv6AddressCount")?).map(|address| address.to_string()).collect());
        }
        if count.is_some() {
            return Err(Refusal::combination("Specify ipv6Addresses or ipv6AddressCount, not both."));
        }
        let checked = asked.iter().map(|text| {
            let address: Ipv6Addr =
                text.parse().map_err(|_| Refusal::value(format!("invalid value for parameter address: {text}")))?;
            if address.to_bits() >> 64 << 64 != block {
                return Err(Refusal::value("Address does not fall within the subnet's address range"));
            }
            if taken.contains(&address) {
                return Err(Refusal::new("InvalidIPAddress.InUse", format!("Address {text} is in use.")));
            }
            Ok(address.to_string())
        });
        checked.collect()
    }

    pub(super) fn put_ipv6_addresses(&mut self, nic_id: &str, new: &[String]) -> Answer<()> {
        let own = self.interfaces.get_mut(nic_id)?.ipv6_addresses.get_or_insert_default();
        own.extend(new.iter().map(|address| NetworkInterfaceIpv6Address::builder().ipv6_address(address).build()));
        Ok(())
    }

    pub(super) fn assign_ipv6_addresses(&mut self, input: AssignIpv6AddressesInput) -> Answer<AssignIpv6AddressesOutput> {
        if !input.ipv6_prefixes().is_empty() || input.ipv6_prefix_count().is_some() {
            return Err(Refusal::NotModelled);
        }
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        if input.ipv6_addresses().is_empty() && input.ipv6_address_count().is_none() {
            return Err(Refusal::missing("ipv6Addresses or ipv6AddressCount"));
        }
        let subnet = self.subnets.get(nic.subnet_id().unwrap_or_default())?;
        let new = self.new_ipv6_addresses(subnet, input.ipv6_addresses(), input.ipv6_address_count())?;
        self.check_room(nic, nic.ipv6_addresses().len() + new.len())?;
        self.put_ipv6_addresses(id, &new)?;
        Ok(AssignIpv6AddressesOutput::builder().network_interface_id(id).set_assigned_ipv6_addresses(Some(new)).build())
    }

    pub(super) fn unassign_ipv6_addresses(&mut self, input: UnassignIpv6AddressesInput) -> Answer<UnassignIpv6AddressesOutput> {
        if !input.ipv6_prefixes().is_empty() {
            return Err(Refusal::NotModelled);
        }
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get_mut(id)?;
        let asked = required_list(input.ipv6_addresses(), "ipv6Addresses")?;
        let gone: Vec<String> =
            asked.iter().map(|text| text.parse().map_or_else(|_| text.clone(), |own: Ipv6Addr| own.to_string())).collect();
        let is = |own: &NetworkInterfaceIpv6Address, address: &String| own.ipv6_address() == Some(address);
        if gone.iter().any(|address| !nic.ipv6_addresses().iter().any(|own| is(own, address))) {
            return Err(Refusal::value(format!("Some of the addresses provided are not assigned to interface {id}")));
        }
        nic.ipv6_addresses.get_or_insert_default().retain(|own| !gone.iter().any(|address| is(own, address)));
        Ok(UnassignIpv6AddressesOutput::builder().network_interface_id(id).set_unassigned_ipv6_addresses(Some(gone)).build())
    }
}
