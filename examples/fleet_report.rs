//! How full are the disks of all machines? The function of one machine, on a whole fleet.
//!
//!     cargo run --example fleet_report --features fabric                a rehearsal, in memory
//!     fleet_report HOST ..                                              the real thing
//!
//! The exit code is 1 if a disk is fuller than 90 % or a machine cannot be asked.
//!
//! The Python original:
//!
//! ```python
//! group = ThreadingGroup(*sys.argv[1:])
//! try:
//!     results = group.run("df -P /", hide=True)
//! except GroupException as error:
//!     results = error.result
//! for connection, result in results.items():
//!     if isinstance(result, Exception):
//!         print(f"{connection.host:8} {result}")
//!     else:
//!         print(f"{connection.host:8} {result.stdout.splitlines()[-1].split()[4]:>5}")
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::fabric::GroupException;
use leyden::prelude::*;
use std::process::ExitCode;

/// One machine, whichever it is: this one, one in memory, one at the other end of a connection.
fn full(Batteries { os, .. }: &Batteries) -> leyden::Result<u64> {
    let usage = os.shutil.disk_usage("/")?;
    Ok((100 * usage.used + (usage.used + usage.free) / 2) / (usage.used + usage.free).max(1))
}

/// A line for each machine, and whether all are well.
fn report(Batteries { fabric, .. }: &Batteries, hosts: &[&str]) -> (Vec<String>, bool) {
    let group = fabric.group(hosts.iter().copied()).limit(50).deadline(secs(60));
    let outcome = group.each(|machine| full(&machine.batteries().wait()?)).wait();
    let (Ok(result) | Err(GroupException { result, .. })) = outcome;
    let mut well = true;
    let lines = result.iter().map(|(machine, percent)| match percent {
        Ok(percent) => {
            well &= *percent <= 90;
            format!("{:8} {percent:3} %{}", machine.host(), if *percent > 90 { "  nearly full" } else { "" })
        }
        Err(error) => {
            well = false;
            format!("{:8} {error}", machine.host())
        }
    });
    (lines.collect(), well)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    let argv: Vec<String> = real.sys.argv().iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let hosts: Vec<&str> = argv.iter().skip(1).map(String::as_str).collect();
    let (lines, well) = match hosts.as_slice() {
        [] => report(&rehearsal().batteries(), &["web1", "web2", "db1"]),
        hosts => report(&real, hosts),
    };
    lines.iter().for_each(|line| println!("{line}"));
    println!("{}", if well { "all are well" } else { "not all are well" });
    ExitCode::from(u8::from(!well && !hosts.is_empty()))
}

/// One machine has room, one has not, one is down.
fn rehearsal() -> World {
    let world = World::new();
    for (name, used) in [("web1", 20), ("web2", 62)] {
        let host = world.fabric.host(name);
        host.os.set_capacity(64 << 20);
        host.os.write("/srv/data", vec![b'.'; used << 20]);
    }
    world.fabric.host("db1").refuse();
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_machine_has_its_line() {
        let (lines, well) = report(&rehearsal().batteries(), &["web1", "web2", "db1"]);
        assert_eq!(lines[0], "web1      31 %");
        assert_eq!(lines[1], "web2      97 %  nearly full");
        assert!(lines[2].starts_with("db1      cannot connect to db1:22"), "{lines:?}");
        assert!(!well);
    }

    #[test]
    fn the_same_function_serves_this_machine() {
        let world = World::new();
        world.os.set_capacity(10 << 20);
        assert_eq!(full(&world.batteries()).unwrap(), 0);
    }
}
