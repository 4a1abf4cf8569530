//! An inventory of EC2 instances as CSV: every region, every instance, with its tags.
//!
//!     cargo run --example ec2_inventory --features clap,ec2                             a rehearsal, in memory
//!     ec2_inventory [OPTIONS] <FILE>                                                    the real thing; see --help
//!
//! The file is replaced only if every region has answered: a listing that broke off is not an inventory.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use clap::Parser;
use leyden::boto3::ec2::types::Instance;
use leyden::prelude::*;
use std::process::ExitCode;

/// Write an inventory of EC2 instances.
#[derive(Debug, Parser)]
struct Args {
    /// The CSV file that is written
    file: String,
    /// Only these regions; without any, all that are open to the account
    #[arg(long)]
    region: Vec<String>,
    /// Tags that get a column of their own
    #[arg(long)]
    tag: Vec<String>,
}

fn inventory(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { os, sys, boto3, .. } = batteries;
    let args = Args::try_parse_from(sys.argv())?;
    let regions = if args.region.is_empty() { regions(batteries)? } else { args.region };
    let mut out = csv::Writer::from_writer(Vec::new());
    let columns = ["region", "id", "type", "state", "zone", "private_ip"].into_iter();
    out.write_record(columns.chain(args.tag.iter().map(String::as_str))).other()?;
    let mut count = 0;
    for region in regions {
        let ec2 = boto3.client().region_name(&region).ec2();
        for page in ec2.paginate().describe_instances(|describe| describe) {
            let page = page.context(&region)?;
            for instance in page.reservations().iter().flat_map(|reservation| reservation.instances()) {
                out.write_record(row(&region, instance, &args.tag)).other()?;
                count += 1;
            }
        }
    }
    os.write_bytes(args.file.as_str(), out.into_inner().other()?)?;
    sys.print(format_args!("{count} instances in {}", args.file))?;
    Ok(())
}

fn row(region: &str, instance: &Instance, tags: &[String]) -> Vec<String> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut row = vec![
        region.to_owned(),
        text(instance.instance_id()),
        text(instance.instance_type().map(|kind| kind.as_str())),
        text(instance.state().and_then(|state| state.name()).map(|name| name.as_str())),
        text(instance.placement().and_then(|placement| placement.availability_zone())),
        text(instance.private_ip_address()),
    ];
    row.extend(
        tags.iter().map(|key| text(instance.tags().iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value()))),
    );
    row
}

fn regions(Batteries { boto3, .. }: &Batteries) -> leyden::Result<Vec<String>> {
    let answer = boto3.client().region_name("us-east-1").ec2().describe_regions(|describe| describe).wait()?;
    let mut regions: Vec<String> = answer.regions().iter().filter_map(|region| region.region_name.clone()).collect();
    regions.sort();
    Ok(regions)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(inventory(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(inventory(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    print!("{}", world.os.read("/srv/inventory.csv").map(|csv| String::from_utf8_lossy(&csv).into_owned()).unwrap_or_default());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// Two instances in Paris, one in Frankfurt.
fn rehearsal() -> World {
    let world = World::new();
    world.os.mkdir("/srv");
    world.sys.set_argv(["ec2_inventory", "--tag", "role", "/srv/inventory.csv"]);
    for (region, count, role) in [("eu-west-3", 2, "web, \"front\""), ("eu-central-1", 1, "db")] {
        let image = world.boto3.ec2.add_amazon_image(region, leyden::boto3::ec2::mock::AmazonImage::new("linux"));
        let ec2 = world.batteries().boto3.resource().region_name(region).ec2();
        let made = ec2.create_instances(|run| run.image_id(image).min_count(count).max_count(count)).wait();
        for instance in made.unwrap_or_else(|error| panic!("{error}")) {
            let tag = leyden::boto3::ec2::types::Tag::builder().key("role").value(role).build();
            let tagged = instance.create_tags(|create| create.tags(tag)).wait();
            assert!(tagged.is_ok(), "{tagged:?}");
        }
    }
    world.clock().advance(secs(60));
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::{torture, torture_lasting};

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(inventory(&world.batteries()))
    }

    fn rows(world: &World) -> Vec<Vec<String>> {
        let file = world.os.read("/srv/inventory.csv").unwrap_or_default();
        let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(&file[..]).into_records();
        rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_region_is_listed() {
        let world = rehearsal();
        assert_eq!(code(&world), 0, "{}", world.sys.stderr());
        let rows = rows(&world);
        assert_eq!(rows[0], ["region", "id", "type", "state", "zone", "private_ip", "role"]);
        assert_eq!(rows.len(), 4);
        assert_eq!((rows[1][0].as_str(), rows[1][3].as_str(), rows[1][6].as_str()), ("eu-central-1", "running", "db"));
        assert_eq!((rows[3][0].as_str(), rows[3][6].as_str()), ("eu-west-3", "web, \"front\""));
    }

    #[test]
    fn one_region_without_tags() {
        let world = rehearsal();
        world.sys.set_argv(["ec2_inventory", "--region", "eu-west-3", "/srv/inventory.csv"]);
        assert_eq!((code(&world), rows(&world).len(), rows(&world)[0].len()), (0, 3, 6));
    }

    fn two_instances(world: &World) {
        world.sys.set_argv(["ec2_inventory", "--region", "eu-west-3", "--region", "eu-central-1", "/srv/inventory.csv"]);
        world.os.write("/srv/inventory.csv", "old\n");
        for region in ["eu-west-3", "eu-central-1"] {
            let image = world.boto3.ec2.add_amazon_image(region, leyden::boto3::ec2::mock::AmazonImage::new("linux"));
            let ec2 = world.batteries().boto3.resource().region_name(region).ec2();
            ec2.create_instances(|run| run.image_id(image).min_count(1).max_count(1)).wait().unwrap();
        }
    }

    fn whole_or_old(world: &World, result: &leyden::Result<()>) -> Result<(), String> {
        match (rows(world).len(), result.is_ok()) {
            (3, _) | (1, false) => Ok(()),
            (rows, ok) => Err(format!("{rows} rows, success {ok}")),
        }
    }

    #[test]
    fn whatever_fails_the_file_is_whole_or_the_old_one() {
        torture(two_instances, inventory, whole_or_old).assert_ok();
        torture_lasting(two_instances, inventory, whole_or_old).assert_ok();
    }
}
