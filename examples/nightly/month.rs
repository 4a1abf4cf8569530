//! A month on a schedule, in memory: the machine is off for a night, a page breaks, a disk fills up, the clock changes.

use crate::demo;
use crate::job::{Settings, scheduled};
use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::schedule::{Ending, Missed, Scheduler};
use leyden::sys::Sys;

const FORMAT: &str = "%Y-%m-%d %H:%M";

fn settings() -> Settings {
    let hosts = vec!["web1".to_owned()];
    Settings { url: "https://jars.test/".into(), out: "/var/lib/nightly".into(), workers: 1, hosts, ..Settings::default() }
}

/// What the program does when it starts.
fn start(batteries: &Batteries) -> leyden::Result<Scheduler> {
    let schedule = Scheduler::over(batteries);
    schedule.journal("/var/lib/nightly/journal")?;
    let job = schedule.cron("30 2 * * *").zone("Europe/Berlin").name("nightly");
    job.missed(Missed::Once).retries(1).do_(|batteries| scheduled(batteries, &settings()))?;
    Ok(schedule)
}

/// A site of two pages, a machine, a host.
pub fn arrange(world: &World) -> leyden::Result<()> {
    world.time.set_zone("Europe/Berlin");
    world.os.set_environ([("AWS_DEFAULT_REGION", "eu-central-1"), ("HOME", "/root")]);
    let time = world.batteries().time;
    let moment = |text: &str| time.mktime(&time.strptime(text, FORMAT)?);
    world.clock().set(moment("2026-03-15 12:00")?);
    let (breaks, mended, fills) = (moment("2026-03-24 12:00")?, moment("2026-03-26 12:00")?, moment("2026-04-08 12:00")?);
    let page = |title: &str, body: &str| Reply::new(200).html(format!("<!doctype html><title>{title}</title>{body}"));
    world.requests.get("https://jars.test/").reply(page("Jars", "<a href=/shop>Shop</a>"));
    let (shop, now) = (page("Shop", "<a href=/>Jars</a>"), time.clone());
    world
        .requests
        .get("https://jars.test/shop")
        .reply_with(move |_| if (breaks..mended).contains(&now.time()) { Reply::new(500) } else { shop.clone() });
    world.subprocess.program("uptime").reply(" 02:30:00 up 3 days\n", 0);
    world.subprocess.program("df").runs(move |_| {
        let percent = if time.time() > fills { 97 } else { 61 };
        leyden::subprocess::mock::Reply::new()
            .stdout(format!("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 41152812 0 0 {percent}% /\n"))
    });
    demo::hosts(world);
    Ok(())
}

/// Lets the schedule run for a month; the machine is off for the night of the 20th.
pub fn live(world: &World) -> leyden::Result<Scheduler> {
    let batteries = world.batteries();
    let time = &batteries.time;
    let until = |schedule: &Scheduler, text: &str| -> leyden::Result<()> {
        schedule.serve().until(time.mktime(&time.strptime(text, FORMAT)?)?).wait()?;
        Ok(())
    };
    let schedule = start(&batteries)?;
    until(&schedule, "2026-03-19 18:00")?;
    drop(schedule);
    world.clock().advance(secs(16 * 3600));
    let schedule = start(&batteries)?;
    until(&schedule, "2026-04-15 12:00")?;
    Ok(schedule)
}

pub fn rehearse(sys: &Sys) -> leyden::Result<()> {
    let world = World::new();
    arrange(&world)?;
    let schedule = live(&world)?;
    let time = world.batteries().time;
    let runs = schedule.history("nightly")?;
    for run in &runs {
        let started = time.strftime("%a %d %b %H:%M %Z", &time.localtime(run.started)?)?;
        let text = if run.ending == Ending::Done { &run.tail } else { run.error.as_ref().unwrap_or(&run.tail) };
        let word = |step: &str| text.lines().find_map(|line| line.strip_prefix(step)).unwrap_or_default().trim();
        let mail = if word("mail").starts_with("sent") { ", mailed" } else { "" };
        let disks = word("machine").split_once(", ").unwrap_or_default().1;
        sys.print(format_args!("{started:<22} {:<7} {}; {disks}{mail}", run.ending.name(), word("site")))?;
    }
    let versions = world.boto3.s3.versions("nightly-reports", "report.zip");
    let mails = world.smtplib.outbox().len();
    sys.print(format_args!("{} runs, {mails} mails, {versions} versions of the report in S3", runs.len()))?;
    Ok(())
}
