//! The one integration binary: conformance (mock and native from one list of cases), oracle (what the real Python answered),
//! torture and regression tests.
//!
//! Tests prepare and inspect the machine directly: that is how they check what the batteries did to it.
#![cfg_attr(not(feature = "fabric"), allow(dead_code, unused_imports, reason = "the suites over SSH use it"))]
#![allow(
    clippy::cloned_ref_to_slice_refs,
    clippy::mutable_key_type,
    clippy::redundant_closure_for_method_calls,
    clippy::type_complexity
)]
#![allow(unreachable_pub, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "s3")]
mod boto3_bodies;
#[cfg(feature = "s3")]
mod boto3_pages;
#[cfg(feature = "bs4")]
mod bs4_faults;
#[cfg(feature = "bs4")]
mod bs4_html5lib;
#[cfg(feature = "bs4")]
mod bs4_properties;
mod conformance;
#[cfg(feature = "smtplib")]
mod email_faults;
#[cfg(all(feature = "requests", feature = "smtplib"))]
mod errors;
#[cfg(all(feature = "bs4", feature = "fabric", feature = "requests", feature = "s3", feature = "schedule", feature = "smtplib"))]
mod fuzz;
#[cfg(feature = "infra")]
mod infra;
#[cfg(all(feature = "os", feature = "time"))]
mod layers;
mod mock;
mod oracle;
#[cfg(feature = "os")]
mod os_torture;
#[cfg(feature = "os")]
mod os_trees;
#[cfg(feature = "re")]
mod re;
#[cfg(feature = "s3")]
mod s3_transfer_torture;
#[cfg(all(feature = "subprocess", feature = "time"))]
mod secrets;
#[cfg(feature = "serve")]
mod serve;
mod support;
mod tidy;
mod torture;
#[cfg(feature = "os")]
mod wiring;
