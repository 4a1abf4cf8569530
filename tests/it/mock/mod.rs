//! The core that all mocks share: worlds, clocks, scripts, torture itself, and waiting.

mod arrange;
mod clock;
#[cfg(feature = "fabric")]
mod fabric;
mod script;
mod torture;
mod wait;
mod world;
