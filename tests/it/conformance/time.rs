//! The promises of `time::Backend`.

use crate::support::layer::layered;
use leyden::prelude::*;
use leyden::time::{ClockId, Error, StructTime, Time};
use std::time::{Duration, SystemTime};

conformance!(
    mock = mock,
    native = Time::native,
    [
        sleep_takes_at_least_its_time,
        awaited_sleeps_run_together,
        a_sleep_that_nobody_waits_for_takes_no_time,
        sleep_takes_no_processor_time,
        the_wall_clock_reads_the_same_in_every_way,
        monotonic_clocks_never_go_back,
        every_clock_has_a_step,
        another_threads_clock_is_found_by_its_id,
        a_thread_that_is_not_there_has_no_clock,
        only_the_wall_clock_can_be_set,
        clock_info_knows_pythons_five_clocks,
        gmtime_of_the_epoch,
        times_without_an_argument_are_of_now,
        mktime_turns_localtime_around,
        the_environment_gives_the_zone,
        a_change_of_tz_holds_at_once,
        the_south_has_summer_in_january,
        a_zone_that_is_nowhere_is_utc_by_its_letters,
        a_zone_name_cannot_climb_out_of_the_zones,
        fields_out_of_range_are_refused,
        strptime_reads_what_strftime_wrote,
        winter_may_be_the_daylight_saving_time,
        timegm_turns_gmtime_around,
    ]
);

fn mock() -> Time {
    layered(World::new().batteries()).time
}

fn sleep_takes_at_least_its_time(time: &Time) {
    let start = time.monotonic();
    time.sleep(Duration::from_millis(20)).wait();
    assert!(time.monotonic() - start >= Duration::from_millis(20));
}

