//! Python's batteries for automation, in Rust.

mod ambient;
mod batteries;
mod error;
#[cfg(any(feature = "sys", feature = "platform"))]
mod glibc;
pub mod mock;
pub mod prelude;
mod secret;
mod wait;

pub use ambient::{Ambient, Variables};
pub use batteries::{Batteries, Builder};
pub use error::{Error, Result};
pub use mock::World;
pub use secret::Secret;
pub use wait::Wait;

#[cfg(feature = "bs4")]
pub mod bs4;
#[cfg(feature = "os")]
pub mod os;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(feature = "re")]
pub mod re;
#[cfg(feature = "requests")]
pub mod requests;
#[cfg(feature = "smtplib")]
pub mod smtplib;
#[cfg(feature = "subprocess")]
pub mod subprocess;
#[cfg(feature = "sys")]
pub mod sys;
#[cfg(feature = "time")]
pub mod time;
