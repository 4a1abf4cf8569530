//! [`S3Lease`]: a lease in S3 that one machine holds.

use std::io::Read as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::Leader;
use crate::Batteries;
use crate::boto3::{self, s3};
use crate::schedule::error::{Error, Result};
use crate::wait::Wait;

/// A lease in S3: of the machines that name the same object, one leads.
///
/// The object is created with `If-None-Match: *` and renewed with `If-Match`, so that S3 decides. A machine that sees the object unchanged for the whole term takes it over
/// with the next epoch. Only the time that passes on each machine counts: their wall clocks may differ by any amount, and the rates of their monotonic clocks by a twentieth.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::schedule::{S3Lease, Scheduler};
///
/// let world = World::new();
/// world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("ops")).wait()?;
/// let schedule = |_| {
///     let schedule = Scheduler::over(&world.batteries());
///     schedule.leader(S3Lease::new(&world.batteries(), "ops", "leader.json")?);
///     schedule.every(1).minute().do_(|_| ())?;
///     Ok::<_, leyden::Error>(schedule)
/// };
/// let machines = [schedule(1)?, schedule(2)?];
/// world.clock().advance(secs(60));
/// let ran: Vec<usize> = machines.iter().map(|machine| machine.run_pending().iter().filter(|run| run.outcome.is_run()).count()).collect();
/// assert_eq!(ran, [1, 0]);
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// What it promises: at no time do two machines lead. It is kept as long as a run that began while the machine led does not go on for longer than the rest of its term; a job
/// that must not overlap on two machines has to be shorter than the term, or to fence what it writes by [`epoch`](S3Lease::epoch).
/// The monotonic clock of a machine that is suspended stands still: after it wakes, it may take itself for the leader for up to a third of the
/// term, while another machine leads. The epoch tells them apart.
/// A run that is due between the end of a machine and the take-over, at most the term and a [wake](crate::schedule::Serve::wake), is not made.
#[derive(Debug)]
pub struct S3Lease {
    s3: s3::Client,
    bucket: String,
    key: String,
    holder: String,
    term: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// The lease as it was seen or written last.
    etag: Option<String>,
    /// When it was first seen so, or written, on the monotonic clock.
    since: Duration,
    /// When S3 was asked last.
    asked: Option<Duration>,
    /// The epoch, while this machine leads.
    epoch: Option<u64>,
    renewals: u64,
}

/// What became of a conditional write.
enum Written {
    Yes(String),
    /// Another machine was first.
    Lost,
}

impl S3Lease {
    /// A lease in this object, with the S3 client of the environment and a term of 60 seconds.
    pub fn new(batteries: &Batteries, bucket: impl Into<String>, key: impl Into<String>) -> Result<S3Lease> {
        let random = batteries.os.urandom(8)?;
        let random: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let holder = format!("{}-{}-{random}", batteries.os.uname().nodename, batteries.os.getpid());
        Ok(S3Lease {
            s3: batteries.boto3.client().s3(),
            bucket: bucket.into(),
            key: key.into(),
            holder,
            term: Duration::from_secs(60),
            state: Mutex::default(),
        })
    }

    /// Another client: an endpoint, a profile, a region.
    pub fn client(self, s3: s3::Client) -> S3Lease {
        S3Lease { s3, ..self }
    }

    /// How long a machine that is not heard of leads: at least 1 second. All machines should have the same term. It is renewed each third of it.
    pub fn term(self, term: impl Into<crate::Seconds>) -> S3Lease {
        S3Lease { term: Duration::from(term.into()).max(Duration::from_secs(1)), ..self }
    }

    /// The epoch while this machine leads: it grows with each change of the leader.
    pub fn epoch(&self) -> Option<u64> {
        self.lock().epoch
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, reason: impl ToString) -> Error {
        Error::Lease { lease: format!("s3://{}/{}", self.bucket, self.key), reason: reason.to_string() }
    }

    /// Gives the lease up, so that another machine need not wait for the end of its term.
    pub fn release(&self) -> Result<()> {
        let mut state = self.lock();
        if let (Some(epoch), Some(etag)) = (state.epoch.take(), state.etag.take()) {
            self.write(epoch, state.renewals.saturating_add(1), true, Some(&etag))?;
        }
        Ok(())
    }

