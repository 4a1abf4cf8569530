//! Virtual private gateways: AWS's end of a VPN, attached to a VPC, with route propagation to its
//! tables.

use aws_sdk_ec2::operation::{
    attach_vpn_gateway::*, create_vpn_gateway::*, delete_vpn_gateway::*, describe_vpn_gateways::*, detach_vpn_gateway::*,
    disable_vgw_route_propagation::*, enable_vgw_route_propagation::*,
};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    VpnGateway in vpn_gateways by vpn_gateway_id, tagged tags,
    Kind {
        prefix: "vgw",
        resource: "vpn-gateway",
        not_found: "InvalidVpnGatewayID.NotFound",
        absent: "The vpnGateway ID '{}' does not exist",
        malformed: Some("InvalidVpnGatewayId.Malformed"),
    },
    filters!(gateway: VpnGateway =>
        "amazon-side-asn" = gateway.amazon_side_asn(),
        "attachment.state" = each(gateway.vpc_attachments(), VpcAttachment::state),
        "attachment.vpc-id" = each(gateway.vpc_attachments(), VpcAttachment::vpc_id),
        "availability-zone" = gateway.availability_zone(),
        "state" = gateway.state(),
        "type" = gateway.r#type(),
        "vpn-gateway-id" = gateway.vpn_gateway_id(),
    )
);

describe! {
    whole describe_vpn_gateways(DescribeVpnGatewaysInput: vpn_gateway_ids) -> DescribeVpnGatewaysOutput: set_vpn_gateways;
}

const DEFAULT_ASN: i64 = 64_512;

/// Returns the VPC that a gateway is attached to. A former one is still listed, as `detached`.
fn attachment(gateway: &VpnGateway) -> Option<&VpcAttachment> {
    gateway.vpc_attachments().iter().find(|to| to.state() != Some(&AttachmentStatus::Detached))
}

impl Region {
    /// Returns a gateway that was not deleted.
    pub(super) fn live_vpn_gateway(&self, id: &str) -> Answer<&VpnGateway> {
        let gateway = self.vpn_gateways.get(id)?;
        if gateway.state() == Some(&VpnState::Available) { Ok(gateway) } else { Err(VpnGateway::KIND.absent(id)) }
    }

    pub(super) fn is_vpn_gateway_of(&self, id: &str, vpc_id: &str) -> bool {
        self.vpn_gateways.get(id).ok().and_then(attachment).and_then(VpcAttachment::vpc_id) == Some(vpc_id)
    }

    pub(super) fn has_vpn_gateway(&self, vpc_id: &str) -> bool {
        self.vpn_gateways.iter().filter_map(attachment).any(|to| to.vpc_id() == Some(vpc_id))
    }

