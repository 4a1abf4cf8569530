//! The state that all sessions of one handle share (backend, files, clocks), and the time limit of
//! a call.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::backend::{Backend, Pem, Trust};
use super::error::{Context, Error, Result};
use super::limits::Timeout;
use super::request::body::read_file;
use super::tls::{Cert, Verify};
use crate::os::Os;
use crate::os::backend::StatResult;
use crate::time::Time;

#[derive(Debug)]
pub(super) struct Core {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) os: Os,
    pub(super) time: Time,
    /// Certificates by path: a session of a thousand calls reads them once, and again after they
    /// change.
    certificates: Mutex<HashMap<PathBuf, (Stamp, Pem)>>,
}

impl Core {
    pub(super) fn new(backend: Arc<dyn Backend>, os: Os, time: Time) -> Core {
        Core { backend, os, time, certificates: Mutex::default() }
    }

    pub(super) fn trust(&self, verify: &Verify) -> Result<Trust> {
        Ok(match verify {
            Verify::Yes => Trust::Roots,
            Verify::No => Trust::Anybody,
            Verify::Bundle(path) => Trust::Bundle(self.certificate(path)?),
        })
    }

    pub(super) fn identity(&self, cert: &Cert) -> Result<Pem> {
        let chain = self.certificate(&cert.cert)?;
        let Some(key) = &cert.key else { return Ok(chain) };
        Ok(Pem::new([chain.as_bytes(), b"\n", self.certificate(key)?.as_bytes()].concat()))
    }

    fn certificate(&self, path: &Path) -> Result<Pem> {
        let failed = |source| Error::File { what: "reading certificates", source };
        // Keyed by the resolved path: `chdir` changes the meaning of a relative one.
        let resolved = self.os.ambient().resolve(path).into_owned();
        let (stamp, is_dir) =
            self.stamp(&resolved).map_err(|error| failed(crate::os::Error::new("stat", &error, Some(path), None)))?;
        if let Some((of, pem)) = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).get(&resolved)
            && *of == stamp
        {
            return Ok(pem.clone());
        }
        let pem = if is_dir { self.read_directory(path, &stamp) } else { read_file(&self.os, path).map_err(failed)? };
        let pem = Pem::new(pem);
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner).insert(resolved, (stamp, pem.clone()));
        Ok(pem)
    }

    /// Returns the identity of a file, or of the regular files of a directory, to detect a change.
    /// The second value is true for a directory.
    ///
    /// Dangling links and subdirectories are skipped, as in OpenSSL.
    fn stamp(&self, path: &Path) -> std::io::Result<(Stamp, bool)> {
        let backend = self.os.backend();
        let of = |name: OsString, stat: StatResult| (name, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime);
        let stat = backend.stat(path, true)?;
        if !stat.is_dir() {
            return Ok((vec![of(OsString::new(), stat)], false));
        }
        let mut files = Vec::new();
        for entry in backend.read_dir(path)? {
            let name = entry?.name;
            if let Ok(stat) = backend.stat(&path.join(&name), true)
                && stat.is_file()
            {
                files.push(of(name, stat));
            }
        }
        files.sort();
        Ok((files, true))
    }

    /// Reads the certificates of these files of a directory. Skips files that cannot be read or are
    /// not PEM.
    fn read_directory(&self, path: &Path, files: &Stamp) -> Vec<u8> {
        let mut all = Vec::new();
        for (name, ..) in files {
            if let Ok(text) = read_file(&self.os, &path.join(name))
                && crate::tls::certificates(&text).is_ok()
            {
                all.extend(text);
                all.push(b'\n');
            }
        }
        all
    }
}

/// Name, device, inode, size and change time of each file.
type Stamp = Vec<(OsString, u64, u64, u64, SystemTime)>;

/// The time limit of a call, from its start to the end of its body.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    time: Time,
    budget: Option<Duration>,
    deadline: Option<Duration>,
    read: Option<Duration>,
}

impl Watch {
    pub(super) fn start(time: &Time, timeout: Timeout) -> Watch {
        let deadline = timeout.total.map(|total| time.monotonic().saturating_add(total));
        Watch { time: time.clone(), budget: timeout.total, deadline, read: timeout.read }
    }

    /// Returns the time left; `None`: no limit.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(self.time.monotonic()))
    }

    /// Returns the longest time to wait next. Fails if no time is left.
    pub(super) fn patience(&self, method: &str, url: &str) -> Result<Option<Duration>> {
        match (self.left(), self.read) {
            (Some(left), _) if left.is_zero() => Err(self.expired(method, url).unwrap_or(Error::NotRead)),
            (Some(left), read) => Ok(Some(read.map_or(left, |read| read.min(left)))),
            (None, read) => Ok(read),
        }
    }

    /// Returns the error if no time is left.
    pub(super) fn expired(&self, method: &str, url: &str) -> Option<Error> {
        let budget = self.budget.filter(|_| self.left() == Some(Duration::ZERO))?;
        Some(Error::Timeout { context: Context::new(method, url, "total timeout expired"), budget })
    }

    pub(super) fn read(&self) -> Option<Duration> {
        self.read
    }
}
