//! Reading the oracle data: one JSON object a line, written by the program of the same name in `tests/oracle/`.

use serde_json::Value;

/// The cases of `tests/oracle/data/{name}.jsonl`, in order. Another folder, `LEYDEN_ORACLE_DATA`, holds those of other seeds.
pub fn cases(name: &str) -> Vec<Value> {
    let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/data").to_owned();
    let path = format!("{}/{name}.jsonl", std::env::var("LEYDEN_ORACLE_DATA").unwrap_or_else(|_| own()));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let cases: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}"))).collect();
    assert!(!cases.is_empty(), "{path} holds no case");
    cases
}

/// True if this process is root's: the answers about files are root's, whom no mode keeps out.
pub fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}

/// Collects every mismatch of a replay, so that one run shows them all.
#[derive(Default)]
pub struct Replay {
    ran: usize,
    mismatches: Vec<String>,
}

impl Replay {
    /// Compares what leyden gave with what Python answered.
    #[allow(clippy::needless_pass_by_value, reason = "callers pass what they have just made")]
    pub fn check<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Display, leyden: T, python: T) {
        self.ran += 1;
        if leyden != python {
            self.mismatches.push(format!("{what}\n    leyden: {leyden:?}\n    python: {python:?}"));
        }
    }

    /// Fails the test if a case differed or fewer than `at_least` ran.
    pub fn finish(self, at_least: usize) {
        let shown = self.mismatches.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.mismatches.is_empty(), "{} of {} cases differ from Python:\n{shown}", self.mismatches.len(), self.ran);
        assert!(self.ran >= at_least, "only {} cases ran, {at_least} are expected", self.ran);
    }
}
