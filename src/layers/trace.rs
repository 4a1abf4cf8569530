//! [`Trace`]: reports every call of every backend.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::hook::{Call, Effect, Hook, Outcome};
use super::{printable, quoted};
use crate::Batteries;

/// One call that has ended. `Display` shows it in one line: `os.mkdir(/srv) 12µs`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The primitive: `"os.mkdir"`.
    pub operation: &'static str,
    /// What it was called on, secrets hidden.
    pub subject: String,
    /// Whether it could change something.
    pub effect: Effect,
    /// How long it took.
    pub took: Duration,
    /// How many bytes went through, where the call transfers bytes.
    pub bytes: Option<u64>,
    /// The error's text, if it failed.
    pub error: Option<String>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}) {:?}", self.operation, printable(&self.subject), self.took)?;
        if let Some(bytes) = self.bytes {
            write!(f, ", {bytes} bytes")?;
        }
        self.error.as_ref().map_or(Ok(()), |error| write!(f, ": {}", printable(error)))
    }
}

/// Reports every call of every backend, with its duration, bytes and outcome.
///
/// Durations are measured on the clock of the batteries: in a [`World`](crate::World) they are virtual.
#[derive(Clone, Debug)]
pub struct Trace {
    batteries: Batteries,
    tracer: Arc<Tracer>,
}

impl Trace {
    /// The batteries with a sink that gets each call when it has ended. It is called on the thread of the call.
    pub fn over(batteries: &Batteries, sink: impl Fn(&Event) + Send + Sync + 'static) -> Trace {
        let tracer = Arc::new(Tracer { sink: Box::new(sink), summary: Mutex::default() });
        Trace { batteries: super::over(batteries, tracer.clone()), tracer }
    }

    /// The batteries with each call as an event of the `tracing` crate: target `leyden`, level DEBUG, a failed call WARN.
    #[cfg(feature = "tracing")]
    pub fn to_tracing(batteries: &Batteries) -> Trace {
        Trace::over(batteries, |event| {
            let Event { operation, subject, took, bytes, error, .. } = event;
            let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            match error {
                None => tracing::debug!(target: "leyden", operation, subject, microseconds = took, bytes),
                Some(error) => tracing::warn!(target: "leyden", operation, subject, microseconds = took, error),
            }
        })
    }

    /// The batteries for the script.
    pub fn batteries(&self) -> Batteries {
        self.batteries.clone()
    }

    /// How often each operation was called so far, and how long it took.
    pub fn summary(&self) -> Summary {
        let totals = self.tracer.lock();
        Summary(totals.iter().map(|(operation, total)| total.row(operation)).collect())
    }
}

struct Tracer {
    sink: Box<dyn Fn(&Event) + Send + Sync>,
    summary: Mutex<BTreeMap<&'static str, Total>>,
}

impl Tracer {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Total>> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").finish_non_exhaustive()
    }
}

impl Hook for Tracer {
    fn after(&self, call: &Call<'_>, outcome: &Outcome) {
        self.lock().entry(call.operation).or_default().add(outcome);
        (self.sink)(&Event {
            operation: call.operation,
            subject: call.subject.to_string(),
            effect: call.effect,
            took: outcome.took,
            bytes: outcome.bytes,
            error: outcome.error.clone(),
        });
    }
}

/// The calls of one operation: a histogram of logarithmic buckets, eight an octave, so that a percentile is right to 9 %.
#[derive(Debug, Default)]
struct Total {
    count: u64,
    failed: u64,
    bytes: u64,
    took: Duration,
    buckets: BTreeMap<u32, u64>,
}

impl Total {
    fn add(&mut self, outcome: &Outcome) {
        self.count += 1;
        self.failed += u64::from(outcome.error.is_some());
        self.bytes = self.bytes.saturating_add(outcome.bytes.unwrap_or(0));
        self.took = self.took.saturating_add(outcome.took);
        *self.buckets.entry(bucket(outcome.took)).or_default() += 1;
    }

    fn percentile(&self, percent: u64) -> Duration {
        let wanted = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        let reached = self.buckets.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        reached.map_or(Duration::ZERO, |(bucket, _)| middle(*bucket))
    }

    fn row(&self, operation: &'static str) -> Row {
        let Total { count, failed, bytes, took, .. } = *self;
        Row { operation, count, failed, bytes, total: took, p50: self.percentile(50), p99: self.percentile(99) }
    }
}

