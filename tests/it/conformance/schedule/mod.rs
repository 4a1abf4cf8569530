//! `schedule`: policies, the loop, the journal. What Python has too is replayed in `oracle/schedule.rs`.

#[cfg(feature = "cli")]
mod cli;
mod cron;
mod hand_over;
mod journal;
mod kill;
#[cfg(feature = "s3")]
mod lease;
mod nested;
mod policies;
mod serve;

use std::sync::{Arc, Mutex};

use leyden::schedule::{Run, Runs};

/// What jobs did, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The kinds of the runs' outcomes, without what is in them.
fn outcomes(runs: &Runs) -> Vec<String> {
    runs.iter().map(outcome).collect()
}

fn outcome(run: &Run) -> String {
    let text = format!("{:?}", run.outcome);
    text.split(['(', ' ', '{']).next().unwrap().to_owned()
}
