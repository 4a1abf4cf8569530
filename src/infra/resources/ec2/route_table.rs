//! [`RouteTable`]: where the packets of subnets go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{all_known, cidr, client, found, missing, remove};
use crate::boto3::ec2::shapes::{CreateRouteInputBuilder, ReplaceRouteInputBuilder};
use crate::boto3::ec2::types::{ResourceType, RouteOrigin};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// Where the packets of subnets go: `RouteTable::new(vpc.id()).route("0.0.0.0/0", gateway.id()).subnet(public.id())`.
///
/// The routes within the VPC are AWS's, and so are routes that a gateway of a VPN or an endpoint puts there; they are not managed. A
/// subnet that is in another table is taken out of it. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouteTable {
    vpc_id: Input<String>,
    routes: Vec<Route>,
    subnet_ids: Vec<Input<String>>,
    tags: Tags,
}

/// A route of a [`RouteTable`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Route {
    /// A CIDR block, or the id of a prefix list (`pl-..`).
    pub destination: String,
    /// The id of a gateway (`igw-`, `vgw-`, `nat-`, `eigw-`, `tgw-`), an interface (`eni-`), a peering (`pcx-`) or an endpoint (`vpce-`).
    pub target: Input<String>,
}

tagged!(RouteTable);

impl RouteTable {
    /// A table of this VPC, without routes.
    pub fn new(vpc_id: impl Into<Input<String>>) -> RouteTable {
        RouteTable { vpc_id: vpc_id.into(), routes: Vec::new(), subnet_ids: Vec::new(), tags: Tags::new() }
    }

    /// Sends packets for a destination to a target; see [`Route`].
    #[must_use]
    pub fn route(mut self, destination: impl Into<String>, target: impl Into<Input<String>>) -> RouteTable {
        self.routes.push(Route { destination: destination.into(), target: target.into() });
        self
    }

    /// Holds for this subnet.
    #[must_use]
    pub fn subnet(mut self, id: impl Into<Input<String>>) -> RouteTable {
        self.subnet_ids.push(id.into());
        self
    }

    fn targets(&self) -> crate::Result<BTreeMap<String, String>> {
        let pairs =
            self.routes.iter().map(|route| Ok((route.destination.clone(), route.target.required("a route's target")?.clone())));
        pairs.collect()
    }

    async fn write_routes(&self, ec2: &Client, id: &str, was: &RouteTable) -> crate::Result<()> {
        let (was, now) = (was.targets()?, self.targets()?);
        for (destination, target) in &now {
            match was.get(destination) {
                Some(before) if before == target => {}
                Some(_) => {
                    let target = kind(target)?;
                    ec2.replace_route(|replace| target.replace(to(replace.route_table_id(id), destination))).await?;
                }
                None => {
                    let target = kind(target)?;
                    ec2.create_route(|create| target.create(to(create.route_table_id(id), destination))).await?;
                }
            }
        }
        for destination in was.keys().filter(|destination| !now.contains_key(*destination)) {
            let deleted = ec2.delete_route(|delete| to(delete.route_table_id(id), destination)).await;
            found(deleted, &["InvalidRoute.NotFound"])?;
        }
        Ok(())
    }

    async fn write_subnets(&self, ec2: &Client, id: &str, was: &RouteTable) -> crate::Result<()> {
        let (was, now) = (all_known(&was.subnet_ids, "subnet_ids")?, all_known(&self.subnet_ids, "subnet_ids")?);
        for subnet in now.iter().filter(|subnet| !was.contains(subnet)) {
            match association(ec2, subnet).await? {
                Some((_, table)) if table == id => {}
                Some((other, _)) => {
                    ec2.replace_route_table_association(|replace| replace.association_id(other).route_table_id(id)).await?;
                }
                None => {
                    ec2.associate_route_table(|associate| associate.route_table_id(id).subnet_id(subnet)).await?;
                }
            }
        }
        for subnet in was.iter().filter(|subnet| !now.contains(subnet)) {
            if let Some((own, table)) = association(ec2, subnet).await?
                && table == id
            {
                let parted = ec2.disassociate_route_table(|part| part.association_id(own)).await;
                found(parted, &["InvalidAssociationID.NotFound"])?;
            }
        }
        Ok(())
    }
}

/// The association of a subnet with a table that is not the main one: its id and the table's.
async fn association(ec2: &Client, subnet: &str) -> crate::Result<Option<(String, String)>> {
    let tables = ec2.describe_route_tables(|tables| tables.filter("association.subnet-id", [subnet])).await?;
    let own = tables.route_tables().iter().flat_map(|table| table.associations().iter().map(move |to| (table, to)));
    let mut own = own.filter(|(_, to)| to.subnet_id() == Some(subnet));
    Ok(own.find_map(|(table, to)| Some((to.route_table_association_id()?.to_owned(), table.route_table_id()?.to_owned()))))
}

/// The parameters that a route's target goes into, by the kind of its id.
macro_rules! targets {
    ($($Kind:ident $prefix:literal $setter:ident,)*) => {
        enum Target<'t> { $($Kind(&'t str),)* }

        fn kind(target: &str) -> crate::Result<Target<'_>> {
            $(if target.starts_with($prefix) { return Ok(Target::$Kind(target)); })*
            Err(crate::Error::other(format!("the target {target:?} of a route is not the id of a gateway, interface, peering or endpoint")))
        }

        impl Target<'_> {
            fn create(&self, create: CreateRouteInputBuilder) -> CreateRouteInputBuilder {
                match self { $(Target::$Kind(id) => create.$setter(*id),)* }
            }

            fn replace(&self, replace: ReplaceRouteInputBuilder) -> ReplaceRouteInputBuilder {
                match self { $(Target::$Kind(id) => replace.$setter(*id),)* }
            }
        }
    };
}

