//! One binary of a team's jobs: `ops list`, `ops run websites --dry-run`, `ops schedule`, `ops check`, `ops emit --systemd`.
//!
//!     cargo run --example ops --features cli,requests,smtplib                          a rehearsal, in memory
//!     cargo run --example ops --features cli,requests,smtplib -- list                  on this machine
//!     cargo run --example ops --features cli,requests,smtplib -- run disks --dry-run
//!
//! The jobs are those of four other examples, unchanged: a job is a function over `&Batteries`. Start here for a program of your own.
//!
//! The Python original is a crontab with four lines, and four scripts that have no list, no history and no rehearsal.

#[allow(dead_code, reason = "its main is not used here")]
#[path = "backup_schedule.rs"]
mod backup_schedule;
#[allow(dead_code, reason = "its main is not used here")]
#[path = "checkup.rs"]
mod checkup;
#[allow(dead_code, reason = "its main is not used here")]
#[path = "disk_alarm.rs"]
mod disk_alarm;
#[allow(dead_code, reason = "its main is not used here")]
#[path = "monitor_website.rs"]
mod monitor_website;

use leyden::layers::Programs;
use leyden::prelude::*;
use leyden::schedule::{Jobs, Missed};
use std::process::ExitCode;

const OWNER: &str = "ops@example.com";
const SITES: [(&str, &str); 2] = [("https://www.example.com/", "www"), ("https://shop.example.com/cart", "shop")];

fn disks(batteries: &Batteries) -> leyden::Result<()> {
    let args = disk_alarm::Args { limit: 90, mail: Some(OWNER.into()), paths: vec!["/".into(), "/srv".into()] };
    match disk_alarm::alarm(batteries, &args)? {
        true => Err(leyden::Error::other("a disk is fuller than 90 %")),
        false => Ok(()),
    }
}

fn websites(batteries: &Batteries) -> leyden::Result<()> {
    match monitor_website::watch(batteries, OWNER, &SITES)? {
        0 => Ok(()),
        down => Err(leyden::Error::other(format!("{down} of {} websites are down", SITES.len()))),
    }
}

fn checkup(batteries: &Batteries) -> leyden::Result<()> {
    let problems = checkup::report(batteries, "/srv".into(), "/var/lib/ops/checkup")?;
    if problems.is_empty() { Ok(()) } else { Err(leyden::Error::other(problems.join("; "))) }
}

fn jobs() -> Jobs {
    Jobs::new("ops")
        .about("The jobs of the operations team")
        .journal("/var/lib/ops")
        .job("disks", disks)
        .about("Mails an alarm if a disk is nearly full")
        .cron("*/20 * * * *")
        .missed(Missed::Skip)
        .job("websites", websites)
        .about("Restarts a website that does not answer")
        .every(secs(1800))
        .missed(Missed::Skip)
        .rehearsal(monitor_website::rehearse)
        .job("checkup", checkup)
        .about("Reports on this machine")
        .every("06:00")
        .rehearsal(|dry_run| dry_run.programs(Programs::refuse().allow(["df"])))
        .job("backup", backup_schedule::backup)
        .about("Packs /srv/data into /backups")
        .cron("30 2 * * *")
        .zone("Europe/Berlin")
        .retries(2)
        .timeout(secs(3600))
}

/// A machine at 00:45 UTC on 27 March 2026: a disk is nearly full, and a website is down until it is restarted.
fn machine() -> World {
    const DF: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n";
    let world = World::new();
    world.clock().advance(secs(85 * 86_400 + 45 * 60));
    world.sys.set_executable("/usr/local/bin/ops");
    world.os.set_capacity(64 << 20);
    world.os.mount("/srv");
    world.os.set_capacity_of("/srv", 32 << 20);
    world.os.write("/srv/log/access.log", vec![b'.'; 30 << 20]);
    world.os.write("/srv/data/orders.csv", "1,2,3\n");
    world.os.mkdir("/backups");
    world.requests.get("https://www.example.com/").reply(200);
    let up = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (restarted, order) = (up.clone(), std::sync::atomic::Ordering::SeqCst);
    world.requests.get("https://shop.example.com/cart").reply_with(move |_| if up.load(order) { 200 } else { 503 }.into());
    world.subprocess.program("systemctl").runs(move |_| {
        restarted.store(true, order);
        leyden::subprocess::mock::Reply::new()
    });
    world.subprocess.program("df").reply(DF, 0);
    world
}

