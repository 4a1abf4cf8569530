//! Transfers: `put`, `get` and whole trees, after `fabric.transfer`.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.fabric.host("web1").os.mkdir("/srv");
//! world.os.write("/app.tar.gz", "bytes");
//! let web = world.batteries().fabric.connection("web1");
//! let sent = web.put("app.tar.gz", "/srv/").wait()?;
//! assert_eq!(sent.remote.to_str(), Some("/srv/app.tar.gz"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `c.put(local)`, `c.put(local, remote, preserve_mode=False)` | `c.put(local, ())`, `c.put(local, remote).preserve_mode(false)`: [`Put`] |
//! | `c.get(remote)`, `c.get(remote, "{host}/{basename}")` | `c.get(remote, ())`, `c.get(remote, "{host}/{basename}")`: [`Get`] |
//! | `c.put(io.BytesIO(b), remote)`, `c.get(remote, io.BytesIO())` | `c.put(Source::reader(cursor), remote)`, `c.get(remote, Destination::writer(&mut bytes))` |
//! | `result.local`, `.orig_local`, `.remote`, `.orig_remote`, `.connection` | the same: [`TransferResult`] |
//! | `Transfer(c).is_remote_dir(p)` | [`Transfer::is_remote_dir`] |
//!
//! Beyond fabric: [`Put::callback`], [`Put::resume`], [`Transfer::put_tree`], [`Transfer::get_tree`].
//!
//! # DIFFERENCE
//!
//! - A file is written beside its target and takes its place when it is whole: a full disk or a broken connection leaves what was there. fabric writes the
//!   target itself, and a `get` of a file that is not there leaves an empty one. [`Put::atomic`] switches it off.
//! - In local paths `str.format`'s indexes, conversions and format specifications are errors, and a remote name with braces is not a template.

mod ends;
mod paths;
mod tree;

use std::ffi::OsStr;
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::pin::Pin;

pub use ends::{Destination, ReadSeek, RemotePath, Source};
pub use tree::{Tree, TreeReport};

use super::connection::Connection;
use super::error::{Error, Result};
use super::sftp::{Progress, SftpClient};
use crate::os::path::{basename, join};
use paths::Fields;

/// `fabric.transfer.Result`: where a file came from and where it went.
///
/// <https://docs.fabfile.org/en/stable/api/transfer.html#fabric.transfer.Result>
#[derive(Clone, Debug)]
#[non_exhaustive]
#[doc(alias = "fabric.transfer.Result")]
pub struct TransferResult {
    /// The local path, absolute. None for a reader or writer.
    #[doc(alias = "fabric.transfer.Result.local")]
    pub local: Option<PathBuf>,
    /// The local path as it was given. None if none was, and for a reader or writer.
    #[doc(alias = "fabric.transfer.Result.orig_local")]
    pub orig_local: Option<PathBuf>,
    /// The remote path, joined to the remote working directory.
    #[doc(alias = "fabric.transfer.Result.remote")]
    pub remote: PathBuf,
    /// The remote path as it was given.
    #[doc(alias = "fabric.transfer.Result.orig_remote")]
    pub orig_remote: Option<PathBuf>,
    /// The connection.
    #[doc(alias = "fabric.transfer.Result.connection")]
    pub connection: Connection,
    /// Bytes that the file has.
    pub size: u64,
}

/// `fabric.transfer.Transfer`: transfers of a connection.
///
/// <https://docs.fabfile.org/en/stable/api/transfer.html#fabric.transfer.Transfer>
#[derive(Clone, Debug)]
#[doc(alias = "fabric.transfer.Transfer")]
pub struct Transfer {
    connection: Connection,
}

