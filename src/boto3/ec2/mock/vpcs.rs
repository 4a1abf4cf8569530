//! VPCs: created with their standard resources, described, deleted.

use aws_sdk_ec2::operation::{create_default_subnet::*, create_default_vpc::*, create_vpc::*, delete_vpc::*, describe_vpcs::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::cidr::Cidr;
use super::describe::describe;
use super::filter::{each, filters};
use super::peerings::{binds, joins};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

fn block_state(state: Option<&VpcCidrBlockState>) -> Option<&VpcCidrBlockStateCode> {
    state.and_then(VpcCidrBlockState::state)
}

record!(
    Vpc in vpcs by vpc_id, tagged tags,
    Kind {
        prefix: "vpc",
        resource: "vpc",
        not_found: "InvalidVpcID.NotFound",
        absent: "The vpc ID '{}' does not exist",
        malformed: Some("InvalidVpcId.Malformed"),
    },
    filters!(vpc: Vpc =>
        "cidr" = vpc.cidr_block(),
        "cidr-block-association.cidr-block" = each(vpc.cidr_block_association_set(), VpcCidrBlockAssociation::cidr_block),
        "cidr-block-association.association-id" = each(vpc.cidr_block_association_set(), VpcCidrBlockAssociation::association_id),
        "cidr-block-association.state" = each(vpc.cidr_block_association_set(), |own| block_state(own.cidr_block_state())),
        "dhcp-options-id" = vpc.dhcp_options_id(),
        "ipv6-cidr-block-association.ipv6-cidr-block" =
            each(vpc.ipv6_cidr_block_association_set(), VpcIpv6CidrBlockAssociation::ipv6_cidr_block),
        "ipv6-cidr-block-association.ipv6-pool" = each(vpc.ipv6_cidr_block_association_set(), VpcIpv6CidrBlockAssociation::ipv6_pool),
        "ipv6-cidr-block-association.association-id" =
            each(vpc.ipv6_cidr_block_association_set(), VpcIpv6CidrBlockAssociation::association_id),
        "ipv6-cidr-block-association.state" =
            each(vpc.ipv6_cidr_block_association_set(), |own| block_state(own.ipv6_cidr_block_state())),
        "is-default" = vpc.is_default(),
        "isDefault" = vpc.is_default(),
        "owner-id" = vpc.owner_id(),
        "state" = vpc.state(),
        "vpc-id" = vpc.vpc_id(),
    )
);

describe! {
    paged describe_vpcs(DescribeVpcsInput: vpc_ids, filters, "vpcSet") -> DescribeVpcsOutput: set_vpcs;
}

const DEFAULT_BLOCK: Cidr = Cidr::of([172, 31, 0, 0], 16);

impl Region {
    pub(super) fn default_vpc(&self) -> Option<String> {
        self.vpcs.iter().find(|vpc| vpc.is_default() == Some(true)).map(|vpc| vpc.id().to_owned())
    }

    /// Creates it with its subnets, its gateway and the default route.
    pub(super) fn make_default_vpc(&mut self) -> String {
        let vpc_id = self.make_vpc(DEFAULT_BLOCK, Tenancy::Default, true);
        self.settings.names_of_mut(&vpc_id).hostnames = true;
        for (at, zone) in self.zones().into_iter().enumerate() {
            self.make_subnet(&vpc_id, DEFAULT_BLOCK.part(20, at as u32), zone, true);
        }
        let gateway = self.make_internet_gateway();
        self.put_gateway_attachment(&gateway, &vpc_id);
        self.put_default_route(&vpc_id, &gateway);
        vpc_id
    }

    /// Creates it with its main route table, its default security group and network ACL.
    fn make_vpc(&mut self, block: Cidr, tenancy: Tenancy, is_default: bool) -> String {
        let id = self.ids.next("vpc");
        let dhcp_options = self.default_dhcp_options();
        let association = VpcCidrBlockAssociation::builder()
            .association_id(self.ids.next("vpc-cidr-assoc"))
            .cidr_block(block.to_string())
            .cidr_block_state(VpcCidrBlockState::builder().state(VpcCidrBlockStateCode::Associated).build());
        let vpc = Vpc::builder()
            .vpc_id(&id)
            .owner_id(OWNER)
            .cidr_block(block.to_string())
            .cidr_block_association_set(association.build())
            .set_ipv6_cidr_block_association_set(Some(Vec::new()))
            .dhcp_options_id(dhcp_options)
            .instance_tenancy(tenancy)
            .is_default(is_default)
            .state(VpcState::Available);
        self.vpcs.put(vpc.build());
        self.make_main_route_table(&id, block);
        self.make_default_acl(&id);
        self.make_default_group(&id);
        id
    }

    pub(super) fn create_vpc(&mut self, input: CreateVpcInput) -> Answer<CreateVpcOutput> {
        let tags = specified_for(input.tag_specifications(), "vpc")?;
        let text = required(input.cidr_block(), "cidrBlock")?;
        let block = Cidr::parse(text).ok_or_else(|| Refusal::bad_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
        if !(16..=28).contains(&block.prefix()) {
            return Err(Refusal::new("InvalidVpc.Range", format!("The CIDR '{text}' is invalid.")));
        }
        let tenancy = input.instance_tenancy().cloned().unwrap_or(Tenancy::Default);
        if tenancy == Tenancy::Host {
            return Err(Refusal::new("UnsupportedTenancy", "The tenancy value host is not supported."));
        }
        let id = self.make_vpc(block, tenancy, false);
        if input.amazon_provided_ipv6_cidr_block() == Some(true) {
            self.put_ipv6_block(&id)?;
        }
        self.tags.put_all(&id, &tags);
        let mut vpc = self.vpcs.get(&id)?.shown(self);
        vpc.state = Some(VpcState::Pending);
        Ok(CreateVpcOutput::builder().vpc(vpc).build())
    }

    pub(super) fn create_default_vpc(&mut self, _: CreateDefaultVpcInput) -> Answer<CreateDefaultVpcOutput> {
        if self.default_vpc().is_some() {
            let message = "A Default VPC already exists for this account in this region.";
            return Err(Refusal::new("DefaultVpcAlreadyExists", message));
        }
        let id = self.make_default_vpc();
        Ok(CreateDefaultVpcOutput::builder().vpc(self.vpcs.get(&id)?.shown(self)).build())
    }

    pub(super) fn create_default_subnet(&mut self, input: CreateDefaultSubnetInput) -> Answer<CreateDefaultSubnetOutput> {
        if input.availability_zone().is_none() && input.availability_zone_id().is_none() {
            return Err(Refusal::missing("AvailabilityZone"));
        }
        let zone = self.zone(input.availability_zone(), input.availability_zone_id())?;
        let vpc = self
            .default_vpc()
            .ok_or_else(|| Refusal::new("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region."))?;
        if let Ok(subnet) = self.default_subnet(Some(&zone.0)) {
            let message = format!("'{}' is already the default subnet in {}.", subnet.id(), zone.0);
            return Err(Refusal::new("DefaultSubnetAlreadyExistsInAvailabilityZone", message));
        }
        let taken = |block: &Cidr| {
            self.subnets_of(&vpc).filter_map(|subnet| Cidr::parse(subnet.cidr_block()?)).any(|own| own.overlaps(*block))
        };
        let block = (0..16).map(|at| DEFAULT_BLOCK.part(20, at)).find(|block| !taken(block));
        let block = block
            .ok_or_else(|| Refusal::new("InsufficientFreeAddressesInSubnet", "The default VPC has no room for a subnet."))?;
        let id = self.make_subnet(&vpc, block, zone, true);
        Ok(CreateDefaultSubnetOutput::builder().subnet(self.subnets.get(&id)?.shown(self)).build())
    }

    /// The resources created with a VPC are deleted with it; others must be deleted before.
    pub(super) fn delete_vpc(&mut self, input: DeleteVpcInput) -> Answer<DeleteVpcOutput> {
        let id = required(input.vpc_id(), "VpcId")?;
        self.vpcs.get(id)?;
        let own = Some(id);
        let is_main = |table: &RouteTable| table.associations().iter().any(|to| to.main() == Some(true));
        let attached = |attachments: &[InternetGatewayAttachment]| attachments.iter().any(|to| to.vpc_id() == own);
        let busy = self.subnets_of(id).next().is_some()
            || self.internet_gateways.iter().any(|gateway| attached(gateway.attachments()))
            || self.egress_gateways.iter().any(|gateway| attached(gateway.attachments()))
            || self.route_tables.iter().any(|table| table.vpc_id() == own && !is_main(table))
            || self.groups.iter().any(|group| group.vpc_id() == own && group.group_name() != Some("default"))
            || self.acls.iter().any(|acl| acl.vpc_id() == own && acl.is_default() != Some(true))
            || self.has_vpn_gateway(id)
            || self.endpoints.iter().any(|endpoint| endpoint.vpc_id() == own)
            || self.peerings.iter().any(|peering| binds(peering) && joins(peering, id));
        if busy {
            return Err(Refusal::dependency(format!("The vpc '{id}' has dependencies and cannot be deleted.")));
        }
        let gone: Vec<String> = (self.route_tables.iter().filter(|table| table.vpc_id() == own).map(Record::id))
            .chain(self.acls.iter().filter(|acl| acl.vpc_id() == own).map(Record::id))
            .chain(self.groups.iter().filter(|group| group.vpc_id() == own).map(Record::id))
            .map(str::to_owned)
            .collect();
        for id in &gone {
            let _ = self.route_tables.take(id);
            let _ = self.acls.take(id);
            if self.groups.take(id).is_ok() {
                self.forget_rules_of(id);
            }
            self.tags.forget(id);
        }
        self.vpcs.take(id)?;
        self.tags.forget(id);
        Ok(DeleteVpcOutput::builder().build())
    }
}
