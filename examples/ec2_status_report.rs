//! Reports how the EC2 instances are: their state, Amazon's two status checks, and what Amazon has announced.
//!
//!     cargo run --example ec2_status_report --features ec2              a rehearsal, in memory
//!     ec2_status_report --all-regions                                   the real thing
//!     ec2_status_report --region REGION [--region REGION ..]
//!
//! The exit code is 1 if an instance fails a check, if Amazon wants to reboot or retire one, or if a region cannot be asked; the others
//! are reported all the same. Credentials are found as boto3 finds them.
//!
//! The Python original:
//!
//! ```python
//! def regions(args):
//!     if args.all_regions:
//!         return [r["RegionName"] for r in boto3.client("ec2", region_name="us-east-1").describe_regions()["Regions"]]
//!     return args.region
//!
//! def report(region):
//!     ec2 = boto3.resource("ec2", region_name=region)
//!     names = {i.id: next((t["Value"] for t in i.tags or [] if t["Key"] == "Name"), "-") for i in ec2.instances.all()}
//!     trouble = False
//!     pages = ec2.meta.client.get_paginator("describe_instance_status").paginate(IncludeAllInstances=True)
//!     for status in (s for page in pages for s in page["InstanceStatuses"]):
//!         checks = status["SystemStatus"]["Status"], status["InstanceStatus"]["Status"]
//!         print(f"{region:14} {status['InstanceId']:19} {names[status['InstanceId']]:10} "
//!               f"{status['InstanceState']['Name']:8} {checks[0]:14} {checks[1]}")
//!         for event in status.get("Events", []):
//!             print(f"    {event['Code']}: {event['Description']}, from {event['NotBefore']} on")
//!         trouble |= "impaired" in checks or bool(status.get("Events"))
//!     return trouble
//!
//! trouble = False
//! for region in regions(args):
//!     try:
//!         trouble |= report(region)
//!     except (BotoCoreError, ClientError) as error:
//!         print(f"{region} cannot be asked: {error}", file=sys.stderr)
//!         trouble = True
//! sys.exit(1 if trouble else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::boto3::ec2::types::{
    EventCode, InstanceState, InstanceStateName, InstanceStatusSummary, ResourceType, SummaryStatus, Tag, TagSpecification,
};
use leyden::prelude::*;
use std::collections::BTreeMap;
use std::process::ExitCode;

const USAGE: &str = "usage: ec2_status_report --all-regions | --region REGION ..";

fn report(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { sys, .. } = batteries;
    let mut trouble = false;
    for region in regions(batteries)? {
        match report_region(batteries, &region) {
            Ok(found) => trouble |= found,
            Err(error) => {
                sys.stderr.write(&format!("{region} cannot be asked: {error}\n"))?;
                trouble = true;
            }
        }
    }
    if trouble {
        sys.exit(1)?;
    }
    Ok(())
}

fn regions(Batteries { sys, boto3, .. }: &Batteries) -> leyden::Result<Vec<String>> {
    let args = sys.args();
    if args == ["--all-regions"] {
        // Those that are open to the account; each region can tell.
        let answer = boto3.client().region_name("us-east-1").ec2().describe_regions(|describe| describe).wait()?;
        return Ok(answer.regions().iter().filter_map(|region| region.region_name.clone()).collect());
    }
    let pairs = args.chunks(2).map(|pair| match pair {
        [option, region] if option == "--region" && !region.starts_with('-') => Some(region.clone()),
        _ => None,
    });
    match pairs.collect::<Option<Vec<String>>>() {
        Some(regions) if !regions.is_empty() => Ok(regions),
        _ => match sys.exit(USAGE)? {},
    }
}

