//! Tells the crate which compiler builds it: `platform.rust_version`, `sys.version`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "this is how a build script asks and answers")]

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUSTC");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    // "rustc 1.95.0 (59807616e 2026-04-14)". A compiler that does not say leaves the variable unset, and the answer is None.
    if let Some(output) = Command::new(rustc).arg("--version").output().ok().filter(|output| output.status.success()) {
        println!("cargo:rustc-env=LEYDEN_RUSTC={}", String::from_utf8_lossy(&output.stdout).trim());
    }
}
