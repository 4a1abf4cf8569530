//! Networks, machines and disks of EC2: in memory, and over moto where LEYDEN_MOTO names a server.

mod adoption;
mod drift;
mod life;
mod rules;

use std::time::Duration;

use leyden::boto3::Boto3;
use leyden::boto3::ec2::Client;
use leyden::infra::resources::ec2::{
    Attachment, ElasticIp, Instance, InternetGateway, KeyPair, LaunchTemplate, RouteTable, Rule, SecurityGroup, Subnet, Volume,
    Vpc,
};
use leyden::infra::{Declare, Infra, Plan, State};
use leyden::prelude::*;

use crate::conformance::boto3_ec2::Lab as Service;

pub const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdYKKcgH0RjRvcPLKbEfyBTzCxIi3hQ1Q2z8eDVGWeC me@here";

/// Batteries with an EC2 of their own. The state is in the world's files.
pub struct Lab {
    pub world: World,
    pub batteries: Batteries,
    pub ec2: Client,
    pub image: String,
    moto: Option<Service>,
}

impl Lab {
    pub fn mock() -> Lab {
        let world = World::new();
        world.os.set_environ([("AWS_DEFAULT_REGION", "us-east-1")]);
        let batteries = world.batteries();
        Lab::of(world, batteries, None)
    }

    pub fn moto() -> Lab {
        let service = Service::moto();
        let world = World::new();
        let mut batteries = world.batteries();
        let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO names no server: see .ci/run");
        for (name, value) in [
            ("AWS_ENDPOINT_URL", url.trim_end_matches('/')),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ] {
            batteries.os.environ.set(name, value).unwrap();
        }
        // The clock of the machine: a server that answers takes real time.
        batteries.boto3 = Boto3::native(batteries.os.clone(), Batteries::included().time);
        Lab::of(world, batteries, Some(service))
    }

    fn of(world: World, batteries: Batteries, moto: Option<Service>) -> Lab {
        let ec2 = batteries.boto3.client().ec2();
        let images = ec2.describe_images(|images| images.owners("amazon").filter("architecture", ["x86_64"])).wait().unwrap();
        let linux = images.images().iter().find(|image| image.platform().is_none()).unwrap();
        let image = linux.image_id().unwrap().to_owned();
        Lab { world, batteries, ec2, image, moto }
    }

    /// True if this answers as Amazon documents it; moto does not, in what `why` describes.
    pub fn as_amazon(&self, why: &str) -> bool {
        assert!(!why.is_empty());
        self.moto.is_none()
    }

    /// What takes time has come to its end.
    pub fn settle(&self) {
        self.world.clock().advance(Duration::from_secs(8 * 3600));
    }

    pub fn infra(&self) -> Infra {
        Infra::new("ec2", State::file("/ec2.json"))
    }

    pub fn plan(&self, declare: impl Fn(&Declare) -> leyden::Result<()>) -> Plan {
        self.infra().plan(&self.batteries, declare).wait().unwrap()
    }

    /// Applies, and plans again: nothing is left to do.
    pub fn apply(&self, declare: impl Fn(&Declare) -> leyden::Result<()>) -> String {
        let plan = self.plan(&declare);
        let done = plan.apply(&self.batteries).wait().unwrap().to_string();
        let again = self.plan(&declare);
        assert!(again.is_empty(), "a second plan is not empty:\n{again}");
        done
    }

    pub fn destroy(&self) {
        self.infra().destroy(&self.batteries).wait().unwrap().apply(&self.batteries).wait().unwrap();
    }

    /// The id that the state has for an address.
    pub fn id(&self, address: &str) -> String {
        self.infra().state(&self.batteries).show(address).wait().unwrap().id.unwrap().to_string()
    }