fn awaited_sleeps_run_together(time: &Time) {
    let start = time.monotonic();
    let (long, short) = (time.sleep(Duration::from_millis(2000)), time.sleep(Duration::from_millis(1000)));
    let (long, short) = (long.into_future(), short.into_future());
    let clock = time.clone();
    async move {
        let (mut long, mut short) = (long, short);
        let mut woke = Vec::new();
        std::future::poll_fn(|context| {
            for (name, sleep) in [("long", &mut long), ("short", &mut short)] {
                if !woke.contains(&name) && sleep.as_mut().poll(context).is_ready() {
                    woke.push(name);
                }
            }
            if woke.len() == 2 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        assert_eq!(woke, ["short", "long"]);
    }
    .wait();
    let took = clock.monotonic() - start;
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(3), "{took:?}");
}

fn a_sleep_that_nobody_waits_for_takes_no_time(time: &Time) {
    let start = time.monotonic();
    drop(time.sleep(Duration::from_secs(60)));
    assert!(time.monotonic() - start < Duration::from_secs(30));
}

fn sleep_takes_no_processor_time(time: &Time) {
    let start = time.thread_time().unwrap();
    time.sleep(Duration::from_millis(60)).wait();
    assert!(time.thread_time().unwrap() - start < Duration::from_millis(30));
    assert!(time.process_time_ns().unwrap() >= time.thread_time_ns().unwrap());
}

fn the_wall_clock_reads_the_same_in_every_way(time: &Time) {
    let before = time.time_ns();
    let now = time.time().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let clock = time.clock_gettime(ClockId::Realtime).unwrap();
    let after = time.clock_gettime_ns(ClockId::Realtime).unwrap();
    assert!(before <= now.as_nanos() as i128 && now <= clock && clock.as_nanos() as i128 <= after);
    // 37 seconds of leap seconds at most, today.
    let tai = time.clock_gettime(ClockId::Tai).unwrap();
    assert!(tai >= clock && tai - clock < Duration::from_secs(60));
}

fn monotonic_clocks_never_go_back(time: &Time) {
    for clock in [ClockId::Monotonic, ClockId::MonotonicRaw, ClockId::Boottime] {
        let first = time.clock_gettime(clock).unwrap();
        time.sleep(Duration::from_millis(5)).wait();
        assert!(time.clock_gettime(clock).unwrap() - first >= Duration::from_millis(4), "{clock:?}");
    }
    let first = time.perf_counter();
    time.sleep(Duration::from_millis(5)).wait();
    assert!(time.perf_counter() > first && time.perf_counter_ns() <= time.monotonic_ns());
}

fn every_clock_has_a_step(time: &Time) {
    for clock in [
        ClockId::Realtime,
        ClockId::Monotonic,
        ClockId::ProcessCpuTime,
        ClockId::ThreadCpuTime,
        ClockId::MonotonicRaw,
        ClockId::Boottime,
        ClockId::Tai,
    ] {
        let step = time.clock_getres(clock).unwrap();
        assert!(step > Duration::ZERO && step <= Duration::from_millis(20), "{clock:?}: {step:?}");
    }
}

fn another_threads_clock_is_found_by_its_id(time: &Time) {
    let clock = time.pthread_getcpuclockid(time.get_native_id()).unwrap();
    assert!(time.clock_gettime(clock).unwrap() < Duration::from_secs(3600));
}

fn a_thread_that_is_not_there_has_no_clock(time: &Time) {
    let error = time.pthread_getcpuclockid(u32::MAX - 7).unwrap_err();
    assert!(matches!(error, Error::ProcessLookup { .. }), "{error:?}");
    assert_eq!(error.errno(), Some(3));
}

fn only_the_wall_clock_can_be_set(time: &Time) {
    let error = time.clock_settime(ClockId::Monotonic, 0).unwrap_err();
    assert_eq!(error.errno(), Some(22), "{error:?}");
    assert_eq!(error.to_string(), "cannot set CLOCK_MONOTONIC: invalid argument");
}

fn clock_info_knows_pythons_five_clocks(time: &Time) {
    let info = time.get_clock_info("perf_counter").unwrap();
    assert_eq!((info.implementation, info.monotonic, info.adjustable), ("clock_gettime(CLOCK_MONOTONIC)", true, false));
    let info = time.get_clock_info("time").unwrap();
    assert_eq!((info.implementation, info.monotonic, info.adjustable), ("clock_gettime(CLOCK_REALTIME)", false, true));
    for name in ["monotonic", "process_time", "thread_time"] {
        assert!(time.get_clock_info(name).unwrap().monotonic);
    }
    assert_eq!(time.get_clock_info("sundial").unwrap_err().to_string(), "unknown clock");
}

fn gmtime_of_the_epoch(time: &Time) {
    let epoch = time.gmtime(0).unwrap();
    assert_eq!(epoch, StructTime::from([1970, 1, 1, 0, 0, 0, 3, 1, 0]));
    assert_eq!((epoch.tm_zone.as_deref(), epoch.tm_gmtoff), (Some("GMT"), Some(0)));
    assert_eq!(time.gmtime(SystemTime::UNIX_EPOCH - Duration::from_millis(1)).unwrap().tm_sec, 59);
    assert!(matches!(time.gmtime(i64::MAX), Err(Error::Overflow(_))));
}

fn times_without_an_argument_are_of_now(time: &Time) {
    let now = time.gmtime(None).unwrap();
    assert!(now >= StructTime::from([2026, 1, 1, 0, 0, 0, 0, 0, 0]));
    assert_eq!(time.asctime(None).unwrap().len(), 24);
    let year = time.strftime("%Y", None).unwrap();
    assert_eq!(year, time.localtime(None).unwrap().tm_year.to_string());
    assert!(time.ctime(None).unwrap().ends_with(&year));
}

fn mktime_turns_localtime_around(time: &Time) {
    for zone in ["Europe/Berlin", "EST5EDT,M3.2.0,M11.1.0", "UTC", "Australia/Lord_Howe"] {
        let time = under(time, zone);
        for day in 0..400 {
            let seconds = 1_760_000_000 + day * 86_400 + day * 977;
            let at = time.mktime(&time.localtime(seconds).unwrap()).unwrap();
            assert_eq!(at, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64), "{zone}");
        }
    }
}

/// The same clocks in another environment.
fn under(time: &Time, tz: &str) -> Time {
    let ambient = leyden::Ambient::default();
    ambient.edit(|environ| environ.insert("TZ".into(), tz.into()));
    time.clone().with_ambient(ambient)
}

