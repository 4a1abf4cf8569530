//! Disturbances come from the seed, at the rate that was asked for, and only where they were asked for.

use leyden::layers::{Chaos, Failure};
use leyden::prelude::*;

/// Which of a hundred calls failed.
fn pattern(seed: u64, rate: f64) -> Vec<bool> {
    let world = World::new();
    let os = Chaos::over(&world.batteries(), seed).fail("os.mkdir", rate, Failure::Errno(28)).batteries().os;
    (0..100).map(|n| os.mkdir(format!("/{n}")).is_err()).collect()
}

#[test]
fn a_seed_repeats_its_run() {
    assert_eq!(pattern(7, 0.3), pattern(7, 0.3));
    assert_ne!(pattern(7, 0.3), pattern(8, 0.3));
    assert!(pattern(7, 0.0).iter().all(|failed| !failed) && pattern(7, 1.0).iter().all(|failed| *failed));
}

#[test]
fn a_rule_for_one_operation_leaves_the_others() {
    let world = World::new();
    let os = Chaos::over(&world.batteries(), 1).fail("os.mkdir", 1.0, Failure::Errno(28)).batteries().os;
    let error = os.mkdir("/a").unwrap_err();
    assert_eq!(error.errno(), Some(28));
    os.write_text("/b", "text").unwrap();
    assert_eq!(os.read_text("/b").unwrap(), "text");
}

/// A file is written whole although every write takes one byte, and read whole although every read gives one.
#[test]
fn short_transfers_lose_nothing() {
    let world = World::new();
    let os = Chaos::over(&world.batteries(), 1).short("os", 1.0).batteries().os;
    os.write_text("/a", "all of it").unwrap();
    assert_eq!(world.os.read("/a").unwrap(), b"all of it");
    assert_eq!(os.read_text("/a").unwrap(), "all of it");
}

#[test]
fn latency_passes_on_the_clock_of_the_batteries() {
    let world = World::new();
    let chaos = Chaos::over(&world.batteries(), 1).latency("os.mkdir", 1.0, secs(2)..=secs(4));
    chaos.batteries().os.mkdir("/a").unwrap();
    assert!((secs(2)..=secs(4)).contains(&world.clock().elapsed()), "{:?}", world.clock().elapsed());
}

/// A body that breaks off is an error, never a short answer.
#[cfg(feature = "requests")]
#[test]
fn a_cut_body_is_an_error() {
    let world = World::new();
    world.requests.get("http://site.test/").reply_with(|_| leyden::requests::mock::Reply::new(200).body("0123456789"));
    let requests = Chaos::over(&world.batteries(), 1).short("requests.send", 1.0).batteries().requests;
    let error = requests.get("http://site.test/").wait().unwrap_err();
    assert!(!format!("{error:?}").is_empty());
}

/// A throttled call is sent again by what stands above the seam where that is its job, and is an error where it is not.
#[cfg(feature = "s3")]
#[test]
fn throttling_has_the_code_of_the_service() {
    let world = World::new();
    let chaos = Chaos::over(&world.batteries(), 1).fail("s3.list_buckets", 1.0, Failure::Throttled);
    let error = chaos.batteries().boto3.client().s3().list_buckets(|list| list).wait().unwrap_err();
    let leyden::boto3::Error::Client(refusal) = error else { panic!("{error:?}") };
    assert_eq!(refusal.code, "SlowDown");
}

/// `rate` leaves alone what nothing disturbs in the field; an earlier rule for it holds.
#[test]
fn a_rate_does_not_take_back_a_rule() {
    let world = World::new();
    let failed = |rate: f64, then: f64| {
        let chaos = Chaos::over(&world.batteries(), 1).fail("time.clock_settime", rate, Failure::Errno(28)).rate(then);
        chaos.batteries().time.clock_settime_ns(leyden::time::ClockId::Realtime, 1_000_000_000).is_err()
    };
    assert!(failed(1.0, 1.0) && failed(1.0, 0.0) && !failed(0.0, 1.0) && !failed(f64::NAN, f64::NAN));
}

#[cfg(feature = "s3")]
#[test]
fn a_rate_reaches_every_service_and_no_presigned_url() {
    let world = World::new();
    let boto3 = Chaos::over(&world.batteries(), 1).rate(1.0).batteries().boto3;
    let client = || boto3.client().region_name("eu-central-1");
    client().sts().get_caller_identity(|get| get).wait().unwrap_err();
    client().s3().generate_presigned_url().get_object(|get| get.bucket("b").key("k")).wait().unwrap();
}
