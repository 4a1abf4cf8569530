//! What EC2 answers: in memory, and moto over the wire. Where moto is known to differ from Amazon's documentation, the case says so.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_ec2::types::{
    DomainType, Filter, Instance, InstanceType, NetworkInterface, ResourceType, RouteTable, Tag, TagSpecification,
};
use leyden::boto3::{Error, ec2::Client};
use leyden::{Batteries, Wait, World};

/// Makes `mock::case` and `moto::case` of each case.
macro_rules! on_mock_and_moto {
    ([$($case:ident),+ $(,)?]) => {
        mod mock {
            $(#[test] fn $case() { super::$case(&crate::conformance::boto3_ec2::Lab::mock()) })+
        }
        mod moto {
            $(#[test] #[ignore = "needs moto_server"] fn $case() { super::$case(&crate::conformance::boto3_ec2::Lab::moto()) })+
        }
    };
}
pub(super) use on_mock_and_moto;

/// Makes `mock::case` of each case: what moto has not, as `why` says.
macro_rules! on_mock {
    ($why:literal, [$($case:ident),+ $(,)?]) => {
        mod mock {
            $(#[test] fn $case() { super::$case(&crate::conformance::boto3_ec2::Lab::mock()) })+
        }
    };
}
pub(super) use on_mock;

#[test]
fn no_credentials() {
    let world = World::new();
    world.boto3.ec2.no_credentials(true);
    let client = || world.batteries().boto3.client().region_name("us-east-1");
    let error = client().ec2().describe_instances(|which| which).wait().unwrap_err();
    assert!(matches!(error, Error::NoCredentials { operation: "describe_instances", .. }), "{error:?}");
    let given = client().aws_access_key_id("test").aws_secret_access_key("test").ec2();
    assert!(given.describe_instances(|which| which).wait().is_ok());
    world.boto3.ec2.no_credentials(false);
    assert!(client().ec2().describe_instances(|which| which).wait().is_ok());
}

#[test]
fn the_coverage_table_is_up_to_date() {
    let not_modelled = leyden::boto3::ec2::mock::NOT_MODELLED;
    crate::support::coverage::check("EC2", "ec2", |operation| !not_modelled.contains(&operation));
}

/// An account of EC2, as new.
pub struct Lab {
    pub ec2: Client,
    world: Option<World>,
    _turn: Option<MutexGuard<'static, ()>>,
}

/// moto has one account: one case at a time.
static TURN: Mutex<()> = Mutex::new(());

/// A word to moto beside EC2: to its own interface, or to its IAM.
fn tell_moto(path: &str, body: &str) {
    let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO says where moto_server is");
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let scope = "Credential=test/20200101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none";
    write!(stream, "POST {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: AWS4-HMAC-SHA256 {scope}\r\n").unwrap();
    write!(stream, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 200 "), "{answer}");
}

impl Lab {
    pub fn mock() -> Lab {
        let world = World::new();
        let client = world.batteries().boto3.client().region_name("us-east-1");
        Lab { ec2: client.aws_access_key_id("test").aws_secret_access_key("test").ec2(), world: Some(world), _turn: None }
    }

    pub fn moto() -> Lab {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO says where moto_server is");
        tell_moto("/moto-api/reset", "");
        let client = Batteries::included().boto3.client().region_name("us-east-1").endpoint_url(&url);
        Lab { ec2: client.aws_access_key_id("test").aws_secret_access_key("test").ec2(), world: None, _turn: Some(turn) }
    }

    /// What takes time has come to its end. moto takes none.
    pub fn settle(&self) {
        if let Some(world) = &self.world {
            world.clock().advance(Duration::from_secs(600));
        }
    }

    /// If this answers as Amazon documents it. moto does not, in what `why` says.
    pub fn as_amazon(&self, why: &str) -> bool {
        assert!(!why.is_empty());
        self.world.is_some()
    }

    /// The world of the fake.
    pub fn world(&self) -> &World {
        self.world.as_ref().expect("a case for the fake alone")
    }

    /// There is an instance profile of this name. In the fake every one is.
    pub fn profile(&self, name: &str) {
        if self.world.is_none() {
            tell_moto("/", &format!("Action=CreateInstanceProfile&Version=2010-05-08&InstanceProfileName={name}"));
        }
    }

    /// An image that can be started.
    pub fn image(&self) -> String {
        let images = self.ec2.describe_images(|images| {
            images.owners("amazon").filters(filter("architecture", ["x86_64"])).filters(filter("root-device-type", ["ebs"]))
        });
        let images = images.wait().unwrap().images.unwrap();
        images.iter().find(|image| image.platform.is_none()).unwrap().image_id.clone().unwrap()
    }

    /// Instances that run.
    pub fn run(&self, count: i32) -> Vec<String> {
        let image = self.image();
        let run = self
            .ec2
            .run_instances(|run| run.image_id(image).instance_type(InstanceType::T2Micro).min_count(count).max_count(count));
        let ids = run.wait().unwrap().instances.unwrap().into_iter().map(|instance| instance.instance_id.unwrap()).collect();
        self.settle();
        ids
    }

    pub fn run_one(&self) -> String {
        self.run(1).remove(0)
    }

    pub fn instance(&self, id: &str) -> Instance {
        let answer = self.ec2.describe_instances(|which| which.instance_ids(id)).wait().unwrap();
        answer.reservations.unwrap().remove(0).instances.unwrap().remove(0)
    }

    pub fn state(&self, id: &str) -> String {
        self.instance(id).state.unwrap().name.unwrap().as_str().to_owned()
    }

    pub fn default_vpc(&self) -> String {
        let vpcs = self.ec2.describe_vpcs(|vpcs| vpcs.filters(filter("is-default", ["true"]))).wait().unwrap();
        vpcs.vpcs.unwrap().remove(0).vpc_id.unwrap()
    }

    pub fn vpc(&self, block: &str) -> String {
        self.ec2.create_vpc(|vpc| vpc.cidr_block(block)).wait().unwrap().vpc.unwrap().vpc_id.unwrap()
    }

    pub fn subnet(&self, vpc: &str, block: &str) -> String {
        let made = self.ec2.create_subnet(|subnet| subnet.vpc_id(vpc).cidr_block(block)).wait().unwrap();
        made.subnet.unwrap().subnet_id.unwrap()
    }

    /// A subnet in a zone that is not us-east-1a.
    pub fn subnet_in(&self, vpc: &str, block: &str, zone: &str) -> String {
        let made = self.ec2.create_subnet(|subnet| subnet.vpc_id(vpc).cidr_block(block).availability_zone(zone)).wait().unwrap();
        made.subnet.unwrap().subnet_id.unwrap()
    }

    /// An interface that no instance has.
    pub fn interface(&self, subnet: &str) -> String {
        let made = self.ec2.create_network_interface(|nic| nic.subnet_id(subnet)).wait().unwrap();
        made.network_interface.unwrap().network_interface_id.unwrap()
    }

    pub fn described_interface(&self, id: &str) -> NetworkInterface {
        let answer = self.ec2.describe_network_interfaces(|which| which.network_interface_ids(id)).wait().unwrap();
        answer.network_interfaces.unwrap().remove(0)
    }

    /// A VPC with a way out.
    pub fn vpc_with_gateway(&self, block: &str) -> String {
        let vpc = self.vpc(block);
        let made = self.ec2.create_internet_gateway(|gateway| gateway).wait().unwrap().internet_gateway.unwrap();
        self.ec2.attach_internet_gateway(|to| to.vpc_id(&vpc).set_internet_gateway_id(made.internet_gateway_id)).wait().unwrap();
        vpc
    }

    pub fn route_table(&self, vpc: &str) -> String {
        let made = self.ec2.create_route_table(|table| table.vpc_id(vpc)).wait().unwrap();
        made.route_table.unwrap().route_table_id.unwrap()
    }

    pub fn described_table(&self, id: &str) -> RouteTable {
        self.ec2.describe_route_tables(|which| which.route_table_ids(id)).wait().unwrap().route_tables.unwrap().remove(0)
    }

    /// An elastic address.
    pub fn allocation(&self) -> String {
        self.ec2.allocate_address(|address| address.domain(DomainType::Vpc)).wait().unwrap().allocation_id.unwrap()
    }

    /// The same account in another region.
    pub fn abroad(&self, region: &str) -> Client {
        let clients = match &self.world {
            Some(world) => world.batteries().boto3.client(),
            None => Batteries::included().boto3.client().endpoint_url(std::env::var("LEYDEN_MOTO").unwrap()),
        };
        clients.region_name(region).aws_access_key_id("test").aws_secret_access_key("test").ec2()
    }

    pub fn volume(&self, size: i32) -> String {
        let made = self.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(size)).wait().unwrap();
        self.settle();
        made.volume_id.unwrap()
    }
}

pub fn filter<const N: usize>(name: &str, values: [&str; N]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.map(str::to_owned).to_vec())).build()
}

pub fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// A tag for what an operation makes.
pub fn named(kind: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).tags(tag("Name", name)).build()
}

/// The code of a refusal.
pub fn code<T: Debug>(answer: Result<T, Error>) -> String {
    answer.unwrap_err().code().unwrap_or("no code").to_owned()
}
