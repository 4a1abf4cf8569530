//! [`Target`]: the file of a download, which has a temporary name until it is complete.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ledger::Ledger;
use crate::boto3::Result;
use crate::boto3::s3::transfer::file::{File, failed};
use crate::error::errno::{EEXIST, EINVAL, EISDIR, ENOENT, EOPNOTSUPP, EPERM, ESTALE};
use crate::os::Os;
use crate::os::backend::{Handle, OpenFlags};

pub(super) const WRITING: &str = "writing a download";

/// The options of a download.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plan {
    pub(in crate::boto3::s3::transfer) resume: bool,
    pub(in crate::boto3::s3::transfer) sync: bool,
}

/// A file that is being downloaded. Dropping it before it is complete removes it, unless it is
/// resumable.
pub(super) struct Target {
    os: Os,
    part: PathBuf,
    file: File,
    ledger: Arc<Ledger>,
    plan: Plan,
    done: bool,
}

impl Target {
    pub(in crate::boto3::s3::transfer) async fn open(
        os: &Os,
        path: &Path,
        plan: Plan,
        size: u64,
        chunk: u64,
        etag: Option<&str>,
    ) -> Result<Target> {
        let error = |errno| failed(WRITING, "open", path, &std::io::Error::from_raw_os_error(errno));
        if os.stat(path).is_ok_and(|stat| stat.is_dir()) {
            return Err(error(EISDIR));
        }
        let name = path.file_name().ok_or_else(|| error(ENOENT))?;
        if path.as_os_str().as_bytes().ends_with(b"/") {
            return Err(error(EISDIR));
        }
        let target = if plan.resume {
            let mut part = path.as_os_str().to_owned();
            part.push(".part");
            let part = PathBuf::from(part);
            let flags = OpenFlags { read: true, write: true, create: true, ..OpenFlags::default() };
            let file = loop {
                let file = open_own(os, &part, flags).await?;
                file.run(WRITING, "flock", |handle| handle.lock(true, false)).await?;
                // Another download may have renamed the file before this one got the lock.
                if is_at(os, &file, &part).await? {
                    break file;
                }
            };
            let ledger = Arc::new(Ledger::open(os, &part, &file, size, chunk, etag).await?);
            Target { os: os.clone(), part, file, ledger, plan, done: false }
        } else {
            let (part, file) = make_beside(os, path, name)?;
            Target { os: os.clone(), part, file, ledger: Arc::default(), plan, done: false }
        };
        // Report a full disk now, before much is downloaded.
        if size > chunk {
            let allocated = target.file.run(WRITING, "fallocate", move |handle| match handle.allocate(0, size) {
                Err(error) if matches!(error.raw_os_error(), Some(EOPNOTSUPP | EINVAL)) => Ok(()),
                done => done,
            });
            allocated.await?;
        }
        Ok(target)
    }

    pub(in crate::boto3::s3::transfer) fn file(&self) -> File {
        self.file.clone()
    }

    pub(in crate::boto3::s3::transfer) fn ledger(&self) -> Arc<Ledger> {
        self.ledger.clone()
    }

    /// Renames it to its final name.
    pub(in crate::boto3::s3::transfer) async fn finish(mut self, os: &Os, path: &Path) -> Result<()> {
        if self.plan.sync {
            self.file.run(WRITING, "fsync", |handle| handle.sync(false)).await?;
        }
        if !is_at(os, &self.file, &self.part).await? {
            return Err(failed(WRITING, "rename", &self.part, &std::io::Error::from_raw_os_error(ESTALE)));
        }
        let renamed = os.rename(&self.part, path);
        renamed.map_err(|source| crate::boto3::Error::File { what: WRITING, source })?;
        self.done = true;
        self.ledger.remove(os);
        if self.plan.sync {
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let flags = OpenFlags { read: true, directory: true, ..OpenFlags::default() };
            File::open(os, directory, flags, WRITING)?.run(WRITING, "fsync", |handle| handle.sync(false)).await?;
        }
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.done && !self.plan.resume && !std::thread::panicking() {
            let _ = self.os.unlink(&self.part);
        }
    }
}

/// Opens or creates a file with a predictable name. Rejects entries that another user may have
/// placed there: a link, a file of another owner or with several names, and anything other than a
/// regular file.
pub(super) async fn open_own(os: &Os, path: &Path, flags: OpenFlags) -> Result<File> {
    let file = File::open(os, path, OpenFlags { nofollow: true, ..flags }, WRITING)?;
    let stat = file.run(WRITING, "fstat", Handle::stat).await?;
    if stat.is_file() && stat.st_uid == os.geteuid() && stat.st_nlink <= 1 {
        return Ok(file);
    }
    Err(failed(WRITING, "open", path, &std::io::Error::from_raw_os_error(EPERM)))
}

/// Returns true if the open file is the one with this name.
async fn is_at(os: &Os, file: &File, path: &Path) -> Result<bool> {
    let open = file.run(WRITING, "fstat", Handle::stat).await?;
    Ok(os.lstat(path).is_ok_and(|named| (named.st_dev, named.st_ino) == (open.st_dev, open.st_ino)))
}

/// Creates a file in the same directory, with an unused name.
fn make_beside(os: &Os, path: &Path, name: &std::ffi::OsStr) -> Result<(PathBuf, File)> {
    loop {
        let mut random = [0; 8];
        os.backend().urandom(&mut random).map_err(|error| failed(WRITING, "urandom", path, &error))?;
        let mut beside = OsString::from(".");
        // A name has at most 255 bytes.
        beside.push(std::ffi::OsStr::from_bytes(name.as_bytes().get(..200).unwrap_or(name.as_bytes())));
        beside.push(format!(".{:016x}.tmp", u64::from_ne_bytes(random)));
        let beside = path.with_file_name(beside);
        let flags = OpenFlags { read: true, write: true, create: true, exclusive: true, nofollow: true, ..OpenFlags::default() };
        match File::open(os, &beside, flags, WRITING) {
            Ok(file) => return Ok((beside, file)),
            Err(crate::boto3::Error::File { source, .. }) if source.errno() == Some(EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
}
