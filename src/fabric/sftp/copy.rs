//! [`Copy`]: a file from here to there, or from there to here.

use std::fmt;
use std::io::{Read, Seek as _, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::attributes::SftpAttributes;
use super::client::{SftpClient, bytes};
use super::pipeline;
use super::request::{Request, request};
use super::status::{SftpError, code};
use super::wire::open_flag;
use crate::error::errno::{EISDIR, ENOSPC};
use crate::fabric::error::Result;
use crate::os::{Open, Os};

/// Called with the bytes that are copied so far, and with all there are.
pub type Progress = Box<dyn FnMut(u64, u64) + Send>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Get,
    Put,
}

/// A copy of one file: what [`SftpClient::get`] and [`SftpClient::put`] return. Ended by `.wait()` or `.await`.
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct Copy {
    plan: Plan,
    progress: Option<Progress>,
}

#[derive(Debug)]
struct Plan {
    client: SftpClient,
    direction: Direction,
    local: PathBuf,
    remote: PathBuf,
    confirm: bool,
    resume: bool,
    atomic: bool,
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copy").field("local", &self.plan.local).field("remote", &self.plan.remote).finish_non_exhaustive()
    }
}

impl Copy {
    /// Calls this with the bytes copied so far and with the size of the file.
    pub fn callback(mut self, progress: impl FnMut(u64, u64) + Send + 'static) -> Copy {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Asks for the size of what was written, and fails if it is another. Default: yes.
    pub fn confirm(mut self, confirm: bool) -> Copy {
        self.plan.confirm = confirm;
        self
    }

    /// Goes on where an earlier copy ended: what is there already is kept and not compared. Default: no. It rules out [`Copy::atomic`].
    pub fn resume(mut self, resume: bool) -> Copy {
        self.plan.resume = resume;
        self
    }

    /// Writes to a new file beside the target, which takes its place when it is whole. Default: no.
    ///
    /// Permissions of a target that is there are kept; a link is followed. Where no file can be made beside the target, but the target can be written,
    /// it is written as it is.
    pub fn atomic(mut self, atomic: bool) -> Copy {
        self.plan.atomic = atomic;
        self
    }
}

impl Plan {
    async fn run(self, progress: Option<Progress>) -> Result<SftpAttributes, SftpError> {
        let mut progress = progress.unwrap_or_else(|| Box::new(|_, _| {}));
        let os = self.client.local.clone();
        match self.direction {
            Direction::Get => self.get(&os, &mut progress).await,
            Direction::Put => self.put(&os, &mut progress).await,
        }
    }

    async fn get(&self, os: &Os, progress: &mut Progress) -> Result<SftpAttributes, SftpError> {
        let raw = &self.client.raw;
        let remote = self.client.adjusted(&self.remote);
        // Opened first: a file that is not there must not cost the local one.
        let handle = raw.open(bytes(&remote), open_flag::READ, &SftpAttributes::new()).await?;
        let found = raw.fstat(&handle).await?;
        if found.is_dir() {
            return Err(SftpError::Errno(EISDIR));
        }
        let size = found.st_size;
        let here = if self.resume { os.path.getsize(&self.local).unwrap_or(0) } else { 0 };
        let from = if here <= size.unwrap_or(0) { here } else { 0 };
        let target = LocalTarget::open(os, &self.local, self.atomic && !self.resume, from)?;
        let mut file = target.file;
        let total = size.unwrap_or(0);
        let mut at = from;
        let sink = |chunk: &[u8]| {
            file.write_all(chunk).map_err(local)?;
            at += chunk.len() as u64;
            progress(at, total);
            Ok(())
        };
        let copied = pipeline::read_all(raw, &handle, from, size, sink).await;
        let finished = copied.and_then(|copied| {
            file.flush().map_err(local)?;
            if self.confirm && size.is_some_and(|size| size > 0 && from + copied != size) {
                return Err(SftpError::SizeMismatch { operation: "get", found: from + copied, expected: total });
            }
            match &target.beside {
                Some(beside) => os.replace(beside, &target.path).map_err(of_os),
                None => Ok(()),
            }
        });
        if let (Err(_), Some(beside)) = (&finished, &target.beside) {
            let _ = os.remove(beside);
        }
        finished.map(|()| found)
    }

