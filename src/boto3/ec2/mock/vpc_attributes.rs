//! Additional address blocks for VPCs and subnets, and the attributes of a VPC.

use aws_sdk_ec2::operation::{
    associate_subnet_cidr_block::*, associate_vpc_cidr_block::*, describe_vpc_attribute::*, disassociate_vpc_cidr_block::*,
    modify_vpc_attribute::*,
};
use aws_sdk_ec2::types::*;

use super::cidr::{Cidr, is_ipv6_cidr};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;

const MOST_BLOCKS: usize = 5;
/// `2600:1f18:4000::`
const FIRST_IPV6_BLOCK: u128 = 0x2600_1f18_4000 << 80;

fn associated() -> VpcCidrBlockState {
    VpcCidrBlockState::builder().state(VpcCidrBlockStateCode::Associated).build()
}

fn boolean(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

impl Region {
    /// Assigns an IPv6 block of AWS to a VPC.
    pub(super) fn put_ipv6_block(&mut self, vpc_id: &str) -> Answer<VpcIpv6CidrBlockAssociation> {
        let number = self.ids.count("ipv6 block");
        let association = VpcIpv6CidrBlockAssociation::builder()
            .association_id(self.ids.next("vpc-cidr-assoc"))
            .ipv6_cidr_block(format!("{}/56", std::net::Ipv6Addr::from_bits(FIRST_IPV6_BLOCK + (u128::from(number) << 72))))
            .ipv6_cidr_block_state(associated())
            .ipv6_pool("Amazon")
            .network_border_group(&self.name)
            .build();
        self.vpcs.get_mut(vpc_id)?.ipv6_cidr_block_association_set.get_or_insert_default().push(association.clone());
        Ok(association)
    }

    /// Checks a subnet's IPv6 block: a /64 within one of the VPC's, not used by another subnet.
    pub(super) fn check_ipv6_part(&self, vpc_id: &str, text: &str) -> Answer<String> {
        let invalid = || Refusal::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid."));
        let (address, prefix) = text.split_once('/').filter(|_| is_ipv6_cidr(text)).ok_or_else(invalid)?;
        let bits = |text: &str| text.parse::<std::net::Ipv6Addr>().map(|address| address.to_bits() >> 72).ok();
        let blocks = self.vpcs.get(vpc_id)?.ipv6_cidr_block_association_set();
        let within = blocks.iter().any(|own| own.ipv6_cidr_block().and_then(|own| bits(own.split('/').next()?)) == bits(address));
        if prefix != "64" || !within {
            return Err(invalid());
        }
        let mut taken = self.subnets_of(vpc_id).flat_map(Subnet::ipv6_cidr_block_association_set);
        if taken.any(|own| own.ipv6_cidr_block() == Some(text)) {
            return Err(Refusal::new("InvalidSubnet.Conflict", format!("The CIDR '{text}' conflicts with another subnet")));
        }
        Ok(text.to_owned())
    }

    pub(super) fn put_ipv6_part(&mut self, subnet_id: &str, block: &str) -> Answer<SubnetIpv6CidrBlockAssociation> {
        let association = SubnetIpv6CidrBlockAssociation::builder()
            .association_id(self.ids.next("subnet-cidr-assoc"))
            .ipv6_cidr_block(block)
            .ipv6_cidr_block_state(SubnetCidrBlockState::builder().state(SubnetCidrBlockStateCode::Associated).build())
            .build();
        self.subnets.get_mut(subnet_id)?.ipv6_cidr_block_association_set.get_or_insert_default().push(association.clone());
        Ok(association)
    }

    pub(super) fn associate_subnet_cidr_block(
        &mut self,
        input: AssociateSubnetCidrBlockInput,
    ) -> Answer<AssociateSubnetCidrBlockOutput> {
        let id = required(input.subnet_id(), "subnetId")?;
        let vpc_id = self.subnets.get(id)?.vpc_id.clone().unwrap_or_default();
        let block = self.check_ipv6_part(&vpc_id, required(input.ipv6_cidr_block(), "ipv6CidrBlock")?)?;
        let association = self.put_ipv6_part(id, &block)?;
        Ok(AssociateSubnetCidrBlockOutput::builder().subnet_id(id).ipv6_cidr_block_association(association).build())
    }

    pub(super) fn associate_vpc_cidr_block(&mut self, input: AssociateVpcCidrBlockInput) -> Answer<AssociateVpcCidrBlockOutput> {
        let id = required(input.vpc_id(), "vpcId")?;
        let vpc = self.vpcs.get(id)?;
        let output = AssociateVpcCidrBlockOutput::builder().vpc_id(id);
        if input.amazon_provided_ipv6_cidr_block() == Some(true) {
            return Ok(output.ipv6_cidr_block_association(self.put_ipv6_block(id)?).build());
        }
        let text = required(input.cidr_block(), "cidrBlock")?;
        let block = Cidr::parse(text).ok_or_else(|| Refusal::bad_value(text, "cidrBlock", "This is not a valid CIDR block."))?;
        if !(16..=28).contains(&block.prefix()) {
            return Err(Refusal::new("InvalidVpc.Range", format!("The CIDR '{text}' is invalid.")));
        }
        let own = vpc.cidr_block_association_set();
        if own.len() >= MOST_BLOCKS {
            let message = format!("This network '{id}' has met its maximum number of allowed CIDRs: {MOST_BLOCKS}");
            return Err(Refusal::new("CidrLimitExceeded", message));
        }
        if own.iter().filter_map(|own| Cidr::parse(own.cidr_block()?)).any(|own| own.overlaps(block)) {
            let message = format!("The CIDR '{text}' conflicts with another CIDR of the vpc '{id}'");
            return Err(Refusal::new("CidrConflict", message));
        }
        let mut association = VpcCidrBlockAssociation::builder()
            .association_id(self.ids.next("vpc-cidr-assoc"))
            .cidr_block(block.to_string())
            .cidr_block_state(associated())
            .build();
        self.vpcs.get_mut(id)?.cidr_block_association_set.get_or_insert_default().push(association.clone());
        for table in self.route_tables.iter_mut().filter(|table| table.vpc_id() == Some(id)) {
            let local = Route::builder().destination_cidr_block(block.to_string()).gateway_id("local");
            let local = local.origin(RouteOrigin::CreateRouteTable).state(RouteState::Active).build();
            table.routes.get_or_insert_default().push(local);
        }
        association.cidr_block_state = Some(VpcCidrBlockState::builder().state(VpcCidrBlockStateCode::Associating).build());
        Ok(output.cidr_block_association(association).build())
    }

    pub(super) fn disassociate_vpc_cidr_block(
        &mut self,
        input: DisassociateVpcCidrBlockInput,
    ) -> Answer<DisassociateVpcCidrBlockOutput> {
        let id = required(input.association_id(), "associationId")?;
        let gone = || VpcCidrBlockState::builder().state(VpcCidrBlockStateCode::Disassociating).build();
        for vpc in self.vpcs.iter_mut() {
            let output = DisassociateVpcCidrBlockOutput::builder().set_vpc_id(vpc.vpc_id.clone());
            let ipv4 = vpc.cidr_block_association_set.get_or_insert_default();
            if let Some(at) = ipv4.iter().position(|own| own.association_id() == Some(id)) {
                if ipv4.get(at).and_then(VpcCidrBlockAssociation::cidr_block) == vpc.cidr_block.as_deref() {
                    let message = format!(
                        "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC"
                    );
                    return Err(Refusal::not_permitted(message));
                }
                let mut association = ipv4.remove(at);
                association.cidr_block_state = Some(gone());
                return Ok(output.cidr_block_association(association).build());
            }
            let ipv6 = vpc.ipv6_cidr_block_association_set.get_or_insert_default();
            if let Some(at) = ipv6.iter().position(|own| own.association_id() == Some(id)) {
                let mut association = ipv6.remove(at);
                association.ipv6_cidr_block_state = Some(gone());
                return Ok(output.ipv6_cidr_block_association(association).build());
            }
        }
        let message = format!("The vpc CIDR block association ID '{id}' does not exist");
        Err(Refusal::new("InvalidVpcCidrBlockAssociationID.NotFound", message))
    }

    pub(super) fn describe_vpc_attribute(&mut self, input: DescribeVpcAttributeInput) -> Answer<DescribeVpcAttributeOutput> {
        let id = required(input.vpc_id(), "vpcId")?;
        self.vpcs.get(id)?;
        let set = self.settings.names_of(id);
        let output = DescribeVpcAttributeOutput::builder().vpc_id(id);
        let output = match required(input.attribute(), "attribute")? {
            VpcAttributeName::EnableDnsHostnames => output.enable_dns_hostnames(boolean(set.hostnames)),
            VpcAttributeName::EnableDnsSupport => output.enable_dns_support(boolean(set.support)),
            VpcAttributeName::EnableNetworkAddressUsageMetrics => {
                output.enable_network_address_usage_metrics(boolean(set.metrics))
            }
            other => {
                return Err(Refusal::value(format!(
                    "Value ({}) for parameter attribute is invalid. Unknown attribute.",
                    other.as_str()
                )));
            }
        };
        Ok(output.build())
    }

    pub(super) fn modify_vpc_attribute(&mut self, input: ModifyVpcAttributeInput) -> Answer<ModifyVpcAttributeOutput> {
        let id = required(input.vpc_id(), "vpcId")?;
        self.vpcs.get(id)?;
        let wanted = |value: Option<&AttributeBooleanValue>| value.and_then(AttributeBooleanValue::value);
        let (hostnames, support) = (wanted(input.enable_dns_hostnames()), wanted(input.enable_dns_support()));
        if hostnames.is_some() && support.is_some() {
            return Err(Refusal::combination(
                "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport",
            ));
        }
        let set = self.settings.names_of_mut(id);
        set.hostnames = hostnames.unwrap_or(set.hostnames);
        set.support = support.unwrap_or(set.support);
        set.metrics = wanted(input.enable_network_address_usage_metrics()).unwrap_or(set.metrics);
        Ok(ModifyVpcAttributeOutput::builder().build())
    }
}
