//! Replays `tests/oracle/data/*.jsonl`: what the real Python answered. The programs that asked are `tests/oracle/*.py`.

#[cfg(feature = "os")]
mod os_pure;
#[cfg(feature = "subprocess")]
mod subprocess;
