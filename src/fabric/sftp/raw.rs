//! The operations of the protocol, one function each, over byte paths.

use std::sync::Arc;

use super::attributes::SftpAttributes;
use super::link::Link;
use super::status::{SftpError, code};
use super::wire::{Reader, kind};
use crate::os::StatVfsResult;

type Done<T> = Result<T, SftpError>;

/// The session and its operations.
#[derive(Clone, Debug)]
pub(in crate::fabric) struct Raw(pub(super) Arc<Link>);

/// An open file or directory of the server. Closed when dropped, without waiting for the answer.
#[derive(Debug)]
pub(in crate::fabric) struct RawHandle {
    link: Arc<Link>,
    pub(super) handle: Vec<u8>,
    open: bool,
}

impl Drop for RawHandle {
    fn drop(&mut self) {
        if self.open && self.link.is_active() {
            drop(self.link.send(kind::CLOSE, |writer| writer.string(&self.handle)));
        }
    }
}

impl RawHandle {
    /// Closes it, and says whether what was written is there.
    pub(in crate::fabric) async fn close(mut self) -> Done<()> {
        self.open = false;
        self.link.send(kind::CLOSE, |writer| writer.string(&self.handle)).done().await
    }
}

/// `READ`'s answer: None at the end.
pub(super) async fn data(pending: super::link::Pending) -> Done<Option<Vec<u8>>> {
    match pending.expect(kind::DATA).await {
        Ok(body) => {
            let mut reader = Reader(&body);
            let length = reader.string()?.len();
            // The bytes without their length, in the same buffer.
            let mut body = body;
            body.truncate(4 + length);
            body.drain(..4);
            Ok(Some(body))
        }
        Err(error) if error.is(code::EOF) => Ok(None),
        Err(error) => Err(error),
    }
}

fn attributes(body: &[u8]) -> Done<SftpAttributes> {
    Ok(SftpAttributes::unpack(&mut Reader(body))?)
}

fn one_name(body: &[u8]) -> Done<Vec<u8>> {
    let mut reader = Reader(body);
    match reader.u32()? {
        1 => Ok(reader.string()?.to_vec()),
        count => Err(SftpError::Protocol(format!("{count} names instead of one"))),
    }
}

impl Raw {
    fn handle(&self, body: &[u8]) -> Done<RawHandle> {
        let handle = Reader(body).string()?.to_vec();
        if handle.len() > 256 {
            return Err(SftpError::Protocol("handle of more than 256 bytes".into()));
        }
        Ok(RawHandle { link: self.0.clone(), handle, open: true })
    }

    pub(in crate::fabric) async fn open(&self, path: &[u8], flags: u32, attributes: &SftpAttributes) -> Done<RawHandle> {
        let opened = self.0.send(kind::OPEN, |writer| writer.string(path).u32(flags).attributes(attributes));
        self.handle(&opened.expect(kind::HANDLE).await?)
    }

    pub(super) fn read(&self, handle: &RawHandle, offset: u64, length: u32) -> super::link::Pending {
        self.0.send(kind::READ, |writer| writer.string(&handle.handle).u64(offset).u32(length))
    }

    pub(super) fn write(&self, handle: &RawHandle, offset: u64, bytes: &[u8]) -> super::link::Pending {
        self.0.send(kind::WRITE, |writer| writer.string(&handle.handle).u64(offset).string(bytes))
    }

    pub(in crate::fabric) async fn stat(&self, path: &[u8], follow: bool) -> Done<SftpAttributes> {
        let kind = if follow { kind::STAT } else { kind::LSTAT };
        attributes(&self.0.send(kind, |writer| writer.string(path)).expect(kind::ATTRS).await?)
    }

    pub(in crate::fabric) async fn fstat(&self, handle: &RawHandle) -> Done<SftpAttributes> {
        attributes(&self.0.send(kind::FSTAT, |writer| writer.string(&handle.handle)).expect(kind::ATTRS).await?)
    }

    pub(in crate::fabric) async fn setstat(&self, path: &[u8], attributes: &SftpAttributes) -> Done<()> {
        self.0.send(kind::SETSTAT, |writer| writer.string(path).attributes(attributes)).done().await
    }

    pub(in crate::fabric) async fn lsetstat(&self, path: &[u8], attributes: &SftpAttributes) -> Done<()> {
        self.need("lsetstat@openssh.com")?;
        self.0.extended("lsetstat@openssh.com", |writer| writer.string(path).attributes(attributes)).done().await
    }

