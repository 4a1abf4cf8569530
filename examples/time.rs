//! Clocks, calendars and zones: the same moment in five places, and an hour of sleep in no time.
//!
//! cargo run --example time --features time

use leyden::prelude::*;
use leyden::time::Time;
use leyden::{Ambient, Variables};

/// Waits until the full hour, as a script before a nightly job does.
fn wait_for_the_hour(Batteries { time, .. }: &Batteries) -> leyden::Result<String> {
    let now = time.localtime(None)?;
    let left = 3600 - (now.tm_min * 60 + now.tm_sec);
    time.sleep(secs(left)).wait();
    Ok(time.strftime("%A %H:%M:%S", None)?)
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> leyden::Result<()> {
    let time = Time::native();
    println!("now      {}", time.ctime(None)?);
    println!("zone     {:?}, {} seconds west of UTC", time.tzname()?, time.timezone()?);
    println!("ISO week {}", time.strftime("%G-W%V-%u, day %-j", None)?);

    println!("\nthe new year of Kiritimati, elsewhere:");
    let kiritimati = zone("Pacific/Kiritimati");
    let midnight = kiritimati.mktime(&kiritimati.strptime("2027-01-01", "%Y-%m-%d")?)?;
    for name in ["Pacific/Kiritimati", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "<-12>12"] {
        let time = zone(name);
        println!("  {:20} {}", name, time.strftime("%a %d %b %H:%M %z", &time.localtime(midnight)?)?);
    }

    println!("\nan hour that comes twice (Berlin, 25 October 2026):");
    let berlin = zone("Europe/Berlin");
    for isdst in [1, 0] {
        let mut t = berlin.strptime("2026-10-25 02:30", "%Y-%m-%d %H:%M")?;
        t.tm_isdst = isdst;
        println!("  tm_isdst {isdst}: {}", berlin.strftime("%H:%M UTC", &berlin.gmtime(berlin.mktime(&t)?)?)?);
    }

    if let Err(error) = berlin.strptime("31 February", "%d %B") {
        println!("\na wrong date: {error}");
    }

    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    world.clock().advance(secs(1234));
    let start = time.perf_counter();
    println!("\nin a world, waiting for the hour: {}", wait_for_the_hour(&world.batteries())?);
    println!("that took {:?}", time.perf_counter() - start);
    Ok(())
}

/// This machine's clock, seen from another zone.
fn zone(name: &str) -> Time {
    Time::native_with(Ambient::over_process(Variables::from([("TZ".into(), name.into())])))
}
