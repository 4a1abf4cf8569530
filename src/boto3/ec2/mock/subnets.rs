//! Subnets.

use std::net::Ipv4Addr;

use aws_sdk_ec2::operation::{create_subnet::*, delete_subnet::*, describe_subnets::*, modify_subnet_attribute::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::cidr::Cidr;
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    Subnet in subnets by subnet_id, tagged tags, shown by counted,
    Kind {
        prefix: "subnet",
        resource: "subnet",
        not_found: "InvalidSubnetID.NotFound",
        absent: "The subnet ID '{}' does not exist",
        malformed: Some("InvalidSubnetID.Malformed"),
    },
    filters!(subnet: Subnet =>
        "availability-zone" = subnet.availability_zone(),
        "availabilityZone" = subnet.availability_zone(),
        "availability-zone-id" = subnet.availability_zone_id(),
        "available-ip-address-count" = subnet.available_ip_address_count(),
        "cidr-block" = subnet.cidr_block(),
        "cidr" = subnet.cidr_block(),
        "cidrBlock" = subnet.cidr_block(),
        "customer-owned-ipv4-pool" = subnet.customer_owned_ipv4_pool(),
        "default-for-az" = subnet.default_for_az(),
        "defaultForAz" = subnet.default_for_az(),
        "enable-dns64" = subnet.enable_dns64(),
        "enable-lni-at-device-index" = subnet.enable_lni_at_device_index(),
        "ipv6-cidr-block-association.ipv6-cidr-block" =
            each(subnet.ipv6_cidr_block_association_set(), SubnetIpv6CidrBlockAssociation::ipv6_cidr_block),
        "ipv6-cidr-block-association.association-id" =
            each(subnet.ipv6_cidr_block_association_set(), SubnetIpv6CidrBlockAssociation::association_id),
        "ipv6-cidr-block-association.state" = each(subnet.ipv6_cidr_block_association_set(), |own| {
            own.ipv6_cidr_block_state().and_then(SubnetCidrBlockState::state)
        }),
        "ipv6-native" = subnet.ipv6_native(),
        "map-customer-owned-ip-on-launch" = subnet.map_customer_owned_ip_on_launch(),
        "map-public-ip-on-launch" = subnet.map_public_ip_on_launch(),
        "outpost-arn" = subnet.outpost_arn(),
        "owner-id" = subnet.owner_id(),
        "private-dns-name-options-on-launch.hostname-type" =
            subnet.private_dns_name_options_on_launch().and_then(PrivateDnsNameOptionsOnLaunch::hostname_type),
        "state" = subnet.state(),
        "subnet-arn" = subnet.subnet_arn(),
        "subnet-id" = subnet.subnet_id(),
        "vpc-id" = subnet.vpc_id(),
    )
);

describe! {
    paged describe_subnets(DescribeSubnetsInput: subnet_ids, filters, "subnetSet") -> DescribeSubnetsOutput: set_subnets;
}

/// Computes the number of free addresses.
fn counted(region: &Region, subnet: &mut Subnet) {
    let block = subnet.cidr_block().and_then(Cidr::parse);
    let used = region.addresses_in(subnet.id()).count() as u64;
    subnet.available_ip_address_count =
        block.and_then(|block| i32::try_from(block.size().saturating_sub(5).saturating_sub(used)).ok());
}

impl Region {
    pub(super) fn subnets_of(&self, vpc_id: &str) -> impl Iterator<Item = &Subnet> {
        self.subnets.iter().filter(move |subnet| subnet.vpc_id() == Some(vpc_id))
    }

