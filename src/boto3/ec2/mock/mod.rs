//! EC2 in memory: an account with its regions, on the world's clock.
//!
//! ```
//! # use leyden::{prelude::*, boto3::ec2::types::InstanceType};
//! let ec2 = World::new().batteries().boto3.client().region_name("eu-west-1").ec2();
//! let image = ec2.describe_images(|describe| describe.owners("amazon")).wait()?.images()[0].image_id.clone();
//! ec2.run_instances(|run| run.set_image_id(image).instance_type(InstanceType::T3Micro).min_count(2).max_count(2)).wait()?;
//! ec2.get_waiter().instance_running(|describe| describe).wait()?; // pending for a while, on the virtual clock
//! assert_eq!(ec2.describe_instances(|describe| describe).wait()?.reservations()[0].instances().len(), 2);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | regions | each has its own state, created on first use; a client without a region uses us-east-1 |
//! | a new account | a default VPC with a subnet per zone, security group, route table, network ACL, internet gateway and DHCP options; some AMIs of AWS |
//! | ids | sequential: the first instance of a world in us-east-1 is `i-0123456789abcdef0`, the next ends in `1` |
//! | time | state changes take time on the virtual clock: see [`delays`] |
//! | `DescribeX` | ids, filters with `*` and `?`, `tag:KEY`, `tag-key`, `MaxResults` and `NextToken` |
//! | `DryRun` | the operation runs on a copy, so invalid parameters are reported first; then `DryRunOperation` |
//! | `ClientToken` | the earlier response, or `IdempotentParameterMismatch` |
//! | instance profiles | there is no IAM: every profile with a valid name or ARN exists |
//! | spot | requests are evaluated, wait for their time and price, and are fulfilled; prices are invented, change once a week, and are the same in every world |
//! | fleets | capacity is unlimited, so pools are selected by price or priority; fleets that maintain their capacity replace terminated instances |
//! | hosts, reserved instances, tasks, reports, topology | cannot be created, so listings are empty |
//! | errors | AWS's codes and, where known, its texts |
//! | faults | through [`Script`]: `"ec2.stop_instances"`; [`Mock::no_credentials`] |
//! | networks | NAT gateways, peering (also between regions), gateway and interface endpoints, VPN, flow logs; resources in use cannot be deleted |
//! | the rest | [`Error::NotImplemented`](crate::boto3::Error::NotImplemented), listed in [`NOT_MODELLED`] |
//!
//! Not modelled yet: transit gateways, regional NAT gateways, prefixes on interfaces, endpoints of
//! other kinds. A launch with a dedicated host, an accelerator or a capacity reservation is
//! `NotImplemented` too. A filter that AWS documents and this fake does not support is rejected as
//! unknown, never ignored.
//!
//! There is no network traffic: routes, rules and gateways are stored and checked against each
//! other.

mod addresses;
mod agenda;
mod arrange;
mod attachments;
mod cidr;
mod create_image;
mod customer_gateways;
mod describe;
mod dhcp;
mod dispatch;
mod filter;
mod fleet_endings;
mod fleet_pools;
mod fleets;
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
mod launch;
mod launch_described;
mod launch_disks;
mod launch_templates;
mod lifecycle;
mod nat_gateways;
mod network_acls;
mod not_modelled;
mod nothing;
mod peerings;
mod placement_groups;
mod places;
mod prefix_lists;
mod profiles;
mod refusal;
mod region;
mod route_tables;
mod routes;
mod security_directions;
mod security_groups;
mod security_rules;
mod service_interfaces;
mod settings;
mod snapshot_attributes;
mod snapshots;
mod spot;
mod spot_prices;
mod spot_requests;
mod subnets;
mod table;
mod tags;
mod template_data;
mod template_versions;
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

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use arrange::AmazonImage;
pub use not_modelled::NOT_MODELLED;

use self::region::{Account, Region};
use super::backend::Backend;
use crate::boto3::backend::{ClientConfig, Credentials, Service};
use crate::mock::Script;

/// The durations of state changes.
pub mod delays {
    pub use super::agenda::delays::*;
}

/// The account that owns the resources of this fake.
pub const OWNER: &str = "123456789012";

/// EC2 in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    account: Arc<Mutex<Account>>,
    no_credentials: Arc<AtomicBool>,
}

impl Mock {
    pub(crate) fn new(script: Script) -> Mock {
        Mock { script, account: Arc::default(), no_credentials: Arc::default() }
    }

    /// Sets whether clients without explicit credentials find none.
    pub fn no_credentials(&self, none: bool) -> &Mock {
        self.no_credentials.store(none, Ordering::Relaxed);
        self
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs an operation on a region at the current time.
    fn in_region<T>(&self, name: &str, work: impl FnOnce(&mut Region) -> T) -> T {
        let clock = self.script.clock();
        self.lock().visit(name, clock.now(), clock.elapsed(), work)
    }
}

impl Service<dyn Backend> for Mock {
    fn connect(&self, config: ClientConfig) -> Arc<dyn Backend> {
        let region = config.region_name.unwrap_or_else(|| places::DEFAULT.to_owned());
        let finds_keys = matches!(config.credentials, Credentials::Chain);
        Arc::new(dispatch::Connected { mock: self.clone(), region, finds_keys })
    }
}