    /// Everything that there is of the kinds that [`stack`] makes, beside what a new account has.
    pub fn inventory(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut add = |kind: &str, id: Option<&str>| all.push(format!("{kind} {}", id.unwrap_or("?")));
        let vpcs = self.ec2.describe_vpcs(|vpcs| vpcs.filter("is-default", ["false"])).wait().unwrap();
        vpcs.vpcs().iter().for_each(|vpc| add("vpc", vpc.vpc_id()));
        let subnets = self.ec2.describe_subnets(|subnets| subnets.filter("default-for-az", ["false"])).wait().unwrap();
        subnets.subnets().iter().for_each(|subnet| add("subnet", subnet.subnet_id()));
        let default = self.ec2.describe_vpcs(|vpcs| vpcs.filter("is-default", ["true"])).wait().unwrap();
        let default = default.vpcs().first().and_then(|vpc| vpc.vpc_id()).unwrap_or_default().to_owned();
        let gateways = self.ec2.describe_internet_gateways(|gateways| gateways).wait().unwrap();
        let own =
            gateways.internet_gateways().iter().filter(|one| one.attachments().iter().all(|to| to.vpc_id() != Some(&default)));
        own.for_each(|gateway| add("gateway", gateway.internet_gateway_id()));
        let tables = self.ec2.describe_route_tables(|tables| tables).wait().unwrap();
        let own = tables.route_tables().iter().filter(|table| table.associations().iter().all(|to| to.main() != Some(true)));
        own.for_each(|table| add("table", table.route_table_id()));
        let groups = self.ec2.describe_security_groups(|groups| groups).wait().unwrap();
        let own = groups.security_groups().iter().filter(|group| group.group_name() != Some("default"));
        own.for_each(|group| add("group", group.group_id()));
        let keys = self.ec2.describe_key_pairs(|keys| keys).wait().unwrap();
        keys.key_pairs().iter().for_each(|key| add("key", key.key_name()));
        let templates = self.ec2.describe_launch_templates(|templates| templates).wait().unwrap();
        templates.launch_templates().iter().for_each(|template| add("template", template.launch_template_name()));
        let alive = ["pending", "running", "stopping", "stopped"];
        let instances = self.ec2.describe_instances(|which| which.filter("instance-state-name", alive)).wait().unwrap();
        let each = instances.reservations().iter().flat_map(|reservation| reservation.instances());
        each.for_each(|instance| add("instance", instance.instance_id()));
        let volumes =
            self.ec2.describe_volumes(|volumes| volumes.filter("status", ["creating", "available", "in-use"])).wait().unwrap();
        // Root volumes come and go with their instances.
        let own = volumes
            .volumes()
            .iter()
            .filter(|volume| volume.attachments().iter().all(|to| to.delete_on_termination() != Some(true)));
        own.for_each(|volume| add("volume", volume.volume_id()));
        let addresses = self.ec2.describe_addresses(|addresses| addresses).wait().unwrap();
        addresses.addresses().iter().for_each(|address| add("address", address.allocation_id()));
        all.sort();
        all
    }
}

/// One object of each kind and more; the second version updates, replaces, adds and deletes.
pub fn stack(image: &str, version: u16) -> impl Fn(&Declare) -> leyden::Result<()> + use<> {
    let image = image.to_owned();
    move |declare: &Declare| {
        let (v, first) = (version.to_string(), version == 1);
        let vpc = declare.add("vpc", Vpc::new("10.7.0.0/16").dns_hostnames().named("lab").tag("version", &v))?;
        let public = declare.add("public", Subnet::new(vpc.id(), "10.7.0.0/24").zone("us-east-1a").public_addresses())?;
        let spare = declare.add("spare", Subnet::new(vpc.id(), format!("10.7.{version}.0/24")).zone("us-east-1b"))?;
        let gateway = declare.add("gateway", InternetGateway::new(vpc.id()).tag("version", &v))?;
        let routes = RouteTable::new(vpc.id()).route("0.0.0.0/0", gateway.id()).subnet(public.id());
        let routes = if first { routes } else { routes.subnet(spare.id()).route("192.168.0.0/16", gateway.id()) };
        declare.add("routes", routes)?;
        let web = SecurityGroup::new("web").vpc(vpc.id()).ingress(443).ingress(Rule::all().from("self"));
        let web = web.ingress(Rule::tcp(8000 + version).from("10.0.0.0/8").description(format!("version {v}")));
        let web = declare.add("web", web)?;
        let db = SecurityGroup::new("db").vpc(vpc.id()).ingress(Rule::tcp(5432).from(web.id()));
        declare.add("db", if first { db.no_egress() } else { db.egress(Rule::udp(53).to("10.0.0.0/8")) })?;
        let key = declare.add("key", KeyPair::new("lab", KEY).tag("version", &v))?;
        let template = LaunchTemplate::new("lab").image(image.as_str()).instance_type("t3.micro").group(web.id());
        declare.add("template", template.user_data(format!("#!/bin/sh\necho {v}\n")).instance_tag("version", &v))?;
        let machine = Instance::new(image.as_str(), if first { "t3.micro" } else { "t3.small" });
        let machine = machine
            .subnet(public.id())
            .group(web.id())
            .key(key.attr::<String>("key_name"))
            .user_data("#!/bin/sh\ntrue\n")
            .named("app");
        let app = declare.add("app", machine.tag("version", &v))?.after(&gateway);
        let data = declare.add("data", Volume::new("us-east-1a", 8 * i32::from(version)).named("data"))?;
        declare.add("disk", Attachment::new(data.id(), app.id(), "/dev/sdf"))?;
        declare.add("address", ElasticIp::new().instance(app.id()).tag("version", &v))?;
        declare.add(("only", version), Volume::new("us-east-1b", 1).tag("version", &v))?;
        declare.output("ip", app.out(|out| &out.private_ip))?;
        Ok(())
    }
}

/// How many objects [`stack`] declares.
pub const OBJECTS: usize = 14;

macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        mod mock {
            $(#[test] fn $case() { super::$case(&crate::infra::ec2::Lab::mock()) })+
        }
        mod moto {
            $(#[test] #[ignore = "needs moto_server: LEYDEN_MOTO"] fn $case() { super::$case(&crate::infra::ec2::Lab::moto()) })+
        }
    };
}
pub(crate) use cases;
