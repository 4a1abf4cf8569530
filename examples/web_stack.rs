//! A small website in the cloud as declared: a network, a firewall, two machines, a bucket, a zone file, and files on the machines.
//!
//!     cargo run --example web_stack --features infra,ec2,s3,fabric          a rehearsal, in memory
//!     web_stack plan|apply|destroy STATE                                    in the account of the environment
//!
//! The Python original is a script with boto3 that asks before each call whether the thing exists, and cannot tell what it made last
//! month. Here the state can: a second run does nothing, what was changed by hand is shown and put right, `destroy` leaves nothing.
//!
//! ```python
//! found = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["Vpcs"]
//! vpc = found[0] if found else ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=[...])["Vpc"]
//! # .. and so on, for each of eleven objects, and nothing for the way back
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::infra::host::{Directory, File};
use leyden::infra::resources::ec2::{Instance, InternetGateway, RouteTable, Rule, SecurityGroup, Subnet, Vpc};
use leyden::infra::resources::s3::{Bucket, Object};
use leyden::infra::{Declare, Infra, Input, State};
use leyden::prelude::*;

const ZONES: [&str; 2] = ["a", "b"];

/// What there is to be.
fn shop(declare: &Declare) -> leyden::Result<()> {
    let region: String = declare.variable("region").default("us-east-1").get()?;
    let image: String = declare.variable("image").get()?;
    let greeting: String = declare.variable("greeting").default("Welcome").get()?;

    let vpc = declare.add("vpc", Vpc::new("10.20.0.0/16").dns_hostnames().named("shop"))?;
    let gateway = declare.add("gateway", InternetGateway::new(vpc.id()).named("shop"))?;
    let web = SecurityGroup::new("shop-web").description("Web servers of the shop").vpc(vpc.id());
    let web = declare.add("web", web.ingress(443).ingress(Rule::tcp(22).from("10.20.0.0/16").description("from inside")))?;

    let assets = declare.add("assets", Bucket::new("shop-assets").block_public_access().delete_contents())?;
    declare.add("page", Object::new(assets.id(), "index.html", format!("<h1>{greeting}</h1>\n")).content_type("text/html"))?;

    let mut routes = RouteTable::new(vpc.id()).route("0.0.0.0/0", gateway.id()).named("shop");
    let mut addresses = Vec::new();
    for (number, zone) in ZONES.into_iter().enumerate() {
        let subnet = Subnet::new(vpc.id(), format!("10.20.{number}.0/24")).zone(format!("{region}{zone}")).public_addresses();
        let subnet = declare.add(("subnet", zone), subnet.named(format!("shop-{zone}")))?;
        routes = routes.subnet(subnet.id());
        let machine = Instance::new(image.as_str(), "t3.micro").subnet(subnet.id()).group(web.id()).named(format!("shop-{zone}"));
        // Its public address has to go before the gateway can.
        let machine = declare.add(("server", zone), machine)?.after(&gateway);
        addresses.push((zone, machine.out(|out| &out.private_ip)));
        let motd = File::new("/etc/motd", format!("{greeting} to shop-{zone}.\n")).on(format!("shop-{zone}"));
        declare.add(("motd", zone), motd)?.after(&machine);
    }
    declare.add("routes", routes)?;

    let zone_file = addresses.into_iter().fold(Input::from("$ORIGIN shop.internal.\n".to_owned()), |text, (zone, address)| {
        let line = address.map(move |address| format!("web-{zone} A {}\n", address.unwrap_or_default()));
        text.zip(line).map(|(text, line)| text + &line)
    });
    let dns = declare.add("dns", Directory::new("/srv/dns"))?;
    declare.add("zone", File::new("/srv/dns/shop.zone", zone_file))?.after(&dns);
    declare.output("bucket", assets.out(|out| &out.arn))?;
    Ok(())
}

/// The newest image of Amazon Linux.
fn newest_image(Batteries { boto3, .. }: &Batteries) -> leyden::Result<String> {
    let ec2 = boto3.client().ec2();
    let images = ec2.describe_images(|images| images.owners("amazon").filter("name", ["al2023-ami-2023*-x86_64"])).wait()?;
    let newest = images.images().iter().max_by_key(|image| image.creation_date());
    let id = newest.and_then(|image| image.image_id()).ok_or_else(|| leyden::Error::other("no image of Amazon Linux 2023"))?;
    Ok(id.to_owned())
}

fn infra(batteries: &Batteries, state: &str, greeting: &str) -> leyden::Result<Infra> {
    let fabric = batteries.fabric.clone();
    let hosts = move |host: &str| Ok(fabric.connection(host).batteries().wait()?);
    let infra = Infra::new("shop", State::file(state)).hosts(hosts);
    Ok(infra.variable("image", newest_image(batteries)?).variable("greeting", greeting))
}

