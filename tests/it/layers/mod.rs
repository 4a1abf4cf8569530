//! Layers: what they report, disturb and refuse. That they change nothing else is what the conformance suites show beneath them: see
//! `support::layer`.

#[cfg(all(feature = "record", feature = "requests", feature = "subprocess"))]
mod cassette;
mod chaos;
#[cfg(feature = "subprocess")]
mod dry_run;
mod guard;
mod trace;
