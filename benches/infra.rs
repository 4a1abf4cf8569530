//! Desired state: a plan with nothing to do over more and more objects, and an apply of 3,000. benches/terraform.py asks Terraform for the
//! same, with `terraform_data`.
#![allow(missing_docs, unreachable_pub, clippy::disallowed_methods, clippy::unwrap_used)]

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use leyden::infra::{Declare, Infra, State, Stored};
use leyden::{Wait, World};

/// Objects in chains of ten.
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

fn infra() -> Infra {
    Infra::new("bench", State::file("/state.json"))
}

fn apply(world: &World, count: usize) {
    let batteries = world.batteries();
    infra().plan(&batteries, many(count)).wait().unwrap().apply(&batteries).wait().unwrap();
}

fn plans(c: &mut Criterion) {
    let mut group = c.benchmark_group("infra/plan_with_nothing_to_do");
    group.sample_size(10);
    for count in [100, 1_000, 4_000, 16_000] {
        let world = World::new();
        apply(&world, count);
        let batteries = world.batteries();
        group.bench_with_input(BenchmarkId::from_parameter(count), &count, |bench, count| {
            bench.iter(|| {
                world.script().clear();
                assert!(infra().plan(&batteries, many(*count)).wait().unwrap().is_empty());
            });
        });
    }
}

fn applies(c: &mut Criterion) {
    let mut group = c.benchmark_group("infra/apply");
    group.sample_size(10);
    for count in [100, 1_000, 3_000] {
        group.bench_with_input(BenchmarkId::from_parameter(count), &count, |bench, count| {
            bench.iter_batched(World::new, |world| apply(&world, *count), BatchSize::PerIteration);
        });
    }
}

criterion_group!(benches, plans, applies);
criterion_main!(benches);
