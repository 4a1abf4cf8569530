//! [`Report`]: what a sync did.

use crate::boto3::{Error, Result};

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// From the directory to S3.
    Upload,
    /// From S3 to the directory.
    Download,
    /// Within S3.
    Copy,
    /// Out of the target.
    Delete,
}

/// A file that goes, or went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// What is done with it.
    pub operation: Operation,
    /// Its name, beneath both sides.
    pub name: String,
    /// Its size; 0 for one that is deleted.
    pub size: u64,
}

/// A file that did not go.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed {
    /// Which.
    pub item: Item,
    /// Why.
    pub error: Error,
}

/// Something on a side that is neither read, nor compared with, nor deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its name, beneath its side.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What a sync did.
#[derive(Debug, Default)]
#[must_use = "files may have failed: `.check()?` makes that an error"]
#[non_exhaustive]
pub struct Report {
    /// What went, in the order of the names; what was deleted comes last, but for files that stood where a directory had to be. In a dry run: what
    /// would go.
    pub done: Vec<Item>,
    /// What did not.
    pub failed: Vec<Failed>,
    /// What was not tried: what aws-cli ends with the exit status 2 for.
    pub skipped: Vec<Skipped>,
    /// How many files are the same on both sides.
    pub unchanged: usize,
}

impl Report {
    /// The report, if every file that had to go went.
    ///
    /// # Errors
    /// [`Error::Sync`] with the first error.
    pub fn check(mut self) -> Result<Report> {
        if self.failed.is_empty() {
            return Ok(self);
        }
        let (failed, total) = (self.failed.len(), self.failed.len() + self.done.len());
        let first = self.failed.swap_remove(0);
        Err(Error::Sync { failed, total, source: Box::new(first.error) })
    }

    /// How many bytes went.
    pub fn bytes(&self) -> u64 {
        self.done.iter().map(|item| item.size).sum()
    }
}
