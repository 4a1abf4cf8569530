//! Monitors websites: restarts the ones that do not answer, and mails the owner once.
//!
//!     cargo run --example monitor_website --features requests,smtplib                     a rehearsal, in memory
//!     monitor_website [--dry-run] OWNER URL=UNIT ..                                       the real thing
//!
//! The exit code is 0 if all sites are up at the end, and 1 otherwise. The mail goes to the server in `SMTP_HOST`. With `--dry-run` the sites
//! are checked, nothing is restarted or mailed, and the plan says what would be.
//!
//! The Python original:
//!
//! ```python
//! def check(url):
//!     requests.get(url, timeout=10).raise_for_status()
//!
//! def restart(unit):
//!     subprocess.run(["systemctl", "restart", unit], capture_output=True, check=True, timeout=60)
//!     time.sleep(10)
//!
//! def mail(owner, text):
//!     message = EmailMessage()
//!     message["From"] = message["To"] = owner
//!     message["Subject"] = "Websites were down"
//!     message.set_content(text)
//!     with smtplib.SMTP(os.getenv("SMTP_HOST", "localhost")) as smtp:
//!         smtp.send_message(message)
//!
//! owner, *sites = sys.argv[1:]
//! news, down = "", 0
//! for url, unit in (site.rsplit("=", 1) for site in sites):
//!     try:
//!         check(url)
//!         print(url, "is up")
//!         continue
//!     except requests.RequestException as error:
//!         line = f"{url} was down: {error}\n"
//!     try:
//!         restart(unit)
//!         check(url)
//!         line += f"  {unit} was restarted, and it is up again\n"
//!     except Exception as error:
//!         line += f"  and it still is: {error}\n"
//!         down += 1
//!     print(line, end="")
//!     news += line
//! if news:
//!     mail(owner, news)
//! sys.exit(1 if down else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]
#![allow(unreachable_pub, reason = "ops takes the job from here")]

use leyden::layers::{DryRun, Programs};
use leyden::prelude::*;
use leyden::smtplib::email::EmailMessage;
use leyden::subprocess::mock::Reply;
use std::process::ExitCode;

const USAGE: &str = "usage: monitor_website [--dry-run] OWNER URL=UNIT ..";

