//! Cron expressions beyond cronsim: shorthands, the nearest weekday, columns of errors, the schedule's jobs in zones.

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Cron, Error};

fn next(expression: &str, count: usize) -> Vec<String> {
    let time = World::new().batteries().time;
    let cron: Cron = expression.parse().unwrap();
    let found = cron.after(&time, Some("UTC"), time.time()).unwrap().take(count);
    found.map(|at| time.strftime("%F %T", &time.gmtime(at).unwrap()).unwrap()).collect()
}

#[test]
fn shorthands_are_expressions() {
    for (short, long) in [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        (" @hourly ", "0 * * * *"),
    ] {
        assert_eq!(next(short, 3), next(long, 3), "{short}");
    }
}

#[test]
fn the_nearest_weekday() {
    // The 15th of February, March and November 2026 are Sundays, that of August a Saturday.
    let found = next("0 0 15W 2,3,8,9 *", 4);
    assert_eq!(found, ["2026-02-16 00:00:00", "2026-03-16 00:00:00", "2026-08-14 00:00:00", "2026-09-15 00:00:00"]);
    // It stays within the month: the 1st of August is a Saturday, the 31st of May a Sunday.
    assert_eq!(next("0 0 1W 8 *", 1), ["2026-08-03 00:00:00"]);
    assert_eq!(next("0 0 31W 5 *", 1), ["2026-05-29 00:00:00"]);
}

#[test]
fn errors_name_the_column() {
    for (text, column, reason) in [
        ("0 25 * * *", 3, "hour 25 is not between 0 and 23"),
        ("0 0 * * MONDAY", 9, "invalid day of week 'MONDAY'"),
        ("1,2,x * * * *", 5, "invalid minute 'X'"),
        ("*/0 * * * *", 3, "invalid step '0' of the minute"),
        ("  9-5 * * * *", 3, "the range '9-5' of the minute runs backwards"),
        ("1-60 * * * *", 3, "minute 60 is not between 0 and 59"),
        ("0 0 30 2 *", 5, "no month of the expression has such a day"),
        ("0 0 31W 2,4 *", 5, "no month of the expression has such a day"),
        ("0 0 * * 1#6", 11, "'6' is not a number of a weekday in a month, 1 to 5"),
        ("@reboot", 1, "unknown shorthand '@reboot'"),
        ("* * *", 1, "expected 5 fields, or 6 with seconds; found 3"),
        ("", 1, "expected 5 fields, or 6 with seconds; found 0"),
    ] {
        match text.parse::<Cron>() {
            Err(Error::Cron { column: found, reason: why, expression }) => {
                assert_eq!((found, why.as_str(), expression.as_str()), (column, reason, text));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_gap_and_a_fold() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    let Batteries { schedule, time, .. } = world.batteries();
    let fixed = schedule.cron("30 2 * * *").do_(|_| ()).unwrap();
    let wild = schedule.cron("*/30 2 * * *").do_(|_| ()).unwrap();
    let at = |text: &str| time.strptime(text, "%Y-%m-%d %H:%M").unwrap();
    let runs = |from: &str, hours: u32| {
        world.clock().set(time.mktime(&at(from)).unwrap());
        let _ = schedule.run_all(secs(0));
        let mut times = (Vec::new(), Vec::new());
        for _ in 0..hours * 60 {
            time.sleep(secs(60)).wait();
            let before = (fixed.last_run(), wild.last_run());
            schedule.run_pending().check().unwrap();
            if before.0 != fixed.last_run() {
                times.0.push(time.strftime("%H:%M %Z", None).unwrap());
            }
            if before.1 != wild.last_run() {
                times.1.push(time.strftime("%H:%M %Z", None).unwrap());
            }
        }
        times
    };
    let gap = runs("2026-03-29 00:59", 4);
    assert_eq!(gap, (vec!["03:00 CEST".to_owned()], vec![]));
    let fold = runs("2026-10-25 00:59", 6);
    assert_eq!(fold.0, ["02:30 CEST"]);
    assert_eq!(fold.1, ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]);
}

#[test]
fn an_unknown_zone_is_an_error() {
    let schedule = World::new().batteries().schedule;
    let error = schedule.cron("0 2 * * *").zone("Mars/Olympus").do_(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "unknown time zone 'Mars/Olympus'");
    assert!(schedule.jobs().is_empty());
}