    async fn put(&self, os: &Os, progress: &mut Progress) -> Result<SftpAttributes, SftpError> {
        let mut file = os.open(Open::new(&self.local).mode("rb").buffering(0)).map_err(of_os)?;
        let size = file.stat().map_err(of_os)?.st_size;
        let remote = self.client.adjusted(&self.remote);
        let from = match self.client.raw.stat(bytes(&remote), true).await {
            Ok(there) if self.resume => there.st_size.filter(|there| *there <= size).unwrap_or(0),
            _ => 0,
        };
        if from > 0 {
            file.seek(SeekFrom::Start(from)).map_err(local)?;
        }
        let how = How { atomic: self.atomic && !self.resume, confirm: self.confirm, from };
        self.client.write_from(&remote, &mut file, how, &mut |at| progress(at, size)).await
    }
}

impl IntoFuture for Copy {
    type Output = Result<SftpAttributes>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let operation = if self.plan.direction == Direction::Get { "get" } else { "put" };
        let Plan { local, remote, .. } = &self.plan;
        let (from, to) = if self.plan.direction == Direction::Get { (remote, local) } else { (local, remote) };
        let path = PathBuf::from(format!("{} -> {}", from.display(), to.display()));
        request(operation, path, self.plan.run(self.progress)).into_future()
    }
}

/// How a file is written on the far side.
#[derive(Clone, Copy, Debug)]
pub(in crate::fabric) struct How {
    pub(in crate::fabric) atomic: bool,
    pub(in crate::fabric) confirm: bool,
    pub(in crate::fabric) from: u64,
}

impl SftpClient {
    /// Copies a file to this side. The answer is what the server says of it.
    #[doc(alias = "fabric.Connection.sftp().get")]
    pub fn get(&self, remotepath: impl Into<PathBuf>, localpath: impl Into<PathBuf>) -> Copy {
        self.copy(Direction::Get, localpath.into(), remotepath.into())
    }

    /// Copies a file to the other side. The answer is what the server says of it afterwards; nothing without [`Copy::confirm`].
    #[doc(alias = "fabric.Connection.sftp().put")]
    pub fn put(&self, localpath: impl Into<PathBuf>, remotepath: impl Into<PathBuf>) -> Copy {
        self.copy(Direction::Put, localpath.into(), remotepath.into())
    }

    fn copy(&self, direction: Direction, local: PathBuf, remote: PathBuf) -> Copy {
        let plan = Plan { client: self.clone(), direction, local, remote, confirm: true, resume: false, atomic: false };
        Copy { plan, progress: None }
    }

