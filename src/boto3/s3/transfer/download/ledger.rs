//! [`Ledger`]: the finished ranges of a resumable download.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use md5::{Digest as _, Md5};

use super::target::{WRITING, open_own};
use crate::boto3::Result;
use crate::boto3::s3::transfer::file::File;
use crate::error::errno::ENOSPC;
use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags};

/// The size of a read.
const WINDOW: u64 = 1 << 20;

/// A text file: the download, then the number of each range that is on the device, with the digest
/// of its bytes.
///
/// The digest is checked before a range counts, so that a range that was truncated, replaced or
/// damaged meanwhile is downloaded again.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    path: PathBuf,
    files: Option<Files>,
    chunk: u64,
    size: u64,
    done: BTreeMap<usize, String>,
}

#[derive(Debug)]
struct Files {
    lines: File,
    part: File,
}

impl Ledger {
    /// Reads the state of an earlier download, or starts over: also if the object has no ETag.
    pub(in crate::boto3::s3::transfer) async fn open(
        os: &Os,
        part: &Path,
        file: &File,
        size: u64,
        chunk: u64,
        etag: Option<&str>,
    ) -> Result<Ledger> {
        let mut path = part.as_os_str().to_owned();
        path.push(".state");
        let path = PathBuf::from(path);
        let flags = OpenFlags { read: true, write: true, append: true, create: true, ..OpenFlags::default() };
        let lines = open_own(os, &path, flags).await?;
        let head = format!("leyden part 2 {size} {chunk} {}\n", etag.unwrap_or_default());
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
        let mut ledger = Ledger { path, files: None, chunk, size, done: BTreeMap::new() };
        match (found.await?, etag) {
            (Some(rest), Some(_)) => {
                // A truncated line has no newline.
                let whole = rest.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')?.split_once(' '));
                let noted = whole.filter_map(|(number, digest)| Some((number.parse::<usize>().ok()?, digest.to_owned())));
                for (number, noted) in noted {
                    if ledger.digest(file, number).await?.as_ref() == Some(&noted) {
                        ledger.done.insert(number, noted);
                    }
                }
            }
            _ => {
                file.run(WRITING, "ftruncate", |handle| handle.truncate(0)).await?;
                let begin = lines.run(WRITING, "write", move |handle| {
                    handle.truncate(0)?;
                    write(handle, head.as_bytes())
                });
                begin.await?;
            }
        }
        ledger.files = Some(Files { lines, part: file.clone() });
        Ok(ledger)
    }

    /// Returns the digest of a range in the file; `None` if it is incomplete.
    async fn digest(&self, file: &File, number: usize) -> Result<Option<String>> {
        let Some(start) = u64::try_from(number).ok().and_then(|number| number.checked_mul(self.chunk)) else { return Ok(None) };
        if start >= self.size {
            return Ok(None);
        }
        let end = start.saturating_add(self.chunk).min(self.size);
        let digest = file.run(WRITING, "pread", move |handle: &dyn Handle| {
            let (mut at, mut digest) = (start, Md5::new());
            let mut buffer = vec![0; usize::try_from(WINDOW.min(end - start)).unwrap_or_default()];
            while at < end {
                let wanted = usize::try_from(WINDOW.min(end - at)).unwrap_or_default();
                let Some(window) = buffer.get_mut(..wanted) else { return Ok(None) };
                match handle.read_at(window, at)? {
                    0 => return Ok(None),
                    read => {
                        digest.update(window.get(..read).unwrap_or_default());
                        at += read as u64;
                    }
                }
            }
            let digest: [u8; 16] = digest.finalize().into();
            Ok(Some(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
        });
        digest.await
    }

    pub(in crate::boto3::s3::transfer) fn has(&self, number: usize) -> bool {
        self.done.contains_key(&number)
    }

    /// Records a range. It is on the device before its line is written.
    pub(super) async fn note(&self, number: usize) -> Result<()> {
        let Some(Files { lines, part }) = &self.files else { return Ok(()) };
        let Some(digest) = self.digest(part, number).await? else { return Ok(()) };
        part.run(WRITING, "fdatasync", |handle| handle.sync(true)).await?;
        lines.run(WRITING, "write", move |handle| write(handle, format!("{number} {digest}\n").as_bytes())).await
    }

    pub(in crate::boto3::s3::transfer) fn remove(&self, os: &Os) {
        if self.files.is_some() {
            // A remaining state file does not apply to any other file.
            let _ = os.unlink(&self.path);
        }
    }
}

fn write(handle: &dyn Handle, bytes: &[u8]) -> std::io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match handle.write(rest)? {
            0 => return Err(std::io::Error::from_raw_os_error(ENOSPC)),
            written => rest = rest.get(written..).unwrap_or_default(),
        }
    }
    Ok(())
}
