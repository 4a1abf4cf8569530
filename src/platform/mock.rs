//! A machine in memory: by default a Debian 12 on x86_64.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.platform.write("/etc/os-release", "ID=raspbian");
//! world.platform.set_python("3.11.2");
//! let platform = world.batteries().platform;
//! assert_eq!(platform.freedesktop_os_release()?["ID"], "raspbian");
//! assert_eq!(platform.python_version()?.as_deref(), Some("3.11.2"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | `uname` and all that is made of it | [`Mock::set_uname`], [`Mock::set_processor`] |
//! | C library | [`Mock::set_libc`] |
//! | os-release, executables | files of its own, by [`Mock::write`]; the world's file system is not looked at |
//! | `python3` in the PATH | [`Mock::set_python`]; none by default |

use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Platform;
use super::backend::{Backend, Kernel};
use crate::error::errno::ENOENT;
use crate::mock::Script;

/// A machine in memory. Clones and all handles share it.
#[derive(Clone, Debug)]
pub struct Mock {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    kernel: Kernel,
    processor: Option<String>,
    libc: Option<(String, String)>,
    python: Option<String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
                          VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";

/// The start of a 64-bit program, which is all that is read.
const PROGRAM: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0libc.so.6\0GLIBC_2.34\0GLIBC_2.2.5\0";

impl Default for Mock {
    fn default() -> Mock {
        Mock::new(Script::default())
    }
}

impl Mock {
    /// Creates a machine that records its calls in this script.
    pub fn new(script: Script) -> Mock {
        let state = State {
            kernel: Kernel {
                system: "Linux".into(),
                node: "world".into(),
                release: "6.1.0-18-amd64".into(),
                version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)".into(),
                machine: "x86_64".into(),
            },
            processor: Some("unknown".into()),
            libc: Some(("glibc".into(), "2.36".into())),
            python: None,
            files: BTreeMap::from([("/etc/os-release".into(), OS_RELEASE.into()), ("/usr/bin/script".into(), PROGRAM.into())]),
        };
        Mock { script, state: Arc::new(Mutex::new(state)) }
    }

    /// Returns the battery on this machine.
    pub fn handle(&self) -> Platform {
        Platform::new(Arc::new(self.clone()))
    }

    /// Sets the kernel's description of itself.
    pub fn set_uname(&self, kernel: Kernel) {
        self.lock().kernel = kernel;
    }

    /// Sets the output of `uname -p`; `None`: the program does not exist.
    pub fn set_processor<'p>(&self, processor: impl Into<Option<&'p str>>) {
        self.lock().processor = processor.into().map(str::to_owned);
    }

    /// Sets name and version of the C library; `None`: a static program.
    pub fn set_libc<'l>(&self, libc: impl Into<Option<(&'l str, &'l str)>>) {
        self.lock().libc = libc.into().map(|(name, version)| (name.to_owned(), version.to_owned()));
    }

    /// Sets the version of `python3` in the PATH; `None`: it does not exist.
    pub fn set_python<'p>(&self, version: impl Into<Option<&'p str>>) {
        self.lock().python = version.into().map(str::to_owned);
    }

    /// Creates a file: `/etc/os-release`, a program.
    pub fn write(&self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.lock().files.insert(path.into(), bytes.into());
    }

    /// Removes a file.
    pub fn remove(&self, path: impl AsRef<Path>) {
        self.lock().files.remove(path.as_ref());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn enoent() -> Error {
    Error::from_raw_os_error(ENOENT)
}

impl Backend for Mock {
    fn uname(&self) -> Kernel {
        self.lock().kernel.clone()
    }

    fn processor(&self) -> Result<String> {
        self.script.enter::<Error>("platform.processor", "uname -p")?;
        self.lock().processor.clone().map(|processor| processor + "\n").ok_or_else(enoent)
    }

    fn libc(&self) -> Option<(String, String)> {
        self.lock().libc.clone()
    }

    fn python(&self) -> Result<String> {
        self.script.enter::<Error>("platform.python", "python3 --version")?;
        self.lock().python.as_ref().map(|version| format!("Python {version}\n")).ok_or_else(enoent)
    }

    fn executable(&self) -> Result<PathBuf> {
        Ok("/usr/bin/script".into())
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        self.script.enter::<Error>("platform.read", path.display())?;
        self.lock().files.get(path).cloned().ok_or_else(enoent)
    }
}
