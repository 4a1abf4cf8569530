//! Route tables and the subnets that use them; their routes are in [`routes`](super::routes).

use aws_sdk_ec2::operation::{
    associate_route_table::*, create_route_table::*, delete_route_table::*, describe_route_tables::*,
    disassociate_route_table::*, replace_route_table_association::*,
};
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
    RouteTable in route_tables by route_table_id, tagged tags,
    Kind {
        prefix: "rtb",
        resource: "route-table",
        not_found: "InvalidRouteTableID.NotFound",
        absent: "The routeTable ID '{}' does not exist",
        malformed: Some("InvalidRouteTableId.Malformed"),
    },
    filters!(table: RouteTable =>
        "association.gateway-id" = each(table.associations(), RouteTableAssociation::gateway_id),
        "association.route-table-association-id" = each(table.associations(), RouteTableAssociation::route_table_association_id),
        "association.route-table-id" = each(table.associations(), RouteTableAssociation::route_table_id),
        "association.subnet-id" = each(table.associations(), RouteTableAssociation::subnet_id),
        "association.main" = each(table.associations(), RouteTableAssociation::main),
        "owner-id" = table.owner_id(),
        "route-table-id" = table.route_table_id(),
        "route.destination-cidr-block" = each(table.routes(), Route::destination_cidr_block),
        "route.destination-ipv6-cidr-block" = each(table.routes(), Route::destination_ipv6_cidr_block),
        "route.destination-prefix-list-id" = each(table.routes(), Route::destination_prefix_list_id),
        "route.egress-only-internet-gateway-id" = each(table.routes(), Route::egress_only_internet_gateway_id),
        "route.gateway-id" = each(table.routes(), Route::gateway_id),
        "route.instance-id" = each(table.routes(), Route::instance_id),
        "route.nat-gateway-id" = each(table.routes(), Route::nat_gateway_id),
        "route.transit-gateway-id" = each(table.routes(), Route::transit_gateway_id),
        "route.origin" = each(table.routes(), Route::origin),
        "route.state" = each(table.routes(), Route::state),
        "route.vpc-peering-connection-id" = each(table.routes(), Route::vpc_peering_connection_id),
        "vpc-id" = table.vpc_id(),
    )
);

describe! {
    paged describe_route_tables(DescribeRouteTablesInput: route_table_ids, filters, "routeTableIdSet")
        -> DescribeRouteTablesOutput: set_route_tables;
}

fn associated() -> RouteTableAssociationState {
    RouteTableAssociationState::builder().state(RouteTableAssociationStateCode::Associated).build()
}

fn is(id: &str) -> impl Fn(&RouteTableAssociation) -> bool {
    move |to| to.route_table_association_id() == Some(id)
}

impl Region {
    /// Creates a table with the VPC's local routes.
    fn make_route_table(&mut self, vpc_id: &str, blocks: impl Iterator<Item = String>) -> String {
        let id = self.ids.next("rtb");
        let local = blocks.map(|block| {
            Route::builder()
                .destination_cidr_block(block)
                .gateway_id("local")
                .origin(RouteOrigin::CreateRouteTable)
                .state(RouteState::Active)
                .build()
        });
        let table = RouteTable::builder()
            .route_table_id(&id)
            .vpc_id(vpc_id)
            .owner_id(OWNER)
            .set_routes(Some(local.collect()))
            .set_associations(Some(Vec::new()))
            .set_propagating_vgws(Some(Vec::new()));
        self.route_tables.put(table.build());
        id
    }

    pub(super) fn make_main_route_table(&mut self, vpc_id: &str, block: Cidr) {
        let id = self.make_route_table(vpc_id, std::iter::once(block.to_string()));
        let association = self.new_association(&id).main(true).build();
        if let Ok(table) = self.route_tables.get_mut(&id) {
            table.associations = Some(vec![association]);
        }
    }

    fn new_association(&mut self, table_id: &str) -> aws_sdk_ec2::types::builders::RouteTableAssociationBuilder {
        RouteTableAssociation::builder()
            .route_table_association_id(self.ids.next("rtbassoc"))
            .route_table_id(table_id)
            .main(false)
            .association_state(associated())
    }

    /// Returns the table of this association.
    fn associated_table(&self, association_id: &str) -> Answer<&RouteTable> {
        self.route_tables.iter().find(|table| table.associations().iter().any(is(association_id))).ok_or_else(|| {
            let message = format!("The association ID '{association_id}' does not exist");
            Refusal::new("InvalidAssociationID.NotFound", message)
        })
    }

