//! What the tests share.
#![allow(dead_code, reason = "each battery uses its part")]

pub mod alone;
#[cfg(feature = "aws")]
pub mod coverage;
#[cfg(feature = "requests")]
pub mod http;
pub mod oracle;
#[cfg(feature = "os")]
pub mod site;
#[cfg(feature = "smtplib")]
pub mod smtp;
#[cfg(feature = "smtplib")]
pub mod smtp_socket;
#[cfg(feature = "os")]
pub mod trees;