fn monitor(batteries: &Batteries) -> leyden::Result<()> {
    let sys = &batteries.sys;
    let args: Vec<String> = sys.args().into_iter().filter(|arg| arg != "--dry-run").collect();
    let sites: Option<Vec<(&str, &str)>> = args.iter().skip(1).map(|site| site.rsplit_once('=')).collect();
    let (Some(owner), Some(sites)) = (args.first(), sites) else { match sys.exit(USAGE)? {} };
    if watch(batteries, owner, &sites)? > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

/// The job, for sites with their systemd units. The result is the number of sites that are down in the end.
pub fn watch(batteries: &Batteries, owner: &str, sites: &[(&str, &str)]) -> leyden::Result<usize> {
    let (mut news, mut down) = (String::new(), 0);
    for (url, unit) in sites {
        let Err(error) = check(batteries, url) else {
            batteries.sys.print(format_args!("{url} is up"))?;
            continue;
        };
        let mut line = format!("{url} was down: {error}\n");
        match restart(batteries, unit).and_then(|()| check(batteries, url)) {
            Ok(()) => line += &format!("  {unit} was restarted, and it is up again\n"),
            Err(error) => {
                line += &format!("  and it still is: {error}\n");
                down += 1;
            }
        }
        batteries.sys.stdout.write(&line)?;
        news += &line;
    }
    if !news.is_empty() {
        mail(batteries, owner, &news)?;
    }
    Ok(down)
}

/// What a rehearsal assumes of the programs that the job runs.
pub fn rehearse(dry_run: DryRun) -> DryRun {
    dry_run.programs(Programs::refuse().assume(["systemctl", "restart"], 0, ""))
}

fn check(Batteries { requests, .. }: &Batteries, url: &str) -> leyden::Result<()> {
    requests.get(url).timeout(secs(10)).wait()?.raise_for_status()?;
    Ok(())
}

fn restart(Batteries { subprocess, time, .. }: &Batteries, unit: &str) -> leyden::Result<()> {
    subprocess.run(["systemctl", "restart", unit]).capture_output(true).check(true).timeout(secs(60)).wait()?;
    time.sleep(secs(10)).wait(); // what has just started may need a moment
    Ok(())
}

fn mail(Batteries { os, smtplib, .. }: &Batteries, owner: &str, text: &str) -> leyden::Result<()> {
    let mut message = EmailMessage::new();
    message.set("From", owner)?.set("To", owner)?.set("Subject", "Websites were down")?.set_content(text)?;
    let host = os.getenv("SMTP_HOST").unwrap_or_else(|| "localhost".into());
    let smtp = smtplib.smtp(&host.to_string_lossy(), 25).wait()?;
    smtp.send_message(&message).wait()?.check()?;
    smtp.quit().wait()?;
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.args().iter().any(|arg| arg == "--dry-run") {
        let rehearsal = rehearse(DryRun::over(&real));
        let code = real.sys.finish(monitor(&rehearsal.batteries()));
        println!("{}", rehearsal.plan());
        return code;
    }
    if real.sys.argv().len() > 1 {
        return real.sys.finish(monitor(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(monitor(&world.batteries()));
    print!("{}", world.sys.stdout());
    for envelope in world.smtplib.outbox() {
        let subject = envelope.message().get("Subject").unwrap_or_default();
        println!("mailed {subject:?} to {:?}", envelope.rcpt_to);
    }
    println!("exit code {code}, after {:?} of simulated time", world.clock().elapsed());
    ExitCode::SUCCESS
}

/// Three sites: one is up, one needs a restart, one is beyond that.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv([
        "monitor_website",
        "ops@example.com",
        "https://up.test=up",
        "https://shop.test/cart=shop",
        "https://api.test=api",
    ]);
    world.requests.get("https://up.test").reply(200);
    world.requests.get("https://shop.test/cart").reply(503).reply(200);
    world.requests.get("https://api.test").refuse();
    world.subprocess.program(["systemctl", "restart", "shop"]).reply("", 0);
    world
        .subprocess
        .program(["systemctl", "restart", "api"])
        .answer(Reply::new().stderr("Unit api.service not found.\n").code(5));
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(monitor(&world.batteries()))
    }

    #[test]
    fn what_is_down_is_restarted_and_reported() {
        let world = rehearsal();
        assert_eq!(code(&world), 1);
        let restarts: Vec<String> = world.subprocess.calls().iter().map(|ran| ran.args()[2].clone()).collect();
        assert_eq!(restarts, ["shop", "api"]);
        let mail = world.smtplib.outbox()[0].message().get_text().unwrap();
        assert!(mail.contains("shop was restarted") && mail.contains("Unit api.service not found."), "{mail}");
        assert!(!mail.contains("up.test"), "{mail}");
    }

    #[test]
    fn nobody_is_woken_while_all_is_well() {
        let world = rehearsal();
        world.sys.set_argv(["monitor_website", "ops@example.com", "https://up.test=up"]);
        assert_eq!(code(&world), 0);
        assert!(world.subprocess.calls().is_empty() && world.smtplib.outbox().is_empty());
    }

    #[test]
    fn a_site_that_comes_back_is_a_success() {
        let world = rehearsal();
        world.sys.set_argv(["monitor_website", "ops@example.com", "https://shop.test/cart=shop"]);
        assert_eq!(code(&world), 0);
        assert_eq!(world.smtplib.outbox().len(), 1);
    }

    /// What a rehearsal plans is what the run then does.
    #[test]
    fn a_dry_run_touches_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["monitor_website", "--dry-run", "ops@example.com", "https://api.test=api"]);
        let dry_run = rehearse(DryRun::over(&world.batteries()));
        assert_eq!(dry_run.batteries().sys.status_of(monitor(&dry_run.batteries())), 1);
        assert!(world.subprocess.calls().is_empty() && world.smtplib.outbox().is_empty());
        let plan = dry_run.plan().to_string();
        assert!(plan.starts_with("! systemctl restart api (in /; not run, assumed exit status 0)\n"), "{plan}");
        assert!(plan.contains("! mail from <ops@example.com> to ops@example.com (\"Websites were down\""), "{plan}");
        assert_eq!(dry_run.plan().effects().len(), 2);
        assert_eq!(code(&world), 1);
        assert_eq!((world.subprocess.calls().len(), world.smtplib.outbox().len()), (1, 1));
    }

    #[test]
    fn bad_arguments_are_told() {
        for argv in [vec!["monitor_website"], vec!["monitor_website", "ops@example.com", "https://no.unit"]] {
            let world = World::new();
            world.sys.set_argv(argv);
            assert_eq!(code(&world), 1);
            assert_eq!(world.sys.stderr().trim(), USAGE);
        }
    }

    #[test]
    fn success_means_that_somebody_knows() {
        torture(
            |world| {
                world.sys.set_argv(["monitor_website", "ops@example.com", "https://shop.test/cart=shop"]);
                world.requests.get("https://shop.test/cart").reply(503).reply(200);
                world.subprocess.program("systemctl").reply("", 0);
            },
            monitor,
            |world, result| {
                let restarted = !world.subprocess.calls().is_empty();
                if result.is_ok() && restarted && world.smtplib.outbox().is_empty() {
                    Err("a silent restart".into())
                } else {
                    Ok(())
                }
            },
        )
        .assert_ok();
    }
}
