//! Replays `tests/oracle/data/*.jsonl`: what the real Python answered. The programs that asked are `tests/oracle/*.py`.

#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "sys")]
mod sys;
#[cfg(feature = "time")]
mod time;
