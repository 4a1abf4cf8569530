//! [`Region`]: the resources of an account in one region, and [`Account`]: its regions.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_ec2::types::{
    Address, CustomerGateway, DhcpOptions, EgressOnlyInternetGateway, FlowLog, IamInstanceProfileAssociation, Image,
    InternetGateway, KeyPairInfo, ManagedPrefixList, NatGateway, NetworkAcl, NetworkInterface, PlacementGroup, RouteTable,
    SecurityGroup, SecurityGroupRule, Snapshot, Subnet, Volume, VolumeModification, Vpc, VpcEndpoint, VpcPeeringConnection,
    VpnConnection, VpnGateway,
};
use aws_smithy_types::DateTime;

use super::agenda::Agenda;
use super::dispatch::Given;
use super::fleets::Fleet;
use super::ids::{Ids, Kind};
use super::images::Sharing;
use super::instances::Machine;
use super::launch_templates::Template;
use super::refusal::{Answer, Refusal};
use super::settings::Settings;
use super::spot::Bid;
use super::table::{Record, Table};
use super::tags::Tags;

/// The regions of the account that were used so far.
#[derive(Debug, Default)]
pub(super) struct Account(BTreeMap<String, Region>);

impl Account {
    /// Runs an operation on a region, which can access the others as `abroad`.
    pub(super) fn visit<T>(&mut self, name: &str, now: SystemTime, elapsed: Duration, work: impl FnOnce(&mut Region) -> T) -> T {
        for region in self.0.values_mut() {
            region.now = now;
            region.catch_up(elapsed);
        }
        let mut region = self.0.remove(name).unwrap_or_else(|| Region::new(name, now, elapsed));
        std::mem::swap(&mut region.abroad, &mut self.0);
        let result = work(&mut region);
        std::mem::swap(&mut region.abroad, &mut self.0);
        self.0.insert(name.to_owned(), region);
        result
    }
}

macro_rules! region {
    ($($rows:ident: $Type:ty),* $(,)?) => {
        /// One region.
        #[derive(Clone, Debug)]
        pub(super) struct Region {
            pub(super) name: String,
            pub(super) now: SystemTime,
            /// The time since the start of the world. Unlike `now` it never goes back.
            pub(super) elapsed: Duration,
            pub(super) ids: Ids,
            pub(super) tags: Tags,
            pub(super) agenda: Agenda,
            pub(super) settings: Settings,
            /// Stored responses by operation and client token.
            pub(super) given: BTreeMap<(&'static str, String), Given>,
            /// The users of an image or a snapshot other than its owner, by id.
            pub(super) shared: BTreeMap<String, Sharing>,
            /// The other regions, during an operation on this one.
            pub(super) abroad: BTreeMap<String, Region>,
            $(pub(super) $rows: Table<$Type>,)*
        }

        impl Region {
            fn empty(name: &str, now: SystemTime, elapsed: Duration) -> Region {
                Region {
                    name: name.to_owned(),
                    now,
                    elapsed,
                    ids: Ids::of(name),
                    tags: Tags::default(),
                    agenda: Agenda::default(),
                    settings: Settings::default(),
                    given: BTreeMap::new(),
                    shared: BTreeMap::new(),
                    abroad: BTreeMap::new(),
                    $($rows: Table::default(),)*
                }
            }

            /// Returns the kind of the resource with this id.
            pub(super) fn kind_of(&self, id: &str) -> Answer<&'static Kind> {
                let prefix = id.split('-').next().unwrap_or_default();
                $(
                    let kind = <$Type as Record>::KIND;
                    if prefix == kind.prefix && !kind.resource.is_empty() {
                        return if self.$rows.has(id) { Ok(kind) } else { Err(kind.absent(id)) };
                    }
                )*
                Err(Refusal::new("InvalidID", format!("The ID '{id}' is not valid")))
            }
        }
    };
}

region! {
    instances: Machine,
    volumes: Volume,
    modifications: VolumeModification,
    snapshots: Snapshot,
    images: Image,
    key_pairs: KeyPairInfo,
    templates: Template,
    placement_groups: PlacementGroup,
    profiles: IamInstanceProfileAssociation,
    bids: Bid,
    fleets: Fleet,
    groups: SecurityGroup,
    rules: SecurityGroupRule,
    vpcs: Vpc,
    subnets: Subnet,
    route_tables: RouteTable,
    internet_gateways: InternetGateway,
    egress_gateways: EgressOnlyInternetGateway,
    acls: NetworkAcl,
    interfaces: NetworkInterface,
    addresses: Address,
    dhcp_options: DhcpOptions,
    nat_gateways: NatGateway,
    peerings: VpcPeeringConnection,
    endpoints: VpcEndpoint,
    prefix_lists: ManagedPrefixList,
    customer_gateways: CustomerGateway,
    vpn_gateways: VpnGateway,
    vpn_connections: VpnConnection,
    flow_logs: FlowLog,
}

impl Region {
    /// Creates the region of a new account.
    fn new(name: &str, now: SystemTime, elapsed: Duration) -> Region {
        let mut region = Region::empty(name, now, elapsed);
        region.stock_images();
        region.stock_prefix_lists();
        region.make_default_vpc();
        region
    }

    pub(super) fn stamp(&self) -> DateTime {
        DateTime::from(self.now)
    }

    /// Returns the ARN of a resource of this account.
    pub(super) fn arn(&self, resource: &str, id: &str) -> String {
        format!("arn:aws:ec2:{}:{}:{resource}/{id}", self.name, super::OWNER)
    }
}