fn the_environment_gives_the_zone(time: &Time) {
    let berlin = under(time, "Europe/Berlin");
    assert_eq!(berlin.tzname().unwrap(), ("CET".to_owned(), "CEST".to_owned()));
    assert_eq!((berlin.timezone().unwrap(), berlin.altzone().unwrap(), berlin.daylight().unwrap()), (-3600, -7200, 1));
    let july = berlin.localtime(1_783_000_000).unwrap();
    assert_eq!((july.tm_isdst, july.tm_zone.as_deref(), july.tm_gmtoff), (1, Some("CEST"), Some(7200)));
    assert_eq!(berlin.strftime("%Z %z", &july).unwrap(), "CEST +0200");
}

fn a_change_of_tz_holds_at_once(time: &Time) {
    let ambient = leyden::Ambient::default();
    let time = time.clone().with_ambient(ambient.clone());
    for (tz, hour) in [("UTC", 0), ("Asia/Kolkata", 5), ("CET-1", 1), ("", 0)] {
        ambient.edit(|environ| environ.insert("TZ".into(), tz.into()));
        assert_eq!(time.localtime(0).unwrap().tm_hour, hour, "{tz}");
    }
    time.tzset().unwrap();
}

fn the_south_has_summer_in_january(time: &Time) {
    let sydney = under(time, "Australia/Sydney");
    assert_eq!(sydney.tzname().unwrap(), ("AEST".to_owned(), "AEDT".to_owned()));
    assert_eq!((sydney.timezone().unwrap(), sydney.altzone().unwrap()), (-36_000, -39_600));
}

fn a_zone_that_is_nowhere_is_utc_by_its_letters(time: &Time) {
    assert_eq!(under(time, "Nowhere/Land").tzname().unwrap().0, "Nowhere");
    assert_eq!(under(time, "europe/BERLIN").timezone().unwrap(), 0);
    assert_eq!(under(time, "??").tzname().unwrap().0, "", "no name is none");
}

fn a_zone_name_cannot_climb_out_of_the_zones(time: &Time) {
    assert_eq!(under(time, "../zoneinfo/Europe/Berlin").timezone().unwrap(), 0);
}

fn fields_out_of_range_are_refused(time: &Time) {
    let t = StructTime { tm_mon: 13, ..StructTime::default() };
    assert_eq!(time.strftime("%F", &t).unwrap_err().to_string(), "month out of range");
    assert_eq!(time.asctime(&t).unwrap_err().to_string(), "month out of range");
    assert_eq!(time.strftime("a\0b", None).unwrap_err().to_string(), "embedded null character");
}

fn strptime_reads_what_strftime_wrote(time: &Time) {
    let time = under(time, "America/New_York");
    let format = "%Y-%m-%d %H:%M:%S %Z %z %j %A";
    for day in 0..500 {
        let t = time.localtime(1_700_000_000 + day * 90_001).unwrap();
        let read = time.strptime(&time.strftime(format, &t).unwrap(), format).unwrap();
        assert_eq!(read, t);
        assert_eq!((read.tm_zone, read.tm_gmtoff), (t.tm_zone, t.tm_gmtoff));
    }
    let error = time.strptime("2026-01-01 x", "%Y-%m-%d").unwrap_err();
    assert_eq!(error.to_string(), "unconverted data remains:  x");
    let error = time.strptime("x", "%Y").unwrap_err();
    assert_eq!(error.to_string(), "time data 'x' does not match format '%Y'");
}

#[test]
fn a_machine_without_zones_has_those_of_the_crate() {
    let native = leyden::time::native::Native::with_zones("/nowhere/zoneinfo");
    let time = Time::new(std::sync::Arc::new(native));
    assert_eq!(under(&time, "Europe/Berlin").timezone().unwrap(), -3600);
    assert_eq!(under(&time, "Nowhere/Land").timezone().unwrap(), 0);
    let native = leyden::time::native::Native::with_zones("/");
    assert_eq!(
        under(&Time::new(std::sync::Arc::new(native)), "Europe/Berlin").timezone().unwrap(),
        0,
        "an empty directory is one"
    );
}

#[test]
fn a_long_format_needs_no_deep_stack() {
    let time = World::new().batteries().time;
    let text = "x ".repeat(200_000);
    assert_eq!(time.strptime(&(text.clone() + "5"), &(text.clone() + "%d")).unwrap().tm_mday, 5);
    assert!(time.strptime(&text, &(text.clone() + "%d")).is_err());
    assert_eq!(time.strptime("a \t 5", "a %d").unwrap().tm_mday, 5);
}

