//! Layers: wrappers over the backends of a set of batteries, on the machine, in a [`World`](crate::World) and over SSH alike.
//!
//! ```
//! # #[cfg(feature = "os")] {
//! use leyden::layers::Trace;
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let trace = Trace::over(&world.batteries(), |event| println!("{event}"));
//! trace.batteries().os.makedirs("/srv/out").unwrap();
//! let summary = trace.summary();
//! let mkdir = summary.rows().iter().find(|row| row.operation == "os.mkdir").unwrap();
//! assert_eq!((mkdir.count, mkdir.failed), (2, 0)); // two directories
//! # }
//! ```
//!
//! A layer takes [`Batteries`] and gives [`Batteries`]; the script does not know. Layers stack in any order.
//!
//! | layer | what it does |
//! |---|---|
//! | [`DryRun`] | real reads, writes in memory above them, and a plan of what would have been done |
//! | `Recorder`, `Replay` | records what a script got into a file, and answers from it: feature `record` |
//! | [`Trace`] | reports every call with its duration, bytes and outcome; a summary; a file for a browser's trace viewer |
//! | [`Chaos`] | disturbs calls from a seed: latency, timeouts, throttling, short writes, cut bodies, full disks |
//! | [`Guard`] | allows what its rules name, and refuses the rest with an error that names the rule |
//! | [`over`] | a [`Hook`] of your own around every call |
#![cfg_attr(
    not(all(
        feature = "os",
        feature = "sys",
        feature = "time",
        feature = "platform",
        feature = "subprocess",
        feature = "requests",
        feature = "smtplib",
        feature = "s3",
        feature = "fabric",
        feature = "schedule"
    )),
    allow(dead_code, unused_imports, unused_variables, reason = "a battery alone uses a part of what all layers share")
)]

mod around;
#[cfg(feature = "record")]
pub mod cassette;
mod chaos;
#[cfg(all(feature = "os", feature = "time"))]
pub mod dry_run;
mod guard;
mod hook;
mod trace;

use std::sync::Arc;

pub use around::over;
#[cfg(feature = "record")]
pub use cassette::{Mode, Recorder, Redact, Replay};
pub use chaos::Chaos;
#[cfg(feature = "requests")]
pub use dry_run::Http;
#[cfg(feature = "subprocess")]
pub use dry_run::Programs;
#[cfg(all(feature = "os", feature = "time"))]
pub use dry_run::{DryRun, Plan};
pub use guard::Guard;
pub use hook::{Call, Effect, Failure, Fate, Hook, Outcome, Refused, Subject, Verdict};
#[doc(inline)]
pub use trace::{ChromeTrace, Event, Row, Summary, Trace};

use crate::Batteries;
use around::{Around, Core};

/// The same batteries over wrapped backends. What is wired to `os` and `time` is wired to the wrapped ones.
fn rebuilt(batteries: &Batteries, core: &Core) -> Batteries {
    #[cfg(feature = "os")]
    let os = {
        let inner = batteries.os.backend().clone();
        crate::os::Os::new(Arc::new(Around::new(inner, core)), batteries.os.ambient().clone())
    };
    #[cfg(feature = "time")]
    let time = {
        let wrapped = crate::time::Time::new(Arc::new(Around::new(batteries.time.backend().clone(), core)));
        wrapped.with_ambient(batteries.time.ambient().clone())
    };
    #[cfg(feature = "subprocess")]
    let subprocess = {
        let inner = batteries.subprocess.backend().clone();
        crate::subprocess::Subprocess::new(Arc::new(Around::new(inner, core)), batteries.subprocess.ambient().clone())
    };
    let layered = Batteries {
        #[cfg(feature = "schedule")]
        schedule: batteries.schedule.clone(),
        #[cfg(feature = "fabric")]
        fabric: {
            let inner = batteries.fabric.backend().clone();
            crate::fabric::Fabric::new(Arc::new(Around::new(inner, core)), os.clone(), subprocess.clone())
        },
        #[cfg(feature = "aws")]
        boto3: batteries.boto3.layered(
            os.clone(),
            time.clone(),
            #[cfg(feature = "s3")]
            |inner| Arc::new(Around::new(inner, core)),
            #[cfg(feature = "ec2")]
            |inner| Arc::new(Around::new(inner, core)),
            |inner| Arc::new(Around::new(inner, core)),
        ),
        #[cfg(feature = "requests")]
        requests: {
            let inner = batteries.requests.backend().clone();
            crate::requests::Requests::new(Arc::new(Around::new(inner, core)), os.clone(), time.clone())
        },
        #[cfg(feature = "subprocess")]
        subprocess,
        #[cfg(feature = "os")]
        shutil: os.shutil.clone(),
        #[cfg(feature = "os")]
        glob: os.glob.clone(),
        #[cfg(feature = "os")]
        tempfile: os.tempfile.clone(),
        #[cfg(feature = "os")]
        os,
        #[cfg(feature = "sys")]
        sys: crate::sys::Sys::new(Arc::new(Around::new(batteries.sys.backend().clone(), core))),
        #[cfg(feature = "time")]
        time,
        #[cfg(feature = "platform")]
        platform: crate::platform::Platform::new(Arc::new(Around::new(batteries.platform.backend().clone(), core))),
        #[cfg(feature = "smtplib")]
        smtplib: crate::smtplib::Smtplib::new(Arc::new(Around::new(batteries.smtplib.backend().clone(), core))),
    };
    // Jobs of the scheduler get the layered batteries.
    layered.bound()
}

/// One line for a terminal: control characters are shown as escapes, `\\u{1b}`, not obeyed.
fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let shown = text.chars().map(|c| if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() });
    shown.collect::<String>().into()
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
