//! What the tests share.
#![allow(dead_code, reason = "each battery uses its part")]

pub mod alone;
#[cfg(feature = "aws")]
pub mod coverage;
#[cfg(any(feature = "requests", feature = "s3"))]
pub mod http;
pub mod layer;
pub mod oracle;
#[cfg(feature = "fabric")]
pub mod remote;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "s3")]
pub mod s3_yes;
#[cfg(feature = "aws")]
pub mod script;
#[cfg(feature = "os")]
pub mod site;
#[cfg(feature = "smtplib")]
pub mod smtp;
#[cfg(feature = "smtplib")]
pub mod smtp_socket;
#[cfg(feature = "requests")]
pub mod socks;
#[cfg(feature = "fabric")]
pub mod sshd;
#[cfg(feature = "requests")]
pub mod terminal;
#[cfg(feature = "os")]
pub mod trees;

use std::time::Duration;

/// A deadline that is to pass, but not before what comes first has been done, however loaded the machine is.
pub const SOON: Duration = Duration::from_millis(1500);

/// What may pass beyond a deadline: on a loaded machine much; in memory nothing, since the clock is the world's own.
pub fn late(in_memory: bool) -> Duration {
    if in_memory { Duration::from_millis(1) } else { Duration::from_secs(15) }
}
#[cfg(any(feature = "bs4", feature = "smtplib"))]
pub mod work;
