//! Reports full disks: which disks, how full they are, and which files use the space.
//!
//!     cargo run --example disk_alarm --features smtplib                 a rehearsal, in memory
//!     disk_alarm [--limit PERCENT] [--mail OWNER] PATH ..               the real thing, for instance from cron
//!
//! The exit code is 0 if every disk is below the limit (default: 90 %), 1 if one is above it, and 2 if the
//! arguments are wrong. With `--mail` the alarm is also mailed, through the server in `SMTP_HOST`.
//!
//! The Python original:
//!
//! ```python
//! parser = argparse.ArgumentParser()
//! parser.add_argument("--limit", type=int, default=90)
//! parser.add_argument("--mail")
//! parser.add_argument("paths", nargs="+")
//! args = parser.parse_args()
//!
//! def largest(top):
//!     device, sizes = os.stat(top).st_dev, []
//!     for entry in os.scandir(top):
//!         size = os.lstat(entry.path).st_size
//!         for dirpath, dirnames, filenames in os.walk(entry.path):
//!             dirnames[:] = [name for name in dirnames if os.lstat(os.path.join(dirpath, name)).st_dev == device]
//!             for name in filenames:
//!                 size += os.lstat(os.path.join(dirpath, name)).st_size
//!         sizes.append((size, entry.path))
//!     return sorted(sizes, reverse=True)[:3]
//!
//! alarm = ""
//! for path in args.paths:
//!     usage = shutil.disk_usage(path)
//!     percent = round(100 * usage.used / (usage.used + usage.free))
//!     print(f"{percent:3} % of {path}")
//!     if percent > args.limit:
//!         alarm += f"{path} is {percent} % full, {usage.free >> 20} MiB are free\n"
//!         for size, name in largest(path):
//!             alarm += f"{size >> 20:8} MiB {name}\n"
//! if alarm:
//!     print(alarm, end="")
//!     if args.mail:
//!         ...  # as in monitor_website
//!     sys.exit(1)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]
#![allow(unreachable_pub, reason = "ops takes the job from here")]

use leyden::prelude::*;
use leyden::smtplib::email::EmailMessage;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: disk_alarm [--limit PERCENT] [--mail OWNER] PATH ..\n";

/// What the job looks at, and where the alarm goes.
#[derive(Debug, PartialEq)]
pub struct Args {
    /// In percent.
    pub limit: u64,
    /// Gets the alarm.
    pub mail: Option<String>,
    /// One on each disk.
    pub paths: Vec<PathBuf>,
}

fn parse(argv: &[String]) -> Option<Args> {
    let mut args = Args { limit: 90, mail: None, paths: Vec::new() };
    let mut rest = argv.iter().skip(1);
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--limit" => args.limit = rest.next()?.parse().ok()?,
            "--mail" => args.mail = Some(rest.next()?.clone()),
            option if option.starts_with("--") => return None,
            path => args.paths.push(path.into()),
        }
    }
    Some(args).filter(|args| !args.paths.is_empty())
}

fn script(batteries: &Batteries) -> leyden::Result<()> {
    let sys = &batteries.sys;
    let argv: Vec<String> = sys.argv().iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let Some(args) = parse(&argv) else {
        sys.stderr.write(USAGE)?;
        match sys.exit(2)? {}
    };
    if alarm(batteries, &args)? {
        sys.exit(1)?;
    }
    Ok(())
}

/// The job. Prints how full the disks are; true if one is fuller than the limit.
pub fn alarm(batteries: &Batteries, args: &Args) -> leyden::Result<bool> {
    let Batteries { os, sys, .. } = batteries;
    let mut alarm = String::new();
    for path in &args.paths {
        let usage = os.shutil.disk_usage(path)?;
        let percent = (100 * usage.used + (usage.used + usage.free) / 2) / (usage.used + usage.free).max(1);
        sys.stdout.write(&format!("{percent:3} % of {}\n", path.display()))?;
        if percent > args.limit {
            alarm += &format!("{} is {percent} % full, {} MiB are free\n", path.display(), usage.free >> 20);
            for (size, name) in largest(batteries, path)? {
                alarm += &format!("{:8} MiB {}\n", size >> 20, name.display());
            }
        }
    }
    if !alarm.is_empty() {
        sys.stdout.write(&alarm)?;
        if let Some(owner) = &args.mail {
            mail(batteries, owner, &alarm)?;
        }
    }
    Ok(!alarm.is_empty())
}

