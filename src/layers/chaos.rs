//! [`Chaos`]: disturbs calls at random from a seed.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::hook::{Call, Effect, Failure, Fate, Hook, Verdict};
use crate::Batteries;
use crate::error::errno::{EAGAIN, EIO, ENOMEM, ENOSPC};

/// Disturbs calls of real or fake backends at random. The same seed disturbs the same calls of a script that runs in one thread.
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::layers::{Chaos, Failure};
/// use leyden::prelude::*;
///
/// let world = World::new();
/// let chaos = Chaos::over(&world.batteries(), 7).fail("os.mkdir", 0.5, Failure::Errno(28)); // ENOSPC
/// let os = chaos.batteries().os;
/// let full = (0..100).filter(|n| os.mkdir(&format!("/{n}")).is_err()).count();
/// assert!((30..70).contains(&full), "{full} with {chaos:?}");
/// # }
/// ```
///
/// `EINTR` is not among the faults: a backend makes an interrupted call again, so no battery ever sees it.
#[derive(Clone, Debug)]
#[must_use = "end with `.batteries()`"]
pub struct Chaos {
    batteries: Batteries,
    seed: u64,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    operation: String,
    rate: f64,
    disturbance: Disturbance,
}

#[derive(Clone, Debug)]
enum Disturbance {
    Fail(Failure),
    Short,
    Delay(RangeInclusive<Duration>),
    /// What this kind of call meets in the field.
    Usual,
}

impl Chaos {
    /// The batteries, with nothing disturbed yet.
    pub fn over(batteries: &Batteries, seed: u64) -> Chaos {
        Chaos { batteries: batteries.clone(), seed, rules: Vec::new() }
    }

    /// The seed, to print and to run again.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A share of all calls meets what its kind meets in the field: `EIO`, `ENOSPC` and short transfers for files, timeouts, resets and cut
    /// bodies for the network, throttling for AWS. The rate is between 0 and 1.
    pub fn rate(self, rate: f64) -> Chaos {
        self.rule("", rate, Disturbance::Usual)
    }

    /// A share of the calls of this operation (`"os.write"`) or battery (`"os"`) fails so.
    pub fn fail(self, operation: impl Into<String>, rate: f64, failure: Failure) -> Chaos {
        self.rule(operation, rate, Disturbance::Fail(failure))
    }

    /// A share of the calls transfers only a part of its bytes; a body of a response breaks off.
    pub fn short(self, operation: impl Into<String>, rate: f64) -> Chaos {
        self.rule(operation, rate, Disturbance::Short)
    }

    /// A share of the calls waits first, on the clock of the batteries.
    pub fn latency(self, operation: impl Into<String>, rate: f64, between: RangeInclusive<Duration>) -> Chaos {
        self.rule(operation, rate, Disturbance::Delay(between))
    }

    fn rule(mut self, operation: impl Into<String>, rate: f64, disturbance: Disturbance) -> Chaos {
        // NaN compares with nothing: it disturbs nothing.
        let rate = if rate.is_nan() { 0.0 } else { rate };
        self.rules.push(Rule { operation: operation.into(), rate, disturbance });
        self
    }

    /// The batteries for the script.
    pub fn batteries(&self) -> Batteries {
        let imp = Imp { rules: self.rules.clone(), state: Mutex::new(self.seed) };
        super::over(&self.batteries, Arc::new(imp))
    }
}

#[derive(Debug)]
struct Imp {
    rules: Vec<Rule>,
    state: Mutex<u64>,
}

impl Imp {
    /// SplitMix64.
    fn word(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Between 0 and 1, without 1.
    fn unit(&self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn usual(&self, call: &Call<'_>) -> Fate {
        let pick = |all: &[Fate]| all[usize::try_from(self.word() % all.len() as u64).unwrap_or(0)].clone();
        let fail = Fate::Fail;
        let few = Fate::Short(1);
        match (call.battery(), call.effect) {
            ("os" | "platform", Effect::Look) => pick(&[fail(Failure::Errno(EIO)), few]),
            ("os", Effect::Change) => pick(&[fail(Failure::Errno(EIO)), fail(Failure::Errno(ENOSPC)), few]),
            ("subprocess", _) => pick(&[fail(Failure::Errno(EAGAIN)), fail(Failure::Errno(ENOMEM))]),
            ("requests", _) => pick(&[fail(Failure::Timeout), fail(Failure::Reset), few]),
            ("smtplib" | "fabric", _) => pick(&[fail(Failure::Timeout), fail(Failure::Reset)]),
            ("s3", _) if call.operation == "s3.sdk" => Fate::Go,
            ("s3" | "ec2" | "sts", _) => pick(&[fail(Failure::Throttled), fail(Failure::Timeout), fail(Failure::Reset)]),
            ("sys", _) => few,
            _ => Fate::Go,
        }
    }
}

// <https://man7.org/linux/man-pages/man3/errno.3.html>, Linux's numbers.

impl Hook for Imp {
    fn before(&self, call: &Call<'_>) -> Verdict {
        let mut verdict = Verdict::go();
        for rule in self.rules.iter().filter(|rule| matches(&rule.operation, call.operation)) {
            if self.unit() >= rule.rate {
                continue;
            }
            match &rule.disturbance {
                Disturbance::Delay(between) => {
                    let span = between.end().saturating_sub(*between.start());
                    verdict.delay = verdict.delay.saturating_add(between.start().saturating_add(span.mul_f64(self.unit())));
                }
                Disturbance::Fail(failure) => verdict.fate = Fate::Fail(failure.clone()),
                Disturbance::Short => verdict.fate = Fate::Short(1),
                Disturbance::Usual => match self.usual(call) {
                    // Nothing disturbs this kind: what an earlier rule says stays.
                    Fate::Go => {}
                    fate => verdict.fate = fate,
                },
            }
        }
        verdict
    }
}

/// `"os"` and `"os.mkdir"` match `"os.mkdir"`; an empty text matches everything.
fn matches(wanted: &str, operation: &str) -> bool {
    wanted.is_empty() || operation.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
