//! The job in a world: every way in which a night can go wrong.

use crate::job::{Settings, Summary, nightly};
use leyden::boto3::ec2::types::{ResourceType, Tag, TagSpecification};
use leyden::boto3::{self, ClientError};
use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::smtplib;
use leyden::world::torture;

const SITE: &str = "https://jars.test/";

fn settings() -> Settings {
    Settings { url: SITE.into(), out: "/nightly".into(), workers: 1, ..Settings::default() }
}

fn html(title: &str, body: &str) -> Reply {
    Reply::new(200).html(format!("<!doctype html><title>{title}</title>{body}"))
}

/// A site of two pages, a disk, and one volume that bears the tag.
fn arrange(world: &World) {
    world.requests.get(SITE).reply(html("Home", "<a href=/shop>Shop</a> <a href=https://elsewhere.test/>Elsewhere</a>"));
    world.requests.get("https://jars.test/shop").reply(html("Shop", "<a href=/>Home</a>"));
    world
        .subprocess
        .program("df")
        .reply("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n", 0);
    world.subprocess.program("uptime").reply(" 12:00  up 3 days\n", 0);
    let ec2 = world.batteries().boto3.client().region_name("eu-central-1").ec2();
    let tag = Tag::builder().key("Backup").value("nightly").build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Volume).tags(tag).build();
    ec2.create_volume(|create| create.availability_zone("eu-central-1a").size(8).tag_specifications(tags)).wait().unwrap();
    world.clock().advance(secs(60)); // until then it is being created
}

fn run(world: &World) -> Summary {
    nightly(&world.batteries(), &settings())
}

fn of<'s>(summary: &'s Summary, step: &str) -> &'s leyden::Result<crate::job::Done> {
    &summary.0.iter().find(|(name, _)| *name == step).unwrap_or_else(|| panic!("no step {step}:\n{}", summary.text())).1
}

fn failure(summary: &Summary, step: &str) -> String {
    of(summary, step).as_ref().err().unwrap_or_else(|| panic!("{step} did not fail:\n{}", summary.text())).to_string()
}

fn snapshots(world: &World) -> usize {
    let ec2 = world.batteries().boto3.client().region_name("eu-central-1").ec2();
    ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait().unwrap().snapshots().len()
}

#[test]
fn a_good_night_leaves_a_report_a_backup_a_snapshot_and_a_mail() {
    let world = World::new();
    arrange(&world);
    let summary = run(&world);
    assert!(!summary.failed() && summary.changed(), "{}", summary.text());
    assert!(world.os.read_text("/nightly/report/index.html").unwrap().contains("No problems."));
    assert!(world.boto3.s3.object("nightly-reports", "report.zip").is_some_and(|archive| archive.starts_with(b"PK")));
    assert_eq!(snapshots(&world), 1);
    let outbox = world.smtplib.outbox();
    let message = outbox[0].message();
    assert_eq!(message.get("Subject").unwrap(), "Nightly report: no problems");
    assert_eq!(message.iter_attachments().count(), 1);
    assert_eq!(world.requests.requests().len(), 2, "what is not of the site is not fetched");
}

#[test]
fn a_second_run_changes_nothing() {
    let world = World::new();
    arrange(&world);
    run(&world);
    let before = world.os.tree("/nightly");
    let summary = run(&world);
    assert!(!summary.failed() && !summary.changed(), "{}", summary.text());
    assert!(summary.text().ends_with("All done: no changes.\n"));
    assert_eq!(world.os.tree("/nightly"), before);
    assert_eq!((world.smtplib.outbox().len(), snapshots(&world)), (1, 1));
}

#[test]
fn night_after_night_old_snapshots_go() {
    let world = World::new();
    arrange(&world);
    for night in 0..6 {
        let summary = run(&world);
        assert!(!summary.failed(), "{}", summary.text());
        assert_eq!(snapshots(&world), (night + 1).min(3));
        world.clock().advance(secs(86_400));
    }
}

