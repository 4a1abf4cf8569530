//! S3 and EC2 in a minute: client, transfer, paginator, presigned URL; resource, waiter, collection.
//!
//! It runs against Amazon in memory, on a virtual clock: nothing is sent, and no second passes.
#![allow(clippy::print_stdout, reason = "an example says what it does")]

use leyden::boto3::ec2::types::{Filter, InstanceStateName, InstanceType, ResourceType, Tag, TagSpecification};
use leyden::boto3::s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Object};
use leyden::prelude::*;

const REGION: &str = "eu-central-1";

/// The client: each operation is a method, its parameters are those of boto3.
fn objects(Batteries { os, boto3, .. }: &Batteries) -> leyden::Result<()> {
    let s3 = boto3.client().region_name(REGION).s3();
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuCentral1).build();
    s3.create_bucket(|create| create.bucket("reports").create_bucket_configuration(place)).wait()?;
    for day in 1..=5 {
        let text = format!("day {day}: all is well\n");
        s3.put_object(|put| put.bucket("reports").key(format!("days/{day}.txt")).body(text.into_bytes().into())).wait()?;
    }

    // Files of any size: in parts, several at once, the download resumed and renamed when it is whole.
    os.write_text("/year.csv", "day,cost\n".repeat(1_000))?;
    s3.upload_file("/year.csv", "reports", "year.csv").extra_args(|put| put.content_type("text/csv")).wait()?;
    s3.download_file("reports", "year.csv", "/copy.csv").wait()?;
    println!("year.csv: {} bytes there and back", os.path.getsize("/copy.csv")?);

    for page in s3.paginate().list_objects_v2(|list| list.bucket("reports").prefix("days/")).page_size(2) {
        let page = page?;
        println!("a page: {:?}", page.contents().iter().filter_map(Object::key).collect::<Vec<_>>());
    }

    let object = s3.get_object(|get| get.bucket("reports").key("days/3.txt")).wait()?;
    for line in s3.body(object).iter_lines() {
        println!("days/3.txt: {}", String::from_utf8_lossy(&line?));
    }
    match s3.get_object(|get| get.bucket("reports").key("days/6.txt")).wait() {
        Err(error) if error.code() == Some("NoSuchKey") => println!("days/6.txt: {error}"),
        other => drop(other?),
    }

    // The same things as objects of a bucket: Python's `boto3.resource("s3")`.
    let bucket = boto3.resource().region_name(REGION).s3().bucket("reports");
    bucket.objects().filter(|list| list.prefix("days/")).delete().wait()?;
    for left in bucket.objects() {
        let left = left?;
        println!("left: {} with {} bytes", left.key(), left.size().wait()?.unwrap_or_default());
    }
    Ok(())
}

/// The resource: instances, volumes and snapshots are objects with attributes and actions.
fn machines(Batteries { boto3, .. }: &Batteries) -> leyden::Result<()> {
    let ec2 = boto3.resource().region_name(REGION).ec2();
    let linux = Filter::builder().name("name").values("al2023-ami-*-x86_64").build();
    let images = ec2.images().filter(|images| images.owners("amazon").filters(linux));
    let image = images.into_iter().next().ok_or_else(|| leyden::Error::other("there is no such image"))??;
    let web = Tag::builder().key("role").value("web").build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Instance).tags(web).build();
    let run = |run: leyden::boto3::ec2::shapes::RunInstancesInputBuilder| {
        run.image_id(image.id()).instance_type(InstanceType::T3Micro).min_count(2).max_count(2).tag_specifications(tags)
    };
    for instance in ec2.create_instances(run).wait()? {
        instance.wait_until_running(|describe| describe).wait()?;
        instance.reload().wait()?;
        println!("{instance:?} at {}", instance.private_ip_address().wait()?.unwrap_or_default());
    }

    // A collection asks when it is gone through; an action on it takes one request a page.
    let role = Filter::builder().name("tag:role").values("web").build();
    let servers = || ec2.instances().filter(|describe| describe.filters(role.clone()));
    for answer in servers().stop().wait()? {
        println!("stopping {}", answer.stopping_instances().len());
    }
    for server in servers() {
        let server = server?;
        server.wait_until_stopped(|describe| describe).wait()?;
        server.reload().wait()?;
        let state = server.state().wait()?.and_then(|state| state.name);
        println!("{} is {}", server.id(), state.as_ref().map_or("gone", InstanceStateName::as_str));
    }
    Ok(())
}

fn main() -> leyden::Result<()> {
    let world = World::new();
    objects(&world.batteries())?;
    machines(&world.batteries())?;
    println!(
        "{} requests, {:?} of virtual time",
        world.script().count("s3") + world.script().count("ec2"),
        world.clock().elapsed()
    );
    Ok(())
}