/// A future of this module.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl Transfer {
    /// Of this connection.
    pub fn new(connection: Connection) -> Transfer {
        Transfer { connection }
    }

    /// The SFTP session, opened if there is none.
    #[doc(alias = "fabric.transfer.Transfer.sftp")]
    pub fn sftp(&self) -> OpenSftp {
        OpenSftp(self.connection.clone())
    }

    /// True if the path is a directory there; false for anything else, and where it is not known.
    #[doc(alias = "fabric.transfer.Transfer.is_remote_dir")]
    pub fn is_remote_dir(&self, path: impl Into<PathBuf>) -> IsRemoteDir {
        IsRemoteDir(self.connection.clone(), path.into())
    }

    /// Copies a file to the other side: [`Connection::put`].
    #[doc(alias = "fabric.transfer.Transfer.put")]
    pub fn put<'a>(&self, local: impl Into<Source<'a>>, remote: impl Into<RemotePath>) -> Put<'a> {
        Put {
            connection: self.connection.clone(),
            local: local.into(),
            remote: remote.into(),
            options: Options::default(),
            progress: None,
        }
    }

    /// Copies a file to this side: [`Connection::get`].
    #[doc(alias = "fabric.transfer.Transfer.get")]
    pub fn get<'a>(&self, remote: impl Into<PathBuf>, local: impl Into<Destination<'a>>) -> Get<'a> {
        Get {
            connection: self.connection.clone(),
            remote: remote.into(),
            local: local.into(),
            options: Options::default(),
            progress: None,
        }
    }

    /// Copies a local directory with all that is in it to a remote one, which is made if need be.
    pub fn put_tree(&self, local: impl Into<PathBuf>, remote: impl Into<PathBuf>) -> Tree {
        Tree::put(self.connection.clone(), local.into(), remote.into())
    }

    /// Copies a remote directory with all that is in it to a local one, which is made if need be.
    pub fn get_tree(&self, remote: impl Into<PathBuf>, local: impl Into<PathBuf>) -> Tree {
        Tree::get(self.connection.clone(), remote.into(), local.into())
    }
}

#[derive(Clone, Copy, Debug)]
struct Options {
    preserve_mode: bool,
    resume: bool,
    atomic: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { preserve_mode: true, resume: false, atomic: true }
    }
}

macro_rules! options {
    ($type:ident) => {
        impl $type<'_> {
            /// Sets whether the copy gets the permissions of the original. Default: yes.
            pub fn preserve_mode(mut self, preserve: bool) -> Self {
                self.options.preserve_mode = preserve;
                self
            }

            /// Goes on where an earlier transfer ended: what is there is kept, and not compared. Default: no. It rules out [`Self::atomic`].
            pub fn resume(mut self, resume: bool) -> Self {
                self.options.resume = resume;
                self
            }

            /// Sets whether the target is replaced when the new file is whole. Default: yes.
            pub fn atomic(mut self, atomic: bool) -> Self {
                self.options.atomic = atomic;
                self
            }

            /// Calls this with the bytes copied so far and with all there are. Not of readers and writers.
            pub fn callback(mut self, progress: impl FnMut(u64, u64) + Send + 'static) -> Self {
                self.progress = Some(Box::new(progress));
                self
            }
        }
    };
}

/// A file to send: [`Connection::put`]. Ended by `.wait()` or `.await`.
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct Put<'a> {
    connection: Connection,
    local: Source<'a>,
    remote: RemotePath,
    options: Options,
    progress: Option<Progress>,
}

/// A file to fetch: [`Connection::get`]. Ended by `.wait()` or `.await`.
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct Get<'a> {
    connection: Connection,
    remote: PathBuf,
    local: Destination<'a>,
    options: Options,
    progress: Option<Progress>,
}

options!(Put);
options!(Get);

impl std::fmt::Debug for Put<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Put").field("local", &self.local).field("remote", &self.remote).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Get<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Get").field("remote", &self.remote).field("local", &self.local).finish_non_exhaustive()
    }
}

/// Where relative remote paths begin.
async fn remote_base(sftp: &SftpClient) -> Result<PathBuf> {
    match sftp.getcwd() {
        Some(cwd) => Ok(cwd),
        None => sftp.normalize(".").await,
    }
}

async fn is_dir(sftp: &SftpClient, path: &Path) -> bool {
    sftp.stat(path).await.is_ok_and(|found| found.is_dir())
}

impl<'a> IntoFuture for Put<'a> {
    type Output = Result<TransferResult>;
    type IntoFuture = Answer<'a, TransferResult>;

    fn into_future(self) -> Self::IntoFuture {
        let Put { connection, local, remote, options, progress } = self;
        match local {
            Source::Path(local) => Box::pin(put_path(connection, local, remote.0, options, progress)),
            Source::Reader { reader, name } => Box::pin(put_reader(connection, reader, name, remote.0, options)),
        }
    }
}

