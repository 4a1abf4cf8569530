//! Puts a layer under every conformance suite: `LEYDEN_LAYER=trace cargo test --test it conformance::`.
//!
//! A layer that lets everything through must change no answer.

use leyden::Batteries;
#[cfg(all(feature = "os", feature = "time"))]
use leyden::layers::DryRun;
use leyden::layers::{Chaos, Guard, Trace};

/// The layers that pass through, by the names that `LEYDEN_LAYER` takes.
pub const LAYERS: &[&str] = &["trace", "guard", "chaos", "dry_run", "record"];

/// The batteries, beneath the layer that the environment names.
pub fn layered(batteries: Batteries) -> Batteries {
    match std::env::var("LEYDEN_LAYER").as_deref() {
        Err(_) => batteries,
        Ok("trace") => Trace::over(&batteries, |_| {}).batteries(),
        Ok("guard") => {
            let guard = Guard::over(&batteries).allow_write("/").allow_operation("*");
            guard.batteries()
        }
        Ok("chaos") => Chaos::over(&batteries, 1).rate(0.0).batteries(),
        #[cfg(all(feature = "os", feature = "time"))]
        Ok("dry_run") => DryRun::over(&batteries).batteries(),
        #[cfg(feature = "record")]
        Ok("record") => {
            use leyden::layers::{Mode, Recorder};
            let recorder = Recorder::over(&batteries, "/never-written.jsonl").mode(Mode::All);
            let layered = recorder.batteries().unwrap();
            // Not written: the suites look at the tree.
            std::mem::forget(recorder);
            layered
        }
        Ok(other) => panic!("LEYDEN_LAYER={other}: one of {LAYERS:?}"),
    }
}