    /// Returns the subnet of an instance without an explicit one: the default VPC's, in this zone
    /// or the first.
    pub(super) fn default_subnet(&self, zone: Option<&str>) -> Answer<&Subnet> {
        if let Some(zone) = zone {
            self.zone(Some(zone), None)?;
        }
        let vpc = self.default_vpc().ok_or_else(|| {
            Refusal::new(
                "VPCIdNotSpecified",
                "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
            )
        })?;
        let fits = |subnet: &&Subnet| {
            subnet.vpc_id() == Some(&vpc)
                && subnet.default_for_az() == Some(true)
                && zone.is_none_or(|zone| subnet.availability_zone() == Some(zone))
        };
        self.subnets.iter().find(fits).ok_or_else(|| {
            let place = zone.map_or_else(String::new, |zone| format!(" for availability zone: '{zone}'"));
            Refusal::new("MissingInput", format!("No subnets found for the default VPC '{vpc}'{place}. Please specify a subnet."))
        })
    }

    pub(super) fn zone_of(&self, subnet: &Subnet) -> (String, String) {
        (subnet.availability_zone.clone().unwrap_or_default(), subnet.availability_zone_id.clone().unwrap_or_default())
    }

    /// Returns the private addresses in use in a subnet.
    pub(super) fn addresses_in(&self, subnet_id: &str) -> impl Iterator<Item = Ipv4Addr> {
        let nics = self.interfaces.iter().filter(move |nic| nic.subnet_id() == Some(subnet_id));
        nics.flat_map(NetworkInterface::private_ip_addresses).filter_map(|own| own.private_ip_address()?.parse().ok())
    }

    pub(super) fn check_free(&self, subnet: &Subnet, address: &str) -> Answer<()> {
        let block = subnet.cidr_block().and_then(Cidr::parse);
        let parsed: Ipv4Addr =
            address.parse().map_err(|_| Refusal::value(format!("invalid value for parameter address: {address}")))?;
        if !block.is_some_and(|block| block.has(parsed)) {
            return Err(Refusal::value("Address does not fall within the subnet's address range"));
        }
        if !block.is_some_and(|block| block.hosts().any(|host| host == parsed)) {
            return Err(Refusal::value("Address is in subnet's reserved address range"));
        }
        if self.addresses_in(subnet.id()).any(|taken| taken == parsed) {
            return Err(Refusal::new("InvalidIPAddress.InUse", format!("Address {address} is in use.")));
        }
        Ok(())
    }

    pub(super) fn make_subnet(
        &mut self,
        vpc_id: &str,
        block: Cidr,
        (zone, zone_id): (String, String),
        is_default: bool,
    ) -> String {
        let id = self.ids.next("subnet");
        let names = PrivateDnsNameOptionsOnLaunch::builder()
            .hostname_type(HostnameType::IpName)
            .enable_resource_name_dns_a_record(false)
            .enable_resource_name_dns_aaaa_record(false);
        let subnet = Subnet::builder()
            .subnet_id(&id)
            .subnet_arn(self.arn("subnet", &id))
            .owner_id(OWNER)
            .vpc_id(vpc_id)
            .cidr_block(block.to_string())
            .availability_zone(zone)
            .availability_zone_id(zone_id)
            .default_for_az(is_default)
            .map_public_ip_on_launch(is_default)
            .map_customer_owned_ip_on_launch(false)
            .assign_ipv6_address_on_creation(false)
            .set_ipv6_cidr_block_association_set(Some(Vec::new()))
            .enable_dns64(false)
            .ipv6_native(false)
            .private_dns_name_options_on_launch(names.build())
            .state(SubnetState::Available);
        self.subnets.put(subnet.build());
        self.associate_default_acl(vpc_id, &id);
        id
    }

