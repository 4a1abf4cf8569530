//! Python's batteries for automation, in Rust: `os`, `sys`, `re`, `subprocess`, `platform`, `time`, `requests`, `bs4`, `smtplib`, `boto3`,
//! `fabric` and `schedule`, with Python's names and Python's answers, and each of them testable in memory.
//!
//! ```
//! # #[cfg(all(feature = "os", feature = "subprocess"))] {
//! use leyden::prelude::*;
//!
//! fn tidy(Batteries { os, subprocess, .. }: &Batteries) -> leyden::Result<()> {
//!     let disk = subprocess.run(["df", "-h"]).capture_output(true).check(true).wait()?;
//!     os.makedirs(MakeDirs::new("out/reports").exist_ok(true))?;
//!     os.write_text("out/reports/disk.txt", disk.stdout_text()?)?;
//!     Ok(())
//! }
//!
//! let world = World::new(); // every battery in memory: one clock, one file system
//! world.subprocess.program("df").reply("/dev/sda1  97% /\n", 0);
//! tidy(&world.batteries()).unwrap();
//! assert_eq!(world.os.read("/out/reports/disk.txt").unwrap(), b"/dev/sda1  97% /\n");
//! # }
//! ```
//!
//! On the machine, the same function runs on [`Batteries::included`].
//!
//! # How it reads
//!
//! A battery is a *value* with the name of the Python module; destructuring [`Batteries`] is the `import` line. A function reaches the
//! world only through such a value, and there is no global state: its signature says what it may touch.
//! What is pure in Python is plain functions here: `re::search(..)`, `path::join(..)`, `shlex::split(..)`, `BeautifulSoup::new(..)`.
//!
//! - **What answers at once** (files, the environment, pure work) is a method that gives a `Result`. Python's positional arguments are
//!   the parameters. Its keyword arguments live in a parameter object that the short form turns into, so that one method serves both:
//!   `os.makedirs("a/b")?`, `os.makedirs(MakeDirs::new("a/b").exist_ok(true))?`.
//! - **What takes time** (a process, a pause, the network) is a `#[must_use]` request value, configured and then ended by
//!   `.wait()?`, which blocks, or `.await?`. See [`Wait`].
//! - **Errors** are one enum a battery, its variants named after Python's exceptions; [`Error`] wraps them all.
//! - **Deadlines hold**: every network call has a total budget by default, and what a deadline interrupts is cleaned up.
//! - **Python's words are found** by the search box above: try `os.makedirs` or `smtplib.SMTP`.
//!
//! Where an answer differs from Python's on purpose, the docs say `DIFFERENCE`, and why.
//!
//! # Testing
//!
//! A [`World`] holds every battery in memory: a file system with modes, links and full disks, scripted programs, a web, mail servers, one
//! virtual clock. It is stateful, so it answers as the machine does; one conformance suite runs on both. Nothing in it can reach
//! production. [`world::torture()`] runs a whole script once for each of its calls with that call failing.
//!
//! # Features
//!
//! One a battery. The default is the light, local set; `most` is all but `ec2`, and `full` is all. The pages on docs.rs are those of `most`:
//! `cargo doc --all-features --open` has `boto3::ec2` as well.
//!
//! | feature | default | pulls in |
//! | --- | --- | --- |
//! | `os` | yes | rustix, nix; tar, zip, flate2, bzip2, lzma-rust2 for archives |
//! | `sys` | yes | rustix |
//! | `time` | yes | rustix, jiff, futures-timer |
//! | `platform` | yes | rustix |
//! | `subprocess` | yes | `os` |
//! | `re` | yes | regex-automata, regex-syntax |
//! | `bs4` | | html5ever, html5gum, quick-xml, encoding_rs |
//! | `requests` | | reqwest, rustls, tokio |
//! | `smtplib` | | rustls, tokio |
//! | `fabric` | | russh, saphyr-parser, toml, tokio |
//! | `s3` | | aws-config, aws-sdk-s3, tokio |
//! | `schedule` | | `os`, `time`, serde_json |
//! | `cli` | | `schedule`, `sys`, clap |
//! | `clap` | | `sys`, clap: `?` for its errors, and the exit codes that they mean |
//! | `infra` | | serde, serde_json, sha2, similar |
//! | `record` | | `os`, `time`, serde_json: [`layers::cassette`](layers) |
//! | `ec2` | | aws-config, aws-sdk-ec2, tokio: minutes to compile |
//! | `lettre`, `scraper`, `regex`, `http`, `reqwest`, `serde`, `tracing` | | doors to these crates, in neither `most` nor `full` |
//!
//! Unix only: Linux is what it is tested on.

mod ambient;
mod batteries;
#[cfg(feature = "serde")]
mod doors;
mod error;
#[cfg(any(feature = "sys", feature = "platform"))]
mod glibc;
mod interrupt;
pub mod layers;
pub mod mock;
pub mod prelude;
mod seconds;
mod secret;
#[cfg(any(feature = "os", feature = "sys", feature = "bs4"))]
#[cfg_attr(not(feature = "os"), allow(dead_code, reason = "a battery alone uses a part of it"))]
mod text;
#[cfg(any(feature = "requests", feature = "smtplib"))]
mod tls;
mod wait;
pub mod world;

pub use ambient::{Ambient, Variables};
pub use batteries::{Batteries, Builder};
pub use error::{Errno, Error, Result, ResultExt};
pub use interrupt::{Interrupts, KeyboardInterrupt, Signal};
pub use seconds::{Seconds, TimeLimit};
pub use secret::{Secret, is_secret_name};
pub use wait::{BoxFuture, Wait};
pub use world::World;

#[cfg(feature = "aws")]
pub mod boto3;
#[cfg(feature = "bs4")]
pub mod bs4;
#[cfg(feature = "fabric")]
pub mod fabric;
#[cfg(feature = "infra")]
pub mod infra;
#[cfg(feature = "os")]
pub mod os;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(feature = "re")]
pub mod re;
#[cfg(feature = "requests")]
pub mod requests;
#[cfg(feature = "schedule")]
pub mod schedule;
#[cfg(feature = "smtplib")]
pub mod smtplib;
#[cfg(feature = "subprocess")]
pub mod subprocess;
#[cfg(feature = "sys")]
pub mod sys;
#[cfg(feature = "time")]
pub mod time;

/// The guides, whose snippets are tests. They need no EC2.
#[cfg(all(
    doctest,
    feature = "bs4",
    feature = "cli",
    feature = "fabric",
    feature = "infra",
    feature = "platform",
    feature = "requests",
    feature = "s3",
    feature = "smtplib",
    feature = "subprocess",
))]
mod guides {
    #[doc = include_str!("../docs/backends.md")]
    struct Backends;
    #[doc = include_str!("../docs/before-you-run.md")]
    struct BeforeYouRun;
    #[doc = include_str!("../docs/cookbook.md")]
    struct Cookbook;
    #[doc = include_str!("../docs/testing.md")]
    struct Testing;
}

/// The README and MIGRATING.md, whose snippets are tests.
#[cfg(all(
    doctest,
    feature = "schedule",
    feature = "bs4",
    feature = "platform",
    feature = "requests",
    feature = "s3",
    feature = "ec2",
    feature = "smtplib",
    feature = "subprocess",
    feature = "sys"
))]
mod documentation {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../MIGRATING.md")]
    struct Migrating;
}
