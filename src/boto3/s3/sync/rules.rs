//! aws-cli's rules for which files are transferred.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::report::Operation;
use crate::os::fnmatch::fnmatchcase;

/// How to handle a download whose name differs only by case from another's of the same sync, or
/// from an existing file's. On a case-insensitive file system, one would overwrite the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CaseConflict {
    /// Downloads it.
    #[default]
    Ignore,
    /// Skips it, and reports it as skipped.
    Skip,
    /// Fails the whole sync before anything is done.
    Error,
}

/// Patterns and comparisons.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// In the order given; true includes.
    pub(super) patterns: Vec<(bool, String)>,
    pub(super) size_only: bool,
    pub(super) exact_timestamps: bool,
}

/// A file on one side.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) size: u64,
    pub(super) modified: SystemTime,
    /// For an object.
    pub(super) etag: Option<String>,
    /// Its whole path, or bucket and key, which absolute patterns are compared with.
    pub(super) whole: String,
    /// Whether it is an archived object, which cannot be read.
    pub(super) archived: bool,
}

impl Rules {
    /// Returns true if a name is included: the last matching pattern decides.
    pub(super) fn takes(&self, name: &str, whole: &str) -> bool {
        let last = self.patterns.iter().rev().find(|(_, pattern)| {
            // An absolute pattern is not joined to the directory.
            if pattern.starts_with('/') { fnmatchcase(whole, pattern) } else { fnmatchcase(name, pattern) }
        });
        last.is_none_or(|(include, _)| *include)
    }

    /// Returns true if a file on both sides must be transferred.
    pub(super) fn differs(&self, operation: Operation, from: &Entry, to: &Entry) -> bool {
        if from.size != to.size {
            return true;
        }
        // The second of the two options takes precedence, as in aws-cli.
        if self.size_only && !self.exact_timestamps {
            return false;
        }
        let (from, to) = (micros(from.modified), micros(to.modified));
        match operation {
            Operation::Download if self.exact_timestamps => from != to,
            Operation::Download => to > from,
            _ => to < from,
        }
    }
}

/// With the resolution of Python's clock.
fn micros(time: SystemTime) -> i128 {
    let whole = |duration: Duration| i128::try_from(duration.as_micros()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

/// Returns why an object cannot become a file of the target directory, if so.
pub(super) fn refuse(name: &str) -> Option<&'static str> {
    if name.contains('\0') {
        return Some("a file name cannot contain a NUL byte");
    }
    let parts = || name.split('/');
    if parts().any(|part| part == "..") {
        return Some("it refers to a parent directory");
    }
    parts().any(|part| part.is_empty() || part == ".").then_some("not a valid file name")
}
