//! The job in a world: what can go wrong in a night, a rehearsal, and a month.

use crate::job::{Done, Settings, Summary, nightly, rehearsal};
use crate::{demo, month};
use leyden::boto3::{self, ClientError};
use leyden::layers::DryRun;
use leyden::layers::dry_run::Effect;
use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::smtplib;
use leyden::world::torture;

const SITE: &str = "https://jars.test/";

fn settings() -> Settings {
    let hosts = vec!["web1".to_owned()];
    Settings { url: SITE.into(), out: "/nightly".into(), workers: 1, hosts, ..Settings::default() }
}

fn html(title: &str, body: &str) -> Reply {
    Reply::new(200).html(format!("<!doctype html><title>{title}</title>{body}"))
}

/// A site of two pages, a disk, a host; with `ec2` a volume that has the tag.
fn arrange(world: &World) {
    world.os.set_environ([("AWS_DEFAULT_REGION", "eu-central-1"), ("HOME", "/root")]);
    world.requests.get(SITE).reply(html("Home", "<a href=/shop>Shop</a> <a href=https://elsewhere.test/>Elsewhere</a>"));
    world.requests.get("https://jars.test/shop").reply(html("Shop", "<a href=/>Home</a>"));
    world
        .subprocess
        .program("df")
        .reply("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n", 0);
    world.subprocess.program("uptime").reply(" 12:00  up 3 days\n", 0);
    demo::hosts(world);
    #[cfg(feature = "ec2")]
    crate::volumes::arrange(world, &settings(), &[]).unwrap();
}

fn run(world: &World) -> Summary {
    nightly(&world.batteries(), &settings())
}

fn of<'s>(summary: &'s Summary, step: &str) -> &'s leyden::Result<Done> {
    &summary.0.iter().find(|(name, _)| *name == step).unwrap_or_else(|| panic!("no step {step}:\n{}", summary.text())).1
}

fn failure(summary: &Summary, step: &str) -> String {
    of(summary, step).as_ref().err().unwrap_or_else(|| panic!("{step} did not fail:\n{}", summary.text())).to_string()
}

/// How many snapshots the volume has.
#[cfg(feature = "ec2")]
fn snapshots(world: &World) -> usize {
    crate::volumes::dates(world, &settings()).unwrap().len()
}

#[test]
fn a_good_night_leaves_a_report_a_backup_a_snapshot_and_a_mail() {
    let world = World::new();
    arrange(&world);
    let summary = run(&world);
    assert!(!summary.failed() && summary.changed(), "{}", summary.text());
    assert!(world.os.read_text("/nightly/report/index.html").unwrap().contains("No problems."));
    assert!(world.boto3.s3.object("nightly-reports", "report.zip").is_some_and(|archive| archive.starts_with(b"PK")));
    #[cfg(feature = "ec2")]
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
    assert_eq!(world.smtplib.outbox().len(), 1);
    #[cfg(feature = "ec2")]
    assert_eq!(snapshots(&world), 1);
}

#[cfg(feature = "ec2")]
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
fn night_after_night_old_reports_go_and_the_trend_grows() {
    let world = World::new();
    arrange(&world);
    for night in 0..6 {
        let summary = run(&world);
        assert!(!summary.failed(), "{}", summary.text());
        assert_eq!(world.boto3.s3.versions("nightly-reports", "report.zip"), (night + 1).min(3));
        let page = world.os.read_text("/nightly/report/index.html").unwrap();
        assert_eq!(page.contains(&format!("{} nights", night + 1)), night > 0, "night {night}");
        world.clock().advance(secs(86_400));
    }
    assert_eq!(world.smtplib.outbox().len(), 1, "the state is the same each night");
}

