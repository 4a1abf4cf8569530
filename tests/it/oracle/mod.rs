//! Replays `tests/oracle/data/*.jsonl`: what the real Python answered. The programs that asked are `tests/oracle/*.py`.

#[cfg(feature = "re")]
mod re;

#[cfg(feature = "re")]
mod re_classes;
