//! [`Report`]: the result of a sync.

use crate::boto3::{Error, Result};

/// The operation on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// From the directory to S3.
    Upload,
    /// From S3 to the directory.
    Download,
    /// Within S3.
    Copy,
    /// From the target.
    Delete,
}

/// A file to transfer or delete.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// The operation.
    pub operation: Operation,
    /// Its name, relative to both sides.
    pub name: String,
    /// Its size; 0 for a deletion.
    pub size: u64,
}

/// A failed file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed {
    /// The file.
    pub item: Item,
    /// The error.
    pub error: Error,
}

/// An entry of a side that is neither read, compared nor deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its name, relative to its side.
    pub name: String,
    /// The reason.
    pub why: String,
}

/// The result of a sync.
#[derive(Debug, Default)]
#[must_use = "files may have failed: `.check()?` makes that an error"]
#[non_exhaustive]
pub struct Report {
    /// The finished operations in the order of the names, with deletions last, except those in the
    /// place of a required directory. In a dry run: the planned operations.
    pub done: Vec<Item>,
    /// The failed ones.
    pub failed: Vec<Failed>,
    /// The entries that were not tried, for which aws-cli ends with exit status 2.
    pub skipped: Vec<Skipped>,
    /// The number of files that are equal on both sides.
    pub unchanged: usize,
}

impl Report {
    /// Returns the report if no file failed.
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

    /// Returns the number of bytes transferred.
    pub fn bytes(&self) -> u64 {
        self.done.iter().map(|item| item.size).sum()
    }
}