/// What a rehearsal plans is what the run then does, and afterwards there is nothing left to plan.
#[test]
fn the_plan_is_what_the_run_does() {
    let world = World::new();
    arrange(&world);
    let before = world.os.tree("/");
    let dry_run = rehearsal(DryRun::over(&world.batteries()));
    let planned = nightly(&dry_run.batteries(), &settings());
    assert!(!planned.text().replace("volumes  FAILED", "").contains("FAILED"), "{}", planned.text());
    assert_eq!(world.os.tree("/"), before);
    assert!(world.boto3.s3.buckets().is_empty() && world.smtplib.outbox().is_empty());
    let plan = dry_run.plan();
    assert!(!run(&world).failed());
    let (mut files, mut mails) = (0, 0);
    for effect in plan.effects() {
        match effect {
            Effect::File(file) => {
                assert!(world.os.exists(&file.path), "{effect}");
                files += 1;
            }
            Effect::Mail { subject, .. } => {
                assert_eq!(world.smtplib.outbox()[mails].message().get("Subject").as_ref(), Some(subject));
                mails += 1;
            }
            Effect::Remote { operation, .. } if operation.starts_with("s3.") => {
                assert!(world.script().count(operation) > 0, "{effect}");
            }
            Effect::Remote { operation, .. } => assert_eq!(operation, "ec2.create_snapshot"),
            other => panic!("{other}"),
        }
    }
    assert!(files >= 5 && mails == 1, "{plan}");
    let again = rehearsal(DryRun::over(&world.batteries()));
    nightly(&again.batteries(), &settings());
    let left: Vec<String> = again.plan().effects().iter().map(ToString::to_string).collect();
    assert!(left.iter().all(|effect| effect.contains("infra.json")), "{left:?}");
}

#[test]
fn problems_come_first_on_the_page() {
    let world = World::new();
    arrange(&world);
    let hosts = demo::HOSTS.map(str::to_owned).into();
    nightly(&world.batteries(), &Settings { hosts, ..settings() });
    let page = world.os.read_text("/nightly/report/index.html").unwrap();
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing:\n{page}"));
    assert!(at("2 problems.") < at("<b>web2</b> /var/lib/docker is 97 % full"), "{page}");
    assert!(at("<b>db1</b> cannot connect to db1:22") < at("<h2>Website</h2>"), "{page}");
    assert!(page.contains("<i class=good style=\"width:40%\">") && page.contains("<i class=bad style=\"width:97%\">"), "{page}");
}

#[test]
fn a_month_has_a_report_for_each_night_that_the_machine_was_on() {
    let world = World::new();
    month::arrange(&world).unwrap();
    let schedule = month::live(&world).unwrap();
    let runs = schedule.history("nightly").unwrap();
    // 31 nights; the missed one is made up when the machine is on again.
    assert_eq!(runs.len(), 31);
    assert!(runs.iter().all(|run| run.ending.name() == "done"), "{runs:?}");
    let history = world.os.read_text("/var/lib/nightly/history.json").unwrap();
    assert_eq!(history.matches("\"day\"").count(), 30);
    // The first night, the broken page, the mended page, the full disk.
    assert_eq!(world.smtplib.outbox().len(), 4);
}

#[test]
fn a_site_that_is_down_is_reported_and_the_rest_goes_on() {
    let world = World::new();
    arrange(&world);
    let settings = Settings { url: "https://down.test/".into(), ..settings() };
    world.requests.get("https://down.test/").refuse();
    let summary = nightly(&world.batteries(), &settings);
    assert!(failure(&summary, "site").contains("down.test"), "{}", summary.text());
    assert_eq!(world.smtplib.outbox().len(), 1);
    #[cfg(feature = "ec2")]
    assert_eq!(snapshots(&world), 1);
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
        "s3.head_object",
        boto3::Error::from(ClientError::new("HeadObject", 503, "SlowDown", "Please reduce your request rate.")),
    );
    let summary = run(&world);
    assert!(failure(&summary, "backup").contains("SlowDown"));
    assert_eq!(world.smtplib.outbox().len(), 1);
    #[cfg(feature = "ec2")]
    assert_eq!(snapshots(&world), 1);
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
    assert_eq!(world.smtplib.outbox().len(), 1);
    #[cfg(feature = "ec2")]
    assert_eq!(snapshots(&world), 1);
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
    #[cfg(feature = "ec2")]
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