    pub(super) fn create_route_table(&mut self, input: CreateRouteTableInput) -> Answer<CreateRouteTableOutput> {
        let tags = specified_for(input.tag_specifications(), "route-table")?;
        let vpc = self.vpcs.get(required(input.vpc_id(), "vpcId")?)?;
        let vpc_id = vpc.id().to_owned();
        let blocks: Vec<String> = vpc.cidr_block_association_set().iter().filter_map(|own| own.cidr_block.clone()).collect();
        let id = self.make_route_table(&vpc_id, blocks.into_iter());
        self.tags.put_all(&id, &tags);
        let table = self.route_tables.get(&id)?.shown(self);
        Ok(CreateRouteTableOutput::builder().route_table(table).set_client_token(input.client_token).build())
    }

    pub(super) fn delete_route_table(&mut self, input: DeleteRouteTableInput) -> Answer<DeleteRouteTableOutput> {
        let id = required(input.route_table_id(), "routeTableId")?;
        if !self.route_tables.get(id)?.associations().is_empty() {
            return Err(Refusal::dependency(format!("The routeTable '{id}' has dependencies and cannot be deleted.")));
        }
        self.route_tables.take(id)?;
        for endpoint in self.endpoints.iter_mut() {
            endpoint.route_table_ids.get_or_insert_default().retain(|own| own != id);
        }
        self.tags.forget(id);
        Ok(DeleteRouteTableOutput::builder().build())
    }

    pub(super) fn associate_route_table(&mut self, input: AssociateRouteTableInput) -> Answer<AssociateRouteTableOutput> {
        let id = required(input.route_table_id(), "routeTableId")?;
        let table = self.route_tables.get(id)?;
        if let Some(subnet_id) = input.subnet_id() {
            let subnet = self.subnets.get(subnet_id)?;
            if subnet.vpc_id() != table.vpc_id() {
                let message = format!("Route table {id} and subnet {subnet_id} belong to different networks");
                return Err(Refusal::new("InvalidParameterValue", message));
            }
            let own = |to: &&RouteTableAssociation| to.subnet_id() == Some(subnet_id);
            let taken = self.route_tables.iter().find_map(|other| Some((other, other.associations().iter().find(own)?)));
            if let Some((other, association)) = taken {
                let association = association.route_table_association_id().unwrap_or_default();
                if other.id() == id {
                    return Ok(AssociateRouteTableOutput::builder()
                        .association_id(association)
                        .association_state(associated())
                        .build());
                }
                let message = format!("the specified association for route table {id} conflicts with an existing association");
                return Err(Refusal::new("Resource.AlreadyAssociated", message));
            }
        } else if let Some(gateway) = input.gateway_id() {
            self.kind_of(gateway)?;
        } else {
            return Err(Refusal::missing("subnetId or gatewayId"));
        }
        let association =
            self.new_association(id).set_subnet_id(input.subnet_id.clone()).set_gateway_id(input.gateway_id.clone()).build();
        let association_id = association.route_table_association_id.clone();
        self.route_tables.get_mut(id)?.associations.get_or_insert_default().push(association);
        Ok(AssociateRouteTableOutput::builder().set_association_id(association_id).association_state(associated()).build())
    }

    pub(super) fn disassociate_route_table(
        &mut self,
        input: DisassociateRouteTableInput,
    ) -> Answer<DisassociateRouteTableOutput> {
        let association_id = required(input.association_id(), "associationId")?;
        let table = self.associated_table(association_id)?;
        if table.associations().iter().any(|to| is(association_id)(to) && to.main() == Some(true)) {
            return Err(Refusal::value(format!("cannot disassociate the main route table association {association_id}")));
        }
        let id = table.id().to_owned();
        self.route_tables.get_mut(&id)?.associations.get_or_insert_default().retain(|to| !is(association_id)(to));
        Ok(DisassociateRouteTableOutput::builder().build())
    }

    /// The association gets a new id; replacing the main one makes another table the main one.
    pub(super) fn replace_route_table_association(
        &mut self,
        input: ReplaceRouteTableAssociationInput,
    ) -> Answer<ReplaceRouteTableAssociationOutput> {
        let association_id = required(input.association_id(), "associationId")?;
        let new_table = self.route_tables.get(required(input.route_table_id(), "routeTableId")?)?.clone();
        let old_table = self.associated_table(association_id)?;
        if old_table.vpc_id() != new_table.vpc_id() {
            return Err(Refusal::value(format!(
                "Route table {} and the association belong to different networks",
                new_table.id()
            )));
        }
        let old_id = old_table.id().to_owned();
        let associations = self.route_tables.get_mut(&old_id)?.associations.get_or_insert_default();
        let at = associations.iter().position(is(association_id));
        let mut association = at.map_or_else(|| RouteTableAssociation::builder().build(), |at| associations.remove(at));
        let new_id = self.ids.next("rtbassoc");
        association.route_table_association_id = Some(new_id.clone());
        association.route_table_id = new_table.route_table_id.clone();
        self.route_tables.get_mut(new_table.id())?.associations.get_or_insert_default().push(association);
        Ok(ReplaceRouteTableAssociationOutput::builder().new_association_id(new_id).association_state(associated()).build())
    }
}
