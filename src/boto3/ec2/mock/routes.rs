//! Routes.

use aws_sdk_ec2::operation::{create_route::*, delete_route::*, replace_route::*};
use aws_sdk_ec2::types::*;

use super::cidr::{Cidr, is_ipv6_cidr};
use super::peerings::{is_live, joins};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::Record;

/// Returns the target of a route, for any of the operations.
macro_rules! target {
    ($input:ident) => {
        Route::builder()
            .set_gateway_id($input.gateway_id.clone().or($input.vpc_endpoint_id.clone()))
            .set_nat_gateway_id($input.nat_gateway_id.clone())
            .set_instance_id($input.instance_id.clone())
            .set_network_interface_id($input.network_interface_id.clone())
            .set_egress_only_internet_gateway_id($input.egress_only_internet_gateway_id.clone())
            .set_vpc_peering_connection_id($input.vpc_peering_connection_id.clone())
            .set_transit_gateway_id($input.transit_gateway_id.clone())
            .origin(RouteOrigin::CreateRoute)
            .state(RouteState::Active)
    };
}

/// The destination of a route: a block in the format of AWS, or a prefix list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Destination {
    Ipv4(String),
    Ipv6(String),
    List(String),
}

impl Destination {
    fn understand(ipv4: Option<&str>, ipv6: Option<&str>, list: Option<&str>) -> Answer<Destination> {
        match (ipv4, ipv6, list) {
            (Some(text), None, None) => {
                let block = Cidr::parse(text);
                let why = "This is not a valid CIDR block.";
                Ok(Destination::Ipv4(block.ok_or_else(|| Refusal::bad_value(text, "destinationCidrBlock", why))?.to_string()))
            }
            (None, Some(text), None) if is_ipv6_cidr(text) => Ok(Destination::Ipv6(text.to_owned())),
            (None, Some(text), None) => {
                Err(Refusal::bad_value(text, "destinationIpv6CidrBlock", "This is not a valid IPv6 CIDR block."))
            }
            (None, None, Some(list)) => Ok(Destination::List(list.to_owned())),
            (None, None, None) => Err(Refusal::missing("destinationCidrBlock")),
            _ => Err(Refusal::combination("Exactly one destination must be specified")),
        }
    }

    fn text(&self) -> &str {
        match self {
            Destination::Ipv4(text) | Destination::Ipv6(text) | Destination::List(text) => text,
        }
    }

    fn is_of(&self, route: &Route) -> bool {
        match self {
            Destination::Ipv4(text) => route.destination_cidr_block() == Some(text),
            Destination::Ipv6(text) => route.destination_ipv6_cidr_block() == Some(text),
            Destination::List(text) => route.destination_prefix_list_id() == Some(text),
        }
    }

    fn put_into(&self, route: &mut Route) {
        let text = Some(self.text().to_owned());
        match self {
            Destination::Ipv4(_) => route.destination_cidr_block = text,
            Destination::Ipv6(_) => route.destination_ipv6_cidr_block = text,
            Destination::List(_) => route.destination_prefix_list_id = text,
        }
    }
}

/// Checks that a route's target is in the network of its table.
fn check_network(table: &RouteTable, gateway: &str, same: bool) -> Answer<()> {
    if same {
        return Ok(());
    }
    Err(Refusal::value(format!("route table {} and network gateway {gateway} belong to different networks", table.id())))
}

impl Region {
    /// Adds the default route of a VPC.
    pub(super) fn put_default_route(&mut self, vpc_id: &str, gateway_id: &str) {
        let main = |table: &&mut RouteTable| {
            table.vpc_id() == Some(vpc_id) && table.associations().iter().any(|to| to.main() == Some(true))
        };
        if let Some(table) = self.route_tables.iter_mut().find(main) {
            let route = Route::builder()
                .destination_cidr_block("0.0.0.0/0")
                .gateway_id(gateway_id)
                .origin(RouteOrigin::CreateRoute)
                .state(RouteState::Active);
            table.routes.get_or_insert_default().push(route.build());
        }
    }

    /// Marks the routes to a removed target as blackholes.
    pub(super) fn blacken_routes(&mut self, meant: impl Fn(&Route) -> bool) {
        let routes = self.route_tables.iter_mut().flat_map(|table| table.routes.iter_mut().flatten());
        for route in routes.filter(|route| meant(route)) {
            route.state = Some(RouteState::Blackhole);
        }
    }

