//! Costs grow with the number of objects, and not faster.

use std::time::Instant;

use leyden::infra::{Declare, Stored};
use leyden::prelude::*;

use super::{apply, plan};

fn many(count: usize) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        let mut last = None;
        for number in 0..count {
            let object = declare.add(("a", number), Stored::new(number))?;
            if let Some(last) = last.filter(|_| number % 10 != 0) {
                object.clone().after(&last);
            }
            last = Some(object);
        }
        Ok(())
    }
}

/// Ten times the objects take no more than twenty times as long: a quadratic cost would be a hundred.
#[test]
fn a_plan_with_nothing_to_do_is_linear() {
    let took = |count: usize| {
        let world = World::new();
        apply(&world, many(count));
        let best = (0..3).map(|_| {
            let start = Instant::now();
            assert!(plan(&world, many(count)).is_empty());
            start.elapsed()
        });
        best.min().unwrap()
    };
    // Another program on the machine may take its time from one of the two: a quadratic cost shows in every round.
    let rounds: Vec<_> = (0..5).map(|_| (took(200), took(2_000))).take_while(|(few, many)| *many >= *few * 20).collect();
    assert!(rounds.len() < 5, "200 and 2000 objects: {rounds:?}");
}

/// `cargo test --release -- --ignored infra::scale --nocapture` prints the figures.
#[test]
#[ignore = "needs an idle machine and --release"]
fn figures() {
    for count in [100, 1_000, 3_000, 4_000, 16_000] {
        let world = World::new();
        let start = Instant::now();
        apply(&world, many(count));
        let applied = start.elapsed();
        let start = Instant::now();
        assert!(plan(&world, many(count)).is_empty());
        let planned = start.elapsed();
        println!("{count:>6}: apply {applied:>10.3?}, plan with nothing to do {planned:>10.3?}");
        assert!(count != 4_000 || planned.as_secs_f64() < 0.1, "{planned:?}");
    }
}