/// What a command prints and its exit code. `schedule` has no end: it runs for an hour.
fn command(world: &World, line: &str) -> (String, u8) {
    let (out, err) = (world.sys.stdout().len(), world.sys.stderr().len());
    let argv: Vec<&str> = ["ops"].into_iter().chain(line.split(' ')).collect();
    let code = world.run_for(secs(3600), |batteries| {
        let code = jobs().run(batteries, argv);
        // A stream that cannot be flushed is reported by `main` on the machine.
        let _ = batteries.sys.stdout.flush();
        code
    });
    (world.sys.stdout().split_off(out) + &world.sys.stderr().split_off(err), code.unwrap_or(0))
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn rehearse() {
    let world = machine();
    for line in [
        "list",
        "run websites --dry-run",
        "run websites",
        "run disks",
        "run checkup --dry-run",
        "run backup --dry-run",
        "schedule",
        "history backup",
        "check",
        "emit --cron disks backup",
        "emit --systemd backup",
        "emit --systemd checkup",
        "run nothing",
    ] {
        let (text, code) = command(&world, line);
        println!("$ ops {line}\n{text}[exit code {code}]\n");
    }
}

/// The picture of README: commands and what they print, as an animated SVG.
fn recording() -> String {
    let world = machine();
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (mut rows, mut line, mut seconds) = (String::new(), 0, 0.0);
    for command_line in ["list", "run websites --dry-run", "run websites", "run backup", "history backup", "check"] {
        let (text, _) = command(&world, command_line);
        let prompt = format!("$ ops {command_line}");
        for (number, row) in [prompt.as_str()].into_iter().chain(text.lines()).enumerate() {
            let class = if number == 0 { "command" } else { "output" };
            seconds += if number == 0 { 1.2 } else { 0.06 };
            let y = 40 + 18 * line;
            rows += &format!(
                "<text class=\"{class}\" x=\"16\" y=\"{y}\" style=\"animation-delay:{seconds:.2}s\">{}</text>\n",
                escape(row)
            );
            line += 1;
        }
        line += 1;
    }
    let height = 40 + 18 * line;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 {height}\" role=\"img\" aria-label=\"ops in a terminal\">\n<style>\n\
         text{{font:12px ui-monospace,Menlo,Consolas,monospace;white-space:pre;fill:#d7dde5;animation:show .1s backwards}}\n\
         .command{{fill:#8bd5a0}}\n@keyframes show{{from{{opacity:0}}}}\n@media(prefers-reduced-motion:reduce){{text{{animation:none}}}}\n\
         </style>\n<rect width=\"900\" height=\"{height}\" rx=\"8\" fill=\"#161b22\"/>\n{rows}</svg>\n"
    )
}

fn main() -> ExitCode {
    let sys = Batteries::included().sys;
    if sys.args() == ["recording"] {
        return sys.finish(sys.stdout.write(&recording()).map(drop));
    }
    if sys.argv().len() > 1 {
        return jobs().main();
    }
    rehearse();
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::layers::DryRun;
    use leyden::layers::dry_run::{Effect, FileAction};

    /// The rehearsal of a job, as `run NAME --dry-run` configures it.
    type Rehearsal = fn(DryRun) -> DryRun;
    type Run<'a> = &'a dyn Fn(&Batteries) -> leyden::Result<()>;

    /// What a rehearsal plans is what the run then does: files, programs and mails.
    #[test]
    fn each_plan_is_what_the_run_does() {
        let only_df: Rehearsal = |dry_run| dry_run.programs(Programs::refuse().allow(["df"]));
        let list: [(&str, Rehearsal, Run); 4] = [
            ("disks", |dry_run| dry_run, &disks),
            ("websites", monitor_website::rehearse, &websites),
            ("checkup", only_df, &checkup),
            ("backup", |dry_run| dry_run, &|batteries| backup_schedule::backup(batteries).map(drop)),
        ];
        for (name, configure, job) in list {
            let world = machine();
            let before = world.os.tree("/");
            let rehearsal = configure(DryRun::over(&world.batteries()));
            let _ = job(&rehearsal.batteries());
            let plan = rehearsal.plan();
            assert_eq!(world.os.tree("/"), before, "{name}: the rehearsal changed a file");
            assert!(world.smtplib.outbox().is_empty(), "{name}: the rehearsal sent a mail");
            let programs = world.subprocess.calls().len();
            let _ = job(&world.batteries());
            assert!(!plan.is_empty(), "{name}");
            let (mut mails, mut ran) = (0, 0);
            for effect in plan.effects() {
                match effect {
                    Effect::File(file) => {
                        let gone = file.action == FileAction::Remove;
                        assert_eq!(world.os.exists(&file.path), !gone, "{name}: {}", file.path.display());
                        let size = world.os.stat(&file.path).map(|stat| stat.st_size);
                        let planned = file.after.as_ref().filter(|after| after.size > 0).map(|after| after.size);
                        assert!(planned.is_none() || planned == size, "{name}: {} {planned:?} {size:?}", file.path.display());
                    }
                    Effect::Mail { subject, .. } => {
                        let sent = world.smtplib.outbox()[mails].message();
                        assert_eq!(sent.get("Subject").as_ref(), Some(subject), "{name}");
                        mails += 1;
                    }
                    Effect::Program { args, .. } => {
                        assert_eq!(world.subprocess.calls()[programs + ran].args(), *args, "{name}");
                        ran += 1;
                    }
                    other => panic!("{name}: {other}"),
                }
            }
            assert_eq!(world.smtplib.outbox().len(), mails, "{name}: mails that were not planned");
            let changing = world.subprocess.calls()[programs..].iter().filter(|ran| ran.args()[0] != "df").count();
            assert_eq!(changing, ran, "{name}: programs that were not planned");
        }
    }

    /// `cargo run --example ops --features cli,requests,smtplib -- recording > docs/images/ops.svg` makes it anew.
    #[test]
    fn the_picture_shows_what_the_commands_print() {
        assert_eq!(include_str!("../docs/images/ops.svg"), recording());
    }

    #[test]
    fn a_rehearsal_is_not_in_the_history() {
        let world = machine();
        assert_eq!(command(&world, "run backup --dry-run").1, 0);
        assert_eq!(command(&world, "history backup").0.lines().count(), 1);
        assert_eq!(command(&world, "run backup").1, 0);
        assert_eq!(command(&world, "history backup").0.lines().count(), 2);
    }

    #[test]
    fn a_job_that_never_ran_is_noticed() {
        let world = machine();
        let (text, code) = command(&world, "check");
        assert_eq!((text.lines().count(), code), (4, 1), "{text}");
    }
}
