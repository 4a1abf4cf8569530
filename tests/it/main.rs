//! The one integration binary: conformance (mock and native from one list of cases), oracle (what the real Python answered),
//! torture and regression tests.
//!
//! Tests prepare and inspect the machine directly: that is how they check what the batteries did to it.
#![allow(unreachable_pub, dead_code, clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::needless_pass_by_value)]

mod conformance;
mod oracle;
#[cfg(feature = "re")]
mod re;
mod support;