    /// Writes a file of the other side to a writer; gives the size.
    #[doc(alias = "fabric.Connection.sftp().getfo")]
    pub fn getfo<'a>(&self, remotepath: impl AsRef<Path>, mut fl: impl Write + Send + 'a) -> Request<'a, u64> {
        let path = remotepath.as_ref().to_path_buf();
        let (client, remote) = (self.clone(), self.adjusted(&path));
        request("get", path, async move {
            let handle = client.raw.open(bytes(&remote), open_flag::READ, &SftpAttributes::new()).await?;
            let size = client.raw.fstat(&handle).await?.st_size;
            let size = pipeline::read_all(&client.raw, &handle, 0, size, |chunk| fl.write_all(chunk).map_err(local)).await?;
            fl.flush().map_err(local)?;
            Ok(size)
        })
    }

    /// Writes what a reader gives to a file of the other side.
    #[doc(alias = "fabric.Connection.sftp().putfo")]
    pub fn putfo<'a>(&self, mut fl: impl Read + Send + 'a, remotepath: impl AsRef<Path>) -> Request<'a, SftpAttributes> {
        let path = remotepath.as_ref().to_path_buf();
        let (client, remote) = (self.clone(), self.adjusted(&path));
        request("put", path, async move {
            let how = How { atomic: false, confirm: true, from: 0 };
            client.write_from(&remote, &mut fl, how, &mut |_| {}).await
        })
    }

    /// Writes what a reader gives, in a new file that takes the target's place, or in the target itself. Gives the size.
    pub(in crate::fabric) async fn put_stream(&self, source: &mut (dyn Read + Send), remote: &Path, atomic: bool) -> Result<u64> {
        let how = How { atomic, confirm: true, from: 0 };
        let sent = self.write_from(&self.adjusted(remote), source, how, &mut |_| {}).await;
        let failed = |error: SftpError| crate::fabric::Error::Os {
            operation: "put",
            path: remote.display().to_string(),
            source: error.into(),
        };
        sent.map(|found| found.st_size.unwrap_or(0)).map_err(failed)
    }

    /// Writes what a reader gives, from an offset on.
    pub(in crate::fabric) async fn write_from(
        &self,
        remote: &Path,
        source: &mut (dyn Read + Send),
        how: How,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<SftpAttributes, SftpError> {
        let raw = &self.raw;
        let beside = if how.atomic { self.make_beside(remote).await? } else { None };
        let (handle, beside) = match beside {
            Some((handle, target, beside)) => (handle, Some((target, beside))),
            None => {
                let cut = if how.from == 0 { open_flag::TRUNCATE } else { 0 };
                let flags = open_flag::WRITE | open_flag::CREATE | cut;
                (raw.open(bytes(remote), flags, &SftpAttributes::new()).await?, None)
            }
        };
        let fill = |buffer: &mut [u8]| source.read(buffer).map_err(local);
        let written = pipeline::write_all(raw, &handle, how.from, fill, |at| progress(how.from + at)).await;
        let finished = match written {
            Err(error) => Err(error),
            Ok(written) => self.finish(handle, beside.as_ref(), how, how.from + written).await,
        };
        // The protocol has no status for a full disk: OpenSSH answers a plain failure.
        let full = match &finished {
            Err(error) if error.is(code::FAILURE) => self.is_full(remote).await,
            _ => false,
        };
        if let (Err(_), Some((_, beside))) = (&finished, &beside) {
            let _ = raw.remove(beside).await;
        }
        if full { Err(SftpError::Errno(ENOSPC)) } else { finished }
    }

    /// True if the server knows that the file system of this file has no space left, or no inode.
    async fn is_full(&self, file: &Path) -> bool {
        let directory = file.parent().unwrap_or(file);
        let found = self.raw.statvfs(bytes(directory)).await;
        found.is_ok_and(|found| found.f_bavail == 0 || (found.f_files > 0 && found.f_favail == 0))
    }

    async fn finish(
        &self,
        handle: super::raw::RawHandle,
        beside: Option<&(Vec<u8>, Vec<u8>)>,
        how: How,
        size: u64,
    ) -> Result<SftpAttributes, SftpError> {
        let found = if how.confirm { self.raw.fstat(&handle).await? } else { SftpAttributes::new() };
        handle.close().await?;
        if how.confirm && found.st_size.is_some_and(|found| found != size) {
            return Err(SftpError::SizeMismatch { operation: "put", found: found.st_size.unwrap_or(0), expected: size });
        }
        let Some((target, beside)) = beside else { return Ok(found) };
        match self.raw.posix_rename(beside, target).await {
            Err(SftpError::Unsupported(_)) => self.raw.rename(beside, target).await?,
            renamed => renamed?,
        }
        Ok(found)
    }

    /// A new file beside the target, the target with links followed, and the new file's path. None: write the target itself.
    async fn make_beside(&self, remote: &Path) -> Result<Option<(super::raw::RawHandle, Vec<u8>, Vec<u8>)>, SftpError> {
        let raw = &self.raw;
        let found = match raw.stat(bytes(remote), true).await {
            Ok(found) => Some(found),
            Err(error) if error.is(code::NO_SUCH_FILE) => None,
            Err(error) => return Err(error),
        };
        match &found {
            Some(found) if found.is_dir() => return Err(SftpError::Errno(EISDIR)),
            // A pipe or a device is written to, never replaced; and without posix-rename nothing replaces.
            Some(found) if found.file_type().is_some_and(|kind| kind != crate::os::FileType::File) => return Ok(None),
            Some(_) if !raw.0.supports("posix-rename@openssh.com") => return Ok(None),
            _ => {}
        }
        let target = match &found {
            Some(_) => raw.realpath(bytes(remote)).await?,
            // A link to nothing: what is written makes its target.
            None if raw.stat(bytes(remote), false).await.is_ok() => return Ok(None),
            None => bytes(remote).to_vec(),
        };
        let at = target.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (directory, name) = target.split_at(at);
        if name.is_empty() {
            return Ok(None);
        }
        let random = self.local.urandom(8).map_err(of_os)?;
        let mut beside = directory.to_vec();
        beside.push(b'.');
        // 255 bytes are the most that a name may have.
        beside.extend(name.iter().take(200));
        beside.push(b'.');
        beside.extend(random.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        beside.extend(b".tmp");
        // Other users cannot read it before it has the permissions of the old file.
        let first = found.as_ref().map_or_else(SftpAttributes::new, |_| SftpAttributes::of_mode(0o600));
        let flags = open_flag::WRITE | open_flag::CREATE | open_flag::EXCLUSIVE;
        let handle = match raw.open(&beside, flags, &first).await {
            Ok(handle) => handle,
            Err(error) if found.is_some() && error.is(code::PERMISSION_DENIED) => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(found) = &found {
            let made = raw.fstat(&handle).await?;
            if let (Some(uid), Some(gid)) = (found.st_uid, found.st_gid) {
                let other = made.st_uid != Some(uid) || made.st_gid != Some(gid);
                if other && raw.fsetstat(&handle, &SftpAttributes::of_owner(uid, gid)).await.is_err() {
                    // The file of another user: only writing it keeps its owner.
                    drop(handle);
                    raw.remove(&beside).await?;
                    return Ok(None);
                }
            }
            if let Some(mode) = found.st_mode {
                raw.fsetstat(&handle, &SftpAttributes::of_mode(mode & 0o1777)).await?;
            }
        }
        Ok(Some((handle, target, beside)))
    }
}

/// Where a file that comes here is written.
struct LocalTarget {
    file: crate::os::File,
    /// The file that it becomes, with links followed.
    path: PathBuf,
    /// The new file beside that one.
    beside: Option<PathBuf>,
}

impl LocalTarget {
    fn open(os: &Os, path: &Path, atomic: bool, from: u64) -> Result<LocalTarget, SftpError> {
        let plain = || {
            let mode = if from > 0 { "ab" } else { "wb" };
            let file = os.open(Open::new(path).mode(mode)).map_err(of_os)?;
            Ok(LocalTarget { file, path: path.to_path_buf(), beside: None })
        };
        let found = os.stat(path).ok();
        if !atomic || found.is_some_and(|found| !found.is_file()) || (found.is_none() && os.path.lexists(path)) {
            return plain();
        }
        let target = if found.is_some() { os.path.realpath(path).map_err(of_os)? } else { path.to_path_buf() };
        let Some(name) = target.file_name() else { return plain() };
        let random = os.urandom(8).map_err(of_os)?;
        let mut beside = b".".to_vec();
        beside.extend(name.as_bytes().iter().take(200));
        beside.push(b'.');
        beside.extend(random.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        beside.extend(b".tmp");
        let beside = target.with_file_name(std::ffi::OsStr::from_bytes(&beside));
        let permissions = if found.is_some() { 0o600 } else { 0o666 };
        let mut file = match os.open(Open::new(&beside).mode("xb").permissions(permissions)) {
            Ok(file) => file,
            Err(crate::os::Error::Permission(_)) if found.is_some() => return plain(),
            Err(error) => return Err(of_os(error)),
        };
        if let Some(found) = found {
            let made = file.stat().map_err(of_os)?;
            let other = made.st_uid != found.st_uid || made.st_gid != found.st_gid;
            if other && file.chown(found.st_uid, found.st_gid).is_err() {
                os.remove(&beside).map_err(of_os)?;
                return plain();
            }
            file.chmod(found.permissions() & 0o1777).map_err(of_os)?;
        }
        Ok(LocalTarget { file, path: target, beside: Some(beside) })
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn local(error: std::io::Error) -> SftpError {
    error.raw_os_error().map_or_else(|| SftpError::Local(error.to_string()), SftpError::Errno)
}

/// An error of the local side, with its path.
#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
pub(in crate::fabric) fn of_os(error: crate::os::Error) -> SftpError {
    error.errno().map_or_else(|| SftpError::Local(error.to_string()), SftpError::Errno)
}
