//! Whole directories, here and there.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use crate::error::errno::EEXIST;
use crate::fabric::connection::Connection;
use crate::fabric::error::{Error, Result};
use crate::fabric::sftp::SftpClient;
use crate::os::{FileType, Os};

/// How deep directories may be: a server can invent any number of them.
const MAX_DEPTH: usize = 200;

/// A directory to copy: [`Transfer::put_tree`](super::Transfer::put_tree), [`Transfer::get_tree`](super::Transfer::get_tree). Ended by `.wait()` or `.await`.
#[derive(Debug)]
#[must_use = "does nothing until `.wait()` or `.await`"]
pub struct Tree {
    connection: Connection,
    local: PathBuf,
    remote: PathBuf,
    put: bool,
}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeReport {
    /// Regular files.
    pub files: u64,
    /// Directories, the topmost included.
    pub directories: u64,
    /// Symbolic links. What they say is copied as it is.
    pub symlinks: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Sockets, pipes and devices, which are not copied.
    pub skipped: Vec<PathBuf>,
}

impl Tree {
    pub(super) fn put(connection: Connection, local: PathBuf, remote: PathBuf) -> Tree {
        Tree { connection, local, remote, put: true }
    }

    pub(super) fn get(connection: Connection, remote: PathBuf, local: PathBuf) -> Tree {
        Tree { connection, local, remote, put: false }
    }
}

impl IntoFuture for Tree {
    type Output = Result<TreeReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<TreeReport>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let sftp = self.connection.sftp_session().await?;
            let os = self.connection.os();
            let mut report = TreeReport::default();
            if self.put {
                send(&os, &sftp, self.local, self.remote, &mut report).await?;
            } else {
                fetch(&os, &sftp, self.remote, self.local, &mut report).await?;
            }
            Ok(report)
        })
    }
}

fn here(error: crate::os::Error) -> Error {
    Error::Local(Box::new(error.into()))
}

async fn send(os: &Os, sftp: &SftpClient, local: PathBuf, remote: PathBuf, report: &mut TreeReport) -> Result<()> {
    let mut todo = vec![(local, remote, 0)];
    // Directories get their permissions last, the innermost first: one that may not be written could not be filled.
    let mut directories = Vec::new();
    while let Some((local, remote, depth)) = todo.pop() {
        deep_enough(depth, &local)?;
        let mode = os.stat(&local).map_err(here)?.permissions();
        if !sftp.stat(&remote).await.is_ok_and(|found| found.is_dir()) {
            sftp.mkdir(&remote, mode | 0o700).await?;
        }
        report.directories += 1;
        directories.push((remote.clone(), mode));
        for name in os.listdir(&local).map_err(here)? {
            let (from, to) = (local.join(&name), remote.join(&name));
            let found = os.lstat(&from).map_err(here)?;
            match found.file_type() {
                FileType::Dir => todo.push((from, to, depth + 1)),
                FileType::File => {
                    sftp.put(&from, &to).atomic(true).await?;
                    sftp.chmod(&to, found.permissions()).await?;
                    report.files += 1;
                    report.bytes += found.st_size;
                }
                FileType::Symlink => {
                    let target = os.readlink(&from).map_err(here)?;
                    if sftp.lstat(&to).await.is_ok_and(|there| there.is_symlink()) {
                        sftp.remove(&to).await?;
                    }
                    sftp.symlink(target, &to).await?;
                    report.symlinks += 1;
                }
                _ => report.skipped.push(from),
            }
        }
    }
    for (remote, mode) in directories.into_iter().rev() {
        sftp.chmod(remote, mode).await?;
    }
    Ok(())
}

async fn fetch(os: &Os, sftp: &SftpClient, remote: PathBuf, local: PathBuf, report: &mut TreeReport) -> Result<()> {
    let mut todo = vec![(remote, local, 0)];
    let mut directories = Vec::new();
    while let Some((remote, local, depth)) = todo.pop() {
        deep_enough(depth, &remote)?;
        let mode = sftp.stat(&remote).await?.st_mode.unwrap_or(0o755) & 0o7777;
        // Nothing is followed: a link that an earlier entry has made here must not lead elsewhere.
        match os.lstat(&local) {
            Ok(found) if found.is_dir() => {}
            Ok(found) if depth == 0 && found.is_symlink() && os.path.isdir(&local) => {}
            Ok(_) if depth > 0 => return Err(clash(&local)),
            _ => os.makedirs(crate::os::MakeDirs::new(&local).mode(mode | 0o700).exist_ok(true)).map_err(here)?,
        }
        report.directories += 1;
        directories.push((local.clone(), mode));
        for entry in sftp.listdir_attr(&remote).await? {
            let Some(name) = entry.filename.as_deref() else { continue };
            safe(name, &remote)?;
            let (from, to) = (remote.join(name), local.join(name));
            let found = if entry.file_type().is_some() { entry.clone() } else { sftp.lstat(&from).await? };
            match found.file_type() {
                Some(FileType::Dir) => todo.push((from, to, depth + 1)),
                Some(FileType::File) => {
                    if os.path.islink(&to) {
                        os.remove(&to).map_err(here)?;
                    }
                    sftp.get(&from, &to).atomic(true).await?;
                    os.chmod(&to, found.st_mode.unwrap_or(0o644) & 0o7777).map_err(here)?;
                    report.files += 1;
                    report.bytes += os.path.getsize(&to).map_err(here)?;
                }
                Some(FileType::Symlink) => {
                    let target = sftp.readlink(&from).await?;
                    if os.path.islink(&to) {
                        os.remove(&to).map_err(here)?;
                    }
                    os.symlink(target, &to).map_err(here)?;
                    report.symlinks += 1;
                }
                _ => report.skipped.push(from),
            }
        }
    }
    for (local, mode) in directories.into_iter().rev() {
        os.chmod(local, mode).map_err(here)?;
    }
    Ok(())
}

fn clash(path: &Path) -> Error {
    let source = std::io::Error::from_raw_os_error(EEXIST);
    Error::Os { operation: "get_tree", path: path.display().to_string(), source }
}

fn deep_enough(depth: usize, path: &Path) -> Result<()> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(Error::Value(format!("{}: more than {MAX_DEPTH} directories deep", path.display())))
}

/// A name of the server that leads out of the directory is not an entry of it.
fn safe(name: &OsStr, directory: &Path) -> Result<()> {
    let bytes = name.as_bytes();
    let bad = bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') || bytes.contains(&0);
    if !bad {
        return Ok(());
    }
    let host = directory.display();
    Err(Error::Value(format!("{host}: the server lists '{}', which is not a file name", name.display())))
}