    /// Checks that there is exactly one target, and that it exists.
    fn check_target(&self, table: &RouteTable, mut route: Route) -> Answer<Route> {
        let targets = [
            &route.gateway_id,
            &route.nat_gateway_id,
            &route.instance_id,
            &route.network_interface_id,
            &route.egress_only_internet_gateway_id,
            &route.vpc_peering_connection_id,
            &route.transit_gateway_id,
        ];
        let given: Vec<String> = targets.into_iter().flatten().cloned().collect();
        let [target] = given.as_slice() else {
            let message = "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, carrierGatewayId, vpcEndpointId, coreNetworkArn or instanceId";
            return Err(Refusal::new("InvalidParameterCombination", message));
        };
        if route.transit_gateway_id.is_some() {
            return Err(Refusal::NotModelled);
        }
        if target == "local" {
            return Ok(route);
        }
        if let Some(id) = route.nat_gateway_id() {
            let gateway = self.nat_gateway_for_route(id)?;
            check_network(table, id, gateway.vpc_id() == table.vpc_id())?;
            return Ok(route);
        }
        self.kind_of(target)?;
        if route.gateway_id().is_some_and(|id| self.endpoints.has(id)) {
            let message = format!(
                "Route table contains unsupported route target: {target}. VPC Endpoints of this type cannot be used as route targets."
            );
            return Err(Refusal::new("RouteNotSupported", message));
        }
        if let Some(id) = route.gateway_id().filter(|id| self.vpn_gateways.has(id)) {
            check_network(table, id, self.is_vpn_gateway_of(id, table.vpc_id().unwrap_or_default()))?;
        }
        if let Some(peering) = route.vpc_peering_connection_id().and_then(|id| self.peerings.get(id).ok()) {
            check_network(table, peering.id(), joins(peering, table.vpc_id().unwrap_or_default()))?;
            route.state = Some(if is_live(peering) { RouteState::Active } else { RouteState::Blackhole });
        }
        if let Some(gateway) = route.gateway_id().and_then(|id| self.internet_gateways.get(id).ok()) {
            let own = gateway.attachments().iter().any(|to| to.vpc_id() == table.vpc_id());
            check_network(table, gateway.id(), own)?;
        }
        if let Some(instance) = &route.instance_id {
            let nics = self.nics_of(instance);
            let [nic] = nics.as_slice() else {
                let message = format!(
                    "There are multiple interfaces attached to instance '{instance}'. Please specify an interface ID for the operation instead."
                );
                return Err(Refusal::new("InvalidInstanceID", message));
            };
            route.network_interface_id = nic.network_interface_id.clone();
            route.instance_owner_id = nic.owner_id.clone();
        } else if let Some(nic) = &route.network_interface_id {
            route.instance_id = self.interfaces.get(nic)?.attachment().and_then(|to| to.instance_id.clone());
        }
        Ok(route)
    }

    pub(super) fn create_route(&mut self, input: CreateRouteInput) -> Answer<CreateRouteOutput> {
        let table_id = required(input.route_table_id(), "routeTableId")?;
        let table = self.route_tables.get(table_id)?;
        let to = Destination::understand(
            input.destination_cidr_block(),
            input.destination_ipv6_cidr_block(),
            input.destination_prefix_list_id(),
        )?;
        if let Destination::List(list) = &to {
            self.prefix_lists.get(list)?;
        }
        let mut route = self.check_target(table, target!(input).build())?;
        if table.routes().iter().any(|own| to.is_of(own)) {
            let message = format!("The route identified by {} already exists.", to.text());
            return Err(Refusal::new("RouteAlreadyExists", message));
        }
        to.put_into(&mut route);
        self.route_tables.get_mut(table_id)?.routes.get_or_insert_default().push(route);
        Ok(CreateRouteOutput::builder().r#return(true).build())
    }

    pub(super) fn replace_route(&mut self, input: ReplaceRouteInput) -> Answer<ReplaceRouteOutput> {
        let table_id = required(input.route_table_id(), "routeTableId")?;
        let table = self.route_tables.get(table_id)?;
        let to = Destination::understand(
            input.destination_cidr_block(),
            input.destination_ipv6_cidr_block(),
            input.destination_prefix_list_id(),
        )?;
        let mut asked = target!(input).build();
        if input.local_target() == Some(true) {
            asked.gateway_id = Some("local".to_owned());
        }
        let mut route = self.check_target(table, asked)?;
        to.put_into(&mut route);
        let routes = self.route_tables.get_mut(table_id)?.routes.get_or_insert_default();
        let own = routes.iter_mut().find(|own| to.is_of(own)).ok_or_else(|| {
            Refusal::value(format!("There is no route defined for '{}' in the route table. Use CreateRoute instead.", to.text()))
        })?;
        *own = route;
        Ok(ReplaceRouteOutput::builder().build())
    }

    pub(super) fn delete_route(&mut self, input: DeleteRouteInput) -> Answer<DeleteRouteOutput> {
        let table_id = required(input.route_table_id(), "routeTableId")?;
        let to = Destination::understand(
            input.destination_cidr_block(),
            input.destination_ipv6_cidr_block(),
            input.destination_prefix_list_id(),
        )?;
        let routes = self.route_tables.get_mut(table_id)?.routes.get_or_insert_default();
        let at = routes.iter().position(|own| to.is_of(own)).ok_or_else(|| {
            let message = format!("no route with destination-cidr-block {} in route table {table_id}", to.text());
            Refusal::new("InvalidRoute.NotFound", message)
        })?;
        if routes.get(at).is_some_and(|route| route.gateway_id() == Some("local")) {
            let message = format!("cannot remove local route {} in route table {table_id}", to.text());
            return Err(Refusal::value(message));
        }
        if routes.get(at).and_then(Route::gateway_id).is_some_and(|id| self.endpoints.has(id)) {
            let message = format!("cannot remove VPC endpoint route {} in route table {table_id}", to.text());
            return Err(Refusal::value(message));
        }
        routes.remove(at);
        Ok(DeleteRouteOutput::builder().build())
    }
}
