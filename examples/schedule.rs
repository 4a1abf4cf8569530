//! A week of jobs in a moment: intervals, a time of day in a zone, a cron expression, a job that ends itself.
//!
//! cargo run --example schedule --features schedule

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leyden::prelude::*;
use leyden::schedule::{CancelJob, Outcome};

/// Counts runs by the name of the job.
type Counts = Arc<Mutex<BTreeMap<String, usize>>>;

/// The jobs of a small shop.
fn plan(Batteries { schedule, .. }: &Batteries) -> leyden::Result<()> {
    schedule.every(10).minutes().name("look at the queue").do_(|_| ())?;
    schedule.every(1).monday().at(("09:00", "Europe/Berlin")).name("weekly report").tag(["mail"]).do_(|_| ())?;
    schedule.cron("30 18 * * MON-FRI").zone("America/New_York").name("close the books").do_(|_| ())?;
    schedule.every(1).day().at("12:00").name("offer").until("2026-01-05").do_(|_| ())?;
    schedule.every(1).hour().name("first hour only").do_(|_| CancelJob)?;
    schedule.every(2).days().name("always fails").do_(|Batteries { os, .. }| os.remove("/no/such/file"))?;
    Ok(())
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> leyden::Result<()> {
    let world = World::new(); // Thursday, 2026-01-01, 00:00 UTC
    let batteries = world.batteries();
    plan(&batteries)?;
    for job in batteries.schedule.jobs() {
        println!("{job:?}");
    }

    let counts = Counts::default();
    let (counted, week) = (counts.clone(), world.clock().now() + secs(7 * 86_400));
    let watch = move |run: &leyden::schedule::Run| {
        if let Outcome::Failed(error) = &run.outcome {
            println!("{} {error}", run.started);
        }
        let mut counts = counted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *counts.entry(run.job.clone()).or_default() += 1;
    };
    println!("\na week later:");
    let served = batteries.schedule.serve().until(week).watch(watch).wait()?;
    for (job, count) in &*counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
        println!("{count:5} {job}");
    }
    println!("{} runs, {} failed", served.runs, served.failed);
    println!("next: {:?}", batteries.schedule.next_run("mail")?.map(|at| at.to_string()));

    if let Err(error) = batteries.schedule.cron("0 25 * * *").do_(|_| ()) {
        println!("\n{error}");
    }
    if let Err(error) = batteries.schedule.every(2).monday().do_(|_| ()) {
        println!("{error}");
    }
    Ok(())
}