    pub(in crate::fabric) async fn fsetstat(&self, handle: &RawHandle, attributes: &SftpAttributes) -> Done<()> {
        self.0.send(kind::FSETSTAT, |writer| writer.string(&handle.handle).attributes(attributes)).done().await
    }

    pub(in crate::fabric) async fn opendir(&self, path: &[u8]) -> Done<RawHandle> {
        self.handle(&self.0.send(kind::OPENDIR, |writer| writer.string(path)).expect(kind::HANDLE).await?)
    }

    /// The next entries; None at the end.
    pub(in crate::fabric) async fn readdir(&self, handle: &RawHandle) -> Done<Option<Vec<SftpAttributes>>> {
        let body = match self.0.send(kind::READDIR, |writer| writer.string(&handle.handle)).expect(kind::NAME).await {
            Ok(body) => body,
            Err(error) if error.is(code::EOF) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut reader = Reader(&body);
        let mut entries = Vec::new();
        for _ in 0..reader.u32()? {
            let name = reader.string()?.to_vec();
            let longname = reader.string()?.to_vec();
            let mut entry = SftpAttributes::unpack(&mut reader)?;
            entry.filename = Some(std::os::unix::ffi::OsStringExt::from_vec(name));
            entry.longname = Some(longname);
            entries.push(entry);
        }
        Ok(Some(entries))
    }

    pub(in crate::fabric) async fn remove(&self, path: &[u8]) -> Done<()> {
        self.0.send(kind::REMOVE, |writer| writer.string(path)).done().await
    }

    pub(in crate::fabric) async fn mkdir(&self, path: &[u8], mode: u32) -> Done<()> {
        self.0.send(kind::MKDIR, |writer| writer.string(path).attributes(&SftpAttributes::of_mode(mode))).done().await
    }

    pub(in crate::fabric) async fn rmdir(&self, path: &[u8]) -> Done<()> {
        self.0.send(kind::RMDIR, |writer| writer.string(path)).done().await
    }

    pub(in crate::fabric) async fn realpath(&self, path: &[u8]) -> Done<Vec<u8>> {
        one_name(&self.0.send(kind::REALPATH, |writer| writer.string(path)).expect(kind::NAME).await?)
    }

    pub(in crate::fabric) async fn rename(&self, from: &[u8], to: &[u8]) -> Done<()> {
        self.0.send(kind::RENAME, |writer| writer.string(from).string(to)).done().await
    }

    pub(in crate::fabric) async fn posix_rename(&self, from: &[u8], to: &[u8]) -> Done<()> {
        self.need("posix-rename@openssh.com")?;
        self.0.extended("posix-rename@openssh.com", |writer| writer.string(from).string(to)).done().await
    }

    pub(in crate::fabric) async fn hardlink(&self, original: &[u8], link: &[u8]) -> Done<()> {
        self.need("hardlink@openssh.com")?;
        self.0.extended("hardlink@openssh.com", |writer| writer.string(original).string(link)).done().await
    }

    pub(in crate::fabric) async fn readlink(&self, path: &[u8]) -> Done<Vec<u8>> {
        one_name(&self.0.send(kind::READLINK, |writer| writer.string(path)).expect(kind::NAME).await?)
    }

    /// OpenSSH takes the target first, as paramiko sends it, and unlike the draft.
    pub(in crate::fabric) async fn symlink(&self, target: &[u8], link: &[u8]) -> Done<()> {
        self.0.send(kind::SYMLINK, |writer| writer.string(target).string(link)).done().await
    }

    pub(in crate::fabric) async fn fsync(&self, handle: &RawHandle) -> Done<()> {
        self.need("fsync@openssh.com")?;
        self.0.extended("fsync@openssh.com", |writer| writer.string(&handle.handle)).done().await
    }

    pub(in crate::fabric) async fn statvfs(&self, path: &[u8]) -> Done<StatVfsResult> {
        self.need("statvfs@openssh.com")?;
        let pending = self.0.extended("statvfs@openssh.com", |writer| writer.string(path));
        statvfs(&pending.expect(kind::EXTENDED_REPLY).await?)
    }

    pub(in crate::fabric) async fn fstatvfs(&self, handle: &RawHandle) -> Done<StatVfsResult> {
        self.need("fstatvfs@openssh.com")?;
        let pending = self.0.extended("fstatvfs@openssh.com", |writer| writer.string(&handle.handle));
        statvfs(&pending.expect(kind::EXTENDED_REPLY).await?)
    }

    /// Copies within the server. A length of 0 is up to the end.
    pub(in crate::fabric) async fn copy_data(&self, from: (&RawHandle, u64), length: u64, to: (&RawHandle, u64)) -> Done<()> {
        self.need("copy-data")?;
        let pending = self
            .0
            .extended("copy-data", |writer| writer.string(&from.0.handle).u64(from.1).u64(length).string(&to.0.handle).u64(to.1));
        pending.done().await
    }

    /// The path with `~` expanded.
    pub(in crate::fabric) async fn expand_path(&self, path: &[u8]) -> Done<Vec<u8>> {
        self.need("expand-path@openssh.com")?;
        one_name(&self.0.extended("expand-path@openssh.com", |writer| writer.string(path)).expect(kind::NAME).await?)
    }

    /// The names of users and groups. An empty name is not known.
    pub(in crate::fabric) async fn names_of_ids(&self, uids: &[u32], gids: &[u32]) -> Done<(Vec<Vec<u8>>, Vec<Vec<u8>>)> {
        self.need("users-groups-by-id@openssh.com")?;
        let ids = |ids: &[u32]| ids.iter().flat_map(|id| id.to_be_bytes()).collect::<Vec<u8>>();
        let pending = self.0.extended("users-groups-by-id@openssh.com", |writer| writer.string(ids(uids)).string(ids(gids)));
        let body = pending.expect(kind::EXTENDED_REPLY).await?;
        let mut reader = Reader(&body);
        let names = |list: &[u8], count: usize| {
            let mut reader = Reader(list);
            (0..count).map(|_| reader.string().map(<[u8]>::to_vec)).collect::<Result<Vec<_>, _>>()
        };
        Ok((names(reader.string()?, uids.len())?, names(reader.string()?, gids.len())?))
    }

    fn need(&self, extension: &'static str) -> Done<()> {
        if self.0.supports(extension) { Ok(()) } else { Err(SftpError::Unsupported(extension)) }
    }
}

fn statvfs(body: &[u8]) -> Done<StatVfsResult> {
    let mut reader = Reader(body);
    let mut next = || reader.u64();
    // In the order of the packet.
    Ok(StatVfsResult {
        f_bsize: next()?,
        f_frsize: next()?,
        f_blocks: next()?,
        f_bfree: next()?,
        f_bavail: next()?,
        f_files: next()?,
        f_ffree: next()?,
        f_favail: next()?,
        f_fsid: next()?,
        f_flag: next()?,
        f_namemax: next()?,
    })
}

impl Raw {
    /// Up to so many bytes, as many packets as that takes; less at the end of the file.
    pub(in crate::fabric) async fn read_some(&self, handle: &RawHandle, offset: u64, length: usize) -> Done<Vec<u8>> {
        let chunk = self.0.limits.read as usize;
        // What is read at once is bounded; a caller reads again.
        let length = length.min(chunk.saturating_mul(32));
        let mut under_way = std::collections::VecDeque::new();
        let mut asked = 0;
        while asked < length {
            let want = (length - asked).min(chunk);
            under_way.push_back((
                want,
                self.read(handle, offset.saturating_add(asked as u64), u32::try_from(want).unwrap_or(u32::MAX)),
            ));
            asked += want;
        }
        let mut bytes = Vec::with_capacity(length);
        while let Some((want, pending)) = under_way.pop_front() {
            let Some(got) = data(pending).await? else { break };
            if got.len() > want {
                return Err(SftpError::Protocol(format!("{} bytes for a request of {want}", got.len())));
            }
            let short = got.len() < want;
            bytes.extend(got);
            // What follows a short answer is read by the next call.
            if short {
                break;
            }
        }
        Ok(bytes)
    }

    /// Writes so many bytes at an offset, many packets at once. Gives how many: all of them, or those before the first that failed.
    pub(in crate::fabric) async fn write_some(&self, handle: &RawHandle, offset: u64, bytes: &[u8]) -> Done<usize> {
        let bytes = bytes.get(..bytes.len().min(self.0.limits.write as usize * 32)).unwrap_or(bytes);
        let mut under_way = std::collections::VecDeque::new();
        let mut at = offset;
        for chunk in bytes.chunks(self.0.limits.write as usize) {
            under_way.push_back((chunk.len(), self.write(handle, at, chunk)));
            at = at.saturating_add(chunk.len() as u64);
        }
        let mut written = 0;
        while let Some((length, pending)) = under_way.pop_front() {
            match pending.done().await {
                Ok(()) => written += length,
                Err(error) if written == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(written)
    }
}
