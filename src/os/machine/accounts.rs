//! Users and groups by name and number, from `/etc/passwd` and `/etc/group` of the machine behind the handle.

use crate::os::backend::{Backend, OpenFlags};
use crate::os::fs::stream::Stream;
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A line of `/etc/passwd`.
pub(crate) struct User {
    pub(crate) name: OsString,
    pub(crate) uid: u32,
    pub(crate) home: PathBuf,
}

pub(crate) fn user_named(machine: &dyn Backend, name: &OsStr) -> Option<User> {
    users(machine).into_iter().find(|user| user.name == name)
}

pub(crate) fn user_of_id(machine: &dyn Backend, uid: u32) -> Option<User> {
    users(machine).into_iter().find(|user| user.uid == uid)
}

/// Returns the name of a user id.
#[cfg(feature = "infra")]
pub(crate) fn user_name(machine: &dyn Backend, uid: u32) -> Option<String> {
    user_of_id(machine, uid).map(|user| user.name.to_string_lossy().into_owned())
}

/// Returns the name of a group id.
#[cfg(feature = "infra")]
pub(crate) fn group_name(machine: &dyn Backend, gid: u32) -> Option<String> {
    groups(machine).into_iter().find(|(_, number)| *number == gid).map(|(name, _)| name.to_string_lossy().into_owned())
}

/// Returns all users; empty if the file does not exist.
pub(crate) fn users(machine: &dyn Backend) -> Vec<User> {
    let user = |fields: &[&[u8]]| match fields {
        [name, _, uid, _, _, home, ..] => Some(User { name: owned(name), uid: number(uid)?, home: owned(home).into() }),
        _ => None,
    };
    table(machine, "/etc/passwd", user)
}

/// Returns all groups by name and id; empty if the file does not exist.
pub(crate) fn groups(machine: &dyn Backend) -> Vec<(OsString, u32)> {
    let group = |fields: &[&[u8]]| match fields {
        [name, _, gid, ..] => Some((owned(name), number(gid)?)),
        _ => None,
    };
    table(machine, "/etc/group", group)
}

/// Returns the ids of the groups that list a user as a member.
pub(crate) fn groups_of(machine: &dyn Backend, user: &OsStr) -> Vec<u32> {
    let group = |fields: &[&[u8]]| match fields {
        [_, _, gid, members, ..] if members.split(|byte| *byte == b',').any(|member| member == user.as_bytes()) => number(gid),
        _ => None,
    };
    table(machine, "/etc/group", group)
}

fn table<T>(machine: &dyn Backend, path: &str, parse: impl Fn(&[&[u8]]) -> Option<T>) -> Vec<T> {
    let mut text = Vec::new();
    let read = machine
        .open(Path::new(path), OpenFlags { read: true, ..OpenFlags::default() }, 0)
        .and_then(|file| Stream(&*file).read_to_end(&mut text));
    if read.is_err() {
        return Vec::new();
    }
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter_map(|line| parse(&line.split(|byte| *byte == b':').collect::<Vec<_>>())).collect()
}

fn owned(field: &[u8]) -> OsString {
    OsStr::from_bytes(field).to_owned()
}

fn number(field: &[u8]) -> Option<u32> {
    std::str::from_utf8(field).ok()?.parse().ok()
}