fn run(batteries: &Batteries, state: &str, greeting: &str, command: &str) -> leyden::Result<()> {
    let request = infra(batteries, state, greeting)?.plan(batteries, shop);
    let plan = if command == "destroy" { request.destroy().wait()? } else { request.wait()? };
    print!("{plan}");
    if command != "plan" && !plan.is_empty() {
        let done = plan.apply(batteries).progress(|event| println!("{event}")).wait()?;
        print!("\n{done}");
    }
    Ok(())
}

/// The whole life of the shop, in memory.
fn rehearse() -> leyden::Result<()> {
    let world = cloud();
    let batteries = world.batteries();
    println!("# The first apply");
    run(&batteries, "/shop.json", "Welcome", "apply")?;
    println!("\n# The second");
    run(&batteries, "/shop.json", "Welcome", "apply")?;
    println!("\n# After a hand opened a port, stopped a machine and edited a file");
    by_hand(&world, &batteries)?;
    run(&batteries, "/shop.json", "Welcome", "apply")?;
    println!("\n# Another greeting");
    run(&batteries, "/shop.json", "Willkommen", "apply")?;
    println!("\n# The end");
    run(&batteries, "/shop.json", "Willkommen", "destroy")
}

/// Two machines that answer over SSH once they run, and a directory for zone files, a region.
fn cloud() -> World {
    let world = World::new();
    arrange(&world);
    world
}

fn arrange(world: &World) {
    world.os.mkdir("/srv");
    world.os.set_environ([("AWS_DEFAULT_REGION", "us-east-1")]);
    for zone in ZONES {
        world.fabric.host(format!("shop-{zone}")).os.mkdir("/etc");
    }
}

fn by_hand(world: &World, Batteries { boto3, .. }: &Batteries) -> leyden::Result<()> {
    use leyden::boto3::ec2::types::{IpPermission, IpRange, Reservation};
    let ec2 = boto3.client().ec2();
    let groups = ec2.describe_security_groups(|groups| groups.filter("group-name", ["shop-web"])).wait()?;
    let group = groups.security_groups().iter().find_map(|group| group.group_id()).unwrap_or_default().to_owned();
    let everywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let telnet = IpPermission::builder().ip_protocol("tcp").from_port(23).to_port(23).ip_ranges(everywhere).build();
    ec2.authorize_security_group_ingress(|allow| allow.group_id(group).ip_permissions(telnet)).wait()?;
    let machines = ec2.describe_instances(|which| which.filter("tag:Name", ["shop-b"])).wait()?;
    let machine = machines.reservations().iter().flat_map(Reservation::instances).find_map(|one| one.instance_id());
    ec2.stop_instances(|stop| stop.instance_ids(machine.unwrap_or_default())).wait()?;
    world.fabric.host("shop-a").os.write("/etc/motd", "owned\n");
    Ok(())
}

fn main() -> std::process::ExitCode {
    let batteries = Batteries::included();
    let arguments = batteries.sys.args();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => rehearse(),
        [command @ ("plan" | "apply" | "destroy"), state] => {
            // Ctrl-C finishes what runs, and keeps the state.
            batteries.sys.on_interrupt().map_err(leyden::Error::from).and_then(|()| run(&batteries, state, "Welcome", command))
        }
        _ => Err(leyden::Error::other("usage: web_stack plan|apply|destroy STATE")),
    };
    batteries.sys.finish(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_plan_is_empty_and_drift_is_put_right() {
        let world = cloud();
        let batteries = world.batteries();
        run(&batteries, "/shop.json", "Welcome", "apply").unwrap();
        let infra = infra(&batteries, "/shop.json", "Welcome").unwrap();
        assert!(infra.plan(&batteries, shop).wait().unwrap().is_empty());
        assert_eq!(world.fabric.host("shop-b").os.read_text("/etc/motd").unwrap(), "Welcome to shop-b.\n");
        let zone = world.os.read_text("/srv/dns/shop.zone").unwrap();
        assert!(zone.lines().count() == 3 && zone.contains("web-a A 10.20.0."), "{zone}");
        by_hand(&world, &batteries).unwrap();
        let plan = infra.plan(&batteries, shop).wait().unwrap();
        assert_eq!((plan.summary().add, plan.summary().change, plan.summary().destroy), (0, 3, 0), "{plan}");
        plan.apply(&batteries).wait().unwrap();
        assert!(infra.plan(&batteries, shop).wait().unwrap().is_empty());
    }

    #[test]
    fn destroying_it_leaves_nothing() {
        let world = cloud();
        let batteries = world.batteries();
        run(&batteries, "/shop.json", "Welcome", "apply").unwrap();
        run(&batteries, "/shop.json", "Welcome", "destroy").unwrap();
        let ec2 = batteries.boto3.client().ec2();
        assert_eq!(ec2.describe_vpcs(|vpcs| vpcs).wait().unwrap().vpcs().len(), 1, "the default one");
        assert!(world.boto3.s3.buckets().is_empty() && !world.os.exists("/srv/dns"));
        assert!(!world.fabric.host("shop-a").os.exists("/etc/motd"));
    }
}