targets! {
    Internet "igw-" gateway_id,
    Vpn "vgw-" gateway_id,
    Nat "nat-" nat_gateway_id,
    EgressOnly "eigw-" egress_only_internet_gateway_id,
    Transit "tgw-" transit_gateway_id,
    Interface "eni-" network_interface_id,
    Peering "pcx-" vpc_peering_connection_id,
    Endpoint "vpce-" vpc_endpoint_id,
}

/// The three operations on routes name a destination in the same way.
trait Destination {
    fn ipv4(self, block: &str) -> Self;
    fn ipv6(self, block: &str) -> Self;
    fn list(self, id: &str) -> Self;
}

macro_rules! destinations {
    ($($Input:ty),*) => {$(
        impl Destination for $Input {
            fn ipv4(self, block: &str) -> Self { self.destination_cidr_block(block) }
            fn ipv6(self, block: &str) -> Self { self.destination_ipv6_cidr_block(block) }
            fn list(self, id: &str) -> Self { self.destination_prefix_list_id(id) }
        }
    )*};
}

destinations!(CreateRouteInputBuilder, ReplaceRouteInputBuilder, crate::boto3::ec2::shapes::DeleteRouteInputBuilder);

fn to<D: Destination>(request: D, destination: &str) -> D {
    match destination {
        list if list.starts_with("pl-") => request.list(list),
        block if block.contains(':') => request.ipv6(block),
        block => request.ipv4(block),
    }
}

/// A route, unless AWS put it there itself.
fn own(route: &crate::boto3::ec2::types::Route) -> Option<Route> {
    let destination =
        route.destination_cidr_block().or(route.destination_ipv6_cidr_block()).or(route.destination_prefix_list_id())?;
    let target = route
        .gateway_id()
        .or(route.nat_gateway_id())
        .or(route.egress_only_internet_gateway_id())
        .or(route.transit_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.network_interface_id())
        .or(route.instance_id())
        .unwrap_or_default();
    let of_endpoint = target.starts_with("vpce-") && route.destination_prefix_list_id().is_some();
    let of_aws = target == "local" || route.origin() == Some(&RouteOrigin::EnableVgwRoutePropagation) || of_endpoint;
    (!of_aws).then(|| Route { destination: destination.to_owned(), target: target.into() })
}

impl Resource for RouteTable {
    const TYPE: &'static str = "ec2.route_table";
    type Out = ();
    const FIELDS: &'static [Field] =
        &[Field::new("vpc_id").force_new(), Field::new("routes").set(), Field::new("subnet_ids").set()];

    found_by_tags!(RouteTable);

    fn validate(&self) -> crate::Result<()> {
        let mut seen = std::collections::BTreeSet::new();
        for route in &self.routes {
            if !route.destination.starts_with("pl-") {
                cidr::check("the destination", &route.destination)?;
            }
            if !seen.insert(&route.destination) {
                return Err(crate::Error::other(format!("the route to {} is declared twice", route.destination)));
            }
            route.target.get().map(|target| kind(target)).transpose()?;
        }
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<RouteTable>>) -> crate::Result<Option<Live<RouteTable>>> {
        let described = client(scope).describe_route_tables(|tables| tables.filter("route-table-id", [id.as_str()])).await?;
        let Some(table) = described.route_tables().first() else { return Ok(None) };
        let inputs = RouteTable {
            vpc_id: table.vpc_id().unwrap_or_default().into(),
            routes: table.routes().iter().filter_map(own).collect(),
            subnet_ids: table.associations().iter().filter_map(|to| to.subnet_id()).map(Input::from).collect(),
            tags: tags::managed(table.tags()),
        };
        Ok(Some(Live::new(inputs, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ())> {
        let (ec2, vpc) = (client(scope), self.vpc_id.required("vpc_id")?);
        let made = ec2
            .create_route_table(|create| {
                let tags = tags::specification(ResourceType::RouteTable, &self.tags, token);
                create.vpc_id(vpc).client_token(token.as_str()).tag_specifications(tags)
            })
            .await?;
        let id = made.route_table().and_then(|table| table.route_table_id()).ok_or_else(|| missing("route table"))?;
        let bare = RouteTable::new(vpc.as_str());
        self.write_routes(&ec2, id, &bare).await?;
        self.write_subnets(&ec2, id, &bare).await?;
        Ok((Id::new(id), ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<RouteTable>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        self.write_routes(&ec2, id, &was.inputs).await?;
        self.write_subnets(&ec2, id, &was.inputs).await?;
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await
    }

    async fn delete(scope: &Scope, id: &Id, was: &Live<RouteTable>) -> crate::Result<()> {
        let ec2 = client(scope);
        RouteTable::new("").write_subnets(&ec2, id.as_str(), &was.inputs).await?;
        let delete = || ec2.delete_route_table(|delete| delete.route_table_id(id.as_str()));
        remove(scope, &["InvalidRouteTableID.NotFound"], delete).await
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let tables = client(scope).describe_route_tables(|tables| tables).await?;
        Ok(tables.route_tables().iter().filter_map(|table| table.route_table_id()).map(Id::new).collect())
    }
}
