//! Measures leyden, the crate beneath it and the real Python in one run, and prints the ratios.
//!
//! Python runs as a co-process that times N iterations itself (`timeit`), so neither its start-up nor the pipe is counted.
//! `LEYDEN_PYTHON` names the interpreter (default `python3`), for instance that of a virtual environment with bs4 installed.
#![allow(unreachable_pub, dead_code, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

use criterion::{BatchSize, Bencher, BenchmarkId, Criterion};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

const SERVER: &str = r"
import sys, json, timeit
timers = {}
for line in sys.stdin:
    ask = json.loads(line)
    if ask['id'] not in timers:
        timers[ask['id']] = timeit.Timer(ask['stmt'], ask['setup'])
    print(timers[ask['id']].timeit(ask['n']), flush=True)
";

/// The Python co-process.
pub struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the interpreter.
    pub fn start() -> Python {
        let program = std::env::var("LEYDEN_PYTHON").unwrap_or_else(|_| "python3".into());
        let mut child =
            Command::new(program).args(["-u", "-c", SERVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Python { child, input, output }
    }

    /// The time that `n` runs of `stmt` take, after `setup` has run once for this `id`.
    pub fn time(&mut self, id: &str, setup: &str, stmt: &str, n: u64) -> Duration {
        let ask = serde_json::json!({ "id": id, "setup": setup, "stmt": stmt, "n": n });
        writeln!(self.input, "{ask}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        Duration::from_secs_f64(line.trim().parse().unwrap_or_else(|_| panic!("Python failed on {id}: {line}")))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One comparison: the same work by leyden, by the crate beneath it (if there is one), and by Python (setup, statement).
pub fn compare<A, B>(
    c: &mut Criterion,
    python: &mut Python,
    name: &str,
    mut leyden: impl FnMut() -> A,
    raw: Option<&mut dyn FnMut() -> B>,
    real: (&str, &str),
) {
    against(c, python, name, |b| b.iter(|| std::hint::black_box(leyden())), raw, real);
}

/// One comparison of work that changes what it is done on: leyden has that made anew for each round, which is not counted.
pub fn compare_on<S, A>(
    c: &mut Criterion,
    python: &mut Python,
    name: &str,
    mut fresh: impl FnMut() -> S,
    mut leyden: impl FnMut(&mut S) -> A,
    real: (&str, &str),
) {
    let rounds = |b: &mut Bencher<'_>| {
        b.iter_batched_ref(&mut fresh, |on| std::hint::black_box(leyden(on)), BatchSize::PerIteration);
    };
    against(c, python, name, rounds, None::<&mut dyn FnMut()>, real);
}

fn against<B>(
    c: &mut Criterion,
    python: &mut Python,
    name: &str,
    leyden: impl FnMut(&mut Bencher<'_>),
    raw: Option<&mut dyn FnMut() -> B>,
    (setup, stmt): (&str, &str),
) {
    let mut group = c.benchmark_group(name);
    group.bench_function(BenchmarkId::from_parameter("leyden"), leyden);
    if let Some(raw) = raw {
        group.bench_function(BenchmarkId::from_parameter("raw"), |b| b.iter(|| std::hint::black_box(raw())));
    }
    group.bench_function(BenchmarkId::from_parameter("python"), |b| b.iter_custom(|n| python.time(name, setup, stmt, n)));
    group.finish();
    let median = |which: &str| median(name, which);
    let leyden = median("leyden").unwrap_or(f64::NAN);
    let ratio = |other: Option<f64>| other.map_or_else(|| "-".into(), |other| format!("{:.2}x", other / leyden));
    println!("RATIO | {name} | raw/leyden {} | python/leyden {}", ratio(median("raw")), ratio(median("python")));
}

/// The median that criterion has just stored, in nanoseconds.
pub fn median(group: &str, which: &str) -> Option<f64> {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target").into());
    let text = std::fs::read_to_string(format!("{target}/criterion/{group}/{which}/new/estimates.json")).ok()?;
    serde_json::from_str::<serde_json::Value>(&text).ok()?["median"]["point_estimate"].as_f64()
}
