//! [`File`]: a file with non-blocking calls.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Mutex;

use crate::boto3::{Error, Result};
use crate::error::errno::{EISDIR, ENOSPC};
use crate::os::backend::{Handle, OpenFlags, StatResult};
use crate::os::{self, Os};
use crate::wait::driver;

/// An open file. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct File {
    handle: Arc<dyn Handle>,
    /// One writer at a time: the kernel serializes writes to a file, and the others would spin.
    turn: Arc<Mutex<()>>,
    pub(super) path: Arc<Path>,
    blocks: bool,
}

impl File {
    /// Opens it. A pipe without a writer is not waited for.
    pub(super) fn open(os: &Os, path: &Path, flags: OpenFlags, what: &'static str) -> Result<File> {
        let flags = OpenFlags { nonblock: true, ..flags };
        let handle = os.backend().open(&os.ambient().resolve(path), flags, 0o666);
        let handle = handle.map_err(|error| failed(what, "open", path, &error))?;
        Ok(File { handle: Arc::from(handle), turn: Arc::default(), path: path.into(), blocks: os.backend().blocks() })
    }

    /// True if calls may block the thread.
    pub(super) fn blocks(&self) -> bool {
        self.blocks
    }

    /// Runs an operation on the file where blocking is allowed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        call: &'static str,
        work: impl FnOnce(&dyn Handle) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let handle = self.handle.clone();
        let done = driver::blocking(self.blocks, move || work(&*handle)).await;
        done.map_err(|error| failed(what, call, &self.path, &error))
    }

    /// Writes all of it at an offset.
    pub(super) async fn write_at(&self, what: &'static str, offset: u64, chunks: Vec<Bytes>) -> Result<()> {
        let _turn = self.turn.lock().await;
        let write = self.run(what, "pwrite", move |handle| {
            let mut at = offset;
            for chunk in &chunks {
                let mut rest: &[u8] = chunk;
                while !rest.is_empty() {
                    let written = handle.write_at(rest, at)?;
                    if written == 0 {
                        return Err(io::Error::from_raw_os_error(ENOSPC));
                    }
                    rest = rest.get(written..).unwrap_or_default();
                    at += written as u64;
                }
            }
            Ok(())
        });
        write.await
    }
}

pub(super) fn failed(what: &'static str, call: &'static str, path: &Path, error: &io::Error) -> Error {
    Error::File { what, source: os::Error::new(call, error, Some(path), None) }
}

/// A file to upload, in its state at the start of the upload.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) file: File,
    pub(super) stat: StatResult,
}

const READING: &str = "reading a file to upload";

impl SourceFile {
    pub(super) async fn open(os: &Os, path: &Path) -> Result<SourceFile> {
        let file = File::open(os, path, OpenFlags { read: true, ..OpenFlags::default() }, READING)?;
        let stat = file.run(READING, "fstat", Handle::stat).await?;
        if stat.is_dir() {
            return Err(failed(READING, "open", path, &io::Error::from_raw_os_error(EISDIR)));
        }
        if !stat.is_file() {
            return Err(Error::Value(format!("{} is not a regular file: use upload_fileobj", path.display())));
        }
        Ok(SourceFile { file, stat })
    }

    /// Reads the bytes from `offset` on, all of them.
    pub(super) async fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>> {
        let bytes = self.file.run(READING, "pread", move |handle| {
            let mut bytes = vec![0; length];
            let mut filled = 0;
            while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match handle.read_at(rest, offset + filled as u64)? {
                    0 => break,
                    read => filled += read,
                }
            }
            bytes.truncate(filled);
            Ok(bytes)
        });
        let bytes = bytes.await?;
        if bytes.len() < length { Err(self.changed()) } else { Ok(bytes) }
    }

    /// Fails if the file has changed. A change within one tick of the file system's clock that
    /// keeps the size is not detected.
    pub(super) async fn verify(&self) -> Result<()> {
        let now = self.file.run(READING, "fstat", Handle::stat).await?;
        let same = now.st_size == self.stat.st_size && now.st_mtime == self.stat.st_mtime;
        if same { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        Error::SourceChanged { path: PathBuf::from(&*self.file.path) }
    }
}
