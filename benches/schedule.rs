//! Schedules: the next time of an expression, what is due among many jobs, a year in a World.
#![allow(missing_docs, unreachable_pub, clippy::disallowed_methods, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use criterion::{Criterion, criterion_group, criterion_main};
use leyden::World;
use leyden::schedule::Cron;

fn next(c: &mut Criterion) {
    let time = World::new().batteries().time;
    // The 29th of February is a Monday in 2044: 18 years of months are searched.
    for (name, expression, zone) in [
        ("every_15_minutes", "*/15 2-4 * * MON-FRI", "Europe/Berlin"),
        ("leap_day_on_a_monday", "0 0 29 2 */7", "Europe/Berlin"),
        ("last_friday", "0 18 * * 5L", "America/New_York"),
    ] {
        let cron: Cron = expression.parse().unwrap();
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let mut after = cron.after(&time, Some(zone), from).unwrap();
        c.bench_function(&format!("schedule/next/{name}"), |bench| {
            bench.iter(|| {
                black_box(after.clone().next());
            });
        });
        black_box(after.next());
    }
}

fn due(c: &mut Criterion) {
    for jobs in [1_000, 100_000] {
        let world = World::new();
        let schedule = world.batteries().schedule;
        for _ in 0..jobs {
            schedule.every(365).days().do_(|_| ()).unwrap();
        }
        schedule.every(1).second().do_(|_| ()).unwrap();
        c.bench_function(&format!("schedule/run_pending/one_of_{jobs}"), |bench| {
            bench.iter(|| {
                world.clock().advance(Duration::from_secs(1));
                assert_eq!(schedule.run_pending().check().unwrap(), 1);
            });
        });
    }
}

fn year(c: &mut Criterion) {
    let mut group = c.benchmark_group("schedule");
    group.sample_size(10);
    group.bench_function("a_year_of_100_jobs", |bench| {
        bench.iter(|| {
            let world = World::new();
            let batteries = world.batteries();
            for n in 0..100 {
                let expression = format!("{} {} * * *", n % 60, n % 24);
                batteries.schedule.cron(expression).name(format!("job-{n}")).do_(|_| ()).unwrap();
            }
            let until = world.clock().now() + Duration::from_secs(365 * 86_400);
            let served = leyden::Wait::wait(batteries.schedule.serve().until(until)).unwrap();
            assert_eq!(served.runs, 36_500);
        });
    });
}

criterion_group!(benches, next, due, year);
criterion_main!(benches);
