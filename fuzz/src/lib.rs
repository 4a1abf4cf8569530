//! The fuzz targets. `tests/it/fuzz.rs` of the crate includes this file too, and runs each target on stable Rust.

mod files;
mod mail;
mod markup;
mod peer;
mod web;

pub use files::{archives, cron, known_hosts, ssh_config};
pub use mail::{addresses, email, smtp_reply};
pub use markup::{css, html, re, xml};
pub use web::{cookies, http_reply, s3_xml, urls};

/// The input as text; bytes that are not UTF-8 are replaced.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}
