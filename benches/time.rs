//! Calendars: leyden, jiff (which does the same without Python's rules), and Python.
#![allow(missing_docs, unreachable_pub, clippy::disallowed_methods, clippy::unwrap_used)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::fmt::strtime;
use leyden::time::Time;
use leyden::{Ambient, Variables};
use support::{Python, compare};

const SETUP: &str = "import os, time; os.environ['TZ'] = 'Europe/Berlin'; time.tzset(); t = time.localtime(1783000000)";
const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

fn calendars(c: &mut Criterion) {
    let mut python = Python::start();
    let time = Time::native_with(Ambient::over_process(Variables::from([("TZ".into(), "Europe/Berlin".into())])));
    let t = time.localtime(1_783_000_000).unwrap();
    let zone = jiff::tz::TimeZone::tzif("Europe/Berlin", &std::fs::read("/usr/share/zoneinfo/Europe/Berlin").unwrap()).unwrap();
    let moment = jiff::Timestamp::from_second(1_783_000_000).unwrap();
    let zoned = moment.to_zoned(zone.clone());
    let civil = zoned.datetime();

    compare(
        c,
        &mut python,
        "strftime",
        || time.strftime(FORMAT, &t),
        Some(&mut || strtime::format(FORMAT, civil)),
        (SETUP, "time.strftime('%Y-%m-%d %H:%M:%S', t)"),
    );
    compare(
        c,
        &mut python,
        "strftime_rare",
        || time.strftime("%A %-d %^b %G-W%V %U %j %Z %z", &t),
        Some(&mut || strtime::format("%A %-d %^b %G-W%V %U %j %Z %z", &zoned)),
        (SETUP, "time.strftime('%A %-d %^b %G-W%V %U %j %Z %z', t)"),
    );
    compare(
        c,
        &mut python,
        "strptime",
        || time.strptime("2026-07-02 15:46:40", FORMAT),
        Some(&mut || strtime::parse(FORMAT, "2026-07-02 15:46:40")),
        (SETUP, "time.strptime('2026-07-02 15:46:40', '%Y-%m-%d %H:%M:%S')"),
    );
    compare(
        c,
        &mut python,
        "localtime",
        || time.localtime(1_783_000_000),
        Some(&mut || moment.to_zoned(zone.clone()).datetime()),
        (SETUP, "time.localtime(1783000000)"),
    );
    compare(
        c,
        &mut python,
        "gmtime",
        || time.gmtime(1_783_000_000),
        None::<&mut dyn FnMut()>,
        (SETUP, "time.gmtime(1783000000)"),
    );
    compare(
        c,
        &mut python,
        "mktime",
        || time.mktime(&t),
        Some(&mut || civil.to_zoned(zone.clone()).unwrap().timestamp()),
        (SETUP, "time.mktime(t)"),
    );
    compare(c, &mut python, "time", || time.time(), None::<&mut dyn FnMut()>, (SETUP, "time.time()"));
}

criterion_group!(benches, calendars);
criterion_main!(benches);
