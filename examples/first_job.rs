//! The program of the tutorial, [docs/first-job.md](../docs/first-job.md): an alarm for a full disk, tested, rehearsed and scheduled.
//!
//!     cargo run --example first_job --features cli,smtplib -- list
//!     cargo run --example first_job --features cli,smtplib -- run disk --dry-run
//!     cargo run --example first_job --features cli,smtplib -- install --systemd --user
//!
//! The Python original:
//!
//! ```python
//! def disk_alarm(path, limit):
//!     usage = shutil.disk_usage(path)
//!     percent = 100 * usage.used // usage.total
//!     if percent > limit:
//!         message = EmailMessage()
//!         message["From"] = message["To"] = "ops@example.com"
//!         message["Subject"] = f"{path} is {percent} % full"
//!         message.set_content(f"{usage.free >> 20} MiB are free.\n")
//!         with smtplib.SMTP("localhost") as smtp:
//!             smtp.send_message(message)
//!     print(f"{path} is {percent} % full")
//! ```

use leyden::prelude::*;
use leyden::schedule::Jobs;
use std::process::ExitCode;

/// Mails an alarm if the disk of `path` is fuller than `limit` percent. Returns a line for the log.
fn disk_alarm(Batteries { os, smtplib, .. }: &Batteries, path: &str, limit: u64) -> leyden::Result<String> {
    let usage = os.shutil.disk_usage(path)?;
    let percent = 100 * usage.used / usage.total.max(1);
    if percent > limit {
        let mut message = EmailMessage::new();
        message.set("From", "ops@example.com")?.set("To", "ops@example.com")?;
        message.set("Subject", format!("{path} is {percent} % full"))?;
        message.set_content(format!("{} MiB are free.\n", usage.free >> 20))?;
        let smtp = smtplib.smtp("localhost", 25).wait()?;
        smtp.send_message(&message).wait()?.check()?;
        smtp.quit().wait()?;
    }
    Ok(format!("{path} is {percent} % full"))
}

fn jobs() -> Jobs {
    Jobs::new("disk-alarm")
        .about("Watches the disks of this machine")
        .job("disk", |batteries: &Batteries| disk_alarm(batteries, "/", 90))
        .about("Mails an alarm if / is nearly full")
        .cron("*/10 * * * *")
        .retries(2)
}

fn main() -> ExitCode {
    jobs().main()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::torture;

    /// A disk of 1,000,000 bytes that is full to so many percent.
    fn arrange(world: &World, percent: usize) {
        world.os.set_capacity(1_000_000);
        world.os.write("/var/log/app.log", vec![b'.'; percent * 10_000]);
    }

    #[test]
    fn a_full_disk_is_mailed() {
        let world = World::new();
        arrange(&world, 95);
        let line = disk_alarm(&world.batteries(), "/", 90).unwrap();
        assert_eq!(line, "/ is 95 % full");
        let outbox = world.smtplib.outbox();
        assert_eq!(outbox[0].message().get("Subject").unwrap(), "/ is 95 % full");
    }

    #[test]
    fn a_disk_with_room_is_not() {
        let world = World::new();
        arrange(&world, 50);
        disk_alarm(&world.batteries(), "/", 90).unwrap();
        assert!(world.smtplib.outbox().is_empty());
    }

    #[test]
    fn success_means_that_the_alarm_was_sent() {
        torture(
            |world| arrange(world, 95),
            |batteries| disk_alarm(batteries, "/", 90).map(drop),
            |world, result| match result {
                Ok(()) if world.smtplib.outbox().is_empty() => Err("success without a mail".into()),
                _ => Ok(()),
            },
        )
        .assert_ok();
    }

    #[test]
    fn it_runs_every_ten_minutes() {
        let world = World::new();
        arrange(&world, 95);
        world.run_for(secs(3600), |batteries| jobs().run(batteries, ["disk-alarm", "schedule"]));
        assert_eq!(world.smtplib.outbox().len(), 6);
    }

    #[test]
    fn a_rehearsal_sends_nothing() {
        let world = World::new();
        arrange(&world, 95);
        let code = jobs().run(&world.batteries(), ["disk-alarm", "run", "disk", "--dry-run"]);
        assert_eq!(code, 0);
        assert!(world.smtplib.outbox().is_empty());
        assert!(world.sys.stdout().contains("! mail from <ops@example.com>"));
    }
}
