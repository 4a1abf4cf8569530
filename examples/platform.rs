//! What this machine is, and what a script would say on another one.
//!
//! cargo run --example platform --features platform

use leyden::platform::{Kernel, Platform};
use leyden::prelude::*;
use std::path::Path;

/// What a bug report begins with.
fn report(platform: &Platform) -> leyden::Result<String> {
    let os = platform.freedesktop_os_release()?;
    let (bits, linkage) = platform.architecture(None);
    let (libc, version) = platform.libc_ver(None)?;
    Ok(format!(
        "  {}\n  {} on {}, {bits} {linkage}, libc {libc} {version}\n  python3 {}\n  built by {}",
        platform.platform(),
        os["PRETTY_NAME"],
        platform.node(),
        platform.python_version()?.unwrap_or_else(|| "not there".into()),
        platform.rust_version().unwrap_or("an unknown compiler"),
    ))
}

#[allow(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> leyden::Result<()> {
    let platform = Platform::native();
    println!("this machine:\n{}", report(&platform)?);
    println!("  /bin/sh needs {:?}", platform.libc_ver(Path::new("/bin/sh")).ok());

    let world = World::new();
    world.platform.set_uname(Kernel {
        system: "Linux".into(),
        node: "pi".into(),
        release: "6.6.20+rpt-rpi-v8".into(),
        version: "#1 SMP".into(),
        machine: "aarch64".into(),
    });
    world.platform.write("/etc/os-release", "PRETTY_NAME='Raspberry Pi OS'\nID=raspbian");
    world.platform.set_python("3.11.2");
    println!("\na small one, in memory:\n{}", report(&world.batteries().platform)?);
    Ok(())
}