async fn put_path(
    connection: Connection,
    orig_local: PathBuf,
    orig_remote: Option<PathBuf>,
    options: Options,
    progress: Option<Progress>,
) -> Result<TransferResult> {
    if orig_local.as_os_str().is_empty() {
        return Err(Error::Value("Local path must not be empty!".into()));
    }
    let sftp = connection.sftp().await?;
    let in_directory = match &orig_remote {
        Some(remote) => is_dir(&sftp, remote).await,
        None => false,
    };
    let target = paths::upload(orig_remote.as_deref(), in_directory, Some(basename(&orig_local)), false)?;
    let remote = join(&remote_base(&sftp).await?, target);
    let os = connection.os();
    let local = os.path.abspath(&orig_local).map_err(|error| Error::Local(Box::new(error.into())))?;
    let mut copy = sftp.put(&local, &remote).atomic(options.atomic).resume(options.resume);
    if let Some(progress) = progress {
        copy = copy.callback(progress);
    }
    let found = copy.await.map_err(|error| copying(error, &orig_local, orig_remote.as_deref().unwrap_or(&remote)))?;
    if options.preserve_mode {
        let mode = os.stat(&local).map_err(|error| Error::Local(Box::new(error.into())))?.permissions();
        sftp.chmod(&remote, mode).await?;
    }
    let size = found.st_size.unwrap_or(0);
    Ok(TransferResult { local: Some(local), orig_local: Some(orig_local), remote, orig_remote, connection, size })
}

async fn put_reader(
    connection: Connection,
    mut reader: Box<dyn ReadSeek + '_>,
    name: Option<std::ffi::OsString>,
    orig_remote: Option<PathBuf>,
    options: Options,
) -> Result<TransferResult> {
    let sftp = connection.sftp().await?;
    let in_directory = match &orig_remote {
        Some(remote) => is_dir(&sftp, remote).await,
        None => false,
    };
    let target = paths::upload(orig_remote.as_deref(), in_directory, name.as_deref(), true)?;
    let remote = join(&remote_base(&sftp).await?, target);
    let failed = |source| Error::Os { operation: "put", path: remote.display().to_string(), source };
    let position = reader.stream_position().map_err(failed)?;
    reader.seek(SeekFrom::Start(0)).map_err(failed)?;
    let sent = sftp.put_stream(&mut *reader, &remote, options.atomic).await;
    // Restored also after a failure.
    let restored = reader.seek(SeekFrom::Start(position));
    let size = sent?;
    restored.map_err(failed)?;
    Ok(TransferResult { local: None, orig_local: None, remote, orig_remote, connection, size })
}

/// Where [`Connection::get`] of this path writes, before it is made absolute.
pub(in crate::fabric) fn local_target(connection: &Connection, remote: &Path, template: &OsStr) -> Result<PathBuf> {
    let fields = Fields { host: connection.host(), user: connection.user(), port: connection.port(), remote };
    paths::download(Some(template), &fields).map(|(file, _)| file)
}

/// The error of a copy, on both its paths as they were given.
fn copying(error: Error, from: &Path, to: &Path) -> Error {
    match error {
        Error::Os { operation, source, .. } => {
            Error::Os { operation, path: format!("{} -> {}", from.display(), to.display()), source }
        }
        error => error,
    }
}

impl<'a> IntoFuture for Get<'a> {
    type Output = Result<TransferResult>;
    type IntoFuture = Answer<'a, TransferResult>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(get(self.connection, self.remote, self.local, self.options, self.progress))
    }
}

