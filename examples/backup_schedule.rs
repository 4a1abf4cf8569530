//! A nightly backup on a schedule that survives restarts: a month in memory, with a change of the clock, a machine that is off, and a crash.
//!
//!     cargo run --example backup_schedule --features schedule     a rehearsal, in memory
//!
//! On the machine, `main` would be: `start(&Batteries::included())?.serve().wait()`, as a service that is started again when it ends.
//!
//! The Python original, which forgets everything when it ends, runs twice or not at all when the clock changes, and stops at the first error:
//!
//! ```python
//! def backup():
//!     name = time.strftime("/backups/%Y-%m-%d.tar")
//!     shutil.make_archive(name.removesuffix(".tar"), "tar", "/srv/data")
//!
//! schedule.every().day.at("02:30", "Europe/Berlin").do(backup)
//! while True:
//!     schedule.run_pending()
//!     time.sleep(1)
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it does")]
#![allow(unreachable_pub, reason = "ops takes the job from here")]

use leyden::os::shutil::archive::MakeArchive;
use leyden::prelude::*;
use leyden::schedule::{Ending, Missed, Scheduler};

const JOURNAL: &str = "/var/lib/backup";

/// One archive a day.
pub fn backup(Batteries { os, time, .. }: &Batteries) -> leyden::Result<String> {
    let name = time.strftime("/backups/%Y-%m-%d", None)?;
    os.shutil.make_archive(&name, MakeArchive::new("tar").root_dir("/srv/data"))?;
    Ok(format!("{name}.tar"))
}

/// What the program does when it starts.
fn start(batteries: &Batteries) -> leyden::Result<Scheduler> {
    let schedule = Scheduler::over(batteries);
    for past in schedule.journal(JOURNAL)?.interrupted {
        println!("{}: the run of job '{}' was interrupted", batteries.time.strftime("%F %H:%M", None)?, past.job);
    }
    let job = schedule.cron("30 2 * * *").zone("Europe/Berlin").name("backup");
    job.missed(Missed::Once).retries(2).rerun().do_(backup)?;
    Ok(schedule)
}

/// Lets the program run until a moment of local time.
fn run_until(batteries: &Batteries, schedule: &Scheduler, moment: &str) -> leyden::Result<()> {
    let time = &batteries.time;
    schedule.serve().until(time.mktime(&time.strptime(moment, "%Y-%m-%d %H:%M")?)?).wait()?;
    Ok(())
}

fn main() -> leyden::Result<()> {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    world.os.write("/srv/data/orders.csv", "1,2,3\n");
    world.os.mkdir("/backups");
    let batteries = world.batteries();
    let time = &batteries.time;
    world.clock().set(time.mktime(&time.strptime("2026-03-15 12:00", "%Y-%m-%d %H:%M")?)?);

    let schedule = start(&batteries)?;
    run_until(&batteries, &schedule, "2026-03-20 12:00")?;
    println!("2026-03-20 12:00: the machine goes off for three nights");
    drop(schedule);
    world.clock().advance(secs(3 * 86_400));
    let schedule = start(&batteries)?;
    // The clock goes from 02:00 to 03:00 on the 29th.
    run_until(&batteries, &schedule, "2026-04-02 12:00")?;
    println!("2026-04-02 12:00: the disk fails for a moment, in the next night");
    world.script().fail_next("os.open", std::io::Error::from_raw_os_error(5));
    run_until(&batteries, &schedule, "2026-04-15 12:00")?;

    println!("\nthe journal:");
    for past in schedule.history("backup")? {
        let started = time.strftime("%F %H:%M:%S %Z", &time.localtime(past.started)?)?;
        let what = if past.ending == Ending::Done { past.tail } else { past.error.unwrap_or_default() };
        println!("{started} {} {what}", past.ending.name());
    }
    println!("{} archives", batteries.os.listdir("/backups")?.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each day has its archive at the latest when the machine is on again.
    #[test]
    fn a_night_that_was_missed_is_made_up() {
        let world = World::new();
        world.os.write("/srv/data/a", "a");
        world.os.mkdir("/backups");
        let batteries = world.batteries();
        let schedule = start(&batteries).unwrap();
        run_until(&batteries, &schedule, "2026-01-02 12:00").unwrap();
        drop(schedule);
        world.clock().advance(secs(2 * 86_400));
        let schedule = start(&batteries).unwrap();
        run_until(&batteries, &schedule, "2026-01-04 12:01").unwrap();
        assert_eq!(batteries.os.listdir("/backups").unwrap().len(), 3);
    }
}
