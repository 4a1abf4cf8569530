//! Tags the EC2 servers of each region: Paris is production, Frankfurt is development.
//!
//!     cargo run --example tag_servers --features ec2                    a rehearsal, in memory
//!     tag_servers [--dry-run] [--key KEY] REGION=VALUE ..               the real thing
//!
//! `tag_servers eu-west-3=prod eu-central-1=dev` gives the servers the tag `environment`, or `KEY`. Those that have it are left alone,
//! so a second run changes nothing. The exit code is 1 if a region failed; the others are done all the same.
//!
//! The Python original:
//!
//! ```python
//! def tag_region(region, key, value, dry_run):
//!     ec2 = boto3.resource("ec2", region_name=region)
//!     living = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
//!     tag = {"Key": key, "Value": value}
//!     servers = [i.id for i in ec2.instances.filter(Filters=living) if tag not in (i.tags or [])]
//!     if servers and not dry_run:
//!         ec2.create_tags(Resources=servers, Tags=[tag])
//!     for server in servers:
//!         print(f"{region}: {server} {'would be' if dry_run else 'is'} {key}={value}")
//!     if not servers:
//!         print(f"{region}: nothing to do")
//!
//! failed = False
//! for region, value in (place.split("=", 1) for place in args.places):
//!     try:
//!         tag_region(region, args.key, value, args.dry_run)
//!     except (BotoCoreError, ClientError) as error:
//!         print(f"{region}: {error}", file=sys.stderr)
//!         failed = True
//! sys.exit(1 if failed else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::boto3::ec2::types::{Filter, Tag};
use leyden::prelude::*;
use std::process::ExitCode;

const USAGE: &str = "usage: tag_servers [--dry-run] [--key KEY] REGION=VALUE ..";

fn tag(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { sys, .. } = batteries;
    let mut args: Vec<String> = sys.argv().iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let dry_run = args.iter().any(|arg| arg == "--dry-run");
    args.retain(|arg| arg != "--dry-run");
    let mut key = "environment".to_owned();
    if let [option, value, ..] = &args[..]
        && option == "--key"
    {
        key = value.clone();
        args.drain(..2);
    }
    let places: Option<Vec<(&str, &str)>> = args.iter().map(|place| place.split_once('=')).collect();
    let Some(places) = places.filter(|places| !places.is_empty() && !args.iter().any(|arg| arg.starts_with('-'))) else {
        match sys.exit(USAGE)? {}
    };

    let mut failed = false;
    for (region, value) in places {
        if let Err(error) = tag_region(batteries, region, (&key, value), dry_run) {
            sys.stderr.write(&format!("{region}: {error}\n"))?;
            failed = true;
        }
    }
    if failed {
        sys.exit(1)?;
    }
    Ok(())
}

fn tag_region(
    Batteries { sys, boto3, .. }: &Batteries,
    region: &str,
    (key, value): (&str, &str),
    dry_run: bool,
) -> leyden::Result<()> {
    let ec2 = boto3.resource().region_name(region).ec2();
    let states = ["pending", "running", "stopping", "stopped"].map(str::to_owned);
    let living = Filter::builder().name("instance-state-name").set_values(Some(states.into())).build();
    let tag = Tag::builder().key(key).value(value).build();
    let mut servers = Vec::new();
    for instance in ec2.instances().filter(|describe| describe.filters(living)) {
        let instance = instance?;
        if !instance.tags().wait()?.contains(&tag) {
            servers.push(instance.id().to_owned());
        }
    }
    // Amazon takes 1,000 at a time.
    for servers in servers.chunks(1_000) {
        if !dry_run {
            ec2.create_tags(|create| create.set_resources(Some(servers.to_vec())).tags(tag.clone())).wait()?;
        }
        for server in servers {
            let is = if dry_run { "would be" } else { "is" };
            sys.stdout.write(&format!("{region}: {server} {is} {key}={value}\n"))?;
        }
    }
    if servers.is_empty() {
        sys.stdout.write(&format!("{region}: nothing to do\n"))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(tag(&real));
    }
    let world = rehearsal();
    for run in ["the first run", "the second run"] {
        let code = world.batteries().sys.status_of(tag(&world.batteries()));
        println!("{run}: exit code {code}");
    }
    print!("{}", world.sys.stdout());
    ExitCode::SUCCESS
}

/// Two servers in Paris, one in Frankfurt.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["tag_servers", "eu-west-3=prod", "eu-central-1=dev"]);
    launch(&world, "eu-west-3", 2);
    launch(&world, "eu-central-1", 1);
    world
}

fn launch(world: &World, region: &str, count: i32) {
    let image = world.boto3.ec2.add_amazon_image(region, leyden::boto3::ec2::mock::AmazonImage::new("linux"));
    let ec2 = world.batteries().boto3.resource().region_name(region).ec2();
    let run = ec2.create_instances(|run| run.image_id(image).min_count(count).max_count(count)).wait();
    assert!(run.is_ok(), "{run:?}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(tag(&world.batteries()))
    }

    /// The values of a tag, of all servers of a region.
    fn values(world: &World, region: &str, key: &str) -> Vec<Option<String>> {
        let ec2 = world.batteries().boto3.resource().region_name(region).ec2();
        let tags = ec2.instances().into_iter().map(|instance| instance.unwrap().tags().wait().unwrap());
        tags.map(|tags| tags.into_iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value)).collect()
    }

    #[test]
    fn each_region_gets_its_tag_and_a_second_run_changes_nothing() {
        let world = rehearsal();
        assert_eq!(code(&world), 0);
        let prod = Some("prod".to_owned());
        assert_eq!(values(&world, "eu-west-3", "environment"), [prod.clone(), prod]);
        assert_eq!(values(&world, "eu-central-1", "environment"), [Some("dev".to_owned())]);
        world.script().clear();
        assert_eq!((code(&world), world.script().count("ec2.create_tags")), (0, 0));
    }

    #[test]
    fn a_dry_run_changes_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["tag_servers", "--dry-run", "--key", "team", "eu-central-1=ops"]);
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().ends_with("would be team=ops\n"), "{}", world.sys.stdout());
        assert_eq!(values(&world, "eu-central-1", "team"), [None]);
    }

    #[test]
    fn a_region_that_refuses_keeps_no_other_waiting() {
        let world = rehearsal();
        let refusal = ClientError::new("CreateTags", 403, "UnauthorizedOperation", "You are not authorized.");
        world.script().fail_next("ec2.create_tags", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().starts_with("eu-west-3: ") && world.sys.stderr().contains("UnauthorizedOperation"));
        assert_eq!(values(&world, "eu-central-1", "environment"), [Some("dev".to_owned())]);
    }

    #[test]
    fn what_is_terminated_needs_no_tag() {
        let world = rehearsal();
        world.batteries().boto3.resource().region_name("eu-west-3").ec2().instances().terminate().wait().unwrap();
        world.clock().advance(secs(60));
        assert_eq!(code(&world), 0);
        assert!(world.sys.stdout().starts_with("eu-west-3: nothing to do\n"), "{}", world.sys.stdout());
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec![], vec!["--dry-run"], vec!["eu-west-3"], vec!["--key", "team"], vec!["--kye", "eu-west-3=prod"]] {
            let world = World::new();
            world.sys.set_argv([vec!["tag_servers"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }
}
