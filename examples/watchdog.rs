//! A watchdog for services: restarts those that are down, and gives up on those that do not come back.
//!
//!     cargo run --example watchdog --features clap                                      a rehearsal, in memory: two hours
//!     watchdog [OPTIONS] <SERVICES>..                                                   the real thing; see --help
//!
//! It runs until it is interrupted (Ctrl-C or SIGTERM), or until no service is left to watch. CI compares its log with that of the Python program `tests/ports/watchdog.py`.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use clap::Parser;
use leyden::prelude::*;
use std::process::ExitCode;

/// Restart services that are down.
#[derive(Debug, Parser)]
struct Args {
    /// The units to watch
    #[arg(required = true)]
    services: Vec<String>,
    /// The pause between two rounds, in seconds
    #[arg(long, default_value_t = 60.0)]
    interval: f64,
    /// After so many restarts that did not help, a service is left alone
    #[arg(long, default_value_t = 3)]
    give_up: u32,
    /// How many rounds; without it there is no end
    #[arg(long)]
    rounds: Option<u32>,
}

#[derive(Debug)]
struct Service {
    name: String,
    failed: u32,
}

fn watch(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { sys, time, .. } = batteries;
    let args = Args::try_parse_from(sys.argv())?;
    sys.on_interrupt()?;
    let mut services: Vec<_> = args.services.iter().map(|name| Service { name: name.clone(), failed: 0 }).collect();
    let mut round = 0;
    while args.rounds.is_none_or(|rounds| round < rounds) {
        if round > 0 {
            time.sleep(args.interval).interruptible().wait()?;
        }
        round += 1;
        for service in &mut services {
            check(batteries, service)?;
        }
        services.retain(|service| service.failed < args.give_up);
        if services.is_empty() {
            sys.exit("no service is left to watch")?;
        }
    }
    Ok(())
}

/// Restarts a service if it is down, and looks whether that helped.
fn check(batteries: &Batteries, service: &mut Service) -> leyden::Result<()> {
    let Batteries { sys, time, .. } = batteries;
    if systemctl(batteries, "is-active", &service.name)? {
        service.failed = 0;
        return Ok(());
    }
    let restarted = systemctl(batteries, "restart", &service.name)? && systemctl(batteries, "is-active", &service.name)?;
    service.failed = if restarted { 0 } else { service.failed + 1 };
    let outcome = if restarted {
        "was down, and is up again".to_owned()
    } else {
        format!("is down, restart {} did not help", service.failed)
    };
    let now = time.strftime("%Y-%m-%d %H:%M:%S", &time.gmtime(None)?)?;
    sys.print(format_args!("{now} {} {outcome}", service.name))?;
    Ok(())
}

/// Whether `systemctl` succeeds within half a minute.
fn systemctl(Batteries { subprocess, .. }: &Batteries, verb: &str, service: &str) -> leyden::Result<bool> {
    match subprocess.run(["systemctl", "--quiet", verb, service]).stderr(DEVNULL).timeout(30).wait() {
        Ok(run) => Ok(run.returncode == 0),
        Err(leyden::subprocess::Error::TimeoutExpired { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(watch(&real));
    }
    let world = rehearsal();
    world.interrupt_at(secs(7200), leyden::Signal::Sigterm);
    let code = world.batteries().sys.status_of(watch(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// `web` is down in the third round and comes back; `db` never comes up; `cache` is well.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["watchdog", "--interval", "600", "web", "db", "cache"]);
    let up = |unit: &str| world.subprocess.program(["systemctl", "--quiet", "is-active", unit]);
    up("web").reply("", 0).reply("", 0).reply("", 3).reply("", 0);
    up("db").reply("", 3);
    up("cache").reply("", 0);
    world.subprocess.program(["systemctl", "--quiet", "restart", "web"]).reply("", 0);
    world.subprocess.program(["systemctl", "--quiet", "restart", "db"]).reply("", 1);
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::subprocess::mock::Reply;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(watch(&world.batteries()))
    }

    fn restarts(world: &World) -> usize {
        world.script().calls().iter().filter(|call| call.subject.contains("restart")).count()
    }

    #[test]
    fn it_restarts_gives_up_and_ends_with_a_signal() {
        let world = rehearsal();
        world.interrupt_at(secs(7200), leyden::Signal::Sigterm);
        assert_eq!(code(&world), 143);
        assert_eq!(
            world.sys.stdout(),
            "2026-01-01 00:00:00 db is down, restart 1 did not help\n2026-01-01 00:10:00 db is down, restart 2 did not help\n\
             2026-01-01 00:20:00 web was down, and is up again\n2026-01-01 00:20:00 db is down, restart 3 did not help\n"
        );
        assert_eq!((restarts(&world), world.clock().elapsed()), (4, secs(7200)));
    }

    #[test]
    fn it_has_no_end() {
        let world = rehearsal();
        assert!(world.run_for(86_400, watch).is_none());
        assert_eq!(restarts(&world), 4);
    }

    #[test]
    fn a_restart_that_helped_sets_the_count_back() {
        let world = World::new();
        world.sys.set_argv(["watchdog", "--rounds", "20", "web"]);
        // Down in every round, and up after each restart.
        let mut up = world.subprocess.program(["systemctl", "--quiet", "is-active", "web"]);
        for _ in 0..20 {
            up = up.reply("", 3).reply("", 0);
        }
        world.subprocess.program(["systemctl", "--quiet", "restart", "web"]).reply("", 0);
        assert_eq!(code(&world), 0);
        assert_eq!(restarts(&world), 20);
    }

    #[test]
    fn a_systemctl_that_hangs_counts_as_down() {
        let world = World::new();
        world.sys.set_argv(["watchdog", "--give-up", "1", "web"]);
        world.subprocess.program("systemctl").answer(Reply::new().delay(secs(3600)));
        assert_eq!(code(&world), 1);
        assert_eq!(world.sys.stderr(), "no service is left to watch\n");
        assert_eq!(world.clock().elapsed(), secs(60));
    }

    #[test]
    fn without_systemctl_there_is_an_error() {
        let world = World::new();
        world.sys.set_argv(["watchdog", "web"]);
        assert_eq!(code(&world), 1);
        assert!(world.sys.stderr().contains("systemctl"), "{}", world.sys.stderr());
    }
}
