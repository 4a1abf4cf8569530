//! [`SftpFile`]: an open file of the other machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attributes::SftpAttributes;
use super::pipeline;
use super::raw::{Raw, RawHandle, data};
use super::request::{Request, request};
use super::status::SftpError;
use crate::error::errno::EINVAL;
use crate::os::Whence;

/// `paramiko.SFTPFile`: an open file of the other machine. Its position is on this side.
///
/// <https://docs.paramiko.org/en/stable/api/sftp.html#paramiko.sftp_file.SFTPFile>
#[derive(Debug)]
#[doc(alias = "paramiko.SFTPFile")]
pub struct SftpFile {
    raw: Raw,
    handle: Arc<RawHandle>,
    path: PathBuf,
    position: u64,
    append: bool,
}

impl SftpFile {
    pub(super) fn new(raw: Raw, handle: RawHandle, path: PathBuf, append: bool) -> SftpFile {
        SftpFile { raw, handle: Arc::new(handle), path, position: 0, append }
    }

    /// The path that it was opened by.
    pub fn name(&self) -> &Path {
        &self.path
    }

    /// Reads up to `size` bytes from the position on; None reads to the end. Empty at the end.
    pub fn read(&mut self, size: impl Into<Option<usize>>) -> Request<'_, Vec<u8>> {
        let size = size.into();
        let path = self.path.clone();
        request("read", path, async move {
            let mut bytes = Vec::new();
            match size {
                None => {
                    let end = self.raw.fstat(&self.handle).await?.st_size;
                    let keep = |chunk: &[u8]| {
                        bytes.extend_from_slice(chunk);
                        Ok(())
                    };
                    pipeline::read_all(&self.raw, &self.handle, self.position, end, keep).await?;
                }
                Some(size) => {
                    while bytes.len() < size {
                        let want = u32::try_from(size - bytes.len()).unwrap_or(u32::MAX).min(self.raw.0.limits.read);
                        let at = self.position.saturating_add(bytes.len() as u64);
                        match data(self.raw.read(&self.handle, at, want)).await? {
                            Some(chunk) if chunk.is_empty() || chunk.len() > want as usize => {
                                return Err(SftpError::Protocol(format!("{} bytes for a request of {want}", chunk.len())));
                            }
                            Some(chunk) => bytes.extend(chunk),
                            None => break,
                        }
                    }
                }
            }
            self.position = self.position.saturating_add(bytes.len() as u64);
            Ok(bytes)
        })
    }

    /// Writes all the bytes at the position (with mode `a`: at the end), many packets at once.
    pub fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Request<'a, ()> {
        let path = self.path.clone();
        request("write", path, async move {
            if self.append {
                self.position = self.raw.fstat(&self.handle).await?.st_size.unwrap_or(self.position);
            }
            let mut rest = bytes;
            let source = |buffer: &mut [u8]| {
                let count = rest.len().min(buffer.len());
                let (now, later) = rest.split_at(count);
                if let Some(room) = buffer.get_mut(..count) {
                    room.copy_from_slice(now);
                }
                rest = later;
                Ok(count)
            };
            let written = pipeline::write_all(&self.raw, &self.handle, self.position, source, |_| {}).await?;
            self.position += written;
            Ok(())
        })
    }

    /// Moves the position. From the end, the server is asked for the size.
    pub fn seek(&mut self, offset: i64, whence: Whence) -> Request<'_, u64> {
        let path = self.path.clone();
        request("seek", path, async move {
            let base = match whence {
                Whence::Cur => self.position,
                Whence::End => self.raw.fstat(&self.handle).await?.st_size.unwrap_or(0),
                _ => 0,
            };
            self.position = base.checked_add_signed(offset).ok_or(SftpError::Errno(EINVAL))?;
            Ok(self.position)
        })
    }

    /// The position.
    pub fn tell(&self) -> u64 {
        self.position
    }

    /// What the server says of it.
    pub fn stat(&self) -> Request<'_, SftpAttributes> {
        request("stat", self.path.clone(), async move { self.raw.fstat(&self.handle).await })
    }

    /// Sets the permission bits.
    pub fn chmod(&self, mode: u32) -> Request<'_, ()> {
        self.set("chmod", SftpAttributes::of_mode(mode))
    }

    /// Sets owner and group.
    pub fn chown(&self, uid: u32, gid: u32) -> Request<'_, ()> {
        self.set("chown", SftpAttributes::of_owner(uid, gid))
    }

    /// Sets the times, in seconds since 1970.
    pub fn utime(&self, atime: u32, mtime: u32) -> Request<'_, ()> {
        self.set("utime", SftpAttributes::of_times(atime, mtime))
    }

    /// Cuts or lengthens it.
    pub fn truncate(&self, size: u64) -> Request<'_, ()> {
        self.set("truncate", SftpAttributes::of_size(size))
    }

    fn set(&self, operation: &'static str, attributes: SftpAttributes) -> Request<'_, ()> {
        request(operation, self.path.clone(), async move { self.raw.fsetstat(&self.handle, &attributes).await })
    }

    /// Writes it to the server's disk: `fsync@openssh.com`.
    pub fn sync(&self) -> Request<'_, ()> {
        request("fsync", self.path.clone(), async move { self.raw.fsync(&self.handle).await })
    }

    /// Closes it, and says whether the server could write everything. Dropping closes it without waiting.
    pub fn close(self) -> Request<'static, ()> {
        let SftpFile { handle, path, .. } = self;
        request("close", path, async move {
            match Arc::into_inner(handle) {
                Some(handle) => handle.close().await,
                None => Ok(()),
            }
        })
    }
}