/// What takes the most room right below `top`, on its own disk: three of them, the largest first.
fn largest(Batteries { os, .. }: &Batteries, top: &Path) -> leyden::Result<Vec<(u64, PathBuf)>> {
    let device = os.stat(top)?.st_dev;
    // What vanishes while it is looked at takes no room.
    let stat = |path: PathBuf| os.lstat(path).ok().filter(|stat| stat.st_dev == device);
    let mut sizes = Vec::new();
    for entry in os.scandir(top)? {
        let entry = entry?.path().to_owned();
        let mut size = stat(entry.clone()).map_or(0, |stat| stat.st_size);
        let mut walk = os.walk(&entry);
        while let Some(step) = walk.step() {
            step.dirnames.retain(|name| stat(step.dirpath.join(name)).is_some());
            size += step.filenames.iter().filter_map(|name| stat(step.dirpath.join(name))).map(|stat| stat.st_size).sum::<u64>();
        }
        sizes.push((size, entry));
    }
    sizes.sort();
    Ok(sizes.into_iter().rev().take(3).collect())
}

fn mail(Batteries { os, smtplib, .. }: &Batteries, owner: &str, text: &str) -> leyden::Result<()> {
    let mut message = EmailMessage::new();
    message.set("From", owner)?.set("To", owner)?.set("Subject", "A disk is nearly full")?.set_content(text)?;
    let host = os.getenv("SMTP_HOST").unwrap_or_else(|| "localhost".into());
    let smtp = smtplib.smtp(&host.to_string_lossy(), 25).wait()?;
    smtp.send_message(&message).wait()?.check()?;
    smtp.quit().wait()?;
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(script(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(script(&world.batteries()));
    print!("{}", world.sys.stdout());
    for envelope in world.smtplib.outbox() {
        println!("mailed {:?} to {:?}", envelope.message().get("Subject").unwrap_or_default(), envelope.rcpt_to);
    }
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// Two disks: one is roomy, on the other the logs grow.
fn rehearsal() -> World {
    const MIB: usize = 1 << 20;
    let world = World::new();
    world.sys.set_argv(["disk_alarm", "--mail", "ops@example.com", "/", "/srv"]);
    world.os.set_capacity(64 << 20);
    world.os.mount("/srv");
    world.os.set_capacity_of("/srv", 32 << 20);
    world.os.write("/srv/log/web/access.log", vec![b'.'; 20 * MIB]);
    world.os.write("/srv/log/web/error.log", vec![b'.'; 2 * MIB]);
    world.os.write("/srv/www/video.mp4", vec![b'.'; 8 * MIB]);
    world.os.write("/srv/notes.txt", "remember");
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(script(&world.batteries()))
    }

    #[test]
    fn a_full_disk_is_told_with_what_fills_it() {
        let world = rehearsal();
        assert_eq!(code(&world), 1);
        let mail = world.smtplib.outbox()[0].message().get_text().unwrap().replace("\r\n", "\n");
        assert_eq!(
            mail,
            "/srv is 94 % full, 1 MiB are free\n      22 MiB /srv/log\n       8 MiB /srv/www\n       0 MiB /srv/notes.txt\n"
        );
    }

    #[test]
    fn a_disk_below_another_is_not_counted() {
        let world = rehearsal();
        let found = largest(&world.batteries(), Path::new("/")).unwrap();
        assert!(found.iter().all(|(size, _)| *size < 1 << 20), "{found:?}");
    }

    #[test]
    fn below_the_limit_nobody_is_told() {
        let world = rehearsal();
        world.sys.set_argv(["disk_alarm", "--limit", "95", "--mail", "ops@example.com", "/srv"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.sys.stdout(), " 94 % of /srv\n");
        assert!(world.smtplib.outbox().is_empty());
    }

    #[test]
    fn without_a_mail_server_the_alarm_is_printed_all_the_same() {
        let world = rehearsal();
        world.smtplib.unreachable("localhost");
        assert_eq!(code(&world), 1);
        assert!(
            world.sys.stdout().contains("/srv is 94 % full") && world.sys.stderr().contains("localhost"),
            "{}",
            world.sys.stderr()
        );
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec!["disk_alarm"], vec!["disk_alarm", "--limit", "much", "/"], vec!["disk_alarm", "--loud", "/"]] {
            let world = World::new();
            world.sys.set_argv(argv);
            assert_eq!(code(&world), 2);
            assert_eq!(world.sys.stderr(), USAGE);
        }
    }
}
