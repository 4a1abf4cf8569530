//! The policies of a job: [`Missed`], [`Overlap`], [`Backoff`].

use std::time::Duration;

/// What becomes of runs whose time passed while the scheduler could not run them.
///
/// A run is missed if the next one is due already, or if it is later than the job's [`grace`](super::Every::grace).
///
/// | | what runs |
/// |---|---|
/// | [`Missed::Skip`] | nothing; the next run is the next one after now |
/// | [`Missed::Once`] | one run for all of them: Python's behaviour, and the default |
/// | [`Missed::All`] | each of them, at most the last `max` |
///
/// Without a journal only the time since the process started counts, as in Python. With one, the time while it was down counts too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Missed {
    /// Drops them.
    Skip,
    /// Runs once for all of them.
    #[default]
    Once,
    /// Runs each of them.
    All {
        /// How many at most; the oldest are dropped.
        max: usize,
    },
}

/// What happens if a job is due while a run of it goes on. Only [`serve`](super::Scheduler::serve) with
/// [`workers`](super::Serve::workers), and jobs that are awaited, run beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Overlap {
    /// The new run is dropped ([`Outcome::Overlapped`](super::Outcome::Overlapped)).
    #[default]
    Skip,
    /// The new run starts when the running one ends; at most this many wait, and further ones are dropped.
    Queue(usize),
    /// Both run.
    Allow,
    /// The running one is dropped at its next `.await`, then the new one starts. Only for jobs of
    /// [`do_async`](super::Every::do_async): a thread cannot be stopped.
    CancelOld,
}

/// How long to wait before a failed run is tried again: `first`, doubled for each further try, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// The pause before the first retry.
    pub first: Duration,
    /// The longest pause.
    pub max: Duration,
}

impl Default for Backoff {
    /// 1 second, doubled, at most 5 minutes.
    fn default() -> Backoff {
        Backoff { first: Duration::from_secs(1), max: Duration::from_secs(300) }
    }
}

impl Backoff {
    /// The pause before retry number `n`, from 0.
    pub(super) fn pause(self, n: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(n)).min(self.max)
    }
}

/// What a job is run by, apart from its rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    pub(super) missed: Missed,
    pub(super) grace: Option<Duration>,
    pub(super) overlap: Overlap,
    pub(super) jitter: Duration,
    pub(super) retries: u32,
    pub(super) backoff: Backoff,
    pub(super) timeout: Option<Duration>,
    pub(super) rerun: bool,
}

/// The same delay each time for a job of this name, from 0 to `jitter`: FNV-1a of the name, spread over the range.
pub(super) fn jitter(name: &str, jitter: Duration) -> i64 {
    let spread = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX);
    if spread == 0 {
        return 0;
    }
    i64::try_from(mix(fnv(name.as_bytes())) % spread.saturating_add(1)).unwrap_or(0)
}

/// FNV-1a: a checksum and a spread, not a defence.
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of MurmurHash3: FNV's low bits change little with the last letter.
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
