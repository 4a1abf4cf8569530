//! Networks, machines and disks of EC2.
//!
//! ```
//! use leyden::{infra::{Infra, State, resources::ec2::{Rule, SecurityGroup, Vpc}}, prelude::*};
//!
//! let world = World::new();
//! world.os.set_environ([("AWS_DEFAULT_REGION", "eu-west-1")]);
//! let infra = Infra::new("demo", State::file("/demo.json"));
//! let plan = infra.plan(&world.batteries(), |declare| {
//!     let vpc = declare.add("vpc", Vpc::new("10.0.0.0/16").named("demo"))?;
//!     declare.add("web", SecurityGroup::new("web").vpc(vpc.id()).ingress(443).ingress(Rule::tcp(22).from("10.0.0.0/8")))?;
//!     Ok(())
//! }).wait()?;
//! assert!(plan.apply(&world.batteries()).wait()?.to_string().contains("2 added"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The client is that of `scope.boto3`: region and credentials come from its configuration.
//!
//! | Type | Id | Replaced if these change | Changed in place |
//! |---|---|---|---|
//! | [`Vpc`] | `vpc-..` | `cidr_block` | DNS support and names, tags |
//! | [`Subnet`] | `subnet-..` | `vpc_id`, `cidr_block`, `availability_zone` | public addresses, tags |
//! | [`InternetGateway`] | `igw-..` | | `vpc_id`, tags |
//! | [`RouteTable`] | `rtb-..` | `vpc_id` | routes, subnets, tags |
//! | [`SecurityGroup`] | `sg-..` | `name`, `description`, `vpc_id` | rules, tags |
//! | [`KeyPair`] | its name | `key_name`, `public_key` | tags |
//! | [`LaunchTemplate`] | its name | `name` | the rest, as a new version that becomes the default; tags |
//! | [`Instance`] | `i-..` | image, subnet, zone, key, private address, user data | type (it is stopped for that), security groups, running or stopped, tags |
//! | [`Volume`] | `vol-..` | zone, snapshot, encryption | size (it can only grow), type, iops, throughput, tags |
//! | [`Attachment`] | `vol-..:i-..` | everything | |
//! | [`ElasticIp`] | `eipalloc-..` | | `instance_id`, tags |
//!
//! # Nothing is made twice
//!
//! Every object but a [`KeyPair`], a [`LaunchTemplate`] and an [`Attachment`], whose ids follow from their declarations, gets the tag
//! `leyden:token` in the same call that makes it. If the answer to that call is lost, the next run finds the object by this tag. Calls that
//! accept a `ClientToken` get it as well. The tag is not shown among the tags of an object.
//!
//! # Adoption
//!
//! [`Handle::adopt`](crate::infra::Handle::adopt) takes over the object whose tag `Name` is the declared one ([`Vpc::named`] and its
//! like); a security group by its name and VPC. Several objects of that name are an error. [`Declare::import`](crate::infra::Declare::import)
//! takes over an object by its id.
//!
//! # DIFFERENCE
//!
//! - A security group without egress rules keeps the rule that AWS gives it, which allows everything. Terraform removes that rule; here
//!   [`SecurityGroup::no_egress`] does.
//! - The associations of a route table and the attachment of an internet gateway are fields, not resources of their own.
//! - A volume is `gp3` by default, as in the console. `CreateVolume`'s own default is `gp2`.
//! - Tags that are not declared are removed, except those of AWS (`aws:..`).
//!
//! # What is not here
//!
//! | Terraform | why | instead |
//! |---|---|---|
//! | `aws_dlm_lifecycle_policy` | snapshot policies are a service of their own (Data Lifecycle Manager), which is not part of the EC2 API | a scheduled job that calls `create_snapshot` |
//! | `tls_private_key`, a key pair that AWS generates | the private key would be in the state | [`KeyPair`] of a public key |
//! | routes to an instance | an instance with several interfaces makes them ambiguous | a route to its `eni-..` |
//! | settings of an instance that are not listed above | not written yet | [`LaunchTemplate`], or a [`Resource`](crate::infra::Resource) of one's own over `scope.boto3` |

mod address;
mod attachment;
mod cidr;
mod instance;
mod internet_gateway;
mod key_pair;
mod launch_template;
mod route_table;
mod rule;
mod security_group;
mod subnet;
mod tags;
mod volume;
mod vpc;

pub use address::{ElasticIp, ElasticIpOut};
pub use attachment::Attachment;
pub use instance::{Instance, InstanceOut};
pub use internet_gateway::InternetGateway;
pub use key_pair::{KeyPair, KeyPairOut};
pub use launch_template::{LaunchTemplate, LaunchTemplateOut};
pub use route_table::{Route, RouteTable};
pub use rule::Rule;
pub use security_group::SecurityGroup;
pub use subnet::{Subnet, SubnetOut};
pub use tags::Tags;
pub use volume::Volume;
pub use vpc::{Vpc, VpcOut};

use super::aws::found;
use crate::boto3::Error;
use crate::boto3::ec2::Client;
use crate::infra::Input;
use crate::infra::resource::Scope;

/// A call that meets a dependency which goes away by itself is repeated this often, every [`PAUSE`] seconds.
const TRIES: u32 = 24;
const PAUSE: f64 = 5.0;

fn client(scope: &Scope) -> Client {
    scope.boto3.client().ec2()
}

fn missing(what: &str) -> crate::Error {
    crate::Error::other(format!("the service's answer has no {what}"))
}

/// The value of an optional input, which is known when a resource acts.
fn known<'i>(input: Option<&'i Input<String>>, field: &str) -> crate::Result<Option<&'i String>> {
    input.map(|input| Ok(input.required(field)?)).transpose()
}

/// The values of a list of inputs.
fn all_known(inputs: &[Input<String>], field: &str) -> crate::Result<Vec<String>> {
    inputs.iter().map(|input| Ok(input.required(field)?.clone())).collect()
}

/// Removes something. Interfaces of a terminated instance and addresses of a gateway take a while to go: `DependencyViolation` is tried
/// again for two minutes. What is gone already is a success.
async fn remove<T, C>(scope: &Scope, gone: &[&str], call: impl Fn() -> C) -> crate::Result<()>
where
    C: IntoFuture<Output = Result<T, Error>>,
{
    let mut tries = 1;
    loop {
        match call().await {
            Err(error) if error.code() == Some("DependencyViolation") && tries < TRIES => tries += 1,
            answer => return found(answer, gone).map(drop),
        }
        scope.time.sleep(PAUSE).await;
    }
}