/// Whether there is trouble.
fn report_region(Batteries { sys, boto3, .. }: &Batteries, region: &str) -> leyden::Result<bool> {
    let ec2 = boto3.resource().region_name(region).ec2();
    let mut names = BTreeMap::new();
    for instance in ec2.instances() {
        let instance = instance?;
        let name = instance.tags().wait()?.into_iter().find(|tag| tag.key() == Some("Name")).and_then(|tag| tag.value);
        names.insert(instance.id().to_owned(), name);
    }
    let mut trouble = false;
    for page in ec2.meta().client().paginate().describe_instance_status(|describe| describe.include_all_instances(true)) {
        for status in page?.instance_statuses() {
            let id = status.instance_id().unwrap_or_default();
            let name = names.get(id).and_then(Option::as_deref).unwrap_or("-");
            let state = status.instance_state().and_then(InstanceState::name).map_or("-", InstanceStateName::as_str);
            let checks = [status.system_status(), status.instance_status()].map(check);
            let mut text = format!("{region:14} {id:19} {name:10} {state:8} {:14} {}\n", checks[0].as_str(), checks[1].as_str());
            for event in status.events() {
                let from = event.not_before().map_or_else(String::new, |time| format!(", from {time} on"));
                let code = event.code().map_or("event", EventCode::as_str);
                text += &format!("    {code}: {}{from}\n", event.description().unwrap_or_default());
            }
            sys.stdout.write(&text)?;
            trouble |= checks.contains(&SummaryStatus::Impaired) || !status.events().is_empty();
        }
    }
    Ok(trouble)
}

fn check(summary: Option<&InstanceStatusSummary>) -> SummaryStatus {
    summary.and_then(InstanceStatusSummary::status).cloned().unwrap_or(SummaryStatus::NotApplicable)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(report(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(report(&world.batteries()));
    print!("{}", world.sys.stdout());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// Two regions: a web server that fails its checks beside one that does not and one that is stopped, and one that Amazon will retire.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["ec2_status_report", "--region", "eu-central-1", "--region", "us-east-1"]);
    let [_, broken, stopped] = ["web-1", "web-2", "web-3"].map(|name| launch(&world, "eu-central-1", name));
    let old = launch(&world, "us-east-1", "batch");
    world.clock().advance(secs(3600));
    world.boto3.ec2.impair("eu-central-1", &broken, true);
    world.boto3.ec2.power_off("eu-central-1", &stopped);
    world.clock().advance(secs(3600));
    world.boto3.ec2.announce("us-east-1", &old, EventCode::InstanceRetirement, secs(7 * 86_400));
    world
}

/// An instance of this name; its id.
fn launch(world: &World, region: &str, name: &str) -> String {
    let ec2 = world.batteries().boto3.resource().region_name(region).ec2();
    let name = Tag::builder().key("Name").value(name).build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Instance).tags(name).build();
    let image = world.boto3.ec2.add_amazon_image(region, leyden::boto3::ec2::mock::AmazonImage::new("linux"));
    let run = ec2.create_instances(|run| run.image_id(image).min_count(1).max_count(1).tag_specifications(tags)).wait();
    run.ok().and_then(|instances| Some(instances.first()?.id().to_owned())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::boto3::ClientError;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(report(&world.batteries()))
    }

    #[test]
    fn what_fails_is_told_with_its_name() {
        let world = rehearsal();
        assert_eq!(code(&world), 1);
        let text = world.sys.stdout();
        let line =
            |name: &str| text.lines().find(|line| line.contains(name)).unwrap().split_whitespace().skip(3).collect::<Vec<_>>();
        assert_eq!(line("web-1"), ["running", "ok", "ok"]);
        assert_eq!(line("web-2"), ["running", "impaired", "impaired"]);
        assert_eq!(line("web-3"), ["stopped", "not-applicable", "not-applicable"]);
        assert!(text.contains("\n    instance-retirement: "), "{text}");
    }

    #[test]
    fn all_is_well() {
        let world = World::new();
        launch(&world, "eu-west-1", "web");
        world.clock().advance(secs(3600));
        world.sys.set_argv(["ec2_status_report", "--all-regions"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.sys.stdout().lines().count(), 1, "{}", world.sys.stdout());
        assert!(world.sys.stdout().starts_with("eu-west-1 "), "{}", world.sys.stdout());
    }

    #[test]
    fn a_region_that_does_not_answer_keeps_no_other_waiting() {
        let world = rehearsal();
        let refusal = ClientError::new("DescribeInstances", 403, "UnauthorizedOperation", "You are not authorized.");
        world.script().fail_next("ec2.describe_instances", leyden::boto3::Error::from(refusal));
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().starts_with("eu-central-1 cannot be asked: "), "{}", world.sys.stderr());
        assert!(world.sys.stderr().contains("UnauthorizedOperation"), "{}", world.sys.stderr());
        assert!(world.sys.stdout().contains("batch"), "{}", world.sys.stdout());
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec!["--region"], vec!["--regions", "eu-west-1"], vec!["--region", "--all-regions"], vec!["eu-west-1"]] {
            let world = World::new();
            world.sys.set_argv([vec!["ec2_status_report"], argv].concat());
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }
}
