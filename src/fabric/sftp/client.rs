//! [`SftpClient`]: the operations on paths.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::attributes::SftpAttributes;
use super::file::SftpFile;
use super::link::Link;
use super::raw::{Raw, RawHandle};
use super::request::{Request, request};
use super::status::SftpError;
use super::wire::{open_flag, seconds};
use crate::error::errno::ENOTDIR;
use crate::fabric::backend::BoxStream;
use crate::os::{Os, StatVfsResult};

/// Names by number, in the order of the question; None where the server knows none.
pub type Names = Vec<Option<OsString>>;

/// How long a request may wait for its answer, unless it is set.
const PATIENCE: Duration = Duration::from_secs(120);

/// `paramiko.SFTPClient`: files of another machine. Cheap to clone; clones share the session and the working directory.
///
/// <https://docs.paramiko.org/en/stable/api/sftp.html>
#[derive(Clone, Debug)]
#[doc(alias = "paramiko.SFTPClient")]
pub struct SftpClient {
    pub(in crate::fabric) raw: Raw,
    /// This side's files.
    pub(super) local: Os,
    cwd: Arc<Mutex<Option<PathBuf>>>,
}

pub(super) fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn path_of(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}

impl SftpClient {
    /// Starts a session over a stream that leads to an SFTP server: a channel of the subsystem `sftp`, a program's pipes.
    ///
    /// Local files are those of `local`.
    #[doc(alias("paramiko.SFTPClient.from_transport", "fabric.Connection.sftp().from_transport"))]
    pub fn from_stream(stream: BoxStream, local: Os) -> Request<'static, SftpClient> {
        request("sftp", PathBuf::new(), async move {
            let link = Link::open(stream, Some(PATIENCE)).await?;
            Ok(SftpClient { raw: Raw(Arc::new(link)), local, cwd: Arc::default() })
        })
    }

    /// Starts a session with a server in this process that serves the files of `far`; relative paths are below `home`.
    pub fn to_server(local: Os, far: Os, home: impl Into<PathBuf>) -> Request<'static, SftpClient> {
        let home = home.into();
        let (near, end) = tokio::io::duplex(1 << 20);
        crate::wait::driver::detach(super::serve(far, home, Box::new(end)));
        SftpClient::from_stream(Box::new(near), local)
    }

    /// Sets how long a request may wait for its answer. Default: two minutes. None: forever.
    pub fn set_timeout(&self, timeout: Option<Duration>) {
        *self.raw.0.patience.lock().unwrap_or_else(PoisonError::into_inner) = timeout;
    }

    /// True while the session is open.
    pub fn is_active(&self) -> bool {
        self.raw.0.is_active()
    }

    /// The names of the server's extensions.
    pub fn extensions(&self) -> impl Iterator<Item = &[u8]> {
        self.raw.0.extensions.iter().map(|(name, _)| name.as_slice())
    }

    /// How many files the server lets a session have open; None if it does not say.
    pub fn max_open_handles(&self) -> Option<u64> {
        Some(self.raw.0.limits.handles).filter(|handles| *handles > 0)
    }

    /// A path as the server gets it: below the working directory, if one was set.
    pub(super) fn adjusted(&self, path: &Path) -> PathBuf {
        match self.getcwd() {
            Some(cwd) if !path.is_absolute() => {
                // Not `join`: an empty path and one of dots stay as they are, as in Python.
                let mut whole = bytes(&cwd).to_vec();
                if !whole.ends_with(b"/") {
                    whole.push(b'/');
                }
                whole.extend(bytes(path));
                path_of(whole)
            }
            _ => path.to_path_buf(),
        }
    }

    fn on<'a, T, F: Future<Output = Result<T, SftpError>> + Send + 'a>(
        &self,
        operation: &'static str,
        path: impl AsRef<Path>,
        work: impl FnOnce(Raw, PathBuf) -> F,
    ) -> Request<'a, T> {
        let path = path.as_ref();
        request(operation, path.to_path_buf(), work(self.raw.clone(), self.adjusted(path)))
    }

    /// The working directory; None until [`SftpClient::chdir`] sets one.
    #[doc(alias = "fabric.Connection.sftp().getcwd")]
    pub fn getcwd(&self) -> Option<PathBuf> {
        self.cwd.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets the working directory, which is on this side; None sets none. `NotADirectory` if the path is something else.
    #[doc(alias = "fabric.Connection.sftp().chdir")]
    pub fn chdir<'p>(&self, path: impl Into<Option<&'p str>>) -> Request<'static, ()> {
        let path = path.into().map(PathBuf::from);
        let client = self.clone();
        request("chdir", path.clone().unwrap_or_default(), async move {
            let new = match path {
                None => None,
                Some(path) => {
                    let path = client.adjusted(&path);
                    if !client.raw.stat(bytes(&path), true).await?.is_dir() {
                        return Err(SftpError::Errno(ENOTDIR));
                    }
                    Some(path_of(client.raw.realpath(bytes(&path)).await?))
                }
            };
            *client.cwd.lock().unwrap_or_else(PoisonError::into_inner) = new;
            Ok(())
        })
    }

    /// The names in a directory, without `.` and `..`, in the server's order.
    #[doc(alias = "fabric.Connection.sftp().listdir")]
    pub fn listdir(&self, path: impl AsRef<Path>) -> Request<'static, Vec<OsString>> {
        self.on("listdir", path, |raw, path| async move {
            let entries = list(&raw, &path).await?;
            Ok(entries.into_iter().filter_map(|entry| entry.filename).collect())
        })
    }

    /// The entries of a directory, with what the server says of each.
    #[doc(alias = "fabric.Connection.sftp().listdir_attr")]
    pub fn listdir_attr(&self, path: impl AsRef<Path>) -> Request<'static, Vec<SftpAttributes>> {
        self.on("listdir_attr", path, |raw, path| async move { list(&raw, &path).await })
    }

    /// The entries of a directory, a batch at a time: for directories with very many.
    #[doc(alias = "fabric.Connection.sftp().listdir_iter")]
    pub fn listdir_iter(&self, path: impl AsRef<Path>) -> Request<'static, ListDir> {
        let shown = path.as_ref().to_path_buf();
        self.on("listdir_iter", path, |raw, path| async move {
            let handle = raw.opendir(bytes(&path)).await?;
            Ok(ListDir { raw, handle: Some(handle), path: shown })
        })
    }

    /// What the server says of a file; links are followed.
    #[doc(alias = "fabric.Connection.sftp().stat")]
    pub fn stat(&self, path: impl AsRef<Path>) -> Request<'static, SftpAttributes> {
        self.on("stat", path, |raw, path| async move { raw.stat(bytes(&path), true).await })
    }

    /// What the server says of a file, or of a link itself.
    #[doc(alias = "fabric.Connection.sftp().lstat")]
    pub fn lstat(&self, path: impl AsRef<Path>) -> Request<'static, SftpAttributes> {
        self.on("lstat", path, |raw, path| async move { raw.stat(bytes(&path), false).await })
    }

    /// Opens a file. Modes are Python's: `r`, `w`, `a`, `x` (with `w` or `+`), `+`; `b` and `U` mean nothing here.
    #[doc(alias = "fabric.Connection.sftp().open")]
    pub fn open(&self, path: impl AsRef<Path>, mode: &str) -> Request<'static, SftpFile> {
        let has = |letter| mode.contains(letter);
        let mut flags = 0;
        if has('r') || has('+') {
            flags |= open_flag::READ;
        }
        if has('w') || has('+') || has('a') {
            flags |= open_flag::WRITE;
        }
        if has('w') {
            flags |= open_flag::CREATE | open_flag::TRUNCATE;
        }
        if has('a') {
            flags |= open_flag::CREATE | open_flag::APPEND;
        }
        if has('x') {
            flags |= open_flag::CREATE | open_flag::EXCLUSIVE;
        }
        let append = has('a');
        let shown = path.as_ref().to_path_buf();
        self.on("open", path, move |raw, path| async move {
            let handle = raw.open(bytes(&path), flags, &SftpAttributes::new()).await?;
            Ok(SftpFile::new(raw, handle, shown, append))
        })
    }

    /// Another name of [`SftpClient::open`].
    #[doc(alias = "fabric.Connection.sftp().file")]
    pub fn file(&self, path: impl AsRef<Path>, mode: &str) -> Request<'static, SftpFile> {
        self.open(path, mode)
    }

    /// Sets the permission bits.
    #[doc(alias = "fabric.Connection.sftp().chmod")]
    pub fn chmod(&self, path: impl AsRef<Path>, mode: u32) -> Request<'static, ()> {
        self.set("chmod", path, SftpAttributes::of_mode(mode))
    }

    /// Sets owner and group, by number.
    #[doc(alias = "fabric.Connection.sftp().chown")]
    pub fn chown(&self, path: impl AsRef<Path>, uid: u32, gid: u32) -> Request<'static, ()> {
        self.set("chown", path, SftpAttributes::of_owner(uid, gid))
    }

    /// Sets the times of last reading and change. Fractions of seconds are lost: the protocol has none.
    ///
    /// DIFFERENCE: Python's `None`, the present time, is for the caller to give.
    #[doc(alias = "fabric.Connection.sftp().utime")]
    pub fn utime(&self, path: impl AsRef<Path>, (atime, mtime): (SystemTime, SystemTime)) -> Request<'static, ()> {
        self.set("utime", path, SftpAttributes::of_times(seconds(atime), seconds(mtime)))
    }

    /// Cuts or lengthens a file.
    #[doc(alias = "fabric.Connection.sftp().truncate")]
    pub fn truncate(&self, path: impl AsRef<Path>, size: u64) -> Request<'static, ()> {
        self.set("truncate", path, SftpAttributes::of_size(size))
    }

    fn set(&self, operation: &'static str, path: impl AsRef<Path>, attributes: SftpAttributes) -> Request<'static, ()> {
        self.on(operation, path, |raw, path| async move { raw.setstat(bytes(&path), &attributes).await })
    }

    /// Sets what is given of a link itself: `lsetstat@openssh.com`.
    pub fn lsetstat(&self, path: impl AsRef<Path>, attributes: SftpAttributes) -> Request<'static, ()> {
        self.on("lsetstat", path, |raw, path| async move { raw.lsetstat(bytes(&path), &attributes).await })
    }

    /// Removes a file.
    #[doc(alias = "fabric.Connection.sftp().remove")]
    pub fn remove(&self, path: impl AsRef<Path>) -> Request<'static, ()> {
        self.on("remove", path, |raw, path| async move { raw.remove(bytes(&path)).await })
    }

    /// Another name of [`SftpClient::remove`].
    #[doc(alias = "fabric.Connection.sftp().unlink")]
    pub fn unlink(&self, path: impl AsRef<Path>) -> Request<'static, ()> {
        self.remove(path)
    }

    /// Makes a directory. Python's default mode is 0o777; the server's umask takes from it.
    #[doc(alias = "fabric.Connection.sftp().mkdir")]
    pub fn mkdir(&self, path: impl AsRef<Path>, mode: u32) -> Request<'static, ()> {
        self.on("mkdir", path, |raw, path| async move { raw.mkdir(bytes(&path), mode).await })
    }

    /// Removes an empty directory.
    #[doc(alias = "fabric.Connection.sftp().rmdir")]
    pub fn rmdir(&self, path: impl AsRef<Path>) -> Request<'static, ()> {
        self.on("rmdir", path, |raw, path| async move { raw.rmdir(bytes(&path)).await })
    }

    /// Renames. Fails if the new name is there.
    #[doc(alias = "fabric.Connection.sftp().rename")]
    pub fn rename(&self, oldpath: impl AsRef<Path>, newpath: impl AsRef<Path>) -> Request<'static, ()> {
        let new = self.adjusted(newpath.as_ref());
        self.on("rename", oldpath, |raw, old| async move { raw.rename(bytes(&old), bytes(&new)).await })
    }

    /// Renames, and replaces what has the new name: `posix-rename@openssh.com`.
    #[doc(alias = "fabric.Connection.sftp().posix_rename")]
    pub fn posix_rename(&self, oldpath: impl AsRef<Path>, newpath: impl AsRef<Path>) -> Request<'static, ()> {
        let new = self.adjusted(newpath.as_ref());
        self.on("posix_rename", oldpath, |raw, old| async move { raw.posix_rename(bytes(&old), bytes(&new)).await })
    }

    /// Makes `link` a second name of `original`: `hardlink@openssh.com`.
    pub fn hardlink(&self, original: impl AsRef<Path>, link: impl AsRef<Path>) -> Request<'static, ()> {
        let link = self.adjusted(link.as_ref());
        self.on("hardlink", original, |raw, original| async move { raw.hardlink(bytes(&original), bytes(&link)).await })
    }

    /// Makes a symbolic link `dest` that says `source`, as it is.
    #[doc(alias = "fabric.Connection.sftp().symlink")]
    pub fn symlink(&self, source: impl AsRef<Path>, dest: impl AsRef<Path>) -> Request<'static, ()> {
        let source = source.as_ref().to_path_buf();
        self.on("symlink", dest, |raw, dest| async move { raw.symlink(bytes(&source), bytes(&dest)).await })
    }

    /// What a symbolic link says.
    #[doc(alias = "fabric.Connection.sftp().readlink")]
    pub fn readlink(&self, path: impl AsRef<Path>) -> Request<'static, PathBuf> {
        self.on("readlink", path, |raw, path| async move { raw.readlink(bytes(&path)).await.map(path_of) })
    }

    /// The absolute path, links followed; `.` is the working directory.
    #[doc(alias = "fabric.Connection.sftp().normalize")]
    pub fn normalize(&self, path: impl AsRef<Path>) -> Request<'static, PathBuf> {
        self.on("normalize", path, |raw, path| async move { raw.realpath(bytes(&path)).await.map(path_of) })
    }

    /// The path with `~` and `~user` expanded, and absolute: `expand-path@openssh.com`.
    pub fn expand_path(&self, path: impl AsRef<Path>) -> Request<'static, PathBuf> {
        let path = path.as_ref().to_path_buf();
        let raw = self.raw.clone();
        request("expand_path", path.clone(), async move { raw.expand_path(bytes(&path)).await.map(path_of) })
    }

    /// The space and limits of the file system that holds a path: `statvfs@openssh.com`.
    pub fn statvfs(&self, path: impl AsRef<Path>) -> Request<'static, StatVfsResult> {
        self.on("statvfs", path, |raw, path| async move { raw.statvfs(bytes(&path)).await })
    }

    /// Copies a file within the server, without its bytes passing this side: `copy-data`. Gives the size.
    pub fn copy_data(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> Request<'static, u64> {
        let to = self.adjusted(to.as_ref());
        self.on("copy_data", from, |raw, from| async move {
            let source = raw.open(bytes(&from), open_flag::READ, &SftpAttributes::new()).await?;
            let flags = open_flag::WRITE | open_flag::CREATE | open_flag::TRUNCATE;
            let target = raw.open(bytes(&to), flags, &SftpAttributes::new()).await?;
            raw.copy_data((&source, 0), 0, (&target, 0)).await?;
            let size = raw.fstat(&target).await?.st_size.unwrap_or(0);
            target.close().await?;
            Ok(size)
        })
    }

    /// The names of users and of groups by their numbers; None where the server knows none: `users-groups-by-id@openssh.com`.
    pub fn names_of_ids(&self, uids: &[u32], gids: &[u32]) -> Request<'static, (Names, Names)> {
        let (raw, uids, gids) = (self.raw.clone(), uids.to_vec(), gids.to_vec());
        request("names_of_ids", PathBuf::new(), async move {
            let (users, groups) = raw.names_of_ids(&uids, &gids).await?;
            let known = |names: Vec<Vec<u8>>| {
                names.into_iter().map(|name| (!name.is_empty()).then(|| OsString::from_vec(name))).collect()
            };
            Ok((known(users), known(groups)))
        })
    }

    /// Closes the session. What is waited for fails.
    #[doc(alias = "fabric.Connection.sftp().close")]
    pub fn close(&self) {
        self.raw.0.close();
    }
}

