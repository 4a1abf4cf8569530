//! VPN connections from a customer gateway to a virtual private gateway. The tunnels are always
//! down, because there is no remote end.

use aws_sdk_ec2::operation::{create_vpn_connection::*, delete_vpn_connection::*, describe_vpn_connections::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;
use super::vpn_tunnels::{configuration, tunnels};

record!(
    VpnConnection in vpn_connections by vpn_connection_id, tagged tags,
    Kind {
        prefix: "vpn",
        resource: "vpn-connection",
        not_found: "InvalidVpnConnectionID.NotFound",
        absent: "The vpnConnection ID '{}' does not exist",
        malformed: Some("InvalidVpnConnectionId.Malformed"),
    },
    filters!(connection: VpnConnection =>
        "customer-gateway-configuration" = connection.customer_gateway_configuration(),
        "customer-gateway-id" = connection.customer_gateway_id(),
        "state" = connection.state(),
        "option.static-routes-only" = connection.options().and_then(VpnConnectionOptions::static_routes_only),
        "route.destination-cidr-block" = each(connection.routes(), VpnStaticRoute::destination_cidr_block),
        "type" = connection.r#type(),
        "vpn-connection-id" = connection.vpn_connection_id(),
        "vpn-gateway-id" = connection.vpn_gateway_id(),
        "transit-gateway-id" = connection.transit_gateway_id(),
    )
);

describe! {
    whole describe_vpn_connections(DescribeVpnConnectionsInput: vpn_connection_ids) -> DescribeVpnConnectionsOutput: set_vpn_connections;
}

fn options(asked: Option<&VpnConnectionOptionsSpecification>, tunnels: Vec<TunnelOption>) -> Answer<VpnConnectionOptions> {
    let everything = || "0.0.0.0/0".to_owned();
    let asked_or = |block: Option<String>| block.unwrap_or_else(everything);
    let asked = asked.cloned().unwrap_or_else(|| VpnConnectionOptionsSpecification::builder().build());
    let beyond = asked.enable_acceleration() == Some(true)
        || asked.tunnel_inside_ip_version().is_some_and(|version| *version != TunnelInsideIpVersion::Ipv4)
        || asked.local_ipv6_network_cidr().or(asked.remote_ipv6_network_cidr()).is_some()
        || asked.transport_transit_gateway_attachment_id().is_some()
        || asked.outside_ip_address_type().is_some_and(|kind| kind != "PublicIpv4")
        || asked.tunnel_bandwidth().is_some();
    if beyond {
        return Err(Refusal::NotModelled);
    }
    Ok(VpnConnectionOptions::builder()
        .enable_acceleration(false)
        .static_routes_only(asked.static_routes_only().unwrap_or(false))
        .local_ipv4_network_cidr(asked_or(asked.local_ipv4_network_cidr))
        .remote_ipv4_network_cidr(asked_or(asked.remote_ipv4_network_cidr))
        .outside_ip_address_type("PublicIpv4")
        .tunnel_inside_ip_version(TunnelInsideIpVersion::Ipv4)
        .set_tunnel_options(Some(tunnels))
        .build())
}

impl Region {
    pub(super) fn live_vpn_connections(&self) -> impl Iterator<Item = &VpnConnection> {
        self.vpn_connections.iter().filter(|own| matches!(own.state(), Some(VpnState::Pending | VpnState::Available)))
    }

    pub(super) fn create_vpn_connection(&mut self, input: CreateVpnConnectionInput) -> Answer<CreateVpnConnectionOutput> {
        let tags = specified_for(input.tag_specifications(), "vpn-connection")?;
        let kind = required(input.r#type(), "type")?;
        if kind != "ipsec.1" {
            return Err(Refusal::bad_value(kind, "type", "The only type is ipsec.1."));
        }
        let customer = self.customer_gateways.get(required(input.customer_gateway_id(), "customerGatewayId")?)?.clone();
        if customer.state() != Some("available") {
            return Err(CustomerGateway::KIND.absent(customer.id()));
        }
        if input.vpn_gateway_id().is_some() && input.transit_gateway_id().is_some() {
            let message = "The request must not contain both parameter vpnGatewayId and transitGatewayId";
            return Err(Refusal::new("InvalidParameterCombination", message));
        }
        if input.transit_gateway_id().or(input.vpn_concentrator_id()).or(input.pre_shared_key_storage()).is_some() {
            return Err(Refusal::NotModelled);
        }
        let gateway = input.vpn_gateway_id().map(|id| self.live_vpn_gateway(id).cloned()).transpose()?;
        let twice = |own: &VpnConnection| {
            own.customer_gateway_id() == Some(customer.id()) && gateway.is_some() && own.vpn_gateway_id == input.vpn_gateway_id
        };
        if let Some(own) = self.live_vpn_connections().find(|own| twice(own)) {
            let message =
                format!("{} already connects {} and {}", own.id(), customer.id(), own.vpn_gateway_id().unwrap_or_default());
            return Err(Refusal::new("InvalidParameterValue", message));
        }
        let number = self.ids.count("vpn tunnels");
        let asked = input.options().map(VpnConnectionOptionsSpecification::tunnel_options).unwrap_or_default();
        let tunnels = tunnels(number, asked)?;
        let telemetry = tunnels.iter().map(|tunnel| {
            VgwTelemetry::builder()
                .set_outside_ip_address(tunnel.outside_ip_address.clone())
                .status(TelemetryStatus::Down)
                .status_message("IPSEC IS DOWN")
                .accepted_route_count(0)
                .last_status_change(self.stamp())
                .build()
        });
        let telemetry = telemetry.collect();
        let options = options(input.options(), tunnels)?;
        let id = self.ids.next("vpn");
        let associated =
            if gateway.is_some() { GatewayAssociationState::Associated } else { GatewayAssociationState::NotAssociated };
        let connection = VpnConnection::builder()
            .vpn_connection_id(&id)
            .r#type(GatewayType::Ipsec1)
            .category("VPN")
            .customer_gateway_id(customer.id())
            .set_vpn_gateway_id(input.vpn_gateway_id.clone())
            .customer_gateway_configuration(configuration(&id, &customer, gateway.as_ref(), options.tunnel_options()))
            .gateway_association_state(associated)
            .options(options)
            .set_routes(Some(Vec::new()))
            .set_vgw_telemetry(Some(telemetry))
            .state(VpnState::Pending);
        self.vpn_connections.put(connection.build());
        self.tags.put_all(&id, &tags);
        self.later(delays::VPN_CONNECTION, Region::vpn_connection_started, &id);
        let shown = self.vpn_connections.get(&id)?.shown(self);
        Ok(CreateVpnConnectionOutput::builder().vpn_connection(shown).build())
    }

    fn vpn_connection_started(&mut self, id: &str) {
        if let Ok(connection) = self.vpn_connections.get_mut(id)
            && connection.state == Some(VpnState::Pending)
        {
            connection.state = Some(VpnState::Available);
        }
    }

    pub(super) fn delete_vpn_connection(&mut self, input: DeleteVpnConnectionInput) -> Answer<DeleteVpnConnectionOutput> {
        let id = required(input.vpn_connection_id(), "vpnConnectionId")?;
        let connection = self.vpn_connections.get_mut(id)?;
        if matches!(connection.state(), Some(VpnState::Pending | VpnState::Available)) {
            connection.state = Some(VpnState::Deleting);
            self.later(delays::VPN_CONNECTION, Region::vpn_connection_deleted, id);
        }
        Ok(DeleteVpnConnectionOutput::builder().build())
    }

    fn vpn_connection_deleted(&mut self, id: &str) {
        if let Ok(connection) = self.vpn_connections.get_mut(id) {
            connection.state = Some(VpnState::Deleted);
            connection.customer_gateway_configuration = None;
            self.later(delays::GONE, Region::vpn_connection_forgotten, id);
        }
    }

    fn vpn_connection_forgotten(&mut self, id: &str) {
        let _ = self.vpn_connections.take(id);
        self.tags.forget(id);
    }
}
