//! [`Leader`]: which of several machines runs the jobs.

#[cfg(feature = "s3")]
pub(super) mod lease;

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Duration;

use super::Scheduler;
use super::error::Result;

/// Decides whether this machine runs the jobs. `S3Lease` (with the feature `s3`) is one.
pub trait Leader: Debug + Send + Sync + 'static {
    /// The epoch of this machine's leadership, or None if another machine leads. Asked before each run; it may take or renew a lease.
    ///
    /// The epoch grows with each change of the leader: what a job writes can be fenced by it.
    ///
    /// `now` is this machine's monotonic clock.
    fn lead(&self, now: Duration) -> Result<Option<u64>>;
}

impl Scheduler {
    /// Runs jobs only while this machine leads. Elsewhere a due job is [`Outcome::NotLeader`](super::Outcome::NotLeader), and its next run is planned.
    ///
    /// [`serve`](Scheduler::serve) also asks each time that it wakes: [`Serve::wake`](super::Serve::wake) should be shorter than a third of the lease's term.
    pub fn leader(&self, leader: impl Leader) {
        *self.state.leader.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(leader));
    }

    /// Renews or observes the lease, so that it is known when a job is due. What fails here fails the next run.
    pub(super) fn keep_lease(&self) {
        let _ = self.leads();
    }

    /// False if another machine leads.
    pub(super) fn leads(&self) -> Result<bool> {
        let leader = self.state.leader.lock().unwrap_or_else(PoisonError::into_inner).clone();
        leader.map_or(Ok(true), |leader| Ok(leader.lead(self.time.monotonic())?.is_some()))
    }
}
