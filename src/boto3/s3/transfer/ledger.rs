//! [`Ledger`]: which ranges of a download that may be taken up again are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::file::File;
use super::target::WRITING;
use crate::boto3::Result;
use crate::os::Os;
use crate::os::backend::OpenFlags;

/// A file of lines: what is downloaded, then the number of each range that is on the device.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    path: PathBuf,
    files: Option<Files>,
    done: BTreeSet<usize>,
}

#[derive(Debug)]
struct Files {
    lines: File,
    part: File,
}

impl Ledger {
    /// Reads what an earlier download left, or begins anew: also where the object has no ETag to be known by.
    pub(super) async fn open(os: &Os, part: &Path, file: &File, size: u64, chunk: u64, etag: Option<&str>) -> Result<Ledger> {
        let mut path = part.as_os_str().to_owned();
        path.push(".state");
        let path = PathBuf::from(path);
        let flags = OpenFlags { read: true, write: true, append: true, create: true, ..OpenFlags::default() };
        let lines = File::open(os, &path, flags, WRITING)?;
        let head = format!("leyden part 1 {size} {chunk} {}\n", etag.unwrap_or_default());
        let begins = head.clone();
        let found = lines.run(WRITING, "read", move |handle| {
            let mut bytes = Vec::new();
            let mut buffer = [0; 8192];
            loop {
                match handle.read(&mut buffer)? {
                    0 => break,
                    read => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
                }
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Ok(text.strip_prefix(&begins).map(str::to_owned))
        });
        let done = match (found.await?, etag) {
            // A line that was cut short has no newline.
            (Some(rest), Some(_)) => {
                rest.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.parse().ok()).collect()
            }
            _ => {
                file.run(WRITING, "ftruncate", |handle| handle.truncate(0)).await?;
                let begin = lines.run(WRITING, "write", move |handle| {
                    handle.truncate(0)?;
                    write(handle, head.as_bytes())
                });
                begin.await?;
                BTreeSet::new()
            }
        };
        Ok(Ledger { path, files: Some(Files { lines, part: file.clone() }), done })
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.done.contains(&number)
    }

    /// A range is there. It is on the device before its line is written.
    pub(super) async fn note(&self, number: usize) -> Result<()> {
        let Some(Files { lines, part }) = &self.files else { return Ok(()) };
        part.run(WRITING, "fdatasync", |handle| handle.sync(true)).await?;
        lines.run(WRITING, "write", move |handle| write(handle, format!("{number}\n").as_bytes())).await
    }

    pub(super) fn remove(&self, os: &Os) {
        if self.files.is_some() {
            // What is left of it says nothing about any other file.
            let _ = os.unlink(&self.path);
        }
    }
}

fn write(handle: &dyn crate::os::backend::Handle, bytes: &[u8]) -> std::io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match handle.write(rest)? {
            0 => return Err(std::io::Error::from_raw_os_error(28)), // ENOSPC
            written => rest = rest.get(written..).unwrap_or_default(),
        }
    }
    Ok(())
}