async fn get(
    connection: Connection,
    orig_remote: PathBuf,
    local: Destination<'_>,
    options: Options,
    progress: Option<Progress>,
) -> Result<TransferResult> {
    if orig_remote.as_os_str().is_empty() {
        return Err(Error::Value("Remote path must not be empty!".into()));
    }
    let sftp = connection.sftp().await?;
    let remote = join(&remote_base(&sftp).await?, &orig_remote);
    let template = match local {
        Destination::Writer(writer) => {
            let size = sftp.getfo(&remote, writer).await?;
            let orig_remote = Some(orig_remote);
            return Ok(TransferResult { local: None, orig_local: None, remote, orig_remote, connection, size });
        }
        Destination::Path(template) => Some(template),
        Destination::Default => None,
    };
    let fields = Fields { host: connection.host(), user: connection.user(), port: connection.port(), remote: &remote };
    let (file, directory) = paths::download(template.as_deref(), &fields)?;
    let os = connection.os();
    let here = |error: crate::os::Error| Error::Local(Box::new(error.into()));
    let local = os.path.abspath(&file).map_err(here)?;
    // The directories that this transfer makes, the innermost first.
    let made: Vec<&Path> =
        directory.ancestors().take_while(|above| !above.as_os_str().is_empty() && !os.path.lexists(above)).collect();
    if !directory.as_os_str().is_empty() {
        os.makedirs(crate::os::MakeDirs::new(&directory).exist_ok(true)).map_err(here)?;
    }
    let mut copy = sftp.get(&remote, &local).atomic(options.atomic).resume(options.resume);
    if let Some(progress) = progress {
        copy = copy.callback(progress);
    }
    if let Err(error) = copy.await {
        // Stops at the first one that has other entries by now.
        let _kept = made.iter().try_for_each(|directory| os.rmdir(directory));
        let to = template.as_deref().map_or(local.as_path(), Path::new);
        return Err(copying(error, &orig_remote, to));
    }
    if options.preserve_mode {
        // Asked again, as fabric does: the file may be another since.
        if let Some(mode) = sftp.stat(&remote).await?.st_mode {
            os.chmod(&local, mode & 0o7777).map_err(here)?;
        }
    }
    let size = os.path.getsize(&local).map_err(here)?;
    let orig_local = template.map(PathBuf::from);
    Ok(TransferResult { local: Some(local), orig_local, remote, orig_remote: Some(orig_remote), connection, size })
}

/// The SFTP session of a connection: [`Connection::sftp`].
#[derive(Debug)]
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct OpenSftp(pub(super) Connection);

impl IntoFuture for OpenSftp {
    type Output = Result<SftpClient>;
    type IntoFuture = Answer<'static, SftpClient>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.sftp_session().await })
    }
}

/// Whether a path is a directory there: [`Transfer::is_remote_dir`].
#[derive(Debug)]
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct IsRemoteDir(Connection, PathBuf);

impl IntoFuture for IsRemoteDir {
    type Output = Result<bool>;
    type IntoFuture = Answer<'static, bool>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let sftp = self.0.sftp_session().await?;
            Ok(is_dir(&sftp, &self.1).await)
        })
    }
}

impl Connection {
    /// The SFTP session, opened at first use and shared by the clones of the connection.
    ///
    /// <https://docs.fabfile.org/en/stable/api/connection.html#fabric.connection.Connection.sftp>
    #[doc(alias = "fabric.Connection.sftp")]
    pub fn sftp(&self) -> OpenSftp {
        OpenSftp(self.clone())
    }

    /// Copies a file to the other side.
    ///
    /// The remote path is relative to the user's home directory, `~` is not expanded; a directory gets a file of the local name; nothing is
    /// that name in the home directory. The permissions are those of the local file.
    ///
    /// <https://docs.fabfile.org/en/stable/api/transfer.html#fabric.transfer.Transfer.put>
    #[doc(alias = "fabric.Connection.put")]
    pub fn put<'a>(&self, local: impl Into<Source<'a>>, remote: impl Into<RemotePath>) -> Put<'a> {
        Transfer::new(self.clone()).put(local, remote)
    }

    /// Copies a file to this side.
    ///
    /// The local path may have `{host}`, `{user}`, `{port}`, `{dirname}` and `{basename}` in it; its directories are made; one that ends in `/` is a
    /// directory. Nothing is the remote name in the working directory. The permissions are those of the remote file.
    ///
    /// <https://docs.fabfile.org/en/stable/api/transfer.html#fabric.transfer.Transfer.get>
    #[doc(alias = "fabric.Connection.get")]
    pub fn get<'a>(&self, remote: impl Into<PathBuf>, local: impl Into<Destination<'a>>) -> Get<'a> {
        Transfer::new(self.clone()).get(remote, local)
    }

    /// This side's files.
    pub(super) fn os(&self) -> crate::os::Os {
        self.shared.fabric.os.clone()
    }

    pub(super) async fn sftp_session(&self) -> Result<SftpClient> {
        let mut kept = self.shared.sftp.lock().await;
        if let Some(sftp) = kept.as_ref().filter(|sftp| sftp.is_active()) {
            return Ok(sftp.clone());
        }
        let session = self.session().await?;
        let stream = session.subsystem("sftp").await?;
        let sftp = SftpClient::from_stream(stream, self.os()).await?;
        *kept = Some(sftp.clone());
        Ok(sftp)
    }
}