async fn list(raw: &Raw, path: &Path) -> Result<Vec<SftpAttributes>, SftpError> {
    let handle = raw.opendir(bytes(path)).await?;
    let mut entries = Vec::new();
    while let Some(batch) = raw.readdir(&handle).await? {
        entries.extend(batch.into_iter().filter(is_entry));
    }
    handle.close().await?;
    Ok(entries)
}

fn is_entry(entry: &SftpAttributes) -> bool {
    entry.filename.as_ref().is_some_and(|name| name != "." && name != "..")
}

/// A listing that goes on: [`SftpClient::listdir_iter`].
#[derive(Debug)]
pub struct ListDir {
    raw: Raw,
    handle: Option<RawHandle>,
    path: PathBuf,
}

impl ListDir {
    /// The next entries; None at the end.
    pub fn next_batch(&mut self) -> Request<'_, Option<Vec<SftpAttributes>>> {
        request("listdir_iter", self.path.clone(), async move {
            loop {
                let Some(handle) = &self.handle else { return Ok(None) };
                match self.raw.readdir(handle).await? {
                    None => self.handle = None,
                    Some(batch) => {
                        let batch: Vec<_> = batch.into_iter().filter(is_entry).collect();
                        if !batch.is_empty() {
                            return Ok(Some(batch));
                        }
                    }
                }
            }
        })
    }
}
