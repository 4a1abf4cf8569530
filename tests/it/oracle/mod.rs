//! Replays `tests/oracle/data/*.jsonl`: what the real Python answered. The programs that asked are `tests/oracle/*.py`.

#[cfg(feature = "bs4")]
mod bs4_dammit;
#[cfg(feature = "bs4")]
mod bs4_tree;