#[test]
fn a_world_has_its_own_clock_and_zone() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    let time = world.batteries().time;
    assert_eq!(time.ctime(None).unwrap(), "Thu Jan  1 01:00:00 2026");
    time.sleep(Duration::from_secs(3600)).wait();
    assert_eq!(time.ctime(None).unwrap(), "Thu Jan  1 02:00:00 2026");
    time.clock_settime(ClockId::Realtime, 0).unwrap();
    assert_eq!(time.ctime(None).unwrap(), "Thu Jan  1 01:00:00 1970");
    assert_eq!(time.monotonic(), Duration::from_secs(3600));
    assert_eq!(world.script().count("time.sleep"), 1);
    world.time.spend(Duration::from_secs(7));
    assert_eq!(time.process_time().unwrap(), Duration::from_secs(7));
}

#[test]
fn a_zone_file_that_cannot_be_read_is_an_error() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    world.script().fail_next("time.zone_file", std::io::Error::from_raw_os_error(5));
    let time = world.batteries().time;
    let error = time.localtime(0).unwrap_err();
    assert_eq!(
        (error.errno(), error.to_string().as_str()),
        (Some(5), "cannot read the zone file of the machine: input/output error")
    );
    assert_eq!(time.localtime(0).unwrap().tm_hour, 1);
}

#[cfg(feature = "os")]
#[test]
fn the_os_battery_and_time_share_the_environment() {
    let world = World::new();
    let batteries = world.batteries();
    world.os.ambient().edit(|environ| environ.insert("TZ".into(), "Asia/Tokyo".into()));
    assert_eq!(batteries.time.timezone().unwrap(), -32_400);
}

/// Row F6 of the list of faults: as glibc has it.
fn winter_may_be_the_daylight_saving_time(time: &Time) {
    let isdst = |zone: &str, seconds: i64| {
        let ambient = leyden::Ambient::isolated([("TZ".into(), zone.into())].into(), "/");
        time.clone().with_ambient(ambient).localtime(seconds).unwrap().tm_isdst
    };
    for (zone, seconds, wanted) in [
        ("Europe/Dublin", 1_704_110_400, 1), // 2024-01-01
        ("Europe/Dublin", 1_719_835_200, 0), // 2024-07-01
        ("Europe/Dublin", -63_158_400, 0),   // 1968-01-01
        ("Eire", 1_704_110_400, 1),
        ("Africa/Windhoek", 1_120_219_200, 1), // 2005-07-01
        ("Africa/Windhoek", 1_104_580_800, 0), // 2005-01-01
        ("Africa/Windhoek", 1_719_835_200, 0),
        ("Europe/Prague", -725_846_400, 1), // 1947-01-01
        ("Europe/Prague", 1_704_110_400, 0),
        ("Europe/London", 1_704_110_400, 0),
        ("Europe/London", 1_719_835_200, 1),
    ] {
        assert_eq!(isdst(zone, seconds), wanted, "{zone} at {seconds}");
    }
}

fn timegm_turns_gmtime_around(time: &Time) {
    use leyden::time::timegm;
    for seconds in [0, -1, 1, 951_782_400, 4_102_444_799, -62_135_596_800, 253_402_300_799] {
        assert_eq!(timegm(&time.gmtime(seconds).unwrap()).unwrap(), seconds);
    }
    // Asked of Python: calendar.timegm((2024, 2, 31, 25, 61, 61)).
    assert_eq!(timegm(&StructTime::from([2024, 2, 31, 25, 61, 61, 0, 0, 0])).unwrap(), 1_709_431_321);
    assert!(timegm(&StructTime::from([0, 1, 1, 0, 0, 0, 0, 0, 0])).is_err());
    assert!(timegm(&StructTime::from([2024, 13, 1, 0, 0, 0, 0, 0, 0])).is_err());
    let far = [9999, 12, i32::MAX, i32::MAX, i32::MAX, i32::MAX, i32::MAX, i32::MAX, i32::MAX];
    assert!(timegm(&StructTime::from(far)).unwrap() > 253_402_300_799);
}
