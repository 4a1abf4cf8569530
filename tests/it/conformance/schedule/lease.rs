//! One leader among several machines, in one world's S3.

use std::time::Duration;

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Error, Leader, S3Lease, Scheduler};

use super::{Log, outcomes};

fn world() -> World {
    let world = World::new();
    world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("ops")).wait().unwrap();
    world
}

fn lease(world: &World) -> S3Lease {
    S3Lease::new(&world.batteries(), "ops", "leader.json").unwrap()
}

#[test]
fn one_of_two_schedulers_runs_and_the_other_takes_over() {
    let world = world();
    let log = Log::default();
    let machine = |name: &'static str| {
        let schedule = Scheduler::over(&world.batteries());
        schedule.leader(lease(&world));
        let log = log.clone();
        schedule.cron("* * * * *").name("job").do_(move |_| log.note(name)).unwrap();
        schedule
    };
    let (first, second) = (machine("first"), machine("second"));
    let minute = |machines: &[&Scheduler]| {
        // The loop of `serve` wakes more often than there are jobs.
        for _ in 0..6 {
            world.clock().advance(secs(10));
            for machine in machines {
                machine.run_pending().check().unwrap();
            }
        }
        log.take()
    };
    for _ in 0..5 {
        assert_eq!(minute(&[&first, &second]), ["first"]);
    }
    let taken: Vec<String> = (0..4).flat_map(|_| minute(&[&second])).collect();
    assert!((2..=4).contains(&taken.len()) && taken.iter().all(|name| name == "second"), "{taken:?}");
    // The first machine comes back after a pause and finds another leader.
    for _ in 0..3 {
        assert_eq!(minute(&[&first, &second]), ["second"]);
    }
    world.clock().advance(secs(60));
    assert_eq!(outcomes(&first.run_pending()), ["NotLeader"]);
}

#[test]
fn at_no_time_do_two_lead_whatever_the_clocks() {
    let world = world();
    let machines: Vec<S3Lease> = (0..3).map(|_| lease(&world).term(Duration::from_secs(30))).collect();
    // Where the monotonic clocks stand, and how fast they go.
    let clocks = [(0.0, 1.0), (1e6, 1.04), (77.0, 0.96)];
    let mut dice = 88_172_645_463_325_252_u64;
    let mut roll = |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let mut now = 0.0;
    let (mut leaders, mut epochs) = ([0_u32; 3], Vec::new());
    let mut asleep = [0.0; 3];
    // Until when each believes to lead: it asks again before each run.
    for _ in 0..4_000 {
        now += roll(8_000) as f64 / 1_000.0;
        let at = roll(3) as usize;
        if roll(60) == 0 {
            asleep[at] = now + roll(120) as f64;
        }
        let ask = |at: usize| {
            let (start, rate) = clocks[at];
            machines[at].lead(Duration::from_secs_f64(start + now * rate)).unwrap()
        };
        let awake: Vec<usize> = (0..3).filter(|at| asleep[*at] <= now).collect();
        let leading: Vec<(usize, u64)> = awake.iter().filter_map(|at| Some((*at, ask(*at)?))).collect();
        // Asked a second time at the same moment, nothing has changed: two that answered yes would both answer it again.
        let again: Vec<(usize, u64)> = awake.iter().filter_map(|at| Some((*at, ask(*at)?))).collect();
        assert!(again.len() <= 1, "at {now}: {leading:?}, then {again:?}");
        for (at, epoch) in again {
            leaders[at] += 1;
            if epochs.last() != Some(&epoch) {
                epochs.push(epoch);
            }
        }
    }
    assert!(leaders.iter().all(|count| *count > 50), "{leaders:?}");
    assert!(epochs.windows(2).all(|pair| pair[0] < pair[1]) && epochs.len() > 10, "{epochs:?}");
}

#[test]
fn a_released_lease_is_taken_at_once_and_a_foreign_object_is_an_error() {
    let world = world();
    let (first, second) = (lease(&world), lease(&world));
    assert_eq!(first.lead(secs(0)).unwrap(), Some(1));
    assert_eq!(second.lead(secs(0)).unwrap(), None);
    first.release().unwrap();
    assert_eq!((first.epoch(), second.lead(secs(25)).unwrap()), (None, Some(2)));
    let s3 = world.batteries().boto3.client().s3();
    s3.put_object(|put| put.bucket("ops").key("leader.json").body(b"hello".to_vec().into())).wait().unwrap();
    let error = lease(&world).lead(secs(0)).unwrap_err();
    assert_eq!(error.to_string(), "lease s3://ops/leader.json: the object is not a lease");
    assert!(matches!(S3Lease::new(&world.batteries(), "none", "x").unwrap().lead(secs(0)), Err(Error::Lease { .. })));
}

#[test]
fn a_leader_that_cannot_reach_s3_leads_until_shortly_before_its_term_ends() {
    let world = world();
    let lease = lease(&world);
    assert_eq!(lease.lead(secs(0)).unwrap(), Some(1));
    let fail =
        || world.script().fail_next("boto3", leyden::boto3::Error::DeadlineExceeded { operation: "PutObject", budget: secs(1) });
    fail();
    assert_eq!(lease.lead(secs(40)).unwrap(), Some(1));
    assert_eq!(lease.lead(secs(53)).unwrap(), Some(1));
    // Longer than the term without a renewal: it leads only if it can take the lease again, and the object has to be seen unchanged first.
    assert_eq!(lease.lead(secs(200)).unwrap(), None);
}