    pub(super) fn create_vpn_gateway(&mut self, input: CreateVpnGatewayInput) -> Answer<CreateVpnGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "vpn-gateway")?;
        let kind = required(input.r#type(), "type")?.clone();
        let zone = input.availability_zone().map(|zone| self.zone(Some(zone), None)).transpose()?;
        let number = input.amazon_side_asn().unwrap_or(DEFAULT_ASN);
        if !(1..=i64::from(u32::MAX)).contains(&number) {
            return Err(Refusal::bad_value(number, "amazonSideAsn", "This is not a valid autonomous system number."));
        }
        let id = self.ids.next("vgw");
        let gateway = VpnGateway::builder()
            .vpn_gateway_id(&id)
            .r#type(kind)
            .amazon_side_asn(number)
            .set_availability_zone(zone.map(|zone| zone.0))
            .set_vpc_attachments(Some(Vec::new()))
            .state(VpnState::Available);
        self.vpn_gateways.put(gateway.build());
        self.tags.put_all(&id, &tags);
        let shown = self.vpn_gateways.get(&id)?.shown(self);
        Ok(CreateVpnGatewayOutput::builder().vpn_gateway(shown).build())
    }

    pub(super) fn attach_vpn_gateway(&mut self, input: AttachVpnGatewayInput) -> Answer<AttachVpnGatewayOutput> {
        let id = required(input.vpn_gateway_id(), "vpnGatewayId")?;
        let gateway = self.live_vpn_gateway(id)?;
        let vpc_id = self.vpcs.get(required(input.vpc_id(), "vpcId")?)?.id().to_owned();
        if let Some(to) = attachment(gateway) {
            if to.vpc_id() == Some(&vpc_id) && to.state() != Some(&AttachmentStatus::Detaching) {
                return Ok(AttachVpnGatewayOutput::builder().vpc_attachment(to.clone()).build());
            }
            let message = format!("The vpnGateway '{id}' is already attached to {}", to.vpc_id().unwrap_or_default());
            return Err(Refusal::new("VpnGatewayAttachmentLimitExceeded", message));
        }
        if self.has_vpn_gateway(&vpc_id) {
            return Err(Refusal::value(format!("Network {vpc_id} already has a virtual private gateway attached")));
        }
        let to = VpcAttachment::builder().vpc_id(vpc_id).state(AttachmentStatus::Attaching).build();
        self.vpn_gateways.get_mut(id)?.vpc_attachments = Some(vec![to.clone()]);
        self.later(delays::ATTACHMENT, Region::vpn_gateway_attached, id);
        Ok(AttachVpnGatewayOutput::builder().vpc_attachment(to).build())
    }

    fn vpn_gateway_attached(&mut self, id: &str) {
        self.proceed_attachment(id, &AttachmentStatus::Attaching, AttachmentStatus::Attached);
    }

    fn vpn_gateway_detached(&mut self, id: &str) {
        self.proceed_attachment(id, &AttachmentStatus::Detaching, AttachmentStatus::Detached);
    }

    fn proceed_attachment(&mut self, id: &str, from: &AttachmentStatus, to: AttachmentStatus) {
        let attachments = self.vpn_gateways.get_mut(id).ok().and_then(|gateway| gateway.vpc_attachments.as_mut());
        for own in attachments.into_iter().flatten().filter(|own| own.state() == Some(from)) {
            own.state = Some(to.clone());
        }
    }

    pub(super) fn detach_vpn_gateway(&mut self, input: DetachVpnGatewayInput) -> Answer<DetachVpnGatewayOutput> {
        let id = required(input.vpn_gateway_id(), "vpnGatewayId")?;
        let vpc_id = required(input.vpc_id(), "vpcId")?;
        self.vpn_gateways.get(id)?;
        if !self.is_vpn_gateway_of(id, vpc_id) {
            let message = format!("The attachment with vpn gateway ID '{id}' and vpc ID '{vpc_id}' does not exist");
            return Err(Refusal::new("InvalidVpnGatewayAttachment.NotFound", message));
        }
        for to in self.vpn_gateways.get_mut(id)?.vpc_attachments.iter_mut().flatten() {
            to.state = Some(AttachmentStatus::Detaching);
        }
        self.blacken_routes(|route| route.gateway_id() == Some(id));
        for table in self.route_tables.iter_mut() {
            table.propagating_vgws.get_or_insert_default().retain(|own| own.gateway_id() != Some(id));
        }
        self.later(delays::ATTACHMENT, Region::vpn_gateway_detached, id);
        Ok(DetachVpnGatewayOutput::builder().build())
    }

    pub(super) fn delete_vpn_gateway(&mut self, input: DeleteVpnGatewayInput) -> Answer<DeleteVpnGatewayOutput> {
        let id = required(input.vpn_gateway_id(), "vpnGatewayId")?;
        let gateway = self.live_vpn_gateway(id)?;
        if attachment(gateway).is_some() || self.live_vpn_connections().any(|own| own.vpn_gateway_id() == Some(id)) {
            return Err(Refusal::new("IncorrectState", format!("The vpnGateway '{id}' is in use.")));
        }
        self.vpn_gateways.get_mut(id)?.state = Some(VpnState::Deleted);
        self.later(delays::GONE, Region::vpn_gateway_forgotten, id);
        Ok(DeleteVpnGatewayOutput::builder().build())
    }

    fn vpn_gateway_forgotten(&mut self, id: &str) {
        let _ = self.vpn_gateways.take(id);
        self.tags.forget(id);
    }

    /// Enables propagation of the gateway's routes to the table. There are none here, because no
    /// implemented operation adds any.
    pub(super) fn enable_vgw_route_propagation(
        &mut self,
        input: EnableVgwRoutePropagationInput,
    ) -> Answer<EnableVgwRoutePropagationOutput> {
        let (gateway_id, table_id) =
            (required(input.gateway_id(), "gatewayId")?, required(input.route_table_id(), "routeTableId")?);
        let vpc_id = self.route_tables.get(table_id)?.vpc_id.clone().unwrap_or_default();
        self.live_vpn_gateway(gateway_id)?;
        if !self.is_vpn_gateway_of(gateway_id, &vpc_id) {
            let message = format!("resource {gateway_id} is not attached to network {vpc_id}");
            return Err(Refusal::new("Gateway.NotAttached", message));
        }
        let own = self.route_tables.get_mut(table_id)?.propagating_vgws.get_or_insert_default();
        if !own.iter().any(|own| own.gateway_id() == Some(gateway_id)) {
            own.push(PropagatingVgw::builder().gateway_id(gateway_id).build());
        }
        Ok(EnableVgwRoutePropagationOutput::builder().build())
    }

    pub(super) fn disable_vgw_route_propagation(
        &mut self,
        input: DisableVgwRoutePropagationInput,
    ) -> Answer<DisableVgwRoutePropagationOutput> {
        let gateway_id = required(input.gateway_id(), "gatewayId")?;
        self.vpn_gateways.get(gateway_id)?;
        let table = self.route_tables.get_mut(required(input.route_table_id(), "routeTableId")?)?;
        table.propagating_vgws.get_or_insert_default().retain(|own| own.gateway_id() != Some(gateway_id));
        Ok(DisableVgwRoutePropagationOutput::builder().build())
    }
}