/// The bucket of a duration: its octave in nanoseconds, and the next three bits.
fn bucket(took: Duration) -> u32 {
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    if nanoseconds < 8 {
        return u32::try_from(nanoseconds).unwrap_or(0);
    }
    let octave = nanoseconds.ilog2();
    octave * 8 + u32::try_from((nanoseconds >> (octave - 3)) & 7).unwrap_or(0)
}

/// The middle of a bucket.
fn middle(bucket: u32) -> Duration {
    if bucket < 24 {
        return Duration::from_nanos(u64::from(bucket));
    }
    let (octave, part) = (bucket / 8, u64::from(bucket % 8));
    let low = (8 + part) << (octave - 3);
    Duration::from_nanos(low.saturating_add((1 << (octave - 3)) / 2))
}

/// What [`Trace::summary`] gives. `Display` is a table.
#[derive(Clone, Debug)]
pub struct Summary(Vec<Row>);

impl Summary {
    /// A row an operation, in the order of their names.
    pub fn rows(&self) -> &[Row] {
        &self.0
    }
}

/// The calls of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The primitive: `"os.mkdir"`.
    pub operation: &'static str,
    /// How often it was called.
    pub count: u64,
    /// How many of the calls failed.
    pub failed: u64,
    /// How many bytes went through.
    pub bytes: u64,
    /// How long all calls took together.
    pub total: Duration,
    /// Half of the calls took at most this long; right to 9 %.
    pub p50: Duration,
    /// 99 % of the calls took at most this long; right to 9 %.
    pub p99: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|row| row.operation.len()).max().unwrap_or(0).max("operation".len());
        write!(
            f,
            "{:<width$} {:>8} {:>7} {:>12} {:>10} {:>10} {:>10}",
            "operation", "count", "failed", "bytes", "total", "p50", "p99"
        )?;
        self.0.iter().try_for_each(|row| {
            let [total, p50, p99] = [row.total, row.p50, row.p99].map(|took| format!("{took:.1?}"));
            let Row { operation, count, failed, bytes, .. } = row;
            write!(f, "\n{operation:<width$} {count:>8} {failed:>7} {bytes:>12} {total:>10} {p50:>10} {p99:>10}")
        })
    }
}

/// Collects events as a file of Chrome's trace format, which `chrome://tracing` and ui.perfetto.dev open.
///
/// <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::layers::{ChromeTrace, Trace};
/// use leyden::prelude::*;
///
/// let world = World::new();
/// let file = ChromeTrace::new();
/// let trace = Trace::over(&world.batteries(), file.sink());
/// trace.batteries().os.mkdir("/srv").unwrap();
/// assert!(file.json().contains(r#""name":"os.mkdir""#));
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChromeTrace(Arc<Mutex<Collected>>);

#[derive(Debug, Default)]
struct Collected {
    /// Where the next call of this thread begins: calls are laid end to end, since an event has a length but no start.
    lanes: BTreeMap<String, Duration>,
    events: String,
}

impl ChromeTrace {
    /// An empty file.
    pub fn new() -> ChromeTrace {
        ChromeTrace::default()
    }

    /// A sink for [`Trace::over`].
    pub fn sink(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let shared = self.0.clone();
        move |event| {
            let mut collected = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let thread = std::thread::current();
            let lane = thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned);
            let start = collected.lanes.get(&lane).copied().unwrap_or_default();
            collected.lanes.insert(lane.clone(), start.saturating_add(event.took));
            let Event { operation, subject, took, bytes, error, .. } = event;
            let (name, lane) = (quoted(operation), quoted(&lane));
            let mut args = format!(r#""subject":{}"#, quoted(subject));
            if let Some(bytes) = bytes {
                args.push_str(&format!(r#","bytes":{bytes}"#));
            }
            if let Some(error) = error {
                args.push_str(&format!(r#","error":{}"#, quoted(error)));
            }
            let (start, took) = (start.as_nanos() as f64 / 1e3, took.as_nanos() as f64 / 1e3);
            let comma = if collected.events.is_empty() { "" } else { ",\n" };
            let line =
                format!(r#"{comma}{{"name":{name},"ph":"X","ts":{start},"dur":{took},"pid":1,"tid":{lane},"args":{{{args}}}}}"#);
            collected.events.push_str(&line);
        }
    }

    /// The file's text.
    pub fn json(&self) -> String {
        format!("[{}]\n", self.0.lock().unwrap_or_else(PoisonError::into_inner).events)
    }
}
