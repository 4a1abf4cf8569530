//! EC2 in memory: an account with its regions, on the world's clock.
//!
//! | modelled | how |
//! |---|---|
//! | regions | each has its own state, made when it is first asked; a client without a region asks us-east-1 |
//! | a new account | a default VPC with a subnet a zone, security group, route table, network ACL, internet gateway and DHCP options; some AMIs of Amazon's |
//! | ids | counted, not drawn: the first instance of a world in us-east-1 is `i-0123456789abcdef0`, the next ends in `1` |
//! | time | what takes time at Amazon takes it here, on the virtual clock: see [`delays`] |
//! | `DescribeX` | ids, filters with `*` and `?`, `tag:KEY`, `tag-key`, `MaxResults` and `NextToken` |
//! | `DryRun` | the operation is tried on a copy, so bad parameters show first; then `DryRunOperation` |
//! | `ClientToken` | the answer of before, or `IdempotentParameterMismatch` |
//! | errors | Amazon's codes and, where they are known, its words |
//! | faults | by [`Script`]: `"ec2.stop_instances"` |
//! | networks | NAT gateways, peering, also between regions, endpoints of gateways and interfaces, VPN, flow logs; what is in use stays |
//! | the rest | [`Error::NotImplemented`](crate::boto3::Error::NotImplemented), listed in [`NOT_MODELLED`] |
//!
//! Not modelled yet: launch templates, placement groups, spot requests, fleets, instance profiles, hosts, transit gateways, regional NAT
//! gateways, prefixes on interfaces, endpoints of other kinds; a launch that asks for one of them is answered by `NotImplemented` too. A filter that Amazon
//! documents and no field here answers to is refused as an unknown one, never passed over.
//!
//! No packet flows: routes, rules and gateways are kept and checked against each other, but nothing is sent through them.

mod addresses;
mod agenda;
mod arrange;
mod attachments;
mod cidr;
mod customer_gateways;
mod describe;
mod dhcp;
mod dispatch;
mod filter;
mod flow_logs;
mod gateways;
mod ids;
mod image_attributes;
mod images;
mod instance_attributes;
mod instance_types;
mod instances;
mod interface_addresses;
mod interface_attributes;
mod interfaces;
mod key_pairs;
mod later;
mod launch;
mod lifecycle;
mod nat_gateways;
mod network_acls;
mod not_modelled;
mod peerings;
mod places;
mod prefix_lists;
mod refusal;
mod region;
mod route_tables;
mod routes;
mod security_groups;
mod security_rules;
mod service_interfaces;
mod settings;
mod snapshot_attributes;
mod snapshots;
mod subnets;
mod table;
mod tags;
mod volume_changes;
mod volumes;
mod vpc_attributes;
mod vpc_endpoint_changes;
mod vpc_endpoints;
mod vpcs;
mod vpn_connections;
mod vpn_gateways;
mod vpn_tunnels;
mod watching;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use arrange::AmazonImage;
pub use not_modelled::NOT_MODELLED;

use self::region::{Account, Region};
use super::backend::Backend;
use crate::boto3::backend::{ClientConfig, Service};
use crate::mock::Script;

/// How long things take.
pub mod delays {
    pub use super::agenda::delays::*;
}

/// The account that owns what this fake makes.
pub const OWNER: &str = "123456789012";

/// EC2 in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    account: Arc<Mutex<Account>>,
}

impl Mock {
    pub(crate) fn new(script: Script) -> Mock {
        Mock { script, account: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on a region as it is at this moment of the clock.
    fn in_region<T>(&self, name: &str, work: impl FnOnce(&mut Region) -> T) -> T {
        let clock = self.script.clock();
        self.lock().visit(name, clock.now(), clock.elapsed(), work)
    }
}

impl Service<dyn Backend> for Mock {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        let region = config.region_name.unwrap_or_else(|| places::DEFAULT.to_owned());
        Arc::new(dispatch::Connected { mock: self.clone(), region })
    }
}