#[test]
fn a_site_that_is_down_is_reported_and_the_rest_goes_on() {
    let world = World::new();
    arrange(&world);
    let settings = Settings { url: "https://down.test/".into(), ..settings() };
    world.requests.get("https://down.test/").refuse();
    let summary = nightly(&world.batteries(), &settings);
    assert!(failure(&summary, "site").contains("down.test"), "{}", summary.text());
    assert_eq!((world.smtplib.outbox().len(), snapshots(&world)), (1, 1));
}

#[test]
fn broken_links_loops_and_huge_pages_are_problems_of_the_site_not_of_the_job() {
    let world = World::new();
    world.requests.get("https://odd.test/").reply(html("Odd", "<a href=/gone>1</a><a href=/loop>2</a><a href=/huge>3</a>"));
    world.requests.get("https://odd.test/gone").reply(404);
    world.requests.get("https://odd.test/loop").reply_with(|_| Reply::redirect(302, "https://odd.test/loop"));
    world.requests.get("https://odd.test/huge").reply(html("Huge", &"x".repeat(5 * 1024 * 1024)));
    arrange(&world);
    let summary = nightly(&world.batteries(), &Settings { url: "https://odd.test/".into(), ..settings() });
    assert!(!summary.failed(), "{}", summary.text());
    let report = world.os.read_text("/nightly/report/index.html").unwrap();
    for problem in ["3 problems.", "answers 404", "redirects", "KiB large"] {
        assert!(report.contains(problem), "{problem} is missing:\n{report}");
    }
}

#[test]
fn a_throttled_s3_is_a_failed_backup() {
    let world = World::new();
    arrange(&world);
    world.script().fail_next(
        "s3.head_bucket",
        boto3::Error::from(ClientError::new("HeadBucket", 503, "SlowDown", "Please reduce your request rate.")),
    );
    let summary = run(&world);
    assert!(failure(&summary, "backup").contains("SlowDown"));
    assert_eq!((world.smtplib.outbox().len(), snapshots(&world)), (1, 1));
    assert!(!run(&world).failed(), "and the next night makes up for it");
    assert!(world.boto3.s3.object("nightly-reports", "report.zip").is_some());
}

#[test]
fn without_credentials_only_the_backup_fails() {
    let world = World::new();
    arrange(&world);
    world.boto3.s3.no_credentials(true);
    let summary = run(&world);
    assert!(failure(&summary, "backup").contains("AWS_ACCESS_KEY_ID"), "{}", summary.text());
    assert_eq!((world.smtplib.outbox().len(), snapshots(&world)), (1, 1));
}

#[test]
fn a_refused_mail_is_sent_the_next_night() {
    let world = World::new();
    arrange(&world);
    world.smtplib.reply("RCPT", smtplib::Reply::new(451, "4.7.1 Greylisted"));
    let summary = run(&world);
    assert!(failure(&summary, "mail").contains("451") || failure(&summary, "mail").contains("refused"), "{}", summary.text());
    assert!(!run(&world).failed());
    assert_eq!(world.smtplib.outbox().len(), 1);
}

#[test]
fn a_full_disk_is_a_failed_report_and_leaves_no_half_of_one() {
    let world = World::new();
    arrange(&world);
    world.os.set_capacity(1);
    let summary = run(&world);
    assert!(failure(&summary, "report").contains("/nightly"), "{}", summary.text());
    assert_eq!(world.os.read("/nightly/report/index.html"), None);
    assert_eq!(snapshots(&world), 1, "the volumes need no disk");
}

#[test]
fn whatever_fails_nothing_is_half_done() {
    torture(
        arrange,
        |batteries| {
            let summary = nightly(batteries, &settings());
            summary.0.into_iter().try_for_each(|(_, result)| result.map(drop))
        },
        |world, _| {
            let whole = |path: &str, end: &str| world.os.read_text(path).is_none_or(|text| text.ends_with(end));
            match () {
                () if !whole("/nightly/report/index.html", "</html>\n") => Err("half a page is left".to_owned()),
                () if !whole("/nightly/report/report.json", "}\n") => Err("half of the data is left".to_owned()),
                () if !world.boto3.s3.uploads().is_empty() => Err("an upload is left open".to_owned()),
                () if world.smtplib.outbox().len() > 1 => Err("mailed twice".to_owned()),
                () => Ok(()),
            }
        },
    )
    .assert_ok();
}