    fn write(&self, epoch: u64, renewal: u64, released: bool, etag: Option<&str>) -> Result<Written> {
        let term = self.term.as_secs_f64();
        let lease = json!({ "holder": self.holder, "epoch": epoch, "renewal": renewal, "term": term, "released": released });
        let put = self.s3.put_object(|put| {
            let put = put
                .bucket(&self.bucket)
                .key(&self.key)
                .content_type("application/json")
                .body(lease.to_string().into_bytes().into());
            match etag {
                Some(etag) => put.if_match(etag),
                None => put.if_none_match("*"),
            }
        });
        match put.wait() {
            Ok(output) => output.e_tag.map(Written::Yes).ok_or_else(|| self.failed("S3 answered without an ETag")),
            Err(error) if is_lost(&error) => Ok(Written::Lost),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The lease that is there: its ETag and what it says.
    fn read(&self) -> Result<Option<(String, Value)>> {
        let object = match self.s3.get_object(|get| get.bucket(&self.bucket).key(&self.key)).wait() {
            Ok(object) => object,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let etag = object.e_tag.clone().ok_or_else(|| self.failed("S3 answered without an ETag"))?;
        let mut body = Vec::new();
        // A lease has a few hundred bytes; what is larger is another object.
        self.s3.body(object).take(4096).read_to_end(&mut body).map_err(|error| self.failed(error))?;
        let lease: Value = serde_json::from_slice(&body).map_err(|_| self.failed("the object is not a lease"))?;
        if lease.get("epoch").and_then(Value::as_u64).is_none() {
            return Err(self.failed("the object is not a lease"));
        }
        Ok(Some((etag, lease)))
    }

    fn renew(&self, state: &mut State, epoch: u64, now: Duration) -> Result<Option<u64>> {
        let written = self.write(epoch, state.renewals.saturating_add(1), false, state.etag.as_deref());
        match written {
            Ok(Written::Yes(etag)) => {
                state.renewals = state.renewals.saturating_add(1);
                // The term counts from before the write.
                (state.etag, state.since) = (Some(etag), now);
                Ok(Some(epoch))
            }
            Ok(Written::Lost) => {
                *state = State::default();
                Ok(None)
            }
            // Until shortly before the end of the term no other machine can lead.
            Err(_) if now.saturating_sub(state.since) < self.term.mul_f64(0.9) => Ok(Some(epoch)),
            Err(error) => {
                *state = State::default();
                Err(error)
            }
        }
    }

    fn take(&self, state: &mut State, epoch: u64, etag: Option<&str>, now: Duration) -> Result<Option<u64>> {
        match self.write(epoch, 0, false, etag)? {
            Written::Yes(etag) => {
                *state = State { etag: Some(etag), since: now, asked: Some(now), epoch: Some(epoch), renewals: 0 };
                Ok(Some(epoch))
            }
            Written::Lost => Ok(None),
        }
    }
}

/// True if S3 refused a write since the object has changed or is being changed.
fn is_lost(error: &boto3::Error) -> bool {
    matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey"))
}

impl Leader for S3Lease {
    fn lead(&self, now: Duration) -> Result<Option<u64>> {
        let mut state = self.lock();
        let state = &mut *state;
        if let Some(epoch) = state.epoch {
            let age = now.saturating_sub(state.since);
            if age < self.term / 3 {
                return Ok(Some(epoch));
            }
            if age < self.term.mul_f64(0.9) {
                return self.renew(state, epoch, now);
            }
            // Too late to be sure that no other machine leads: it has to be taken again, like any other.
            *state = State::default();
        }
        if state.asked.is_some_and(|asked| now.saturating_sub(asked) < self.term / 3) {
            return Ok(None);
        }
        state.asked = Some(now);
        let Some((etag, lease)) = self.read()? else { return self.take(state, 1, None, now) };
        let epoch = lease.get("epoch").and_then(Value::as_u64).unwrap_or(0);
        let released = lease.get("released").and_then(Value::as_bool).unwrap_or(false);
        if state.etag.as_ref() != Some(&etag) {
            (state.etag, state.since) = (Some(etag.clone()), now);
        }
        let term = lease.get("term").and_then(Value::as_f64).map_or(self.term, crate::prelude::secs).max(self.term);
        // A clock that is slower than the holder's by a twentieth still waits long enough.
        if released || now.saturating_sub(state.since) > term.mul_f64(1.1) {
            return self.take(state, epoch.saturating_add(1), Some(&etag), now);
        }
        Ok(None)
    }
}
