//! The records of a journal: a line of JSON, a tab, and its checksum.

use serde_json::{Value, json};

use super::super::policy::fnv;
use super::Ending;

#[derive(Clone, Debug)]
pub(super) enum Record {
    Begin(Begin),
    End(End),
}

/// A run is about to begin. Times are microseconds since 1970.
#[derive(Clone, Debug)]
pub(super) struct Begin {
    pub(super) run: u64,
    pub(super) job: String,
    pub(super) spec: u64,
    pub(super) scheduled: Option<i64>,
    pub(super) at: i64,
    pub(super) pid: u32,
}

/// A run has ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) run: u64,
    pub(super) job: String,
    pub(super) at: i64,
    pub(super) took: Option<u64>,
    pub(super) ending: Ending,
    pub(super) error: Option<String>,
    pub(super) tail: String,
}

impl End {
    pub(super) fn interrupted(begin: &Begin, now: i64) -> End {
        let Begin { run, job, .. } = begin.clone();
        End { run, job, at: now, took: None, ending: Ending::Interrupted, error: None, tail: String::new() }
    }

    pub(super) fn is_interruption(&self) -> bool {
        self.ending == Ending::Interrupted
    }
}

impl Record {
    pub(super) fn run(&self) -> u64 {
        match self {
            Record::Begin(begin) => begin.run,
            Record::End(end) => end.run,
        }
    }
}

pub(super) fn line(record: &Record) -> Vec<u8> {
    let text = match record {
        Record::Begin(Begin { run, job, spec, scheduled, at, pid }) => {
            json!({ "begin": run, "job": job, "spec": format!("{spec:016x}"), "scheduled": scheduled, "at": at, "pid": pid })
        }
        Record::End(End { run, job, at, took, ending, error, tail }) => {
            json!({ "end": run, "job": job, "at": at, "took": took, "ending": ending.name(), "error": error, "tail": tail })
        }
    };
    let text = text.to_string();
    format!("{text}\t{:016x}\n", fnv(text.as_bytes())).into_bytes()
}

pub(super) struct Read {
    pub(super) records: Vec<Record>,
    /// Lines that are not records, but for an incomplete last one.
    pub(super) damaged: usize,
}

pub(super) fn read(bytes: &[u8]) -> Read {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // After the last newline there is nothing, or the record during which the process ended.
    lines.pop();
    let parsed: Vec<Option<Record>> = lines.into_iter().map(parse).collect();
    // A crash of the machine may leave a last line of zeros.
    let whole = parsed.iter().rposition(Option::is_some).map_or(0, |at| at + 1).max(parsed.len().saturating_sub(1));
    let damaged = parsed.get(..whole).unwrap_or_default().iter().filter(|record| record.is_none()).count();
    Read { records: parsed.into_iter().flatten().collect(), damaged }
}

fn parse(line: &[u8]) -> Option<Record> {
    let (text, sum) = std::str::from_utf8(line).ok()?.rsplit_once('\t')?;
    let same = u64::from_str_radix(sum, 16).is_ok_and(|sum| sum == fnv(text.as_bytes()));
    record(&same.then(|| serde_json::from_str(text).ok()).flatten()?)
}

fn record(value: &Value) -> Option<Record> {
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let number = |key: &str| value.get(key)?.as_i64();
    let (job, at) = (text("job")?, number("at")?);
    if let Some(run) = value.get("begin").and_then(Value::as_u64) {
        let spec = u64::from_str_radix(&text("spec")?, 16).ok()?;
        let pid = u32::try_from(number("pid")?).ok()?;
        return Some(Record::Begin(Begin { run, job, spec, scheduled: number("scheduled"), at, pid }));
    }
    let run = value.get("end")?.as_u64()?;
    let took = value.get("took").and_then(Value::as_u64);
    let ending = Ending::named(value.get("ending")?.as_str()?)?;
    Some(Record::End(End { run, job, at, took, ending, error: text("error"), tail: text("tail")? }))
}
