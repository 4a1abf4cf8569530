//! Which files go: aws-cli's rules.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::report::Operation;
use crate::os::fnmatch::fnmatchcase;

/// What becomes of a download whose name differs by case alone from another's of the same sync, or from a file's that is there. On a file
/// system that does not tell them apart one would overwrite the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CaseConflict {
    /// It goes.
    #[default]
    Ignore,
    /// It does not, and stands among what was skipped.
    Skip,
    /// It is the error of the whole: nothing was done.
    Error,
}

/// Patterns and comparisons.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// In the order in which they were given; true includes.
    pub(super) patterns: Vec<(bool, String)>,
    pub(super) size_only: bool,
    pub(super) exact_timestamps: bool,
}

/// A file on one of the sides.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) size: u64,
    pub(super) modified: SystemTime,
    /// An object's.
    pub(super) etag: Option<String>,
    /// Its whole path, or bucket and key: what an absolute pattern is compared with.
    pub(super) whole: String,
    /// An archived object, which cannot be read.
    pub(super) archived: bool,
}

impl Rules {
    /// Whether a name takes part: the last pattern that matches decides.
    pub(super) fn takes(&self, name: &str, whole: &str) -> bool {
        let last = self.patterns.iter().rev().find(|(_, pattern)| {
            // A pattern that begins at the root takes the place of the directory that it would be joined to.
            if pattern.starts_with('/') { fnmatchcase(whole, pattern) } else { fnmatchcase(name, pattern) }
        });
        last.is_none_or(|(include, _)| *include)
    }

    /// Whether a file goes that is on both sides.
    pub(super) fn differs(&self, operation: Operation, from: &Entry, to: &Entry) -> bool {
        if from.size != to.size {
            return true;
        }
        // Of the two options the second has the last word, as in aws-cli.
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

/// As precisely as Python's clock.
fn micros(time: SystemTime) -> i128 {
    let whole = |duration: Duration| i128::try_from(duration.as_micros()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

/// Why an object cannot become a file of the target directory, if it cannot.
pub(super) fn refuse(name: &str) -> Option<&'static str> {
    if name.contains('\0') {
        return Some("no file's name has a NUL byte");
    }
    let parts = || name.split('/');
    if parts().any(|part| part == "..") {
        return Some("it refers to a parent directory");
    }
    parts().any(|part| part.is_empty() || part == ".").then_some("no file has this name")
}