    pub(super) fn create_subnet(&mut self, input: CreateSubnetInput) -> Answer<CreateSubnetOutput> {
        let tags = specified_for(input.tag_specifications(), "subnet")?;
        let vpc = self.vpcs.get(required(input.vpc_id(), "vpcId")?)?;
        let text = required(input.cidr_block(), "cidrBlock")?;
        let block = Cidr::parse(text).ok_or_else(|| Refusal::bad_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
        let within =
            |own: &VpcCidrBlockAssociation| own.cidr_block().and_then(Cidr::parse).is_some_and(|own| own.contains(block));
        if !(16..=28).contains(&block.prefix()) || !vpc.cidr_block_association_set().iter().any(within) {
            return Err(Refusal::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid.")));
        }
        let vpc_id = vpc.id().to_owned();
        let conflict =
            self.subnets_of(&vpc_id).filter_map(|subnet| Cidr::parse(subnet.cidr_block()?)).any(|own| own.overlaps(block));
        if conflict {
            return Err(Refusal::new("InvalidSubnet.Conflict", format!("The CIDR '{text}' conflicts with another subnet")));
        }
        let zone = self.zone(input.availability_zone(), input.availability_zone_id()).map_err(|_| {
            let zone = input.availability_zone().or(input.availability_zone_id()).unwrap_or_default();
            let names: Vec<String> = self.zones().into_iter().map(|zone| zone.0).collect();
            let why = format!("Subnets can currently only be created in the following availability zones: {}.", names.join(", "));
            Refusal::bad_value(zone, "availabilityZone", &why)
        })?;
        let ipv6 = input.ipv6_cidr_block().map(|block| self.check_ipv6_part(&vpc_id, block)).transpose()?;
        let id = self.make_subnet(&vpc_id, block, zone, false);
        if let Some(block) = ipv6 {
            self.put_ipv6_part(&id, &block)?;
        }
        self.tags.put_all(&id, &tags);
        Ok(CreateSubnetOutput::builder().subnet(self.subnets.get(&id)?.shown(self)).build())
    }

    pub(super) fn delete_subnet(&mut self, input: DeleteSubnetInput) -> Answer<DeleteSubnetOutput> {
        let id = required(input.subnet_id(), "SubnetId")?;
        self.subnets.get(id)?;
        if self.interfaces.iter().any(|nic| nic.subnet_id() == Some(id)) {
            return Err(Refusal::dependency(format!("The subnet '{id}' has dependencies and cannot be deleted.")));
        }
        self.subnets.take(id)?;
        for table in self.route_tables.iter_mut() {
            table.associations.get_or_insert_default().retain(|to| to.subnet_id() != Some(id));
        }
        for acl in self.acls.iter_mut() {
            acl.associations.get_or_insert_default().retain(|to| to.subnet_id() != Some(id));
        }
        self.tags.forget(id);
        Ok(DeleteSubnetOutput::builder().build())
    }

    pub(super) fn modify_subnet_attribute(&mut self, input: ModifySubnetAttributeInput) -> Answer<ModifySubnetAttributeOutput> {
        let subnet = self.subnets.get_mut(required(input.subnet_id(), "subnetId")?)?;
        let wanted = |value: Option<&AttributeBooleanValue>| value.and_then(AttributeBooleanValue::value);
        let changes = [
            (&mut subnet.map_public_ip_on_launch, wanted(input.map_public_ip_on_launch())),
            (&mut subnet.assign_ipv6_address_on_creation, wanted(input.assign_ipv6_address_on_creation())),
            (&mut subnet.map_customer_owned_ip_on_launch, wanted(input.map_customer_owned_ip_on_launch())),
            (&mut subnet.enable_dns64, wanted(input.enable_dns64())),
        ];
        for (own, wanted) in changes {
            *own = wanted.or(*own);
        }
        if let Some(names) = &mut subnet.private_dns_name_options_on_launch {
            names.hostname_type = input.private_dns_hostname_type_on_launch().cloned().or(names.hostname_type.take());
            let a = wanted(input.enable_resource_name_dns_a_record_on_launch());
            names.enable_resource_name_dns_a_record = a.or(names.enable_resource_name_dns_a_record);
            let aaaa = wanted(input.enable_resource_name_dns_aaaa_record_on_launch());
            names.enable_resource_name_dns_aaaa_record = aaaa.or(names.enable_resource_name_dns_aaaa_record);
        }
        Ok(ModifySubnetAttributeOutput::builder().build())
    }
}
