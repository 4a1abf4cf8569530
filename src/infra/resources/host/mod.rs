//! Files, programs, packages, services and users of this machine, and of other hosts.
//!
//! ```
//! use leyden::{infra::{Infra, State, host::File}, prelude::*};
//!
//! let (here, web1) = (World::new(), World::new()); // in a test every host is a world
//! let there = web1.batteries();
//! let infra = Infra::new("demo", State::file("/demo.json")).hosts(move |_| Ok(there.clone()));
//! let plan = infra.plan(&here.batteries(), |declare| {
//!     Ok(declare.add("motd", File::new("/etc/motd", "hi\n").on("web1")).map(drop)?)
//! });
//! plan.wait()?.apply(&here.batteries()).wait()?;
//! assert_eq!(web1.os.read_text("/etc/motd").unwrap(), "hi\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Without `.on(host)` an object is of this machine. [`Infra::hosts`](crate::infra::Infra::hosts) gives the batteries of the others.

mod account;
mod archive;
mod authorized_key;
mod command;
mod cron;
mod directory;
mod file;
mod package;
mod service;
mod symlink;
mod systemd;
mod user;

pub use archive::Archive;
pub use authorized_key::AuthorizedKey;
pub use command::Command;
pub use cron::CronLine;
pub use directory::Directory;
pub use file::File;
pub use package::Package;
pub use service::Service;
pub use symlink::Symlink;
pub use systemd::SystemdUnit;
pub use user::User;

use crate::Batteries;
use crate::infra::resource::{Id, Scope};
use crate::os::{FileType, Target};

/// `/etc/motd`, or `ssh://web1/etc/motd`.
fn path_id(host: Option<&String>, path: &str) -> Id {
    match host {
        None => Id::new(path),
        Some(host) => Id::new(format!("ssh://{host}{path}")),
    }
}

/// `nginx`, or `ssh://web1/nginx`.
fn name_id(host: Option<&String>, name: &str) -> Id {
    match host {
        None => Id::new(name),
        Some(host) => Id::new(format!("ssh://{host}/{name}")),
    }
}

/// Host and path of an id.
fn path_of(id: &Id) -> (Option<String>, &str) {
    match id.as_str().strip_prefix("ssh://").and_then(|rest| rest.find('/').map(|at| rest.split_at(at))) {
        Some((host, path)) => (Some(host.to_owned()), path),
        None => (None, id.as_str()),
    }
}

/// Host and name of an id.
fn name_of(id: &Id) -> (Option<String>, &str) {
    match path_of(id) {
        (Some(host), name) => (Some(host), name.trim_start_matches('/')),
        local => local,
    }
}

fn batteries(scope: &Scope, host: Option<&String>) -> crate::Result<Batteries> {
    scope.host(host.map(String::as_str))
}

/// What is at a path, links not followed; None: nothing, also where a directory above it is a file now.
fn look(there: &Batteries, path: &str) -> crate::Result<Option<crate::os::StatResult>> {
    match there.os.stat(Target::new(path).follow_symlinks(false)) {
        Ok(stat) => Ok(Some(stat)),
        Err(crate::os::Error::FileNotFound(_) | crate::os::Error::NotADirectory(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Fails if what is at the path is of another kind: it is not overwritten.
fn expect_kind(path: &str, found: FileType, expected: FileType) -> crate::Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(crate::Error::other(format!("'{path}' is a {found:?}, not a {expected:?}")))
}

/// An absolute path without `.` and `..`, so that it can be an id.
fn check_path(path: &str) -> crate::Result<()> {
    // As texts: two paths with and without a trailing slash are equal as paths.
    let plain = path.starts_with('/')
        && !path.contains('\0')
        && !path.starts_with("//")
        && crate::os::path::normpath(path).as_os_str() == path;
    if plain { Ok(()) } else { Err(crate::Error::other(format!("path {path:?} is not absolute and normalized"))) }
}

/// A name that is safe as a file name and as an argument.
fn check_name(what: &str, name: &str) -> crate::Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.+:@".contains(c);
    let valid = !name.is_empty() && !name.starts_with(['-', '.']) && name.chars().all(plain);
    if valid { Ok(()) } else { Err(crate::Error::other(format!("{what} {name:?} is not a valid name"))) }
}

/// Runs a program; its output if it ends with 0, else None.
async fn ask(there: &Batteries, argv: &[&str]) -> crate::Result<Option<String>> {
    let done = there.subprocess.run(argv).capture_output(true).await?;
    if done.returncode == 0 { Ok(Some(done.stdout_text()?)) } else { Ok(None) }
}

/// Runs a program that has to end with 0.
async fn must(there: &Batteries, argv: &[&str]) -> crate::Result<String> {
    let done = there.subprocess.run(argv).capture_output(true).check(true).await?;
    Ok(done.stdout_text()?)
}

/// The builder method that every type of this module has.
macro_rules! on_host {
    ($type:ident) => {
        impl $type {
            /// On another host: see [`Infra::hosts`](crate::infra::Infra::hosts).
            #[must_use]
            pub fn on(self, host: impl Into<String>) -> $type {
                $type { host: Some(host.into()), ..self }
            }
        }
    };
}
use on_host;
