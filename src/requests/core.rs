//! What all sessions of one handle share: the backend, the files, the clocks; and the watch over a call's time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::backend::{Backend, Pem, Trust};
use super::body::read_file;
use super::error::{Context, Error, Result};
use super::limits::Timeout;
use super::tls::{Cert, Verify};
use crate::os::Os;
use crate::time::Time;

#[derive(Debug)]
pub(super) struct Core {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) os: Os,
    pub(super) time: Time,
    /// Certificates that were read, by path: a session of a thousand calls reads them once.
    certificates: Mutex<HashMap<PathBuf, Pem>>,
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
        // By the path as the machine is asked: `chdir` changes what a relative one means.
        let resolved = self.os.ambient().resolve(path).into_owned();
        if let Some(pem) = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).get(&resolved) {
            return Ok(pem.clone());
        }
        let pem = Pem::new(self.read_certificates(path).map_err(|source| Error::File { what: "reading certificates", source })?);
        self.certificates.lock().unwrap_or_else(PoisonError::into_inner).insert(resolved, pem.clone());
        Ok(pem)
    }

    /// A file, or all files of a directory.
    fn read_certificates(&self, path: &Path) -> Result<Vec<u8>, crate::os::Error> {
        let failed = |error: &std::io::Error| crate::os::Error::new("scandir", error, Some(path), None);
        match self.os.backend().read_dir(&self.os.ambient().resolve(path)) {
            Err(_) => read_file(&self.os, path),
            Ok(entries) => {
                let mut all = Vec::new();
                for entry in entries {
                    all.extend(read_file(&self.os, &path.join(entry.map_err(|error| failed(&error))?.name))?);
                    all.push(b'\n');
                }
                Ok(all)
            }
        }
    }
}

/// The time that a call has: from its start to the end of its body.
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

    /// What is left of the budget. None: no limit.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(self.time.monotonic()))
    }

    /// How long the next wait may be, unless the budget is spent.
    pub(super) fn patience(&self, method: &str, url: &str) -> Result<Option<Duration>> {
        match (self.left(), self.read) {
            (Some(left), _) if left.is_zero() => Err(self.expired(method, url).unwrap_or(Error::NotRead)),
            (Some(left), read) => Ok(Some(read.map_or(left, |read| read.min(left)))),
            (None, read) => Ok(read),
        }
    }

    /// The error, if the budget is spent.
    pub(super) fn expired(&self, method: &str, url: &str) -> Option<Error> {
        let budget = self.budget.filter(|_| self.left() == Some(Duration::ZERO))?;
        Some(Error::Timeout { context: Context::new(method, url, "the total budget is spent"), budget })
    }

    pub(super) fn read(&self) -> Option<Duration> {
        self.read
    }
}
